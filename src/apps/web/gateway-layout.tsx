import { Outlet } from '@tanstack/react-router';
import { TabsAbove } from './tab-links.tsx';

/** The tabs of the gateway; each page below brings its own heading. */
export function GatewayLayout() {
  return (
    <>
      <TabsAbove
        label="Gateway"
        tabs={[
          { to: '/gateway', title: 'Set-up' },
          { to: '/gateway/traffic', title: 'Traffic' },
          { to: '/gateway/decisions', title: 'Decisions', exact: false },
          { to: '/gateway/approvals', title: 'Approvals' },
          { to: '/gateway/abuse', title: 'Abuse' },
          { to: '/gateway/probes', title: 'Probes and attacks' },
          { to: '/gateway/tenants', title: 'Tenants and keys' },
          { to: '/gateway/policies', title: 'Policies', exact: false },
          { to: '/gateway/imports', title: 'Other gateways' },
          { to: '/gateway/providers', title: 'Providers' },
          { to: '/gateway/prices', title: 'Prices and limits' },
        ]}
      />
      <Outlet />
    </>
  );
}
