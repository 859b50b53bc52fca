import { ActionIcon, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconActivityHeartbeat,
  IconBellRinging,
  IconBox,
  IconChartDots,
  IconChevronUp,
  IconCubeSpark,
  IconFileCheck,
  IconFlame,
  IconLayoutDashboard,
  IconListCheck,
  IconMenu2,
  IconSearch,
  IconSettings,
  IconShieldBolt,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouter } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense, useEffect, useState } from 'react';
import { ROLE_MEANINGS } from '#src/features/users/model.ts';
import { useToast } from '#src/ui/toast.tsx';
import { asFailure } from './failure.ts';
import { useSession } from './session.ts';
import classes from './shell.module.css';
import { signOut } from './sign-in.ts';

const MenuDrawer = lazy(() => import('./menu-drawer.tsx').then((file) => ({ default: file.MenuDrawer })));
const CommandPalette = lazy(() => import('./command-palette.tsx').then((file) => ({ default: file.CommandPalette })));

type Place = { to: string; title: string; icon: ComponentType<{ size?: number; stroke?: number }> };

const PLACES = [
  { to: '/', title: 'Overview', icon: IconLayoutDashboard },
  { to: '/inventory', title: 'Inventory', icon: IconCubeSpark },
  { to: '/evaluations', title: 'Evaluations', icon: IconChartDots },
  { to: '/alerts', title: 'Alerts', icon: IconBellRinging },
  { to: '/incidents', title: 'Incidents', icon: IconFlame },
  { to: '/controls', title: 'Controls', icon: IconListCheck },
  { to: '/evidence', title: 'Evidence', icon: IconFileCheck },
  { to: '/gateway', title: 'Gateway', icon: IconShieldBolt },
  { to: '/monitors', title: 'Monitors', icon: IconActivityHeartbeat },
  { to: '/bundles', title: 'Bundle', icon: IconBox },
  { to: '/settings', title: 'Settings', icon: IconSettings },
] as const satisfies readonly Place[];

/** The frame around every page of somebody signed in. */
export function Shell() {
  const [menuOpened, setMenuOpened] = useState(false);
  const [searching, setSearching] = useState(false);
  useFocusOnNavigation(() => setMenuOpened(false));
  useEffect(() => {
    function open(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setSearching(true);
    }
    window.addEventListener('keydown', open);
    return () => window.removeEventListener('keydown', open);
  }, []);

  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        Skip to content
      </a>
      <header className={classes.top}>
        <ActionIcon size="lg" aria-label="Open menu" onClick={() => setMenuOpened(true)}>
          <IconMenu2 size={20} aria-hidden />
        </ActionIcon>
        <Brand />
        <ActionIcon size="lg" aria-label="Search" onClick={() => setSearching(true)}>
          <IconSearch size={18} aria-hidden />
        </ActionIcon>
      </header>
      <aside className={classes.side}>
        <Brand />
        <Navigation onSearch={() => setSearching(true)} />
      </aside>
      {menuOpened ? (
        <Suspense fallback={null}>
          <MenuDrawer title={<Brand />} onClose={() => setMenuOpened(false)}>
            <Navigation
              onSearch={() => {
                setMenuOpened(false);
                setSearching(true);
              }}
            />
          </MenuDrawer>
        </Suspense>
      ) : null}
      <main id="content" className={classes.content} tabIndex={-1}>
        <Outlet />
      </main>
      {searching ? (
        <Suspense fallback={null}>
          <CommandPalette onClose={() => setSearching(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}

/** After a change of page the heading takes the focus, so that keyboard and screen reader start where the page starts. */
function useFocusOnNavigation(onNavigated: () => void) {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ pathChanged, fromLocation }) => {
        if (!pathChanged || !fromLocation) return;
        onNavigated();
        document.querySelector<HTMLElement>('[data-page-title]')?.focus({ preventScroll: true });
      }),
    [router, onNavigated],
  );
}

export function Brand() {
  return (
    <Link to="/" className={classes.brand}>
      <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="var(--a-accent-ground)" />
        <path d="M8 23.5 16 8l8 15.5" className={classes.brandFrame} />
        <path d="m12.3 19.2 2.7 2.6 5-5.2" className={classes.brandCheck} />
      </svg>
      <span>Assay</span>
    </Link>
  );
}

function Navigation({ onSearch }: { onSearch: () => void }) {
  return (
    <>
      <UnstyledButton className={classes.search} onClick={onSearch}>
        <IconSearch size={14} aria-hidden />
        <span>Search</span>
        <kbd>Ctrl K</kbd>
      </UnstyledButton>
      <nav aria-label="Main" className={classes.nav}>
        <ul>
          {PLACES.map(({ to, title, icon: Icon }) => (
            <li key={to}>
              <Link
                to={to}
                className={classes.link}
                activeProps={{ className: `${classes.link} ${classes.active}`, 'aria-current': 'page' }}
                activeOptions={{ exact: to === '/', includeSearch: false }}
              >
                <Icon size={17} stroke={1.6} />
                <span>{title}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Account />
    </>
  );
}

const SCHEMES = [
  { value: 'auto', title: 'As the system' },
  { value: 'light', title: 'Light' },
  { value: 'dark', title: 'Dark' },
] as const;

function Account() {
  const session = useSession();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const user = session.user;
  if (!user) return null;

  async function leave() {
    try {
      await signOut();
      queryClient.clear();
      // A full load, so that nothing of this person stays in memory.
      window.location.assign('/sign-in');
    } catch (error) {
      toast.failed('You are still signed in', asFailure(error).message);
    }
  }

  return (
    <Menu position="top-start" width={220} withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.account} aria-label={`Account of ${user.name}`}>
          <span className={classes.accountName}>
            <strong>{user.name}</strong>
            <span>{ROLE_MEANINGS[user.role].title}</span>
          </span>
          <IconChevronUp size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.email}</Menu.Label>
        <Menu.Item component={Link} to="/settings/security">
          Sign-in security
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Colors</Menu.Label>
        {SCHEMES.map(({ value, title }) => (
          <Menu.Item
            key={value}
            role="menuitemradio"
            aria-checked={colorScheme === value}
            rightSection={colorScheme === value ? '✓' : null}
            onClick={() => setColorScheme(value)}
          >
            {title}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={leave}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
