import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { optional, type Search, text } from '../search-params.ts';
import { app } from './frame.ts';

const evaluations = createRoute({
  getParentRoute: () => app,
  path: '/evaluations',
  component: lazyRouteComponent(() => import('#src/features/evaluations/web/evaluations-page.tsx'), 'EvaluationsPage'),
});

const evaluationSuites = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/suites',
  component: lazyRouteComponent(() => import('#src/features/evaluations/web/suites-page.tsx'), 'SuitesPage'),
});

const evaluationReleases = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/releases',
  component: lazyRouteComponent(() => import('#src/features/evaluations/web/releases-page.tsx'), 'ReleasesPage'),
});

const evaluationComparison = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/compare',
  validateSearch: (search: Search) => optional({ before: text(search.before), after: text(search.after) }),
  component: lazyRouteComponent(() => import('#src/features/evaluations/web/comparison-page.tsx'), 'ComparisonPage'),
});

const labels = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/labels',
  component: lazyRouteComponent(() => import('#src/features/labels/web/labels-page.tsx'), 'LabelsPage'),
});

const feedback = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/feedback',
  validateSearch: (search: Search) => optional({ state: text(search.state) }),
  component: lazyRouteComponent(() => import('#src/features/feedback/web/feedback-page.tsx'), 'FeedbackPage'),
});

const evaluationRun = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/$runId',
  component: lazyRouteComponent(() => import('#src/features/evaluations/web/run-page.tsx'), 'RunPage'),
});

export const evaluationsRoutes = [
  evaluations,
  evaluationSuites,
  evaluationReleases,
  evaluationComparison,
  labels,
  feedback,
  evaluationRun,
] as const;
