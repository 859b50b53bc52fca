import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { RefusalCode } from '../decision.ts';
import type { PreparedSnapshot } from '../prepared.ts';
import type { GatewayKey, Limits, Scope, Tenant } from '../snapshot.ts';
import { type JwtChecks, looksLikeJwt } from './jwt.ts';

/** Who makes a call, proven. */
export type Caller = {
  tenant: Tenant;
  keyId: string;
  scopes: readonly Scope[];
  models: readonly string[] | null;
  limits: Limits | null;
};

export type Identified =
  | { caller: Caller }
  | { refused: RefusalCode; message: string; tenantId?: string; keyId?: string };

const KEY_MAX = 8_192;

/** The credential of a call, or why there is none. Two that differ are refused: which one counts would be a guess. */
export function presentedKey(
  headers: IncomingHttpHeaders,
): { key: string } | { refused: RefusalCode; message: string } {
  const found = new Set<string>();
  const { authorization } = headers;
  if (authorization !== undefined && authorization !== '') {
    const match = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization);
    if (!match?.[1])
      return { refused: 'bad_credentials', message: 'The Authorization header is not "Bearer" and a key.' };
    found.add(match[1]);
  }
  for (const name of ['x-api-key', 'api-key'] as const) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') found.add(value);
  }
  const [key, another] = found;
  if (key === undefined)
    return {
      refused: 'no_credentials',
      message: 'The call brings no key. Send it as "Authorization: Bearer …" or "x-api-key".',
    };
  if (another !== undefined)
    return { refused: 'bad_credentials', message: 'The call brings two different keys. Send one.' };
  if (key.length > KEY_MAX) return { refused: 'bad_credentials', message: 'The key is too long to be one.' };
  return { key };
}

/** Finds out who presents `key`. A promise only for a token that has to be verified. */
export function identify(
  prepared: PreparedSnapshot,
  jwt: JwtChecks,
  key: string,
  atMs: number,
): Identified | Promise<Identified> {
  if (looksLikeJwt(key)) return jwt.identify(prepared, key, atMs);
  const digest = sha256Hex(key);
  const found = prepared.keys.get(digest);
  // The table is searched by a hash the caller cannot steer; the comparison still takes the same time for any digest.
  if (found === undefined || !timingSafeEqual(Buffer.from(found.sha256), Buffer.from(digest)))
    return { refused: 'bad_credentials', message: 'The key is not known.' };
  return callerOf(prepared, found, atMs);
}

function callerOf(prepared: PreparedSnapshot, key: GatewayKey, atMs: number): Identified {
  const known = { tenantId: key.tenantId, keyId: key.id };
  if (key.state === 'revoked') return { refused: 'key_revoked', message: 'The key was revoked.', ...known };
  if (key.state === 'suspended') return { refused: 'key_suspended', message: 'The key is suspended.', ...known };
  if (key.expiresAt !== null && key.expiresAt <= atMs)
    return { refused: 'key_expired', message: 'The key has expired.', ...known };
  const tenant = prepared.tenants.get(key.tenantId);
  if (tenant === undefined) return { refused: 'bad_credentials', message: 'The key belongs to no tenant.', ...known };
  if (tenant.state !== 'active') return { refused: 'tenant_suspended', message: 'The tenant is suspended.', ...known };
  return { caller: { tenant, keyId: key.id, scopes: key.scopes, models: key.models, limits: key.limits } };
}
