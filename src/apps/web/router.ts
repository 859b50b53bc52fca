import type { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import { NotFoundPage, PageFailure } from './page-failure.tsx';
import { alertsRoutes } from './routes/alerts.ts';
import { controlsRoutes } from './routes/controls.ts';
import { evaluationsRoutes } from './routes/evaluations.ts';
import { evidenceRoutes } from './routes/evidence.ts';
import { app, root } from './routes/frame.ts';
import { gatewayRoutes } from './routes/gateway.ts';
import { incidentsRoutes } from './routes/incidents.ts';
import { inventoryRoutes } from './routes/inventory.ts';
import { monitorsRoutes } from './routes/monitors.ts';
import { overviewRoutes } from './routes/overview.ts';
import { settingsRoutes } from './routes/settings.ts';
import { signInRoutes } from './routes/sign-in.ts';

const routeTree = root.addChildren([
  ...signInRoutes,
  app.addChildren([
    ...overviewRoutes,
    ...inventoryRoutes,
    ...evaluationsRoutes,
    ...alertsRoutes,
    ...incidentsRoutes,
    ...controlsRoutes,
    ...evidenceRoutes,
    gatewayRoutes,
    monitorsRoutes,
    settingsRoutes,
  ]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingMs: 300,
    scrollRestoration: true,
    defaultErrorComponent: PageFailure,
    defaultNotFoundComponent: NotFoundPage,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
