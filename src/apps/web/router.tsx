import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { FRAMEWORK_IDS } from '#src/catalog/model.ts';
import { ALERT_SOURCES } from '#src/features/alerts/model.ts';
import { CONTROL_STATES } from '#src/features/controls/model.ts';
import { ABUSE_KIND_IDS } from '#src/features/gateway-abuse/model.ts';
import { DECISION_SORTS, TRAFFIC_SPANS, type TrafficSpan } from '#src/features/gateway-decisions/model.ts';
import { ASSET_KINDS, type AssetKind } from '#src/features/inventory/model.ts';
import { NotFoundPage, PageFailure } from './page-failure.tsx';
import { day, oneOf, optional, text, whole } from './search-params.ts';
import { sessionQuery } from './session.ts';
import { Shell } from './shell.tsx';

type Context = { queryClient: QueryClient };
type Search = Record<string, unknown>;

const ASSET_KIND_IDS = Object.keys(ASSET_KINDS) as AssetKind[];

const TRAFFIC_SPAN_IDS = Object.keys(TRAFFIC_SPANS) as TrafficSpan[];

const root = createRootRouteWithContext<Context>()({ notFoundComponent: NotFoundPage });

/** Where to go after signing in: only a path of this app, so that a link cannot send people elsewhere. */
const nextPath = (value: unknown) => {
  const path = text(value);
  return path && /^\/(?![/\\])/.test(path) ? path : undefined;
};

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Search) => optional({ next: nextPath(search.next) }),
  component: lazyRouteComponent(() => import('#src/features/users/web/sign-in-page.tsx'), 'SignInPage'),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: (search: Search) => optional({ token: text(search.token) }),
  component: lazyRouteComponent(() => import('#src/features/users/web/setup-page.tsx'), 'SetupPage'),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  validateSearch: (search: Search) => optional({ token: text(search.token) }),
  component: lazyRouteComponent(() => import('#src/features/users/web/invitation-page.tsx'), 'InvitationPage'),
});

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery);
    if (session.setupNeeded) throw redirect({ to: '/setup' });
    if (!session.user)
      throw redirect({ to: '/sign-in', search: { next: location.href === '/' ? undefined : location.href } });
  },
});

const overview = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('#src/features/overview/web/overview-page.tsx'), 'OverviewPage'),
});

const overviewByName = createRoute({
  getParentRoute: () => app,
  path: '/overview',
  beforeLoad: () => {
    throw redirect({ to: '/', replace: true });
  },
});

const systems = createRoute({
  getParentRoute: () => app,
  path: '/inventory',
  validateSearch: (search: Search) => optional({ q: text(search.q) }),
  component: lazyRouteComponent(() => import('#src/features/inventory/web/systems-page.tsx'), 'SystemsPage'),
});
const system = createRoute({
  getParentRoute: () => app,
  path: '/inventory/systems/$systemId',
  component: lazyRouteComponent(() => import('#src/features/inventory/web/system-page.tsx'), 'SystemPage'),
});
const items = createRoute({
  getParentRoute: () => app,
  path: '/inventory/items',
  validateSearch: (search: Search) =>
    optional({
      q: text(search.q),
      kind: oneOf(search.kind, ASSET_KIND_IDS),
      state: oneOf(search.state, ['proposed', 'confirmed', 'rejected', 'gone', 'all']),
      system: text(search.system),
      item: text(search.item),
    }),
  component: lazyRouteComponent(() => import('#src/features/inventory/web/items-page.tsx'), 'ItemsPage'),
});
const item = createRoute({
  getParentRoute: () => app,
  path: '/inventory/items/$itemId',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/inventory/items', search: { item: params.itemId }, replace: true });
  },
});
const graph = createRoute({
  getParentRoute: () => app,
  path: '/inventory/graph',
  validateSearch: (search: Search) => optional({ system: text(search.system) }),
  component: lazyRouteComponent(() => import('#src/features/inventory/web/graph-page.tsx'), 'GraphPage'),
});
const scans = createRoute({
  getParentRoute: () => app,
  path: '/inventory/scans',
  component: lazyRouteComponent(() => import('#src/features/scans/web/scans-page.tsx'), 'ScansPage'),
});
const scan = createRoute({
  getParentRoute: () => app,
  path: '/inventory/scans/$scanId',
  component: lazyRouteComponent(() => import('#src/features/scans/web/scan-page.tsx'), 'ScanPage'),
});

