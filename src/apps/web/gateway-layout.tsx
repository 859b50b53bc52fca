import { Outlet } from '@tanstack/react-router';
import classes from './gateway-layout.module.css';
import { TabLinks } from './tab-links.tsx';

/** The tabs of the gateway; each page below brings its own heading. */
export function GatewayLayout() {
  return (
    <>
      <div className={classes.tabs}>
        <TabLinks
          label="Gateway"
          tabs={[
            { to: '/gateway/traffic', title: 'Traffic' },
            { to: '/gateway/decisions', title: 'Decisions', exact: false },
            { to: '/gateway/abuse', title: 'Abuse' },
            { to: '/gateway/probes', title: 'Probes and attacks' },
          ]}
        />
      </div>
      <Outlet />
    </>
  );
}
