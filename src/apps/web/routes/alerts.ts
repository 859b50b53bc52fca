import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { ALERT_SOURCES } from '#src/features/alerts/model.ts';
import { oneOf, optional, type Search, text } from '../search-params.ts';
import { app } from './frame.ts';

const alerts = createRoute({
  getParentRoute: () => app,
  path: '/alerts',
  validateSearch: (search: Search) =>
    optional({
      state: oneOf(search.state, ['open', 'acknowledged', 'resolved', 'all']),
      severity: oneOf(search.severity, ['critical', 'high', 'medium', 'low']),
      source: oneOf(search.source, ALERT_SOURCES),
      owner: text(search.owner),
      clock: oneOf(search.clock, ['overdue', 'never_acknowledged']),
      muted: oneOf(search.muted, ['yes', 'no']),
      q: text(search.q),
      alert: text(search.alert),
    }),
  component: lazyRouteComponent(() => import('#src/features/alerts/web/alerts-page.tsx'), 'AlertsPage'),
});

const alertMutes = createRoute({
  getParentRoute: () => app,
  path: '/alerts/mutes',
  component: lazyRouteComponent(() => import('#src/features/alerts/web/mutes-page.tsx'), 'MutesPage'),
});

const alert = createRoute({
  getParentRoute: () => app,
  path: '/alerts/$alertId',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/alerts', search: { state: 'all', alert: params.alertId }, replace: true });
  },
});

export const alertsRoutes = [alerts, alertMutes, alert] as const;
