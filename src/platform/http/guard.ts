import type { FastifyRequest, RouteOptions } from 'fastify';
import { AppError } from '#src/kernel/errors.ts';
import type { App, Identity, RoutePermission } from './route.ts';

export type RouteEntry = { method: string; url: string; permission: RoutePermission };

export type Gatekeeper = {
  /**
   * Who sends this request; null when it carries no sign-in at all. Throws `unauthenticated` with the reason
   * (session expired, key revoked) when it carries one that no longer counts.
   */
  authenticate(request: FastifyRequest): Promise<Identity | null>;
  mayUse(identity: Identity, permission: string): boolean;
  /** Every permission there is, so that a misspelled one stops the start; any is accepted when left out. */
  permissions?: readonly string[];
};

const PERMISSION = /^[a-z][a-z-]*\.[a-z][a-z-]*$/;

/**
 * Lets nobody past a route's permission, and no route in without one.
 * Returns the list of all routes, which grows until the server is ready.
 */
export function guardRoutes(app: App, gatekeeper: Gatekeeper): readonly RouteEntry[] {
  const table: RouteEntry[] = [];
  app.decorateRequest('identity', null);

  app.addHook('onRoute', (route) => {
    const permission = checkDeclaration(route, gatekeeper.permissions);
    for (const method of [route.method].flat()) table.push({ method, url: route.url, permission });
  });

  // Before the body is read, so that a stranger's body is never parsed; after the rate limit, which runs in onRequest.
  app.addHook('preParsing', async (request) => {
    if (request.is404) return;
    const permission = request.routeOptions.config.permission;
    if (permission === 'public') return;
    const identity = await gatekeeper.authenticate(request);
    if (!identity) throw new AppError('unauthenticated', 'Sign in to continue, or send an API key.');
    // Set before the check, so that the log names who was refused.
    request.identity = identity;
    if (permission !== 'signed-in' && !(permission && gatekeeper.mayUse(identity, permission)))
      throw new AppError('forbidden', `This needs the permission ${permission}. Ask an owner or admin for it.`);
  });
  return table;
}

function checkDeclaration(route: RouteOptions, known: readonly string[] | undefined): RoutePermission {
  const where = `${[route.method].flat().join('|')} ${route.url}`;
  const permission = route.config?.permission;
  if (permission === undefined) throw new Error(`route ${where} declares no permission: set config.permission`);
  if (permission !== 'public' && permission !== 'signed-in') {
    if (!PERMISSION.test(permission))
      throw new Error(`route ${where}: "${permission}" is no permission, write it as <noun>.<verb>`);
    if (known && !known.includes(permission))
      throw new Error(`route ${where}: the permission "${permission}" is not in the permission matrix`);
  }
  const isApi = route.url.startsWith('/api/v1/');
  const response = route.schema?.response as Record<string, unknown> | undefined;
  const isDeclared = response && Object.keys(response).some((status) => status.startsWith('2'));
  if (isApi && !route.config?.streams && !isDeclared)
    throw new Error(`route ${where} declares no schema for its answer: set schema.response, or config.streams`);
  return permission;
}