const evaluations = createRoute({
  getParentRoute: () => app,
  path: '/evaluations',
  component: lazyRouteComponent(() => import('#src/features/evaluations/web/evaluations-page.tsx'), 'EvaluationsPage'),
});
const evaluationSuites = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/suites',
  component: lazyRouteComponent(() => import('#src/features/evaluations/web/suites-page.tsx'), 'SuitesPage'),
});
const evaluationComparison = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/compare',
  validateSearch: (search: Search) => optional({ before: text(search.before), after: text(search.after) }),
  component: lazyRouteComponent(() => import('#src/features/evaluations/web/comparison-page.tsx'), 'ComparisonPage'),
});
const labels = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/labels',
  component: lazyRouteComponent(() => import('#src/features/labels/web/labels-page.tsx'), 'LabelsPage'),
});
const evaluationRun = createRoute({
  getParentRoute: () => app,
  path: '/evaluations/$runId',
  component: lazyRouteComponent(() => import('#src/features/evaluations/web/run-page.tsx'), 'RunPage'),
});
const alerts = createRoute({
  getParentRoute: () => app,
  path: '/alerts',
  validateSearch: (search: Search) =>
    optional({
      state: oneOf(search.state, ['open', 'acknowledged', 'resolved', 'all']),
      severity: oneOf(search.severity, ['critical', 'high', 'medium', 'low']),
      source: oneOf(search.source, ALERT_SOURCES),
      owner: text(search.owner),
      clock: oneOf(search.clock, ['overdue', 'never_acknowledged']),
      muted: oneOf(search.muted, ['yes', 'no']),
      q: text(search.q),
      alert: text(search.alert),
    }),
  component: lazyRouteComponent(() => import('#src/features/alerts/web/alerts-page.tsx'), 'AlertsPage'),
});
const alertMutes = createRoute({
  getParentRoute: () => app,
  path: '/alerts/mutes',
  component: lazyRouteComponent(() => import('#src/features/alerts/web/mutes-page.tsx'), 'MutesPage'),
});
const alert = createRoute({
  getParentRoute: () => app,
  path: '/alerts/$alertId',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/alerts', search: { state: 'all', alert: params.alertId }, replace: true });
  },
});

const controls = createRoute({
  getParentRoute: () => app,
  path: '/controls',
  validateSearch: (search: Search) =>
    optional({
      framework: oneOf(search.framework, FRAMEWORK_IDS),
      requirement: text(search.requirement),
      state: oneOf(search.state, CONTROL_STATES),
      scope: oneOf(search.scope, ['in']),
      category: text(search.category),
      ai: oneOf(search.ai, ['true', 'false']),
      q: text(search.q),
    }),
  component: lazyRouteComponent(() => import('#src/features/controls/web/controls-page.tsx'), 'ControlsPage'),
});
const control = createRoute({
  getParentRoute: () => app,
  path: '/controls/$controlId',
  component: lazyRouteComponent(() => import('#src/features/controls/web/control-page.tsx'), 'ControlPage'),
});
const test = createRoute({
  getParentRoute: () => app,
  path: '/controls/tests/$testId',
  validateSearch: (search: Search) =>
    optional({
      result: oneOf(search.result, ['fail', 'error', 'no_data', 'pass', 'not_applicable']),
    }),
  component: lazyRouteComponent(() => import('#src/features/controls/web/test-page.tsx'), 'TestPage'),
});

