import type { ConfigFile, RouteReading, Said } from './model.ts';
import { at, isFilledLater, list, number, readYaml, type Tree, word } from './yaml-tree.ts';

// Kong Gateway, declarative configuration (decK, `_format_version` 1.1 to 3.0). https://docs.konghq.com/hub/ names the plugins.

const AUTHENTICATES = new Set([
  'basic-auth',
  'header-cert-auth',
  'hmac-auth',
  'jwt',
  'key-auth',
  'key-auth-enc',
  'ldap-auth',
  'ldap-auth-advanced',
  'mtls-auth',
  'oauth2',
  'oauth2-introspection',
  'openid-connect',
  'saml',
  'vault-auth',
]);
/** Known to ask nobody who they are. What is not known may. */
const AUTHENTICATES_NOBODY =
  /^(?:acl|acme|ai-(?!.*auth).*|aws-lambda|azure-functions|bot-detection|canary|correlation-id|cors|datadog|degraphql|exit-transformer|file-log|forward-proxy|graphql-.*|grpc-.*|http-log|injection-protection|ip-restriction|json-threat-protection|jq|kafka-.*|loggly|mocking|oas-validation|opentelemetry|post-function-log|prometheus|proxy-cache(?:-advanced)?|rate-limiting(?:-advanced)?|redirect|request-(?:size-limiting|termination|transformer|transformer-advanced|validator)|response-(?:ratelimiting|transformer|transformer-advanced)|route-(?:by-header|transformer-advanced)|service-protection|session|standard-webhooks|statsd(?:-advanced)?|syslog|tcp-log|tls-metadata-headers|udp-log|upstream-timeout|websocket-.*|xml-threat-protection|zipkin)$/;
const WINDOWS = ['second', 'minute', 'hour', 'day', 'month', 'year'];

type Plugin = { name: string; config: Tree | null; consumer: boolean };

export function isKong(documents: readonly Tree[]): boolean {
  return documents.some((one) => one.map?.has('_format_version') && (one.map.has('services') || one.map.has('routes')));
}

export function readKong(file: ConfigFile): { routes: RouteReading[]; faults: string[] } {
  const { documents, faults } = readYaml(file);
  const routes: RouteReading[] = [];
  for (const config of documents) {
    const consumers = list(at(config, 'consumers'));
    const everywhere = list(at(config, 'plugins'));
    const global = pluginsOf(everywhere.filter((one) => !isScoped(one)));
    const scoped = (kind: 'service' | 'route', owner: Tree | null) =>
      pluginsOf(everywhere.filter((one) => isScoped(one) && owner !== null && refersTo(at(one, kind), owner)));
    const services = list(at(config, 'services'));
    const readRoute = (route: Tree, service: Tree | null) => {
      if (!route.map) return faults.push(`${file.name} line ${route.line}: a route must have members`);
      // The most specific of several plugins of one name is the one that runs.
      const plugins = [
        ...pluginsOf(list(at(route, 'plugins'))),
        ...scoped('route', route),
        ...pluginsOf(list(at(service, 'plugins'))),
        ...scoped('service', service),
        ...global,
      ].filter(
        (one, i, all) => all.findIndex((other) => other.name === one.name && other.consumer === one.consumer) === i,
      );
      routes.push({
        route: nameOf(route),
        file: file.name,
        line: route.line,
        isClosed: plugins.some(
          (one) => one.name === 'request-termination' && !one.consumer && !at(one.config, 'trigger'),
        ),
        authenticated: authentication(plugins, consumers),
        requestsLimited: requestLimit(plugins),
        tokensLimited: tokenLimit(plugins),
      });
    };
    for (const service of services) for (const route of list(at(service, 'routes'))) readRoute(route, service);
    for (const route of list(at(config, 'routes'))) {
      const owner = at(route, 'service');
      readRoute(route, services.find((one) => owner !== null && refersTo(owner, one)) ?? null);
    }
  }
  return { routes, faults };
}

function nameOf(route: Tree): string {
  const name = word(at(route, 'name'));
  if (name !== null) return name;
  const texts = (member: string) => list(at(route, member)).map((one) => word(one) ?? '');
  const what = [...texts('methods'), ...texts('hosts'), ...texts('paths')].join(' ');
  return what === '' ? 'every path' : what;
}

