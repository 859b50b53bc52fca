import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { day, oneOf, optional, type Search, text, whole } from '../search-params.ts';
import { app } from './frame.ts';

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

const attestation = createRoute({
  getParentRoute: () => app,
  path: '/evidence/attestations/$attestationId',
  component: lazyRouteComponent(() => import('#src/features/evidence/web/attestation-page.tsx'), 'AttestationPage'),
});

const ledger = createRoute({
  getParentRoute: () => app,
  path: '/evidence/ledger',
  validateSearch: (search: Search) =>
    optional({
      entry: whole(search.entry),
      log: text(search.log),
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
  validateSearch: (search: Search) =>
    optional({ older: whole(search.older), newer: whole(search.newer), log: text(search.log) }),
  component: lazyRouteComponent(() => import('#src/features/ledger/web/heads-page.tsx'), 'HeadsPage'),
});

const ledgerExports = createRoute({
  getParentRoute: () => app,
  path: '/evidence/ledger/exports',
  component: lazyRouteComponent(() => import('#src/features/ledger/web/exports-page.tsx'), 'ExportsPage'),
});

const ledgerLogs = createRoute({
  getParentRoute: () => app,
  path: '/evidence/ledger/logs',
  component: lazyRouteComponent(() => import('#src/features/ledger/web/sealed-ledgers-page.tsx'), 'SealedLedgersPage'),
});

const evidenceItem = createRoute({
  getParentRoute: () => app,
  path: '/evidence/$evidenceId',
  component: lazyRouteComponent(() => import('#src/features/evidence/web/evidence-item-page.tsx'), 'EvidenceItemPage'),
});

const bundles = createRoute({
  getParentRoute: () => app,
  path: '/bundles',
  component: lazyRouteComponent(() => import('#src/features/bundles/web/bundles-page.tsx'), 'BundlesPage'),
});

export const evidenceRoutes = [
  evidence,
  attestations,
  newAttestation,
  attestation,
  ledger,
  ledgerHeads,
  ledgerExports,
  ledgerLogs,
  evidenceItem,
  bundles,
] as const;
