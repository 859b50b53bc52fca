import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { app } from './frame.ts';

const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings-layout.tsx'), 'SettingsLayout'),
});

const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/company', replace: true });
  },
});

const company = createRoute({
  getParentRoute: () => settings,
  path: '/company',
  component: lazyRouteComponent(() => import('#src/features/organization/web/company-page.tsx'), 'CompanyPage'),
});

const alertSettings = createRoute({
  getParentRoute: () => settings,
  path: '/alerts',
  component: lazyRouteComponent(() => import('#src/features/alerts/web/alert-settings-page.tsx'), 'AlertSettingsPage'),
});

const users = createRoute({
  getParentRoute: () => settings,
  path: '/users',
  component: lazyRouteComponent(() => import('#src/features/users/web/users-page.tsx'), 'UsersPage'),
});

const keys = createRoute({
  getParentRoute: () => settings,
  path: '/keys',
  component: lazyRouteComponent(() => import('#src/features/users/web/keys-page.tsx'), 'KeysPage'),
});

const security = createRoute({
  getParentRoute: () => settings,
  path: '/security',
  component: lazyRouteComponent(() => import('#src/features/users/web/security-page.tsx'), 'SecurityPage'),
});

const persons = createRoute({
  getParentRoute: () => settings,
  path: '/persons',
  component: lazyRouteComponent(() => import('#src/features/persons/web/persons-page.tsx'), 'PersonsPage'),
});

const ledgerParties = createRoute({
  getParentRoute: () => settings,
  path: '/ledger-parties',
  component: lazyRouteComponent(
    () => import('#src/features/ledger-parties/web/ledger-parties-page.tsx'),
    'LedgerPartiesPage',
  ),
});

const ledgerKeys = createRoute({
  getParentRoute: () => settings,
  path: '/ledger-keys',
  component: lazyRouteComponent(() => import('#src/features/ledger-keys/web/ledger-keys-page.tsx'), 'LedgerKeysPage'),
});

const about = createRoute({
  getParentRoute: () => settings,
  path: '/about',
  component: lazyRouteComponent(() => import('#src/features/ledger/web/about-page.tsx'), 'AboutPage'),
});

export const settingsRoutes = settings.addChildren([
  settingsHome,
  company,
  alertSettings,
  users,
  keys,
  security,
  persons,
  ledgerParties,
  ledgerKeys,
  about,
]);
