import type { ConfigFile, RouteReading, Said } from './model.ts';
import { at, list, number, readYaml, type Tree, word } from './yaml-tree.ts';

// Envoy Gateway and Envoy AI Gateway: resources of the Kubernetes Gateway API with their policies.
// https://gateway.envoyproxy.io/docs/api/extension_types, https://aigateway.envoyproxy.io/docs/api

const ROUTES = new Set(['HTTPRoute', 'GRPCRoute', 'AIGatewayRoute']);
const KNOWN = new Set([...ROUTES, 'SecurityPolicy', 'BackendTrafficPolicy']);
/** Hold nothing about who may call, or how often. */
const OF_NO_MATTER =
  /^(?:AIServiceBackend|Backend|BackendSecurityPolicy|BackendTLSPolicy|ClientTrafficPolicy|ConfigMap|Deployment|EnvoyProxy|Gateway|GatewayClass|GatewayConfig|HTTPRouteFilter|Namespace|ReferenceGrant|Secret|Service|ServiceAccount)$/;
const AUTHENTICATES = ['jwt', 'oidc', 'apiKeyAuth', 'basicAuth', 'extAuth'];

type Resource = { kind: string; name: string; namespace: string; tree: Tree; file: string };

export function isEnvoy(documents: readonly Tree[]): boolean {
  return documents.some((one) => KNOWN.has(word(at(one, 'kind')) ?? '') && at(one, 'apiVersion') !== null);
}

/** Policies may stand in other files than the routes they are for: all are read together. */
export function readEnvoy(files: readonly ConfigFile[]): { routes: RouteReading[]; faults: string[] } {
  const faults: string[] = [];
  const resources: Resource[] = [];
  for (const file of files) {
    const read = readYaml(file);
    faults.push(...read.faults);
    for (const document of read.documents) {
      const items = word(at(document, 'kind'))?.endsWith('List') ? list(at(document, 'items')) : [document];
      for (const tree of items) {
        const kind = word(at(tree, 'kind'));
        const name = word(at(tree, 'metadata', 'name'));
        if (kind === null || name === null)
          faults.push(`${file.name} line ${tree.line}: a resource has no kind or no name`);
        else if (KNOWN.has(kind))
          resources.push({
            kind,
            name,
            namespace: word(at(tree, 'metadata', 'namespace')) ?? 'default',
            tree,
            file: file.name,
          });
        else if (/Policy$/.test(kind) && !OF_NO_MATTER.test(kind))
          faults.push(`${file.name} line ${tree.line}: a ${kind} is not known here, so what it does was not read`);
      }
    }
  }
  const routes = resources
    .filter(({ kind }) => ROUTES.has(kind))
    .flatMap((route) => {
      const rules = list(at(route.tree, 'spec', 'rules'));
      return (rules.length === 0 ? [null] : rules).map((rule, i): RouteReading => {
        const section = word(at(rule, 'name'));
        const [security] = policiesFor(resources, 'SecurityPolicy', route, section);
        const traffic = policiesFor(resources, 'BackendTrafficPolicy', route, section);
        const limits = traffic.flatMap((one) => limitRules(one.tree));
        return {
          route: `${route.kind} ${route.namespace}/${route.name}${rules.length > 1 ? ` rule ${section ?? i + 1}` : ''}`,
          file: route.file,
          line: rule?.line ?? route.tree.line,
          isClosed: false,
          authenticated: security ? authentication(security) : { state: 'no', by: 'no SecurityPolicy is for it' },
          requestsLimited: limitOf(limits, false),
          tokensLimited: limitOf(limits, true),
        };
      });
    });
  return { routes, faults };
}

