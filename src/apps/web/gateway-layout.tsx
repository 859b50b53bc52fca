import { Outlet } from '@tanstack/react-router';
import { TabLinks } from './tab-links.tsx';

/** The tabs of the gateway; each page below brings its own heading. */
export function GatewayLayout() {
  return (
    <>
      <TabLinks
        label="Gateway"
        tabs={[
          { to: '/gateway/traffic', title: 'Traffic' },
          { to: '/gateway/decisions', title: 'Decisions', exact: false },
          { to: '/gateway/abuse', title: 'Abuse' },
        ]}
      />
      <Outlet />
    </>
  );
}
