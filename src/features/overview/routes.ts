import { defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { Overview } from './model.ts';
import { type OverviewServices, overview } from './service.ts';

export function overviewRoutes(services: OverviewServices): Routes {
  return defineRoutes((app) => {
    app.get('/overview', { config: { permission: 'overview.read' }, schema: { response: { 200: Overview } } }, () =>
      overview(services),
    );
  });
}