function isScoped(plugin: Tree): boolean {
  return ['service', 'route'].some((kind) => at(plugin, kind) !== null);
}

function refersTo(reference: Tree | null, owner: Tree): boolean {
  if (reference === null) return false;
  const names = [word(reference), word(at(reference, 'name')), word(at(reference, 'id'))].filter((one) => one !== null);
  return names.some((name) => name === word(at(owner, 'name')) || name === word(at(owner, 'id')));
}

function pluginsOf(plugins: readonly Tree[]): Plugin[] {
  return plugins.flatMap((one) => {
    const name = word(at(one, 'name'));
    if (name === null || at(one, 'enabled')?.value === false) return [];
    const consumer = ['consumer', 'consumer_group'].some((kind) => at(one, kind) !== null);
    return [{ name, config: at(one, 'config'), consumer }];
  });
}

function authentication(plugins: readonly Plugin[], consumers: readonly Tree[]): Said {
  const asking = plugins.filter(({ name, consumer }) => AUTHENTICATES.has(name) && !consumer);
  for (const { name, config } of asking) {
    const anonymous = at(config, 'anonymous');
    if (anonymous === null || word(anonymous) === null || word(anonymous) === '') return { state: 'yes', by: name };
  }
  if (asking.length > 0) {
    const names = asking.map(({ config }) => word(at(config, 'anonymous')));
    const isStopped = consumers.some(
      (one) =>
        (names.includes(word(at(one, 'username'))) || names.includes(word(at(one, 'id')))) &&
        pluginsOf(list(at(one, 'plugins'))).some(({ name }) => name === 'request-termination'),
    );
    const by = asking.map(({ name }) => name).join(', ');
    return isStopped
      ? { state: 'yes', by: `${by}; the anonymous consumer is stopped` }
      : { state: 'no', by: `${by} lets the anonymous consumer pass` };
  }
  const unknown = plugins.find(({ name }) => !AUTHENTICATES_NOBODY.test(name));
  if (unknown) return { state: 'unknown', by: `the plugin ${unknown.name} is not known here` };
  return { state: 'no', by: 'no plugin authenticates' };
}

function requestLimit(plugins: readonly Plugin[]): Said {
  let unclear: Said | null = null;
  for (const { name, config, consumer } of plugins) {
    if (name !== 'rate-limiting' && name !== 'rate-limiting-advanced' && name !== 'service-protection') continue;
    if (consumer) {
      unclear = { state: 'unknown', by: `${name} for single consumers only` };
      continue;
    }
    const told = name === 'rate-limiting' ? WINDOWS.map((one) => at(config, one)) : list(at(config, 'limit'));
    if (told.some((one) => (number(one) ?? 0) > 0)) return { state: 'yes', by: name };
    if (told.some((one) => isFilledLater(one)))
      unclear = { state: 'unknown', by: `${name}, with a limit filled in later` };
  }
  if (unclear) return unclear;
  return limitedByNone(plugins, 'requests');
}

function tokenLimit(plugins: readonly Plugin[]): Said {
  const limiting = plugins.find(({ name }) => name === 'ai-rate-limiting-advanced');
  if (limiting?.consumer) return { state: 'unknown', by: `${limiting.name} for single consumers only` };
  if (limiting) {
    const limits = [...list(at(limiting.config, 'llm_providers')), ...list(at(limiting.config, 'policies'))].flatMap(
      (one) => {
        const limit = at(one, 'limit') ?? at(one, 'limits');
        return limit?.list ? limit.list.map((each) => (each.map ? at(each, 'limit') : each)) : [limit];
      },
    );
    if (limits.some((one) => (number(one) ?? 0) > 0)) return { state: 'yes', by: limiting.name };
    return limits.some((one) => isFilledLater(one))
      ? { state: 'unknown', by: limiting.name }
      : { state: 'no', by: limiting.name };
  }
  return limitedByNone(plugins, 'tokens');
}

function limitedByNone(plugins: readonly Plugin[], what: 'requests' | 'tokens'): Said {
  const custom = plugins.find(({ name }) => !AUTHENTICATES.has(name) && !AUTHENTICATES_NOBODY.test(name));
  return custom
    ? { state: 'unknown', by: `the plugin ${custom.name} is not known here` }
    : { state: 'no', by: `no plugin limits ${what}` };
}