/** The most specific policy alone is in force: of a rule, of the route, of its gateway. It comes first. */
function policiesFor(
  resources: readonly Resource[],
  kind: string,
  route: Resource,
  section: string | null,
): Resource[] {
  const ranked = resources
    .filter((one) => one.kind === kind)
    .map((policy) => ({ policy, rank: rankOf(policy, route, section) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank);
  const [first] = ranked;
  if (!first) return [];
  // With mergeType what is set for the gateway stays in force beside it.
  const merges = word(at(first.policy.tree, 'spec', 'mergeType')) !== null;
  return merges ? ranked.map(({ policy }) => policy) : [first.policy];
}

function rankOf(policy: Resource, route: Resource, section: string | null): number {
  const single = at(policy.tree, 'spec', 'targetRef');
  const targets = [...(single ? [single] : []), ...list(at(policy.tree, 'spec', 'targetRefs'))];
  let rank = 0;
  for (const target of targets) {
    const kind = word(at(target, 'kind'));
    const name = word(at(target, 'name'));
    const wanted = word(at(target, 'sectionName'));
    // The AI gateway makes an HTTPRoute of the same name.
    const isRoute = kind === route.kind || (kind === 'HTTPRoute' && route.kind === 'AIGatewayRoute');
    if (isRoute && name === route.name && policy.namespace === route.namespace) {
      if (wanted === null) rank = Math.max(rank, 2);
      else if (wanted === section) rank = Math.max(rank, 3);
    }
    if (kind === 'Gateway' && wanted === null && parentsOf(route).some((one) => one === name)) rank = Math.max(rank, 1);
  }
  return rank;
}

function parentsOf({ tree }: Resource): string[] {
  const references = [...list(at(tree, 'spec', 'parentRefs')), ...list(at(tree, 'spec', 'targetRefs'))];
  return references.flatMap((one) => word(at(one, 'name')) ?? []);
}

function authentication({ tree, name }: Resource): Said {
  const spec = at(tree, 'spec');
  if (at(spec, 'jwt', 'optional')?.value === true) return { state: 'no', by: `the jwt of ${name} is optional` };
  if (at(spec, 'extAuth', 'failOpen')?.value === true) return { state: 'no', by: `the extAuth of ${name} fails open` };
  const by = AUTHENTICATES.find((one) => at(spec, one) !== null);
  if (by) return { state: 'yes', by: `${by} of ${name}` };
  if (at(spec, 'authorization') !== null) {
    const isDenying = word(at(spec, 'authorization', 'defaultAction')) === 'Deny';
    return isDenying
      ? { state: 'unknown', by: `the authorization of ${name} goes by more than who calls` }
      : { state: 'no', by: `${name} authenticates nobody` };
  }
  return { state: 'no', by: `${name} authenticates nobody` };
}

type LimitRule = { policy: string; requests: number | null; isOfTokens: boolean; isPartial: boolean };

function limitRules(tree: Tree): LimitRule[] {
  const policy = word(at(tree, 'metadata', 'name')) ?? '';
  const rateLimit = at(tree, 'spec', 'rateLimit');
  return ['global', 'local'].flatMap((where) =>
    list(at(rateLimit, where, 'rules')).map((rule) => {
      const cost = at(rule, 'cost', 'response');
      const selectors = list(at(rule, 'clientSelectors'));
      // A rule for each distinct value, of a caller or a model, is for everybody.
      const isForAll = selectors.every((one) => {
        const headers = list(at(one, 'headers'));
        const source = at(one, 'sourceCIDR');
        return (
          headers.every((header) => word(at(header, 'type')) === 'Distinct') &&
          (source === null || word(at(source, 'type')) === 'Distinct' || word(at(source, 'value')) === '0.0.0.0/0')
        );
      });
      return {
        policy,
        requests: number(at(rule, 'limit', 'requests')),
        isOfTokens: cost !== null && word(at(cost, 'from')) === 'Metadata',
        isPartial: !isForAll,
      };
    }),
  );
}

function limitOf(rules: readonly LimitRule[], isOfTokens: boolean): Said {
  const what = isOfTokens ? 'tokens' : 'requests';
  const fitting = rules.filter((one) => one.isOfTokens === isOfTokens);
  const whole = fitting.find(({ requests, isPartial }) => requests !== null && !isPartial);
  if (whole) return { state: 'yes', by: `the BackendTrafficPolicy ${whole.policy}` };
  if (fitting.length > 0)
    return { state: 'unknown', by: `the BackendTrafficPolicy ${fitting[0]?.policy} limits some callers only` };
  return { state: 'no', by: `no BackendTrafficPolicy limits ${what}` };
}
