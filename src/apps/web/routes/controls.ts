import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { FRAMEWORK_IDS } from '#src/catalog/model.ts';
import { CONTROL_STATES } from '#src/features/controls/model.ts';
import { oneOf, optional, type Search, text } from '../search-params.ts';
import { app } from './frame.ts';

const controls = createRoute({
  getParentRoute: () => app,
  path: '/controls',
  validateSearch: (search: Search) =>
    optional({
      framework: oneOf(search.framework, FRAMEWORK_IDS),
      requirement: text(search.requirement),
      state: oneOf(search.state, CONTROL_STATES),
      scope: oneOf(search.scope, ['in']),
      category: text(search.category),
      ai: oneOf(search.ai, ['true', 'false']),
      q: text(search.q),
    }),
  component: lazyRouteComponent(() => import('#src/features/controls/web/controls-page.tsx'), 'ControlsPage'),
});

const calendar = createRoute({
  getParentRoute: () => app,
  path: '/controls/calendar',
  validateSearch: (search: Search) => optional({ year: text(search.year) }),
  component: lazyRouteComponent(() => import('#src/features/controls/web/calendar-page.tsx'), 'CalendarPage'),
});

const control = createRoute({
  getParentRoute: () => app,
  path: '/controls/$controlId',
  component: lazyRouteComponent(() => import('#src/features/controls/web/control-page.tsx'), 'ControlPage'),
});

const test = createRoute({
  getParentRoute: () => app,
  path: '/controls/tests/$testId',
  validateSearch: (search: Search) =>
    optional({
      result: oneOf(search.result, ['fail', 'error', 'no_data', 'pass', 'not_applicable']),
    }),
  component: lazyRouteComponent(() => import('#src/features/controls/web/test-page.tsx'), 'TestPage'),
});

export const controlsRoutes = [controls, calendar, control, test] as const;
