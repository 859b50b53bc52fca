import type { Call, Refusal } from '../call.ts';
import { identify, presentedKey } from '../callers/callers.ts';
import { matchesModel } from '../snapshot.ts';
import { endpointOf, matchRoute, patternOf, readTarget } from '../wire/endpoints.ts';
import { headerGivenTwice } from '../wire/headers.ts';

const METHODS = new Set(['GET', 'POST', 'DELETE', 'PUT', 'PATCH']);

/** Refuses what could not be recorded or would not end well, before anything is read. */
export function admit(call: Call): Refusal | null {
  const { parts, request } = call;
  if (parts.isDraining())
    return { code: 'draining', message: 'The gateway is stopping. Try again.', headers: { 'retry-after': '1' } };
  if (!parts.sink.hasRoom)
    return {
      code: 'record_unavailable',
      message: 'Calls cannot be recorded now, so none is served. Try again later.',
      headers: { 'retry-after': '5' },
    };
  const twice = headerGivenTwice(request.rawHeaders);
  if (twice !== null) return { code: 'bad_http', message: `The header ${twice} is given more than once.` };
  return null;
}

/** Finds the one route, provider and policy of a call. What has none does not exist: there is no way around the policy. */
export function findRoute(call: Call): Refusal | null {
  const { request, prepared } = call;
  const target = readTarget(request.url ?? '');
  if ('problem' in target) return { code: 'bad_http', message: target.problem };
  call.path = target.path;
  call.query = target.query;
  call.pathPattern = patternOf(target.path);
  const match = matchRoute(prepared.routes, target.path);
  if (match === null)
    return { code: 'unknown_route', message: 'No route of this gateway has this path. The administrator adds routes.' };
  call.route = match.route;
  call.rest = match.rest;
  const provider = prepared.providers.get(match.route.providerId);
  if (provider === undefined)
    return {
      code: 'provider_unknown',
      message: 'The provider of this route is not configured. Tell the administrator.',
    };
  call.provider = provider;
  const method = request.method ?? '';
  call.endpoint = METHODS.has(method) ? endpointOf(method, match.rest, provider) : null;
  if (call.endpoint === null)
    return { code: 'method_not_allowed', message: `${method.slice(0, 20)} is not how this path is called.` };
  call.pathPattern = call.endpoint.pattern;
  return null;
}

/** Finds out who calls. A promise only where a token has to be verified. */
export function identifyCaller(call: Call): Refusal | null | Promise<Refusal | null> {
  const presented = presentedKey(call.request.headers);
  if ('refused' in presented) return { code: presented.refused, message: presented.message, headers: CHALLENGE };
  const identified = identify(call.prepared, call.parts.jwt, presented.key, call.occurredAt);
  return identified instanceof Promise ? identified.then((one) => takeCaller(call, one)) : takeCaller(call, identified);
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="assay-gateway"' };

function takeCaller(call: Call, identified: Awaited<ReturnType<typeof identify>>): Refusal | null {
  if ('refused' in identified) {
    call.tenantId = identified.tenantId ?? null;
    call.keyId = identified.keyId ?? null;
    const isUnknown = identified.refused === 'bad_credentials' || identified.refused === 'key_expired';
    return { code: identified.refused, message: identified.message, ...(isUnknown && { headers: CHALLENGE }) };
  }
  call.caller = identified.caller;
  call.tenantId = identified.caller.tenant.id;
  call.keyId = identified.caller.keyId;
  return null;
}

/** Checks the scope and finds the policy: the tenant's own, or else the route's. */
export function authorize(call: Call): Refusal | null {
  const { caller, endpoint, route, prepared } = call;
  if (caller === null || endpoint === null || route === null) throw new Error('no caller or route');
  if (!caller.scopes.includes(endpoint.scope))
    return {
      code: 'scope_missing',
      message: `The key does not have the scope "${endpoint.scope}" that this path needs.`,
    };
  const policyId = caller.tenant.policyId ?? route.policyId;
  const policy = prepared.policies.get(policyId);
  if (policy === undefined)
    return {
      code: 'no_policy',
      message: prepared.broken.has(policyId)
        ? 'The policy of this route cannot be used. Tell the administrator.'
        : 'No approved policy is in force for this route. Tell the administrator.',
    };
  call.policy = policy;
  return null;
}

/** Checks the model that is asked for against the key and the provider, and puts the alias of the route in its place. */
export function modelOf(call: Call, asked: string): { model: string } | Refusal {
  const { caller, provider, route } = call;
  if (!matchesModel(caller?.models ?? null, asked))
    return { code: 'model_not_allowed', message: 'The key may not use this model.', param: 'model' };
  const aliases = route?.modelAliases;
  const model = aliases && Object.hasOwn(aliases, asked) ? (aliases[asked] ?? asked) : asked;
  if (!matchesModel(provider?.models ?? null, model))
    return {
      code: 'model_not_allowed',
      message: 'The provider of this route does not offer this model.',
      param: 'model',
    };
  return { model };
}
