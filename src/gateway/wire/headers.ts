import type { IncomingHttpHeaders } from 'node:http';
import type { LimitState } from '../limits/limit-store.ts';
import type { Provider } from '../snapshot.ts';

// What is passed on, both ways; everything else stays here, above all credentials, cookies and X-Forwarded-*.
const TO_PROVIDER = [
  'accept',
  'anthropic-version',
  'anthropic-beta',
  'openai-beta',
  'idempotency-key',
  'x-stainless-retry-count',
] as const;
const FROM_PROVIDER = [
  'content-type',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'openai-processing-ms',
  'openai-version',
] as const;
const CLEAN_VALUE = /^[\t\x20-\x7e\x80-\xff]{0,2048}$/;

export function headersToProvider(
  headers: IncomingHttpHeaders,
  provider: Provider,
  secret: string | null,
): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const name of TO_PROVIDER) {
    const value = headers[name];
    if (typeof value === 'string' && CLEAN_VALUE.test(value)) sent[name] = value;
  }
  // Answers are read here: a compressed one would have to be unpacked first.
  sent['accept-encoding'] = 'identity';
  sent['user-agent'] = 'assay-gateway';
  if (secret !== null) {
    if (provider.authStyle === 'bearer') sent.authorization = `Bearer ${secret}`;
    else if (provider.authStyle === 'x-api-key') sent['x-api-key'] = secret;
    else if (provider.authStyle === 'api-key') sent['api-key'] = secret;
  }
  if (provider.kind === 'anthropic' && sent['anthropic-version'] === undefined)
    sent['anthropic-version'] = '2023-06-01';
  return sent;
}

export function headersFromProvider(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of FROM_PROVIDER) {
    const value = headers[name];
    if (typeof value === 'string' && CLEAN_VALUE.test(value)) kept[name] = value;
  }
  const id = headers['x-request-id'] ?? headers['request-id'];
  if (typeof id === 'string' && CLEAN_VALUE.test(id)) kept['x-provider-request-id'] = id;
  return kept;
}

/**
 * What limits leave, in the standard's words and in those the clients of both providers know. Of several scopes the one
 * that leaves least is told. Source: draft-ietf-httpapi-ratelimit-headers-10.
 */
export function limitHeaders(states: readonly LimitState[], shape: 'openai' | 'anthropic'): Record<string, string> {
  const headers: Record<string, string> = {};
  let policies = '';
  let rests = '';
  for (const state of states) {
    const { dimension } = state;
    if (states.find((one) => one.dimension === dimension) !== state) continue;
    const { limit, remaining, resetMs, windowSeconds } = tightestOf(states, state);
    if (windowSeconds === 0) continue;
    const seconds = Math.ceil(resetMs / 1_000);
    const between = policies === '' ? '' : ', ';
    policies += `${between}"${dimension}";q=${limit};w=${windowSeconds}`;
    rests += `${between}"${dimension}";r=${remaining};t=${seconds}`;
    if (dimension !== 'requests' && dimension !== 'tokens') continue;
    if (shape === 'openai') {
      headers[`x-ratelimit-limit-${dimension}`] = String(limit);
      headers[`x-ratelimit-remaining-${dimension}`] = String(remaining);
      headers[`x-ratelimit-reset-${dimension}`] = `${seconds}s`;
    } else {
      headers[`anthropic-ratelimit-${dimension}-limit`] = String(limit);
      headers[`anthropic-ratelimit-${dimension}-remaining`] = String(remaining);
      headers[`anthropic-ratelimit-${dimension}-reset`] = `${seconds}s`;
    }
  }
  if (policies !== '') {
    headers['ratelimit-policy'] = policies;
    headers.ratelimit = rests;
  }
  return headers;
}

/** Of the states of one dimension the one that leaves least. */
function tightestOf(states: readonly LimitState[], first: LimitState): LimitState {
  let tightest = first;
  for (const one of states) if (one.dimension === first.dimension && one.remaining < tightest.remaining) tightest = one;
  return tightest;
}

const ONCE = new Set([
  'host',
  'content-length',
  'content-type',
  'transfer-encoding',
  'authorization',
  'x-api-key',
  'api-key',
  'content-encoding',
  'expect',
]);

/** The first header that is given twice and may be given once, in a list of names and values by turns. */
export function headerGivenTwice(rawHeaders: readonly string[]): string | null {
  let seen: Set<string> | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (!ONCE.has(name)) continue;
    seen ??= new Set();
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}
