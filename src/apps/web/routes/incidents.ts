import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { INCIDENT_SEVERITIES } from '#src/features/incidents/model.ts';
import { oneOf, optional, type Search, text } from '../search-params.ts';
import { app } from './frame.ts';

const incidents = createRoute({
  getParentRoute: () => app,
  path: '/incidents',
  validateSearch: (search: Search) =>
    optional({
      state: oneOf(search.state, ['open', 'closed']),
      severity: oneOf(search.severity, INCIDENT_SEVERITIES),
      q: text(search.q),
    }),
  component: lazyRouteComponent(() => import('#src/features/incidents/web/incidents-page.tsx'), 'IncidentsPage'),
});

const incident = createRoute({
  getParentRoute: () => app,
  path: '/incidents/$incidentId',
  component: lazyRouteComponent(() => import('#src/features/incidents/web/incident-page.tsx'), 'IncidentPage'),
});

export const incidentsRoutes = [incidents, incident] as const;