const evidence = createRoute({
  getParentRoute: () => app,
  path: '/evidence',
  validateSearch: (search: Search) =>
    optional({
      control: text(search.control),
      source: text(search.source),
      kind: oneOf(search.kind, ['scan', 'records', 'file', 'statement']),
      grade: oneOf(search.grade, ['A', 'B', 'C', 'D']),
      q: text(search.q),
    }),
  component: lazyRouteComponent(() => import('#src/features/evidence/web/evidence-page.tsx'), 'EvidencePage'),
});
const evidenceItem = createRoute({
  getParentRoute: () => app,
  path: '/evidence/$evidenceId',
  component: lazyRouteComponent(() => import('#src/features/evidence/web/evidence-item-page.tsx'), 'EvidenceItemPage'),
});
const attestations = createRoute({
  getParentRoute: () => app,
  path: '/evidence/attestations',
  validateSearch: (search: Search) =>
    optional({
      state: oneOf(search.state, ['waiting', 'accepted', 'rejected', 'expired', 'withdrawn']),
      control: text(search.control),
    }),
  component: lazyRouteComponent(() => import('#src/features/evidence/web/attestations-page.tsx'), 'AttestationsPage'),
});
const attestation = createRoute({
  getParentRoute: () => app,
  path: '/evidence/attestations/$attestationId',
  component: lazyRouteComponent(() => import('#src/features/evidence/web/attestation-page.tsx'), 'AttestationPage'),
});
const newAttestation = createRoute({
  getParentRoute: () => app,
  path: '/evidence/attestations/new',
  validateSearch: (search: Search) =>
    optional({
      control: text(search.control),
      expected: text(search.expected),
    }),
  component: lazyRouteComponent(
    () => import('#src/features/evidence/web/new-attestation-page.tsx'),
    'NewAttestationPage',
  ),
});
const ledger = createRoute({
  getParentRoute: () => app,
  path: '/evidence/ledger',
  validateSearch: (search: Search) =>
    optional({
      entry: whole(search.entry),
      type: text(search.type),
      series: text(search.series),
      from: day(search.from),
      to: day(search.to),
    }),
  component: lazyRouteComponent(() => import('#src/features/ledger/web/ledger-page.tsx'), 'LedgerPage'),
});
const ledgerHeads = createRoute({
  getParentRoute: () => app,
  path: '/evidence/ledger/heads',
  validateSearch: (search: Search) => optional({ older: whole(search.older), newer: whole(search.newer) }),
  component: lazyRouteComponent(() => import('#src/features/ledger/web/heads-page.tsx'), 'HeadsPage'),
});
const ledgerExports = createRoute({
  getParentRoute: () => app,
  path: '/evidence/ledger/exports',
  component: lazyRouteComponent(() => import('#src/features/ledger/web/exports-page.tsx'), 'ExportsPage'),
});

const bundles = createRoute({
  getParentRoute: () => app,
  path: '/bundles',
  component: lazyRouteComponent(() => import('#src/features/bundles/web/bundles-page.tsx'), 'BundlesPage'),
});

