import { expect } from 'vitest';
import type { Role } from '#src/features/users/model.ts';
import { roleAllows } from '#src/features/users/model.ts';
import type { RouteEntry } from '#src/platform/http/guard.ts';
import type { App } from '#src/platform/http/route.ts';

export type Passage = {
  route: string;
  caller: Role | 'stranger';
  expected: 'in' | 'out';
  got: 'in' | 'out';
  status: number;
};

/**
 * Calls every route of `app` as a stranger and with the key of each role, and tells for each call whether the guard let
 * it in. Bodies are empty and ids lead nowhere: what a handler says once it is reached does not matter here.
 */
export async function walkRoutes(app: App, keys: Readonly<Record<Role, string>>): Promise<Passage[]> {
  const passages: Passage[] = [];
  for (const route of callableRoutes(app.routeTable)) {
    for (const caller of ['stranger', ...(Object.keys(keys) as Role[])] as const) {
      const key = caller === 'stranger' ? undefined : keys[caller];
      const answer = await app.inject({
        method: route.method as 'GET',
        url: route.url.replace(/:\w+/g, 'none').replace('*', 'none'),
        headers: { ...(key ? { authorization: `Bearer ${key}` } : {}) },
        ...(['POST', 'PUT', 'PATCH'].includes(route.method) ? { payload: {} } : {}),
      });
      passages.push({
        route: `${route.method} ${route.url}`,
        caller,
        expected: isAllowed(route, caller) ? 'in' : 'out',
        got: isTurnedAway(answer.statusCode, answer.body, route) ? 'out' : 'in',
        status: answer.statusCode,
      });
    }
  }
  return passages;
}

/** Routes that nobody has to sign in for, so that a new one is noticed. */
export function publicRoutes(app: App): string[] {
  return callableRoutes(app.routeTable)
    .filter(({ permission }) => permission === 'public')
    .map(({ method, url }) => `${method} ${url}`)
    .sort();
}

/** Says which caller got where it should not, or not where it should. */
export function expectPassages(passages: readonly Passage[]): void {
  expect(passages.filter(({ expected, got }) => expected !== got)).toEqual([]);
}

function callableRoutes(table: readonly RouteEntry[]): RouteEntry[] {
  // HEAD is answered by the handler of GET, behind the same permission.
  return table.filter(({ method }) => method !== 'HEAD');
}

function isAllowed({ permission }: RouteEntry, caller: Role | 'stranger'): boolean {
  if (permission === 'public') return true;
  if (caller === 'stranger') return false;
  return permission === 'signed-in' || roleAllows(caller, permission);
}

// A handler may refuse too, for reasons of its own; the guard's refusal is the one that names the route's permission.
function isTurnedAway(status: number, body: string, { permission }: RouteEntry): boolean {
  if (permission === 'public') return false;
  if (status === 401) return true;
  return status === 403 && body.includes(`needs the permission ${permission}`);
}
