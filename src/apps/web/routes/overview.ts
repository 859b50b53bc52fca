import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { app } from './frame.ts';

const overview = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('#src/features/overview/web/overview-page.tsx'), 'OverviewPage'),
});

const overviewByName = createRoute({
  getParentRoute: () => app,
  path: '/overview',
  beforeLoad: () => {
    throw redirect({ to: '/', replace: true });
  },
});

export const overviewRoutes = [overview, overviewByName] as const;
