// Which folder may import which. The same arrows are drawn in ARCHITECTURE.md.
const below = (folder, allowed) => ({
  name: `${folder.replaceAll('/', '-')}-arrows`,
  comment: `src/${folder} may import only: ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: '\\.test\\.tsx?$' },
  to: { path: '^(src|tests|bench|scripts)/', pathNot: [folder, ...allowed].map((name) => `^src/${name}/`) },
});

const browser = '^src/(ui|apps/web|apps/verifier|features/[^/]+/web)/';
// The parts of the ledger that run in a browser: no I/O, no Node API.
const pureLedger = '^src/ledger/(log|bundle|timestamp/(?!timestamp-client))';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    below('kernel', []),
    below('statistics', ['kernel']),
    below('detectors', ['kernel']),
    below('facts', ['kernel']),
    below('catalog', ['kernel']),
    below('control-tests', ['kernel', 'facts']),
    below('connectors', ['kernel', 'facts', 'detectors']),
    below('platform', ['kernel']),
    below('ledger', ['kernel', 'platform']),
    below('gateway', ['kernel', 'detectors', 'platform']),
    {
      name: 'features-know-no-apps',
      severity: 'error',
      from: { path: '^src/features/', pathNot: '/web/' },
      to: { path: '^src/(apps|ui)/' },
    },
    {
      name: 'features-meet-at-the-door',
      comment: 'another feature is seen only through its index.ts, model.ts or tables.ts',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/', pathNot: '/web/' },
      to: { path: '^src/features/([^/]+)/', pathNot: ['^src/features/$1/', '/(index|model|tables)\\.ts$'] },
    },
    { name: 'ui-arrows', severity: 'error', from: { path: '^src/ui/' }, to: { path: '^src/(?!ui/)' } },
    {
      name: 'browser-code-stays-in-the-browser',
      severity: 'error',
      from: { path: browser },
      to: {
        path: '^src/',
        pathNot: [
          browser,
          '^src/kernel/',
          '^src/facts/',
          '^src/catalog/model\\.ts$',
          '^src/features/[^/]+/model\\.ts$',
          pureLedger,
        ],
      },
    },
    {
      name: 'browser-code-uses-no-node',
      severity: 'error',
      from: { path: browser },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-folders-do-no-io',
      severity: 'error',
      from: {
        path: '^src/(facts|statistics|detectors|control-tests)/',
        pathNot: '\\.test\\.ts$',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-ledger-does-no-io',
      severity: 'error',
      from: { path: pureLedger, pathNot: '\\.test\\.ts$' },
      to: { path: ['^src/platform/', '^src/ledger/(store|witness|mirror)/', '^src/ledger/timestamp/timestamp-client'] },
    },
    {
      name: 'no-node-in-pure-ledger',
      severity: 'error',
      from: { path: pureLedger, pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js'],
    },
  },
};
