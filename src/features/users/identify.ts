import { parseCookies } from 'better-auth/cookies';
import { constantTimeEqual, makeSignature } from 'better-auth/crypto';
import type { FastifyRequest } from 'fastify';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Identity } from '#src/platform/http/route.ts';
import { isOver, whyInactive } from './active.ts';
import { type AuthSettings, SESSION_IDLE_MS, sessionCookieName } from './auth.ts';
import { API_KEY_PREFIX, PERMISSIONS, ROLES, type Role, roleAllows } from './model.ts';
import { apiKeyBySecret, sessionOf, touchApiKey, touchSession } from './store.ts';

// A use is written down at most this often, so that reading does not become writing.
const TOUCH_SESSION_MS = 5 * 60_000;
const TOUCH_KEY_MS = HOUR_MS;

export type Identify = (request: FastifyRequest) => Promise<Identity | null>;

/**
 * Reads who is calling from the API key or the session cookie, and the role from the database each time: a change of
 * role and a disabled account count from the next request on.
 */
export function createIdentify(database: Database, settings: AuthSettings): Identify {
  const cookieName = sessionCookieName(settings);
  return async (request) => {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) return keyIdentity(database, settings, authorization);
    const held = cookie === undefined ? undefined : parseCookies(cookie).get(cookieName);
    return held === undefined || held === '' ? null : sessionIdentity(database, settings, held);
  };
}

/** The session token inside the caller's cookie; undefined when it was not signed here. */
export async function sessionTokenIn(request: FastifyRequest, settings: AuthSettings): Promise<string | undefined> {
  const held = parseCookies(request.headers.cookie ?? '').get(sessionCookieName(settings));
  return held === undefined ? undefined : verifiedToken(held, settings.sessionSecret);
}

async function verifiedToken(cookieValue: string, secret: string): Promise<string | undefined> {
  const cut = cookieValue.lastIndexOf('.');
  if (cut < 1) return undefined;
  const token = cookieValue.slice(0, cut);
  return constantTimeEqual(cookieValue.slice(cut + 1), await makeSignature(token, secret)) ? token : undefined;
}

async function sessionIdentity(database: Database, settings: AuthSettings, cookieValue: string): Promise<Identity> {
  const token = await verifiedToken(cookieValue, settings.sessionSecret);
  const found = token === undefined ? undefined : await sessionOf(database.drizzle, token);
  if (!found) throw new AppError('unauthenticated', 'Your session has ended. Sign in again.');
  const { session, user } = found;
  const nowMs = settings.clock();
  const idleMs = nowMs - session.updatedAt.getTime();
  if (nowMs >= session.expiresAt.getTime() || idleMs >= SESSION_IDLE_MS)
    throw new AppError('unauthenticated', 'Your session has expired. Sign in again.');
  const reason = whyInactive(user, nowMs);
  if (reason) throw new AppError('unauthenticated', reason.message);
  if (idleMs >= TOUCH_SESSION_MS) await touchSession(database.drizzle, session.id, new Date(nowMs));
  return { kind: 'user', id: user.id, userId: user.id, name: user.name, role: user.role };
}

/** The caller behind an API key presented outside of HTTP, as on the command line. Throws unless it gives `permission`. */
export async function callerOfKey(
  database: Database,
  clock: () => number,
  secret: string,
  permission: string,
): Promise<Identity> {
  const identity = await keyIdentity(database, { clock }, `Bearer ${secret}`);
  if (!mayUse(identity, permission))
    throw new AppError('forbidden', `This API key does not give the permission ${permission}. Make one that does.`);
  return identity;
}

/** Who a program is, by the API key it sends (`Bearer ask_…`). Throws `unauthenticated` when it is nobody's, or not any more. */
export async function keyIdentity(
  database: Database,
  settings: Pick<AuthSettings, 'clock'>,
  authorization: string,
): Promise<Identity> {
  const secret = /^Bearer\s+(\S{1,200})$/i.exec(authorization)?.[1];
  if (!secret?.startsWith(API_KEY_PREFIX))
    throw new AppError(
      'unauthenticated',
      `The Authorization header holds no API key. Send "Bearer ${API_KEY_PREFIX}…".`,
    );
  const found = await apiKeyBySecret(database.drizzle, sha256Hex(secret));
  if (!found) throw new AppError('unauthenticated', 'This API key is not known here. Check it, or make a new one.');
  const { key, user } = found;
  const nowMs = settings.clock();
  if (key.revokedAt) throw new AppError('unauthenticated', `The API key ${key.hint}… was revoked. Make a new one.`);
  if (isOver(key.expiresOn, nowMs))
    throw new AppError('unauthenticated', `The API key ${key.hint}… expired on ${key.expiresOn}. Make a new one.`);
  if (whyInactive(user, nowMs))
    throw new AppError('unauthenticated', `The owner of the API key ${key.hint}… has no access any more.`);
  if (!key.lastUsedAt || nowMs - key.lastUsedAt.getTime() >= TOUCH_KEY_MS)
    await touchApiKey(database.drizzle, key.id, new Date(nowMs - (nowMs % TOUCH_KEY_MS)));
  return { kind: 'api-key', id: key.id, userId: user.id, name: key.name, ...rightsOf(key, user.role) };
}

/** A key does what its owner may do now, and of that only what it was made for. */
export function rightsOf(
  key: { role: Role | null; permissions: string[] | null },
  ownerRole: Role,
): { role: Role; onlyPermissions: string[] } {
  const asked = key.role ?? ownerRole;
  return {
    role: lesserRole(asked, ownerRole),
    onlyPermissions: PERMISSIONS.filter(
      (permission) =>
        roleAllows(ownerRole, permission) &&
        roleAllows(asked, permission) &&
        (key.permissions === null || key.permissions.includes(permission)),
    ),
  };
}

export function lesserRole(one: Role, other: Role): Role {
  return ROLES.indexOf(one) >= ROLES.indexOf(other) ? one : other;
}

export function mayUse(identity: Identity, permission: string): boolean {
  if (identity.onlyPermissions) return identity.onlyPermissions.includes(permission);
  return roleAllows(identity.role as Role, permission);
}
