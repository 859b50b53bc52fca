import { createRemoteJWKSet, customFetch, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Outbound } from '#src/platform/outbound.ts';
import type { PreparedSnapshot } from '../prepared.ts';
import { type JwtIssuer, SCOPES, type Scope } from '../snapshot.ts';
import type { Identified } from './callers.ts';

const LEEWAY_SECONDS = 30;
const CACHE_MAX = 10_000;
/** A token that was verified is believed this long; a withdrawn signing key is noticed then. */
const BELIEVED_MS = 60_000;
const JWKS_TIMEOUT_MS = 5_000;
const DEFAULT_SCOPES: readonly Scope[] = ['chat', 'embeddings', 'models'];

export type JwtChecks = {
  identify(prepared: PreparedSnapshot, token: string, atMs: number): Promise<Identified>;
};

export function looksLikeJwt(key: string): boolean {
  return key.startsWith('eyJ') && key.split('.').length === 3;
}

type Verified = { identified: Identified; snapshotDigest: string; untilMs: number };

/** Verifies tokens of the issuers of a snapshot. `outbound` fetches their keys. Source: RFC 7519, RFC 8725. */
export function createJwtChecks(outboundFor: (issuer: JwtIssuer) => Pick<Outbound, 'fetch'>): JwtChecks {
  const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();
  const verified = new Map<string, Verified>();
  const keysOf = (issuer: JwtIssuer) => {
    const known = keySets.get(issuer.jwksUrl);
    if (known) return known;
    const outbound = outboundFor(issuer);
    const made = createRemoteJWKSet(new URL(issuer.jwksUrl), {
      timeoutDuration: JWKS_TIMEOUT_MS,
      [customFetch]: (url, init) => outbound.fetch(url, init as never) as never,
    });
    keySets.set(issuer.jwksUrl, made);
    return made;
  };
  return {
    identify: async (prepared, token, atMs) => {
      const digest = sha256Hex(token);
      const known = verified.get(digest);
      if (known && known.untilMs > atMs && known.snapshotDigest === prepared.digest) return known.identified;
      const { identified, expiresAtMs } = await verify(prepared, token, atMs, keysOf);
      if ('caller' in identified) {
        if (verified.size >= CACHE_MAX) verified.clear();
        const untilMs = Math.min(expiresAtMs, atMs + BELIEVED_MS);
        verified.set(digest, { identified, snapshotDigest: prepared.digest, untilMs });
      }
      return identified;
    },
  };
}

async function verify(
  prepared: PreparedSnapshot,
  token: string,
  atMs: number,
  keysOf: (issuer: JwtIssuer) => ReturnType<typeof createRemoteJWKSet>,
): Promise<{ identified: Identified; expiresAtMs: number }> {
  const refuse = (refused: 'bad_credentials' | 'key_expired' | 'tenant_suspended' | 'not_ready', message: string) => ({
    identified: { refused, message },
    expiresAtMs: 0,
  });
  let issuer: JwtIssuer | undefined;
  try {
    issuer = prepared.issuers.get(String(decodeJwt(token).iss ?? ''));
  } catch {
    return refuse('bad_credentials', 'The token cannot be read.');
  }
  if (issuer === undefined) return refuse('bad_credentials', 'The token comes from an issuer that is not known.');
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(token, keysOf(issuer), {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: [...issuer.algorithms],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(atMs),
      requiredClaims: ['exp', 'sub'],
    }));
  } catch (error) {
    if (error instanceof errors.JWTExpired) return refuse('key_expired', 'The token has expired.');
    if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError))
      return refuse('not_ready', 'The keys of the issuer cannot be fetched now. Try again.');
    return refuse('bad_credentials', 'The token is not valid for this gateway.');
  }
  const tenantId = payload[issuer.tenantClaim];
  const tenant = typeof tenantId === 'string' ? prepared.tenants.get(tenantId) : undefined;
  if (tenant === undefined) return refuse('bad_credentials', 'The token names no tenant that is known.');
  if (tenant.state !== 'active') return refuse('tenant_suspended', 'The tenant is suspended.');
  const expiresAtMs = Number(payload.exp) * 1_000;
  // The subject may be a mail address: what is kept of it recognizes the caller and does not name them.
  const keyId = `${issuer.id}:${sha256Hex(`${issuer.id}\u0000${payload.sub}`).slice(0, 16)}`;
  return {
    identified: { caller: { tenant, keyId, scopes: scopesOf(payload), models: null, limits: null } },
    expiresAtMs,
  };
}

/** `gateway:chat` in the claim `scope` grants it; without any such word, what applications usually need. Source: RFC 8693. */
function scopesOf(payload: JWTPayload): readonly Scope[] {
  const words = typeof payload.scope === 'string' ? payload.scope.split(' ') : [];
  const named = SCOPES.filter((scope) => words.includes(`gateway:${scope}`));
  return named.length > 0 ? named : DEFAULT_SCOPES;
}
