import { Outlet } from '@tanstack/react-router';

<<<<<<< HEAD

import type classes from './gateway-layout.module.css';
import { TabLinks } from './tab-links.tsx';

=======

import { TabsAbove } from './tab-links.tsx';

>>>>>>> fbdfe56 (Show monitors: small multiples, one metric in depth, calendar, specifications, changes and the auditor's page with its PDF)

/** The tabs of the gateway; each page below brings its own heading. */
export function GatewayLayout() {
  return (
    <>
<<<<<<< HEAD
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
=======
      <TabsAbove
        label="Gateway"
        tabs={[
          { to: '/gateway/traffic', title: 'Traffic' },
          { to: '/gateway/decisions', title: 'Decisions', exact: false },
          { to: '/gateway/abuse', title: 'Abuse' },
        ]}
      />
>>>>>>> fbdfe56 (Show monitors: small multiples, one metric in depth, calendar, specifications, changes and the auditor's page with its PDF)
      <Outlet />
    </>
  );
}
