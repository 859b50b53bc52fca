import type { GatewayRoute, Provider, Scope } from '../snapshot.ts';

/** What a call is, by its path below the provider's root. `other` is every further path of a provider. */
export type EndpointName =
  | 'chat_completions'
  | 'completions'
  | 'responses'
  | 'embeddings'
  | 'models'
  | 'messages'
  | 'count_tokens'
  | 'other';

export type Endpoint = {
  name: EndpointName;
  scope: Scope;
  /** Whose shape errors take. */
  shape: 'openai' | 'anthropic';
  /** With identifiers replaced. */
  pattern: string;
};

const KNOWN: readonly [
  method: string,
  path: RegExp,
  name: EndpointName,
  scope: Scope,
  shape: 'openai' | 'anthropic',
][] = [
  ['POST', /^\/v1\/chat\/completions$/, 'chat_completions', 'chat', 'openai'],
  ['POST', /^\/v1\/completions$/, 'completions', 'chat', 'openai'],
  ['POST', /^\/v1\/responses$/, 'responses', 'chat', 'openai'],
  ['POST', /^\/v1\/embeddings$/, 'embeddings', 'embeddings', 'openai'],
  ['POST', /^\/v1\/messages$/, 'messages', 'chat', 'anthropic'],
  ['POST', /^\/v1\/messages\/count_tokens$/, 'count_tokens', 'chat', 'anthropic'],
  ['GET', /^\/v1\/models(?:\/[^/]+(?:\/[^/]+)?)?$/, 'models', 'models', 'openai'],
];
const GENERATING = /^\/v1\/(chat\/completions|completions|responses|embeddings|messages|messages\/count_tokens)$/;

/** The endpoint of a path below the root of `provider`; null when the path is known and the method is not its own. */
export function endpointOf(method: string, path: string, provider: Pick<Provider, 'kind'>): Endpoint | null {
  for (const [wanted, form, name, scope, shape] of KNOWN) {
    if (wanted !== method || !form.test(path)) continue;
    const pattern = name === 'models' && path !== '/v1/models' ? '/v1/models/{id}' : path;
    return { name, scope, shape: name === 'models' && provider.kind === 'anthropic' ? 'anthropic' : shape, pattern };
  }
  if (GENERATING.test(path)) return null;
  return {
    name: 'other',
    scope: 'other',
    shape: provider.kind === 'anthropic' ? 'anthropic' : 'openai',
    pattern: patternOf(path),
  };
}

/** Segments that are not plain words are taken for identifiers: they may be data. */
export function patternOf(path: string): string {
  const segments = path.split('/').slice(0, 12);
  return segments.map((one) => (/^(?:[a-z][a-z_-]{0,30}|v\d(?:beta|alpha)?)?$/.test(one) ? one : '{id}')).join('/');
}

export type RouteMatch = { route: GatewayRoute /** The path below the provider's root. */; rest: string };

/** Routes with the longest path first. */
export function orderRoutes(routes: readonly GatewayRoute[]): GatewayRoute[] {
  return [...routes].sort((a, b) => b.path.length - a.path.length || (a.path < b.path ? -1 : 1));
}

/** The route of `path` among ordered routes. */
export function matchRoute(ordered: readonly GatewayRoute[], path: string): RouteMatch | null {
  for (const route of ordered) {
    const prefix = route.path.endsWith('/') ? route.path.slice(0, -1) : route.path;
    if (!path.startsWith(prefix) || (path.length > prefix.length && path[prefix.length] !== '/')) continue;
    const version = /\/v1(?=\/|$)/.exec(prefix);
    const rest = path.slice(version ? version.index : prefix.length);
    return { route, rest: rest === '' ? '/' : rest };
  }
  return null;
}

// No encoded dot, slash, backslash, percent or control sign: they may mean another path to whoever decodes them.
const PLAIN_PATH = /^\/(?:[A-Za-z0-9._~:@!$&'()*+,;=/-]|%(?![01]|2[eEfF5]|5[cC]|7[fF])[0-9A-Fa-f]{2})*$/;
// What need not be encoded is not: `%63hat` would be one address here and another at the provider. RFC 3986, section 6.2.2.2.
const ENCODED_PLAIN = /%(?:2[dDeE]|3\d|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE])/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)|\/\//;
const QUERY_NAMES = new Set([
  'beta',
  'limit',
  'after',
  'before',
  'after_id',
  'before_id',
  'order',
  'purpose',
  'include[]',
  'include',
  'stream',
]);

export type Target = { path: string; query: string } | { problem: string };

/** Reads the target of a request line. Only what means one thing to everybody on the way is accepted. */
export function readTarget(url: string): Target {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  if (!PLAIN_PATH.test(path) || DOT_SEGMENT.test(path))
    return { problem: 'The path holds dot segments, empty segments or signs that are not plain.' };
  if (ENCODED_PLAIN.test(path)) return { problem: 'The path encodes signs that need no encoding. Send them plain.' };
  if (query === '') return { path, query };
  if (query.length > 2_048) return { problem: 'The query is longer than 2,048 signs.' };
  for (const name of new URLSearchParams(query).keys())
    if (!QUERY_NAMES.has(name)) return { problem: 'The query holds a parameter that is not passed on. Leave it out.' };
  return { path, query };
}

/** Providers are part of a snapshot and never change: their address is read once. */
const basesRead = new WeakMap<object, { base: string; fixed: string; origin: string }>();

function partsOfBase(provider: Pick<Provider, 'baseUrl'>): { base: string; fixed: string; origin: string } {
  let parts = basesRead.get(provider);
  if (parts === undefined) {
    const url = new URL(provider.baseUrl);
    parts = { base: url.pathname.replace(/\/+$/, ''), fixed: url.search.slice(1), origin: url.origin };
    basesRead.set(provider, parts);
  }
  return parts;
}

/** Under which a provider stores what callers make: ids of one origin are never given twice. */
export function accountOf(provider: Pick<Provider, 'baseUrl'>): string {
  return partsOfBase(provider).origin;
}

/**
 * The path of the upstream request. `rest` begins with /v1; a base URL that has a path of its own already names its version,
 * except for Anthropic, whose clients add it.
 */
export function upstreamPath(provider: Pick<Provider, 'baseUrl' | 'kind'>, rest: string, query: string): string {
  const { base, fixed } = partsOfBase(provider);
  const namesVersion = /\/v1$/.test(base) || (base !== '' && provider.kind !== 'anthropic');
  const below = namesVersion ? rest.replace(/^\/v1(?=\/|$)/, '') : rest;
  const whole = [fixed, query].filter(Boolean).join('&');
  return `${base}${below}${whole === '' ? '' : `?${whole}`}`;
}
