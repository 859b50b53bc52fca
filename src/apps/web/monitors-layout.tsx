import { Outlet } from '@tanstack/react-router';
import { TabsAbove } from './tab-links.tsx';

/** The tabs of the monitors; each page below brings its own heading. */
export function MonitorsLayout() {
  return (
    <>
      <TabsAbove
        label="Monitors"
        tabs={[
          { to: '/monitors', title: 'Monitors', exact: true },
          { to: '/monitors/calendar', title: 'Calendar' },
          { to: '/monitors/operation', title: 'Operation' },
          { to: '/monitors/specifications', title: 'Specifications' },
          { to: '/monitors/changes', title: 'Changes' },
        ]}
      />
      <Outlet />
    </>
  );
}
