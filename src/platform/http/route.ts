import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { AppError } from '#src/kernel/errors.ts';

/** The server as a feature sees it: zod schemas on a route give their types to the handler. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Who may call a route: anybody, anybody signed in, or whoever holds the named permission (`<noun>.<verb>`). */
export type RoutePermission = 'public' | 'signed-in' | `${string}.${string}`;

/** Who is calling. The platform knows no roles: `role` is a word of the users feature. */
export type Identity = {
  kind: 'user' | 'api-key';
  /** `usr_…` or `key_…`. */
  id: string;
  /** The person behind the call: the user, or the user the API key belongs to. */
  userId: string;
  name: string;
  role: string;
  /** Present when the caller may use less than the role gives, as with a scoped API key. */
  onlyPermissions?: readonly string[];
};

/** Registers the routes of one feature. Paths are relative to `/api/v1`. */
export type Routes = (app: App) => void | Promise<void>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Required on every route: the server refuses to start without it. */
    permission?: RoutePermission;
    /** Set where the answer is not JSON (a download, an event stream), so that no response schema is asked for. */
    streams?: boolean;
    /** Requests per minute and caller, where the general limit is too generous. */
    perMinute?: number;
  }
  interface FastifyRequest {
    /** Set on every route that is not public; null on public ones. */
    identity: Identity | null;
  }
}

/** The caller of a route that is not public. */
export function callerOf(request: FastifyRequest): Identity {
  // Only a programming error gets here: the permission check runs before every handler that is not public.
  if (!request.identity) throw new AppError('internal', 'This route was reached without a known caller.');
  return request.identity;
}

/**
 * States routes apart from the server, so that a feature can hand them out before a server exists:
 *
 *     export const vendorRoutes = (store: VendorStore) =>
 *       defineRoutes((app) => {
 *         app.get('/vendors', { config: { permission: 'vendors.read' }, schema: { response: { 200: vendorList } } }, () => store.list());
 *       });
 *
 * Every route needs `config.permission`, and a response schema for 200 or 201 (or `config.streams`): fields the
 * schema does not name never leave the server.
 */
export function defineRoutes(routes: Routes): Routes {
  return routes;
}
