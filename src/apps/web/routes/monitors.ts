import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { oneOf, optional, type Search, text } from '../search-params.ts';
import { app } from './frame.ts';

const monitors = createRoute({
  getParentRoute: () => app,
  path: '/monitors',
  component: lazyRouteComponent(() => import('../monitors-layout.tsx'), 'MonitorsLayout'),
});

const monitorsHome = createRoute({
  getParentRoute: () => monitors,
  path: '/',
  component: lazyRouteComponent(() => import('#src/features/monitors/web/monitors-page.tsx'), 'MonitorsPage'),
});

const monitorCalendar = createRoute({
  getParentRoute: () => monitors,
  path: '/calendar',
  component: lazyRouteComponent(() => import('#src/features/monitors/web/calendar-page.tsx'), 'CalendarPage'),
});

const monitorOperation = createRoute({
  getParentRoute: () => monitors,
  path: '/operation',
  validateSearch: (search: Search) => optional({ span: oneOf(search.span, ['1h', '24h', '7d']) }),
  component: lazyRouteComponent(() => import('#src/features/monitors/web/operation-page.tsx'), 'OperationPage'),
});

const monitorCanaries = createRoute({
  getParentRoute: () => monitors,
  path: '/canaries',
  beforeLoad: () => {
    throw redirect({ to: '/monitors/calendar', replace: true });
  },
});

const specifications = createRoute({
  getParentRoute: () => monitors,
  path: '/specifications',
  component: lazyRouteComponent(
    () => import('#src/features/monitors/web/specifications-page.tsx'),
    'SpecificationsPage',
  ),
});

const monitorChanges = createRoute({
  getParentRoute: () => monitors,
  path: '/changes',
  validateSearch: (search: Search) => optional({ loosening: oneOf(search.loosening, ['true']) }),
  component: lazyRouteComponent(() => import('#src/features/monitors/web/changes-page.tsx'), 'ChangesPage'),
});

const monitorEvidence = createRoute({
  getParentRoute: () => monitors,
  path: '/evidence/$systemId',
  validateSearch: (search: Search) => optional({ days: oneOf(search.days, ['92', '182', '365']) }),
  component: lazyRouteComponent(() => import('#src/features/monitors/web/evidence-page.tsx'), 'EvidencePage'),
});

const monitorReliability = createRoute({
  getParentRoute: () => monitors,
  path: '/reliability/$systemId',
  validateSearch: (search: Search) =>
    optional({ model: text(search.model), days: oneOf(search.days, ['92', '182', '365']) }),
  component: lazyRouteComponent(() => import('#src/features/monitors/web/reliability-page.tsx'), 'ReliabilityPage'),
});

const monitor = createRoute({
  getParentRoute: () => monitors,
  path: '/$monitorId',
  validateSearch: (search: Search) =>
    optional({
      window: text(search.window),
      series: text(search.series),
      days: oneOf(search.days, ['30', '92', '365']),
    }),
  component: lazyRouteComponent(() => import('#src/features/monitors/web/monitor-page.tsx'), 'MonitorPage'),
});

const monitorBaselines = createRoute({
  getParentRoute: () => monitors,
  path: '/$monitorId/baselines',
  validateSearch: (search: Search) =>
    optional({ first: text(search.first), second: text(search.second), series: text(search.series) }),
  component: lazyRouteComponent(
    () => import('#src/features/monitors/web/baseline-comparison-page.tsx'),
    'BaselineComparisonPage',
  ),
});

export const monitorsRoutes = monitors.addChildren([
  monitorsHome,
  monitorCalendar,
  monitorOperation,
  monitorCanaries,
  specifications,
  monitorChanges,
  monitorEvidence,
  monitorReliability,
  monitorBaselines,
  monitor,
]);