const gateway = createRoute({
  getParentRoute: () => app,
  path: '/gateway',
  component: lazyRouteComponent(() => import('./gateway-layout.tsx'), 'GatewayLayout'),
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
const gatewayOverview = createRoute({
  getParentRoute: () => gateway,
  path: '/',
  component: lazyRouteComponent(
    () => import('#src/features/gateway-policies/web/gateway-overview.tsx'),
    'GatewayOverview',
  ),
});
const gatewayProviders = createRoute({
  getParentRoute: () => gateway,
  path: '/providers',
  component: lazyRouteComponent(
    () => import('#src/features/gateway-providers/web/providers-page.tsx'),
    'ProvidersPage',
  ),
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
const gatewayPrices = createRoute({
  getParentRoute: () => gateway,
  path: '/prices',
  component: lazyRouteComponent(() => import('#src/features/gateway-policies/web/prices-page.tsx'), 'PricesPage'),
});

const probes = createRoute({
  getParentRoute: () => gateway,
  path: '/probes',
  validateSearch: (search: Search) => optional({ run: text(search.run) }),
  component: lazyRouteComponent(() => import('#src/features/gateway-probes/web/probes-page.tsx'), 'ProbesPage'),
});
const monitors = createRoute({
  getParentRoute: () => app,
  path: '/monitors',
  component: lazyRouteComponent(() => import('./monitors-layout.tsx'), 'MonitorsLayout'),
});
const monitorsHome = createRoute({
  getParentRoute: () => monitors,
  path: '/',
  component: lazyRouteComponent(() => import('#src/features/monitors/web/monitors-page.tsx'), 'MonitorsPage'),
});
const monitorCalendar = createRoute({
  getParentRoute: () => monitors,
  path: '/calendar',
  component: lazyRouteComponent(() => import('#src/features/monitors/web/calendar-page.tsx'), 'CalendarPage'),
});
const monitorCanaries = createRoute({
  getParentRoute: () => monitors,
  path: '/canaries',
  beforeLoad: () => {
    throw redirect({ to: '/monitors/calendar', replace: true });
  },
});
const specifications = createRoute({
  getParentRoute: () => monitors,
  path: '/specifications',
  component: lazyRouteComponent(
    () => import('#src/features/monitors/web/specifications-page.tsx'),
    'SpecificationsPage',
  ),
});
const monitorChanges = createRoute({
  getParentRoute: () => monitors,
  path: '/changes',
  validateSearch: (search: Search) => optional({ loosening: oneOf(search.loosening, ['true']) }),
  component: lazyRouteComponent(() => import('#src/features/monitors/web/changes-page.tsx'), 'ChangesPage'),
});
const monitorEvidence = createRoute({
  getParentRoute: () => monitors,
  path: '/evidence/$systemId',
  validateSearch: (search: Search) => optional({ days: oneOf(search.days, ['92', '182', '365']) }),
  component: lazyRouteComponent(() => import('#src/features/monitors/web/evidence-page.tsx'), 'EvidencePage'),
});
const monitor = createRoute({
  getParentRoute: () => monitors,
  path: '/$monitorId',
  validateSearch: (search: Search) =>
    optional({
      window: text(search.window),
      series: text(search.series),
      days: oneOf(search.days, ['30', '92', '365']),
    }),
  component: lazyRouteComponent(() => import('#src/features/monitors/web/monitor-page.tsx'), 'MonitorPage'),
});

const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings-layout.tsx'), 'SettingsLayout'),
});
const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/company', replace: true });
  },
});
const company = createRoute({
  getParentRoute: () => settings,
  path: '/company',
  component: lazyRouteComponent(() => import('#src/features/organization/web/company-page.tsx'), 'CompanyPage'),
});
const users = createRoute({
  getParentRoute: () => settings,
  path: '/users',
  component: lazyRouteComponent(() => import('#src/features/users/web/users-page.tsx'), 'UsersPage'),
});
const keys = createRoute({
  getParentRoute: () => settings,
  path: '/keys',
  component: lazyRouteComponent(() => import('#src/features/users/web/keys-page.tsx'), 'KeysPage'),
});
const security = createRoute({
  getParentRoute: () => settings,
  path: '/security',
  component: lazyRouteComponent(() => import('#src/features/users/web/security-page.tsx'), 'SecurityPage'),
});
const persons = createRoute({
  getParentRoute: () => settings,
  path: '/persons',
  component: lazyRouteComponent(() => import('#src/features/persons/web/persons-page.tsx'), 'PersonsPage'),
});
const ledgerParties = createRoute({
  getParentRoute: () => settings,
  path: '/ledger-parties',
  component: lazyRouteComponent(
    () => import('#src/features/ledger-parties/web/ledger-parties-page.tsx'),
    'LedgerPartiesPage',
  ),
});
const alertSettings = createRoute({
  getParentRoute: () => settings,
  path: '/alerts',
  component: lazyRouteComponent(() => import('#src/features/alerts/web/alert-settings-page.tsx'), 'AlertSettingsPage'),
});
const about = createRoute({
  getParentRoute: () => settings,
  path: '/about',
  component: lazyRouteComponent(() => import('#src/features/ledger/web/about-page.tsx'), 'AboutPage'),
});

const routeTree = root.addChildren([
  signIn,
  setup,
  invitation,
  app.addChildren([
    overview,
    overviewByName,
    systems,
    system,
    items,
    item,
    graph,
    scans,
    scan,
    evaluations,
    evaluationSuites,
    evaluationComparison,
    labels,
    evaluationRun,
    alerts,
    alertMutes,
    alert,
    controls,
    control,
    test,
    evidence,
    attestations,
    newAttestation,
    attestation,
    ledger,
    ledgerHeads,
    ledgerExports,
    evidenceItem,
    bundles,
    gateway.addChildren([
      gatewayOverview,
      traffic,
      decisions,
      decision,
      abuse,
      probes,
      gatewayTenants,
      gatewayPolicies,
      gatewayPolicy,
      gatewayProviders,
      gatewayPrices,
    ]),
    monitors.addChildren([
      monitorsHome,
      monitorCalendar,
      monitorCanaries,
      specifications,
      monitorChanges,
      monitorEvidence,
      monitor,
    ]),
    settings.addChildren([settingsHome, company, alertSettings, users, keys, security, persons, ledgerParties, about]),
  ]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingMs: 300,
    scrollRestoration: true,
    defaultErrorComponent: PageFailure,
    defaultNotFoundComponent: NotFoundPage,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
