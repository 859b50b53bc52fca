import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { ABUSE_KIND_IDS } from '#src/features/gateway-abuse/model.ts';
import { APPROVAL_STATES } from '#src/features/gateway-approvals/model.ts';
import { DECISION_SORTS, TRAFFIC_SPANS, type TrafficSpan } from '#src/features/gateway-decisions/model.ts';
import { oneOf, optional, type Search, text, whole } from '../search-params.ts';
import { app } from './frame.ts';

const TRAFFIC_SPAN_IDS = Object.keys(TRAFFIC_SPANS) as TrafficSpan[];

const gateway = createRoute({
  getParentRoute: () => app,
  path: '/gateway',
  component: lazyRouteComponent(() => import('../gateway-layout.tsx'), 'GatewayLayout'),
});

const gatewayOverview = createRoute({
  getParentRoute: () => gateway,
  path: '/',
  component: lazyRouteComponent(
    () => import('#src/features/gateway-policies/web/gateway-overview.tsx'),
    'GatewayOverview',
  ),
});

const traffic = createRoute({
  getParentRoute: () => gateway,
  path: '/traffic',
  validateSearch: (search: Search) =>
    optional({
      span: oneOf(search.span, TRAFFIC_SPAN_IDS),
      tenant: text(search.tenant),
      route: text(search.route),
    }),
  component: lazyRouteComponent(() => import('#src/features/gateway-decisions/web/traffic-page.tsx'), 'TrafficPage'),
});

const decisions = createRoute({
  getParentRoute: () => gateway,
  path: '/decisions',
  validateSearch: (search: Search) =>
    optional({
      from: text(search.from),
      to: text(search.to),
      outcome: oneOf(search.outcome, ['allowed', 'changed', 'refused', 'not_evaluated']),
      tenant: text(search.tenant),
      key: text(search.key),
      route: text(search.route),
      model: text(search.model),
      detector: text(search.detector),
      refusal: text(search.refusal),
      failOpen: oneOf(search.failOpen, ['true']),
      sort: oneOf(search.sort, DECISION_SORTS),
      q: text(search.q),
    }),
  component: lazyRouteComponent(
    () => import('#src/features/gateway-decisions/web/decisions-page.tsx'),
    'DecisionsPage',
  ),
});

const decision = createRoute({
  getParentRoute: () => gateway,
  path: '/decisions/$decisionId',
  component: lazyRouteComponent(() => import('#src/features/gateway-decisions/web/decision-page.tsx'), 'DecisionPage'),
});

const abuse = createRoute({
  getParentRoute: () => gateway,
  path: '/abuse',
  validateSearch: (search: Search) =>
    optional({
      state: oneOf(search.state, ['open', 'acted', 'dismissed']),
      kind: oneOf(search.kind, ABUSE_KIND_IDS),
      finding: text(search.finding),
    }),
  component: lazyRouteComponent(() => import('#src/features/gateway-abuse/web/abuse-page.tsx'), 'AbusePage'),
});

const approvals = createRoute({
  getParentRoute: () => gateway,
  path: '/approvals',
  validateSearch: (search: Search) =>
    optional({ state: oneOf(search.state, APPROVAL_STATES), approval: text(search.approval) }),
  component: lazyRouteComponent(
    () => import('#src/features/gateway-approvals/web/approvals-page.tsx'),
    'ApprovalsPage',
  ),
});

const probes = createRoute({
  getParentRoute: () => gateway,
  path: '/probes',
  validateSearch: (search: Search) => optional({ run: text(search.run) }),
  component: lazyRouteComponent(() => import('#src/features/gateway-probes/web/probes-page.tsx'), 'ProbesPage'),
});

const gatewayTenants = createRoute({
  getParentRoute: () => gateway,
  path: '/tenants',
  validateSearch: (search: Search) => optional({ tenant: text(search.tenant) }),
  component: lazyRouteComponent(() => import('#src/features/gateway-tenants/web/tenants-page.tsx'), 'TenantsPage'),
});

const gatewayPolicies = createRoute({
  getParentRoute: () => gateway,
  path: '/policies',
  component: lazyRouteComponent(() => import('#src/features/gateway-policies/web/policies-page.tsx'), 'PoliciesPage'),
});

const gatewayPolicy = createRoute({
  getParentRoute: () => gateway,
  path: '/policies/$policyId',
  validateSearch: (search: Search) => optional({ version: whole(search.version) }),
  component: lazyRouteComponent(() => import('#src/features/gateway-policies/web/policy-page.tsx'), 'PolicyPage'),
});

const gatewayProviders = createRoute({
  getParentRoute: () => gateway,
  path: '/providers',
  component: lazyRouteComponent(
    () => import('#src/features/gateway-providers/web/providers-page.tsx'),
    'ProvidersPage',
  ),
});

const gatewayImports = createRoute({
  getParentRoute: () => gateway,
  path: '/imports',
  component: lazyRouteComponent(() => import('#src/features/gateway-imports/web/imports-page.tsx'), 'ImportsPage'),
});

const gatewayPrices = createRoute({
  getParentRoute: () => gateway,
  path: '/prices',
  component: lazyRouteComponent(() => import('#src/features/gateway-policies/web/prices-page.tsx'), 'PricesPage'),
});

export const gatewayRoutes = gateway.addChildren([
  gatewayOverview,
  traffic,
  decisions,
  decision,
  approvals,
  abuse,
  probes,
  gatewayTenants,
  gatewayPolicies,
  gatewayPolicy,
  gatewayProviders,
  gatewayPrices,
  gatewayImports,
]);
