import { Outlet } from '@tanstack/react-router';
import { Page } from '#src/ui/page.tsx';
import { TabLinks } from './tab-links.tsx';

export function SettingsLayout() {
  return (
    <Page title="Settings">
      <TabLinks
        label="Settings"
        tabs={[
          { to: '/settings/company', title: 'Company and scope' },
          { to: '/settings/alerts', title: 'Alerts' },
          { to: '/settings/users', title: 'Users' },
          { to: '/settings/keys', title: 'API keys' },
          { to: '/settings/security', title: 'Sign-in security' },
          { to: '/settings/persons', title: 'Personal data' },
          { to: '/settings/ledger-parties', title: 'Witnesses and mirrors' },
          { to: '/settings/ledger-keys', title: 'Ledger keys' },
          { to: '/settings/about', title: 'About' },
        ]}
      />
      <Outlet />
    </Page>
  );
}
