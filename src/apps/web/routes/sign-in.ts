import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { optional, type Search, text } from '../search-params.ts';
import { root } from './frame.ts';

/** Where to go after signing in: only a path of this app, so that a link cannot send people elsewhere. */
const nextPath = (value: unknown) => {
  const path = text(value);
  return path && /^\/(?![/\\])/.test(path) ? path : undefined;
};

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Search) => optional({ next: nextPath(search.next) }),
  component: lazyRouteComponent(() => import('#src/features/users/web/sign-in-page.tsx'), 'SignInPage'),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: (search: Search) => optional({ token: text(search.token) }),
  component: lazyRouteComponent(() => import('#src/features/users/web/setup-page.tsx'), 'SetupPage'),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  validateSearch: (search: Search) => optional({ token: text(search.token) }),
  component: lazyRouteComponent(() => import('#src/features/users/web/invitation-page.tsx'), 'InvitationPage'),
});

export const signInRoutes = [signIn, setup, invitation] as const;
