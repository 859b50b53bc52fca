import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '#src/catalog/load.ts';
import type { ControlTest, FactsOf, Verdict } from '#src/control-tests/define.ts';
import { CONTROL_TESTS, testsOfControl } from '#src/control-tests/index.ts';
import { FACT_KINDS, type FactBody, type FactKindName, Known, type KnownFact } from '#src/facts/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import { sampleFact as fact } from '../support/fact-samples.ts';

const AT = '2026-11-23T12:00:00.000Z';
const catalog = loadCatalog(resolve(import.meta.dirname, '../../catalog'));

function judge(test: ControlTest, facts: readonly KnownFact[]): Verdict[] {
  const byKind: Partial<Record<FactKindName, readonly KnownFact[]>> = {};
  for (const kind of test.uses) byKind[kind] = facts.filter((one) => one.kind === kind);
  return test.judge({ facts: frozen(byKind) as FactsOf<FactKindName>, source: 'repo:chat', at: AT });
}

/** A rule that changes what it is given would change what the next rule sees. */
function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}

const testNamed = (id: string): ControlTest => {
  const found = CONTROL_TESTS.find((test) => test.id === id);
  if (found === undefined) throw new Error(`no test ${id}`);
  return found;
};

describe('every control test', () => {
  it('stands in a file named after it, once, and in the list', () => {
    const helpers = [
      'age',
      'define',
      'gateway-screening',
      'grouped',
      'index',
      'monitoring',
      'other-gateway',
      'registration',
      'releases',
      'words',
    ];
    const files = readdirSync(resolve(import.meta.dirname, '../../src/control-tests'))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => name.slice(0, -'.ts'.length))
      .filter((name) => !helpers.includes(name));
    expect(CONTROL_TESTS.map((test) => test.id).sort()).toEqual(files.sort());
    expect(CONTROL_TESTS.length).toBeGreaterThanOrEqual(25);
  });

  it.each(CONTROL_TESTS)('$id names controls and expected evidence that the catalog holds', (test) => {
    const controls = catalog.controls.filter((control) => test.controls.includes(control.id));
    expect(controls.map((control) => control.id).sort()).toEqual([...test.controls].sort());
    expect(controls.length).toBeGreaterThan(0);
    const expected = controls.flatMap((control) => control.evidence.map((evidence) => evidence.id));
    for (const id of test.evidence) expect(expected, `${test.id}: evidence ${id} of its own controls`).toContain(id);
  });

  it.each(CONTROL_TESTS)('$id says what it asks, why it matters and how to fix it', (test) => {
    expect(test.id).toMatch(/^[a-z]+(-[a-z0-9]+)+$/);
    expect(test.version).toBeGreaterThanOrEqual(1);
    expect(test.asks).toMatch(/\?$/);
    expect(test.title).not.toMatch(/[.?]$/);
    expect(test.why.length).toBeGreaterThan(60);
    expect(test.fix.summary).toMatch(/\.$/);
    expect(test.fix.steps.length).toBeGreaterThan(0);
    for (const step of test.fix.steps) expect(step.length).toBeGreaterThan(20);
    for (const kind of test.uses) expect(Object.keys(FACT_KINDS)).toContain(kind);
  });

  it.each(CONTROL_TESTS)('$id has a passing and a failing case below', (test) => {
    expect(Object.keys(CASES[test.id] ?? {})).toEqual(expect.arrayContaining(['pass', 'fail']));
  });

  it.each(CONTROL_TESTS)('$id passes nothing where there are no facts', (test) => {
    expect(judge(test, []).filter((verdict) => verdict.result === 'pass')).toEqual([]);
  });

  it('is found by each of its controls', () => {
    for (const test of CONTROL_TESTS) {
      for (const control of test.controls) expect(testsOfControl(control)).toContain(test);
    }
    expect(testsOfControl('PHY-01')).toEqual([]);
  });
});

type Cases = {
  pass: KnownFact[];
  fail: KnownFact[];
  noData?: KnownFact[];
  notApplicable?: KnownFact[];
};

const inTests = { path: 'tests/test_serve.py', line: 3, purpose: 'tests' } as const;
const repository = fact('repository');
const scope = fact('organization-scope');
const system = fact('ai-system', {}, 'sys_1');

const item = (change: Parameters<typeof fact<'inventory-item'>>[1], key = 'itm_1') =>
  fact('inventory-item', change, key);

const inScope = fact('ai-system', { inScope: 'in' }, 'sys_1');
const monitor = (change: Parameters<typeof fact<'monitor'>>[1] = {}, key = 'mon_1') => fact('monitor', change, key);

const MODEL_IN_USE = { model: 'org/model@1', firstSeenOn: '2026-11-20' };
const EVALUATED = [
  fact('evaluation-run'),
  fact('evaluation-suite', {}, 'evs_1'),
  fact('evaluation-suite', { purpose: 'robustness' }, 'evs_2'),
];
type Checks = FactBody<'model-release'>['checks'];
const release = (checks: Checks, key = 'erl_1', change: Partial<FactBody<'model-release'>> = {}) =>
  fact('model-release', { checks, ...change }, key);
const check = (purpose: Checks[number]['purpose'], verdict: Checks[number]['verdict']): Checks[number] => ({
  purpose,
  verdict,
  because: `It says ${verdict}.`,
});
const SYSTEM = fact('ai-system', {}, 'sys_1');

const probabilities = (
  change: Partial<NonNullable<KnownFact<'gateway-route'>['body']['probabilities']>>,
  key = 'grt_1',
) =>
  fact(
    'gateway-route',
    {
      probabilities: {
        calls: 'pass',
        untilOn: '2027-01-31',
        decidedAt: '2026-11-20T00:00:00.000Z',
        secondPerson: 'yes',
        ...change,
      },
    },
    key,
  );

const testRun = (verdict: 'pass' | 'fail' | 'no_data') => ({
  ranAt: '2026-11-01T00:00:00.000Z',
  path: '/v1',
  verdict,
  because: 'It says so.',
});

const endpoint = (key: string, change: Parameters<typeof item>[0] = {}) =>
  item({ itemKind: 'inference_api', title: 'POST /v1/chat', state: 'confirmed', ...change }, key);

/** The same on each of the three things that are read of a route. */
function otherGateway(member: 'authenticated' | 'requestsLimited' | 'tokensLimited'): Cases {
  const of = (state: 'yes' | 'no' | 'unknown', key: string, more = {}) =>
    fact('other-gateway-route', { [member]: { state, by: 'a plugin' }, ...more }, key);
  return {
    pass: [of('yes', 'edge:a'), of('yes', 'edge:b')],
    fail: [of('no', 'edge:a'), of('no', 'edge:old', { importedAt: '2026-01-01T00:00:00.000Z' })],
    noData: [of('unknown', 'edge: rest'), of('yes', 'edge:old', { importedAt: '2026-10-01T00:00:00.000Z' })],
    notApplicable: [of('no', 'edge:a', { isClosed: true })],
  };
}

const CASES: Record<string, Cases> = {
  'other-gateway-authenticated': otherGateway('authenticated'),
  'other-gateway-requests-limited': otherGateway('requestsLimited'),
  'other-gateway-tokens-limited': otherGateway('tokensLimited'),
  'inference-endpoint-probed': {
    pass: [endpoint('itm_1'), fact('endpoint-probe', {}, 'itm_1')],
    fail: [
      endpoint('itm_1'),
      fact('endpoint-probe', { wrongKey: 200 }, 'itm_1'),
      endpoint('itm_2'),
      fact('endpoint-probe', { encrypted: false }, 'itm_2'),
    ],
    noData: [
      endpoint('itm_1'),
      endpoint('itm_2'),
      fact('endpoint-probe', { withoutKey: 400 }, 'itm_2'),
      endpoint('itm_3'),
      fact('endpoint-probe', { probedAt: '2026-10-01T03:00:00.000Z' }, 'itm_3'),
      endpoint('itm_4'),
      fact('endpoint-probe', { withoutKey: null, wrongKey: null, problem: 'No answer.' }, 'itm_4'),
    ],
    notApplicable: [endpoint('itm_1', { state: 'rejected' }), endpoint('itm_2', { state: 'gone' })],
  },
  'gateway-isolation-monthly': {
    pass: [
      fact('gateway-probe'),
      fact('gateway-probe', { routeMadeAt: '2026-11-02T00:00:00.000Z', monthsProbed: ['2026-11'] }, 'grt_2'),
    ],
    fail: [fact('gateway-probe', { monthsProbed: ['2026-09', '2026-11'] })],
    noData: [fact('gateway-probe', { routeMadeAt: '2026-11-02T00:00:00.000Z', monthsProbed: [] })],
  },
  'gateway-checks-decide': {
    pass: [fact('gateway-traffic')],
    fail: [fact('gateway-traffic', { checksByDay: [{ day: '2026-11-22', requests: 100, decided: 98 }] })],
    noData: [fact('gateway-traffic', { checksByDay: [] })],
  },
  'gateway-tool-calls-listed': {
    pass: [fact('gateway-tool-call'), fact('gateway-tool-call', { passed: 0, refused: 4, traced: 0 }, 'grt_1:drop')],
    fail: [fact('gateway-tool-call', { unlisted: 1 }), fact('gateway-tool-call', { offList: 1 }, 'grt_1:drop')],
  },
  'gateway-tool-calls-traced': {
    pass: [fact('gateway-tool-call')],
    fail: [fact('gateway-tool-call', { traced: 397 })],
    notApplicable: [fact('gateway-tool-call', { passed: 0, traced: 0 })],
  },
  'gateway-probabilities-withheld': {
    pass: [
      fact('gateway-route'),
      fact('gateway-probe'),
      probabilities({}, 'grt_2'),
      // The exception has ended, and calls are refused since.
      probabilities({ untilOn: '2026-11-22' }, 'grt_3'),
    ],
    fail: [
      fact('gateway-route', {}, 'grt_1'),
      fact('gateway-probe', { showsProbabilities: true }, 'grt_1'),
      probabilities({ calls: 'undecided', untilOn: null }, 'grt_2'),
      probabilities({ secondPerson: 'no' }, 'grt_3'),
      probabilities({ decidedAt: '2025-11-01T00:00:00.000Z' }, 'grt_4'),
    ],
    noData: [probabilities({ secondPerson: 'unknown' })],
    notApplicable: [fact('gateway-route', { policyVersion: null, probabilities: null })],
  },
  'gateway-use-registered': {
    pass: [
      fact('gateway-use', {}),
      item({ itemKind: 'third_party_ai_service', title: 'OpenAI', provider: 'openai', state: 'confirmed' }),
    ],
    fail: [
      fact('gateway-use', {}),
      item({ itemKind: 'third_party_ai_service', title: 'OpenAI', provider: 'openai', state: 'proposed' }),
    ],
    notApplicable: [fact('gateway-use', { host: '127.0.0.1' })],
  },
  'gateway-checks-made': {
    pass: [fact('gateway-traffic', { notEvaluated: 10 })],
    fail: [fact('gateway-traffic', { failOpen: 1 }), fact('gateway-traffic', { notEvaluated: 11 }, 'grt_2')],
    noData: [fact('gateway-traffic', { calls: 0 })],
  },
  'gateway-record-complete': {
    pass: [fact('gateway-record', {})],
    fail: [
      fact('gateway-record', { missing: 1 }),
      fact('gateway-record', { oldestOpenFrom: '2026-11-23T10:59:00.000Z' }, 'r2'),
      fact('gateway-record', { retentionDays: 29 }, 'r3'),
    ],
    noData: [fact('gateway-record', { oldestOpenFrom: 'long ago' })],
  },
  'gateway-tenants-isolated': {
    pass: [fact('gateway-probe', {})],
    fail: [fact('gateway-probe', { leaks: 1, failure: 'also this' })],
    noData: [
      fact('gateway-probe', { answered: 0 }),
      fact('gateway-probe', { failure: 'the provider is down' }, 'p2'),
      fact('gateway-probe', { ranAt: '2026-10-22T12:00:00.000Z' }, 'p3'),
    ],
  },
  'gateway-refuses-without-key': {
    pass: [fact('gateway-probe', {})],
    fail: [fact('gateway-probe', { withoutKey: 200 }), fact('gateway-probe', { wrongKey: 200 }, 'p2')],
    noData: [
      fact('gateway-probe', { withoutKey: 503 }),
      fact('gateway-probe', { withoutKey: null, wrongKey: null }, 'p2'),
      fact('gateway-probe', { ranAt: '2026-10-22T12:00:00.000Z' }, 'p3'),
    ],
  },
  'gateway-tool-calls-approved': {
    pass: [fact('gateway-tool-use', {})],
    fail: [fact('gateway-tool-use', { unapproved: 1 }), fact('gateway-tool-use', { byRequester: 1 }, 'u2')],
    notApplicable: [fact('gateway-tool-use', { calls: 0 })],
  },
  'gateway-attacks-stopped': {
    pass: [fact('gateway-attack', {})],
    fail: [fact('gateway-attack', { stoppedByGateway: 9 }), fact('gateway-attack', { falseAlarms: 2 }, 'a2')],
    noData: [
      fact('gateway-attack', { attacks: 0 }),
      fact('gateway-attack', { unevaluated: 3 }, 'a2'),
      fact('gateway-attack', { ranAt: '2026-08-20T12:00:00.000Z' }, 'a3'),
    ],
  },
  'inventory-not-empty': { pass: [scope, system], fail: [scope] },
  'inventory-item-decided': {
    pass: [item({ state: 'proposed', proposedAt: '2026-11-09T12:00:00.000Z' }), item({}, 'itm_2')],
    fail: [item({ state: 'proposed', proposedAt: '2026-11-09T11:59:59.999Z' })],
    noData: [item({ state: 'proposed', proposedAt: 'some day' })],
    notApplicable: [item({ state: 'gone' })],
  },
  'inventory-item-assigned': {
    pass: [item({})],
    fail: [item({ systemId: null })],
    notApplicable: [item({ state: 'proposed', systemId: null })],
  },
  'system-has-owner': { pass: [system], fail: [fact('ai-system', { ownerId: null })] },
  'system-has-purpose': { pass: [system], fail: [fact('ai-system', { purpose: '  ' })] },
  'system-data-classified': { pass: [system], fail: [fact('ai-system', { dataClasses: [] })] },
  'system-has-risk-tier': { pass: [system], fail: [fact('ai-system', { riskTier: null })] },
  'system-autonomy-decided': { pass: [system], fail: [fact('ai-system', { autonomyLevel: null })] },
  'system-scope-decided': {
    pass: [system, fact('ai-system', { inScope: 'out' }, 'sys_2')],
    fail: [fact('ai-system', { inScope: 'undecided' })],
  },
  'system-attested': {
    pass: [fact('ai-system', { attestedAt: '2026-08-23T12:00:00.000Z' })],
    fail: [fact('ai-system', { attestedAt: '2026-08-23T11:59:59.999Z' })],
    noData: [fact('ai-system', { attestedAt: '2027-01-01T00:00:00.000Z' })],
  },
  'provider-registered': {
    pass: [fact('ai-service'), item({})],
    fail: [fact('ai-service'), item({ provider: 'anthropic' })],
    notApplicable: [fact('ai-service', { place: { path: 'docs/a.md', line: 1, purpose: 'documentation' } })],
  },
  'agent-registered': {
    pass: [item({ itemKind: 'agent' }), system],
    fail: [item({ itemKind: 'agent' }), fact('ai-system', { autonomyLevel: null }, 'sys_1')],
    notApplicable: [item({ itemKind: 'agent', state: 'rejected' }), item({ itemKind: 'model' }, 'itm_2')],
  },
  'dataset-registered': {
    pass: [item({ itemKind: 'dataset' }), system],
    fail: [item({ itemKind: 'dataset', state: 'proposed' }), system],
    notApplicable: [item({ itemKind: 'dataset', state: 'gone' })],
  },
  'retrieval-index-registered': {
    pass: [item({ itemKind: 'knowledge_base' }), system],
    fail: [item({ itemKind: 'knowledge_base', systemId: 'sys_9' }), system],
  },
  'model-revision-pinned': {
    pass: [fact('model-reference')],
    fail: [fact('model-reference', { pin: 'tag', revision: 'v1' })],
    notApplicable: [fact('model-reference', { pin: 'floating', revision: null, place: inTests })],
  },
  'hosted-model-version-pinned': {
    pass: [fact('ai-service'), fact('ai-service', { models: [] }, 'ai-service:2')],
    fail: [fact('ai-service', { models: [{ modelId: 'gpt-4o', pin: 'floating', line: 14 }] })],
    noData: [fact('ai-service', { models: [] })],
    notApplicable: [fact('ai-service', { place: inTests, models: [{ modelId: 'gpt-4o', pin: 'floating', line: 2 }] })],
  },
  'model-weights-safe-format': {
    pass: [fact('model-file')],
    fail: [fact('model-file', { format: 'pytorch-pickle', canRunCode: true })],
    noData: [fact('model-file', { format: 'unknown' })],
  },
  'model-weights-no-suspicious-imports': {
    pass: [fact('model-file'), fact('model-file', { format: 'pickle', canRunCode: true }, 'model-file:2')],
    fail: [fact('model-file', { format: 'pickle', canRunCode: true, suspiciousImports: ['os.system'] })],
    noData: [
      fact('model-file', { format: 'pickle', canRunCode: true, storedAs: 'lfs-pointer' }),
      fact('model-file', { format: 'keras', canRunCode: true }, 'model-file:2'),
      fact('model-file', { format: 'unknown' }, 'model-file:3'),
    ],
  },
  'remote-code-not-trusted': {
    pass: [fact('model-reference')],
    fail: [fact('model-reference', { trustsRemoteCode: 'yes' })],
    noData: [fact('model-reference', { trustsRemoteCode: 'unknown' })],
    notApplicable: [fact('model-reference', { trustsRemoteCode: 'yes', place: inTests })],
  },
  'no-unsafe-loading': {
    pass: [repository, fact('unsafe-code', { place: inTests })],
    fail: [repository, fact('unsafe-code')],
  },
  'no-secret-in-repository': {
    pass: [
      repository,
      fact('secret', { likelyPlaceholder: true }),
      fact('secret', { inside: 'notebook-output' }, 'secret:2'),
    ],
    fail: [repository, fact('secret', { place: inTests })],
  },
  'no-secret-in-notebook-output': {
    pass: [fact('notebook'), fact('secret', { inside: 'notebook-output', place: { path: 'other.ipynb', line: 1 } })],
    fail: [
      fact('notebook'),
      fact('secret', { inside: 'notebook-output', place: { path: 'notebooks/try.ipynb', line: 4 } }),
    ],
  },
  'notebook-outputs-cleared': {
    pass: [fact('notebook')],
    fail: [fact('notebook', { cellsWithOutput: 1, outputBytes: 900 })],
    notApplicable: [
      fact('notebook', { cellsWithOutput: 1, place: { path: 'docs/a.ipynb', line: null, purpose: 'documentation' } }),
    ],
  },
  'prompt-without-secret': {
    pass: [fact('prompt'), fact('secret')],
    fail: [fact('prompt'), fact('secret', { place: { path: 'prompts/support.md', line: 2 } })],
    noData: [
      fact('prompt', { form: 'inline', place: { path: 'app/settings.py', line: 1 } }),
      fact('prompt', { form: 'remote' }, 'prompt:2'),
      fact('secret'),
    ],
  },
  'dataset-version-pinned': {
    pass: [fact('dataset-reference')],
    fail: [fact('dataset-reference', { pin: 'floating', revision: null })],
    notApplicable: [fact('dataset-reference', { pin: 'floating', place: inTests })],
  },
  'dataset-license-stated': {
    pass: [fact('dataset-reference')],
    fail: [fact('dataset-reference', { licence: null })],
    notApplicable: [fact('dataset-reference', { licence: null, origin: 'bucket' })],
  },
  'dataset-file-has-origin': {
    pass: [fact('dataset-file'), fact('dataset-file', { licence: null, storedAs: 'dvc-pointer' }, 'dataset-file:2')],
    fail: [fact('dataset-file', { licence: null, storedAs: 'lfs-pointer' })],
    notApplicable: [fact('dataset-file', { licence: null, place: inTests })],
  },
  'prompt-under-version-control': {
    pass: [fact('prompt')],
    fail: [fact('prompt', { underVersionControl: 'no' })],
    noData: [fact('prompt', { underVersionControl: 'unknown' })],
  },
  'evaluation-suite-present': {
    pass: [repository, fact('prompt'), fact('eval-suite')],
    fail: [repository, fact('ai-service')],
    notApplicable: [repository, fact('model-reference', { place: inTests })],
  },
  'evaluation-thresholds-set': {
    pass: [fact('eval-suite')],
    fail: [fact('eval-suite', { thresholds: 'no' })],
    noData: [fact('eval-suite', { thresholds: 'unknown' })],
  },
  'evaluation-runs-in-ci': {
    pass: [repository, fact('eval-suite'), fact('ci-workflow')],
    fail: [repository, fact('eval-suite'), fact('ci-workflow', { runsEvals: false })],
    notApplicable: [repository, fact('ci-workflow')],
  },
  'inference-endpoint-authenticated': {
    pass: [fact('inference-endpoint')],
    fail: [fact('inference-endpoint', { authenticated: 'no' })],
    noData: [fact('inference-endpoint', { authenticated: 'unknown' })],
    notApplicable: [fact('inference-endpoint', { authenticated: 'no', place: inTests })],
  },
  'guardrail-where-users-write': {
    pass: [repository, fact('inference-endpoint'), fact('guardrail')],
    fail: [repository, fact('agent'), fact('guardrail', { place: inTests })],
    notApplicable: [repository],
  },
  'agent-tool-asks-approval': {
    pass: [fact('agent-tool')],
    fail: [fact('agent-tool', { asksApproval: 'no' })],
    noData: [fact('agent-tool', { asksApproval: 'unknown' })],
    notApplicable: [fact('agent-tool', { reach: 'network', asksApproval: 'no' })],
  },
  'cloud-resource-encrypted': {
    pass: [fact('cloud-resource')],
    fail: [fact('cloud-resource', { encrypted: 'no' })],
    noData: [fact('cloud-resource', { encrypted: 'unknown' })],
  },
  'cloud-resource-not-public': {
    pass: [fact('cloud-resource')],
    fail: [fact('cloud-resource', { publicAccess: 'yes' })],
    noData: [fact('cloud-resource', { publicAccess: 'unknown' })],
  },
  'model-card-present': {
    pass: [repository, fact('training-pipeline'), fact('model-card')],
    fail: [repository, fact('model-file')],
    notApplicable: [repository, fact('model-card')],
  },
  'model-card-complete': {
    pass: [fact('model-card')],
    fail: [fact('model-card', { sections: ['intended-use', 'training-data', 'evaluation'] })],
  },
  'model-license-stated': { pass: [fact('model-card')], fail: [fact('model-card', { licence: null })] },
  'training-run-logged': {
    pass: [fact('training-pipeline')],
    fail: [fact('training-pipeline', { logsRun: 'no' })],
    noData: [fact('training-pipeline', { logsRun: 'unknown' })],
  },
  'training-sets-seed': {
    pass: [fact('training-pipeline')],
    fail: [fact('training-pipeline', { setsSeed: 'no' })],
    noData: [fact('training-pipeline', { setsSeed: 'unknown' })],
  },
  'repository-under-version-control': {
    pass: [repository],
    fail: [fact('repository', { underVersionControl: 'no' })],
    noData: [fact('repository', { underVersionControl: 'unknown', commit: null })],
  },
  'ci-runs-tests': {
    pass: [repository, fact('ci-workflow')],
    fail: [repository, fact('ci-workflow', { runsTests: false })],
    notApplicable: [fact('repository', { languages: [] })],
  },
  'ci-actions-pinned': {
    pass: [fact('ci-workflow'), fact('ci-workflow', { steps: [] }, 'ci-workflow:2')],
    fail: [fact('ci-workflow', { steps: [{ uses: 'actions/checkout@v4', pin: 'tag', line: 9, thirdParty: true }] })],
  },
  'ci-token-read-only': {
    pass: [fact('ci-workflow')],
    fail: [fact('ci-workflow', { tokenReadOnly: 'no' })],
    noData: [fact('ci-workflow', { tokenReadOnly: 'unknown' })],
  },
  'sensitive-path-owned': { pass: [fact('sensitive-path')], fail: [fact('sensitive-path', { ownedBy: null })] },
  'dependency-lock-present': {
    pass: [fact('dependency-manifest'), fact('dependency-manifest', { lockFile: null, unpinned: 0 }, 'manifest:2')],
    fail: [fact('dependency-manifest', { lockFile: null })],
    notApplicable: [fact('dependency-manifest', { lockFile: null, dependencies: 0, unpinned: 0 })],
  },
  'ai-libraries-pinned': {
    pass: [fact('dependency-manifest')],
    fail: [fact('dependency-manifest', { lockFile: null, unpinned: 1 })],
    notApplicable: [fact('dependency-manifest', { lockFile: null, aiLibraries: [] })],
  },
  'container-image-pinned': {
    pass: [fact('container-image')],
    fail: [fact('container-image', { image: 'python:latest', pin: 'floating' })],
  },
  'container-not-root': {
    pass: [fact('container-image')],
    fail: [fact('container-image', { runsAsRoot: 'yes' })],
    noData: [fact('container-image', { runsAsRoot: 'unknown' })],
  },
  'integrity-specified': {
    pass: [inScope, fact('integrity-specification')],
    fail: [inScope, fact('integrity-specification', { clausesChanged: 1 })],
    notApplicable: [fact('ai-system', { inScope: 'out' }, 'sys_1')],
  },
  'drift-monitored': {
    pass: [inScope, monitor()],
    fail: [inScope, monitor({ missed: 2, ok: 27 })],
    noData: [inScope, monitor({ expected: 0, ok: 0, breach: 0 })],
    notApplicable: [fact('ai-system', { inScope: 'undecided' }, 'sys_1'), monitor()],
  },
  'hallucination-measured': {
    pass: [inScope, monitor({ metric: 'hallucination' })],
    fail: [inScope, monitor({ metric: 'hallucination', missed: 20, ok: 10 })],
    noData: [inScope, monitor()],
    notApplicable: [fact('ai-system', { inScope: 'undecided' }, 'sys_1'), monitor({ metric: 'hallucination' })],
  },
  'operation-monitored': {
    pass: [inScope, monitor({ metric: 'rate' }), monitor({ metric: 'percentile' }, 'mon_2')],
    fail: [inScope, monitor({ metric: 'rate' })],
  },
  'completeness-monitored': {
    pass: [inScope, monitor({ metric: 'completeness' })],
    fail: [inScope, monitor({ metric: 'completeness', missed: 20, ok: 10 })],
    noData: [inScope, monitor()],
  },
  'calibration-measured': {
    pass: [inScope, monitor({ metric: 'calibration' })],
    fail: [inScope, monitor({ metric: 'calibration', error: 20, ok: 10 })],
    noData: [inScope, monitor()],
  },
  'fairness-measured': {
    pass: [inScope, monitor({ metric: 'fairness' })],
    fail: [inScope, monitor({ metric: 'fairness', missed: 20, ok: 10 })],
    noData: [inScope, monitor({ metric: 'fairness', insufficient_data: 30, ok: 0, breach: 0 })],
  },
  'monitor-ran-on-schedule': {
    pass: [monitor()],
    fail: [monitor({ missed: 2, ok: 28 })],
    noData: [monitor({ approved: false })],
    notApplicable: [monitor({ paused: true })],
  },
  'monitor-breach-handled': {
    pass: [monitor()],
    fail: [monitor({ alertsOverdue: 1 })],
    noData: [monitor({ expected: 0 })],
  },
  'detector-canary-passed': {
    pass: [fact('monitor-canary')],
    fail: [fact('monitor-canary', { shiftedAlarmed: false })],
    noData: [fact('monitor-canary', { ranAt: '2026-11-21T00:00:00.000Z' })],
  },
  'attestation-reviewed': {
    pass: [fact('attestation')],
    fail: [fact('attestation', { reviewerId: 'usr_1' })],
    noData: [fact('attestation', { review: 'waiting', reviewerId: null })],
    notApplicable: [fact('attestation', { review: 'rejected' })],
  },
  'attestation-unexpired': {
    pass: [fact('attestation')],
    fail: [fact('attestation', { expiresAt: '2026-11-23T12:00:00.000Z' })],
    noData: [fact('attestation', { expiresAt: 'never' })],
    notApplicable: [fact('attestation', { review: 'rejected', expiresAt: '2026-01-01T00:00:00.000Z' })],
  },
  'privileged-user-two-factor': {
    pass: [fact('user')],
    fail: [fact('user', { role: 'admin', twoFactor: false })],
    notApplicable: [fact('user', { role: 'viewer', twoFactor: false }), fact('user', { disabled: true }, 'user:2')],
  },
  'evaluation-thresholds-frozen': {
    pass: [fact('evaluation-suite')],
    fail: [
      fact('evaluation-suite', { versionInForce: null, approvedAt: null }),
      fact('evaluation-suite', { thresholds: 0 }, 'evs_2'),
    ],
  },
  'evaluation-run-passes': {
    pass: [fact('evaluation-run')],
    fail: [fact('evaluation-run', { verdict: 'fail' })],
    noData: [fact('evaluation-run', { verdict: 'no_data' })],
  },
  'deployed-model-evaluated': {
    pass: [fact('gateway-use', MODEL_IN_USE), fact('evaluation-run')],
    fail: [
      fact('gateway-use', MODEL_IN_USE),
      fact('evaluation-run', { firstPassedAt: '2026-11-21T00:00:00.000Z' }),
      fact('gateway-use', { ...MODEL_IN_USE, model: 'never-evaluated' }, 'use:2'),
      fact('gateway-use', { ...MODEL_IN_USE, model: 'never-passed' }, 'use:3'),
      fact('evaluation-run', { model: 'never-passed', firstPassedAt: null }, 'evr_2'),
    ],
  },
  'robustness-run-passes': {
    pass: [...EVALUATED, fact('evaluation-run', { suiteId: 'evs_2' }, 'evr_2')],
    fail: [
      ...EVALUATED,
      fact('evaluation-run', { suiteId: 'evs_2', verdict: 'fail' }, 'evr_2'),
      // A digest is another model, whatever its name.
      fact('evaluation-run', { modelDigest: 'sha256:2' }, 'evr_3'),
    ],
    noData: [...EVALUATED, fact('evaluation-run', { suiteId: 'evs_2', verdict: 'no_data' }, 'evr_2')],
  },
  'release-robustness-tested': {
    pass: [SYSTEM, fact('model-release')],
    // A tier that nobody set counts as the first.
    fail: [
      SYSTEM,
      fact('ai-system', { riskTier: null }, 'sys_2'),
      release([check('quality', 'pass'), check('robustness', 'no_data')]),
      release([check('robustness', 'fail')], 'erl_2', { systemId: 'sys_2' }),
    ],
    noData: [SYSTEM, fact('model-release', { systemId: 'sys_2' })],
    notApplicable: [
      fact('ai-system', { riskTier: 3 }, 'sys_1'),
      fact('ai-system', { inScope: 'out' }, 'sys_2'),
      fact('model-release', { checks: [] }),
    ],
  },
  'release-memorization-tested': {
    pass: [SYSTEM, fact('model-release')],
    fail: [
      SYSTEM,
      fact('ai-system', { dataClasses: [] }, 'sys_2'),
      release([check('quality', 'pass'), check('memorization', 'fail')]),
      // Asked before anybody knew that its data are sensitive.
      release([check('quality', 'pass')], 'erl_2', { systemId: 'sys_2' }),
    ],
    noData: [SYSTEM],
    notApplicable: [fact('ai-system', { dataClasses: ['public', 'internal'] }, 'sys_1'), fact('model-release')],
  },
  'evaluation-ran-on-schedule': {
    pass: [
      SYSTEM,
      fact('evaluation-suite', {}, 'evs_1'),
      fact('evaluation-run', { finishedAt: '2026-10-24T09:00:00.000Z' }),
    ],
    fail: [
      fact('ai-system', { riskTier: 1 }, 'sys_1'),
      fact('evaluation-suite', {}, 'evs_1'),
      fact('evaluation-run', { finishedAt: '2026-11-15T09:00:00.000Z' }),
      fact('ai-system', {}, 'sys_2'),
      fact('ai-system', {}, 'sys_3'),
      fact('evaluation-suite', { systemId: 'sys_3', versionInForce: null }, 'evs_3'),
      fact('ai-system', {}, 'sys_4'),
      fact('evaluation-suite', { systemId: 'sys_4' }, 'evs_4'),
    ],
    noData: [SYSTEM, fact('evaluation-suite', {}, 'evs_1'), fact('evaluation-run', { finishedAt: '' })],
    notApplicable: [fact('ai-system', { inScope: 'undecided' }, 'sys_1')],
  },
  'feedback-triaged': {
    pass: [SYSTEM, fact('user-feedback', {}, 'sys_1')],
    fail: [SYSTEM, fact('user-feedback', { late: 1 }, 'sys_1')],
    noData: [SYSTEM, fact('user-feedback', {}, 'sys_9')],
    notApplicable: [fact('ai-system', { inScope: 'out' }, 'sys_1')],
  },
  'outputs-reviewed-monthly': {
    pass: [SYSTEM, fact('label-sample')],
    fail: [
      SYSTEM,
      fact('label-sample', { lastLabeledAt: '2026-10-20T09:00:00.000Z' }),
      fact('ai-system', {}, 'sys_2'),
      fact('label-sample', { systemId: 'sys_2', labeledTwice: 49 }, 'lbs_2'),
      fact('ai-system', {}, 'sys_3'),
      fact('label-sample', { systemId: 'sys_3', lastLabeledAt: null, labeledTwice: 0 }, 'lbs_3'),
    ],
    noData: [SYSTEM, fact('label-sample', { systemId: null })],
    notApplicable: [fact('ai-system', { inScope: 'out' }, 'sys_1')],
  },
  'judge-agrees-with-people': {
    pass: [fact('label-sample')],
    fail: [
      fact('label-sample', { agreement: 0.79 }),
      fact('label-sample', { lastLabeledAt: '2026-08-22T00:00:00.000Z' }, 'lbs_2'),
    ],
    noData: [fact('label-sample', { gold: 19 }), fact('label-sample', { lastLabeledAt: null }, 'lbs_2')],
  },
  'incident-reviewed': {
    pass: [
      fact('incident'),
      fact('incident', { closedAt: null, rootCauseStated: false, openedAt: '2026-11-20T00:00:00.000Z' }, 'inc_2'),
    ],
    fail: [
      fact('incident', { closedAt: null, openedAt: '2026-11-08T00:00:00.000Z' }),
      fact('incident', { lessonsStated: false }, 'inc_2'),
      fact('incident', { openedAt: '2026-11-01T00:00:00.000Z' }, 'inc_3'),
    ],
    noData: [fact('incident', { openedAt: 'soon' })],
    notApplicable: [fact('incident', { severity: 'low', closedAt: null })],
  },
  'evaluation-benchmark-fresh': {
    pass: [fact('evaluation-suite')],
    fail: [
      fact('evaluation-suite', { approvedAt: '2025-11-22T12:00:00.000Z' }),
      fact('evaluation-suite', { decontaminationStated: false }, 'evs_2'),
    ],
    noData: [fact('evaluation-suite', { approvedAt: null })],
  },
  'alert-handled-on-time': {
    pass: [
      fact('alert'),
      fact('alert', { acknowledgedAt: '2026-11-20T10:00:00.000Z' }, 'alt_2'),
      fact('alert', { acknowledgedAt: null, acknowledgeDueAt: '2026-11-23T12:00:00.000Z' }, 'alt_3'),
    ],
    fail: [
      fact('alert', { acknowledgedAt: '2026-11-20T10:00:00.001Z' }),
      fact('alert', { acknowledgedAt: null }, 'alt_2'),
    ],
    noData: [fact('alert', { acknowledgedAt: null, acknowledgeDueAt: 'soon' })],
    notApplicable: [fact('alert', { acknowledgedAt: null, muted: true })],
  },
  'alert-closed-after-retest': {
    pass: [
      fact('alert'),
      fact('alert', { resolution: 'false_positive', retestPassed: null }, 'alt_2'),
      fact('alert', { resolution: 'accepted_risk', acceptedUntil: '2026-12-31T23:59:59.999Z' }, 'alt_3'),
    ],
    fail: [
      fact('alert', { retestPassed: null, retestedAt: null }),
      fact('alert', { retestPassed: false }, 'alt_2'),
      fact('alert', { resolution: 'accepted_risk', acceptedUntil: '2026-11-22T23:59:59.999Z' }, 'alt_3'),
    ],
    noData: [fact('alert', { resolution: 'accepted_risk', acceptedUntil: null })],
  },
  'gateway-route-input-filtered': {
    pass: [fact('gateway-route'), fact('gateway-route', { input: 'redact' }, 'grt_2')],
    fail: [
      fact('gateway-route', { input: 'flag' }),
      fact('gateway-route', { policyVersion: null, input: 'none' }, 'grt_2'),
    ],
  },
  'gateway-route-output-filtered': {
    pass: [fact('gateway-route')],
    fail: [fact('gateway-route', { output: 'none' }), fact('gateway-route', { policyVersion: null }, 'grt_2')],
  },
  'gateway-route-fails-closed': {
    pass: [fact('gateway-route')],
    fail: [fact('gateway-route', { onFailure: 'open' })],
    notApplicable: [fact('gateway-route', { policyVersion: null, onFailure: null })],
  },
  'gateway-output-validated': {
    pass: [fact('gateway-route', { validatesOutput: true })],
    fail: [fact('gateway-route')],
    notApplicable: [fact('gateway-route', { policyVersion: null })],
  },
  'gateway-policy-second-person': {
    pass: [fact('gateway-policy')],
    fail: [fact('gateway-policy', { secondPerson: 'no' })],
    noData: [fact('gateway-policy', { secondPerson: 'unknown' })],
  },
  'gateway-policy-tested': {
    pass: [
      fact('gateway-policy'),
      fact(
        'gateway-policy',
        {
          approvedOn: 'emergency',
          emergency: { reviewDueAt: '2026-11-22T00:00:00.000Z', reviewedAt: '2026-11-21T00:00:00.000Z' },
        },
        'gpo_2',
      ),
      fact('gateway-policy', { approvedOn: 'nothing' }, 'gpo_3'),
    ],
    fail: [
      fact('gateway-policy', {
        approvedOn: 'emergency',
        emergency: { reviewDueAt: '2026-11-23T11:59:59.999Z', reviewedAt: null },
      }),
      fact('gateway-policy', { approvedOn: 'nothing', testRun: testRun('fail') }, 'gpo_2'),
    ],
    noData: [
      fact('gateway-policy', {
        approvedOn: 'emergency',
        emergency: { reviewDueAt: '2026-11-23T12:00:00.000Z', reviewedAt: null },
      }),
      fact('gateway-policy', { approvedOn: 'nothing', testRun: null }, 'gpo_2'),
      fact('gateway-policy', { approvedOn: 'nothing', testRun: testRun('no_data') }, 'gpo_3'),
    ],
  },
  'gateway-key-limited': {
    pass: [fact('gateway-key')],
    fail: [fact('gateway-key', { limited: false })],
    notApplicable: [fact('gateway-key', { limited: false, state: 'suspended' })],
  },
  'gateway-key-rotated': {
    pass: [fact('gateway-key', { audience: 'internal', createdAt: '2026-08-25T12:00:00.000Z' })],
    fail: [
      fact('gateway-key', { audience: 'internal', createdAt: '2026-08-25T11:59:59.999Z' }),
      fact('gateway-key', { expiresAt: null }, 'gky_2'),
      fact('gateway-key', { createdAt: '2025-11-23T11:59:59.999Z' }, 'gky_3'),
    ],
    noData: [fact('gateway-key', { createdAt: 'some day' })],
    notApplicable: [
      fact('gateway-key', { state: 'suspended' }),
      fact('gateway-key', { expiresAt: '2026-11-23T12:00:00.000Z' }, 'gky_2'),
    ],
  },
  'gateway-key-used': {
    pass: [fact('gateway-key', { lastUsedOn: '2026-08-26' }), fact('gateway-key', { lastUsedOn: null }, 'gky_2')],
    fail: [
      fact('gateway-key', { lastUsedOn: '2026-08-24' }),
      fact('gateway-key', { lastUsedOn: null, createdAt: '2026-08-01T00:00:00.000Z' }, 'gky_2'),
    ],
    noData: [fact('gateway-key', { lastUsedOn: 'some day' })],
    notApplicable: [fact('gateway-key', { state: 'suspended' })],
  },
  'gateway-provider-key-stored': {
    pass: [fact('gateway-provider', { keySetAt: '2025-11-23T12:00:00.000Z' })],
    fail: [
      fact('gateway-provider', { key: 'missing', keySetAt: null }),
      fact('gateway-provider', { keySetAt: '2025-11-23T11:59:59.999Z' }, 'gpr_2'),
    ],
    noData: [fact('gateway-provider', { keySetAt: null })],
    notApplicable: [fact('gateway-provider', { key: 'not_needed', keySetAt: null })],
  },
  'gateway-provider-encrypted': {
    pass: [fact('gateway-provider')],
    fail: [fact('gateway-provider', { encrypted: false, host: '10.0.0.7:8000' })],
    notApplicable: [fact('gateway-provider', { encrypted: false, host: '127.0.0.1:11434' })],
  },
  'company-scope-set': {
    pass: [scope],
    fail: [fact('organization-scope', { categories: ['privacy'] })],
  },
};

const results = (verdicts: Verdict[]) => [...new Set(verdicts.map((verdict) => verdict.result))].sort();
const caseOf = (id: string): Cases => {
  const found = CASES[id];
  if (found === undefined) throw new Error(`no cases for ${id}`);
  return found;
};

describe('the verdicts of', () => {
  it.each(CONTROL_TESTS)('$id: pass', (test) => {
    const verdicts = judge(test, caseOf(test.id).pass);
    expect(results(verdicts).filter((result) => result !== 'not_applicable')).toEqual(['pass']);
  });

  it.each(CONTROL_TESTS)('$id: fail, naming the thing and the place', (test) => {
    const facts = caseOf(test.id).fail;
    const verdicts = judge(test, facts);
    expect(results(verdicts)).toContain('fail');
    expect(results(verdicts)).not.toContain('pass');
    for (const verdict of verdicts.filter((one) => one.result === 'fail')) {
      expect(verdict.because).toMatch(/^[A-Z`].*\.$/s);
      expect(verdict.because.length).toBeGreaterThan(20);
      if (verdict.path != null) expect(verdict.because).toContain(verdict.path);
      if (verdict.line != null) expect(verdict.because).toContain(`line ${verdict.line}`);
    }
  });

  it.each(CONTROL_TESTS.filter((test) => CASES[test.id]?.noData))('$id: no data', (test) => {
    expect(results(judge(test, caseOf(test.id).noData ?? []))).toEqual(['no_data']);
  });

  it.each(CONTROL_TESTS.filter((test) => CASES[test.id]?.notApplicable))('$id: not applicable', (test) => {
    expect(results(judge(test, caseOf(test.id).notApplicable ?? [])).filter((one) => one !== 'not_applicable')).toEqual(
      [],
    );
  });

  it.each(CONTROL_TESTS)('$id: never pass on what is unknown', (test) => {
    const { pass } = caseOf(test.id);
    for (const one of pass) {
      for (const [member, schema] of Object.entries(FACT_KINDS[one.kind].body.shape)) {
        if (schema !== Known) continue;
        const unknown = fact(one.kind, { ...one.body, [member]: 'unknown' }, one.key);
        const before = judge(test, pass);
        const after = judge(
          test,
          pass.map((other) => (other === one ? unknown : other)),
        );
        const readsIt = JSON.stringify(before) !== JSON.stringify(after);
        if (readsIt) expect(after.find((verdict) => verdict.subject === one.key)?.result).not.toBe('pass');
      }
    }
  });

  it.each(CONTROL_TESTS)('$id: at most one for a subject, and the same for the same facts', (test) => {
    const { pass, fail, noData = [], notApplicable = [] } = caseOf(test.id);
    const all = [...pass, ...fail, ...noData, ...notApplicable];
    const distinct = [...new Map(all.map((one) => [`${one.kind} ${one.key}`, one])).values()];
    const verdicts = judge(test, distinct);
    expect(new Set(verdicts.map((verdict) => verdict.subject)).size).toBe(verdicts.length);
    expect(judge(test, distinct)).toEqual(verdicts);
  });
});

describe('in particular', () => {
  it('an alias of a hosted model is named with its line', () => {
    const service = fact('ai-service', {
      models: [
        { modelId: 'gpt-4o-2024-08-06', pin: 'snapshot', line: 14 },
        { modelId: 'claude-latest', pin: 'floating', line: 31 },
      ],
    });
    const [verdict] = judge(testNamed('hosted-model-version-pinned'), [service]);
    expect(verdict).toMatchObject({ result: 'fail', path: 'app/chat.py', line: 31, observed: 'claude-latest' });
  });

  it('a hub reference without a revision says so, and names model, file and line', () => {
    const reference = fact('model-reference', { pin: 'floating', revision: null, modelId: 'gpt2' });
    const [verdict] = judge(testNamed('model-revision-pinned'), [reference]);
    expect(verdict?.because).toBe('`gpt2` from huggingface in `app/serve.py` line 12 is pulled without a revision.');
  });

  it('a provider counts as registered only while an item of it is confirmed', () => {
    const test = testNamed('provider-registered');
    const [proposed] = judge(test, [fact('ai-service'), item({ state: 'proposed' })]);
    expect(proposed).toMatchObject({ result: 'fail', observed: 'proposed' });
    const [rejected] = judge(test, [fact('ai-service'), item({ state: 'rejected' })]);
    expect(rejected).toMatchObject({ result: 'fail', observed: 'rejected' });
    const [both] = judge(test, [fact('ai-service'), item({ state: 'rejected' }), item({}, 'itm_2')]);
    expect(both?.result).toBe('pass');
    const [otherKind] = judge(test, [fact('ai-service'), item({ itemKind: 'model' })]);
    expect(otherKind?.observed).toBe('not registered');
  });

  it('an expired attestation that a newer one replaces does not fail', () => {
    const test = testNamed('attestation-unexpired');
    const old = fact('attestation', { expiresAt: '2026-10-01T00:00:00.000Z' }, 'att_1');
    const waiting = fact('attestation', { review: 'waiting', reviewerId: null }, 'att_2');
    expect(judge(test, [old, waiting]).find((verdict) => verdict.subject === 'att_1')?.result).toBe('fail');
    const accepted = fact('attestation', {}, 'att_3');
    expect(judge(test, [old, accepted]).find((verdict) => verdict.subject === 'att_1')?.result).toBe('not_applicable');
  });

  it('an attestation of a system counts exactly as long as the catalog says', () => {
    const days = catalog.controls.find((control) => control.id === 'AIG-01')?.test.parameters.attestation_max_age_days;
    const attestedDaysAgo = (age: number) => new Date(Date.parse(AT) - age * DAY_MS).toISOString();
    const result = (age: number) =>
      judge(testNamed('system-attested'), [fact('ai-system', { attestedAt: attestedDaysAgo(age) })])[0]?.result;
    expect(days).toBeGreaterThan(0);
    expect([result(days ?? 0), result((days ?? 0) + 0.001)]).toEqual(['pass', 'fail']);
  });

  it('a verdict about a user names no person', () => {
    const user = fact('user', { role: 'owner', twoFactor: false }, 'usr_01J');
    const [verdict] = judge(testNamed('privileged-user-two-factor'), [user]);
    expect(verdict?.because).toBe('The owner usr_01J signs in with a password alone.');
  });

  it('a share stands with its cases, its interval and how that was computed', () => {
    const said = (name: string, one: KnownFact) => judge(testNamed(name), [one])[0]?.because;
    expect(said('judge-agrees-with-people', fact('label-sample'))).toContain(
      '45 of 50 (90 %; 95 % interval 78 to 97 %, exact) answers',
    );
    expect(said('gateway-attacks-stopped', fact('gateway-attack'))).toContain(
      '11 of 12 (92 %; 95 % interval 62 to 100 %, exact) attacks',
    );
    // As it was recorded before intervals were.
    expect(said('judge-agrees-with-people', fact('label-sample', { agreementInterval: undefined }))).toContain(
      '45 of 50 (90 %) answers',
    );
  });

  it('names from outside cannot break out of their sentence', () => {
    const reference = fact('model-reference', { pin: 'floating', revision: null, modelId: `x\`\n${'y'.repeat(500)}` });
    const [verdict] = judge(testNamed('model-revision-pinned'), [reference]);
    expect(verdict?.because).not.toContain('\n');
    expect(verdict?.because.length).toBeLessThan(250);
  });

  it('tests over what time changes say so', () => {
    const timed = CONTROL_TESTS.filter((test) => test.dependsOnTime).map((test) => test.id);
    expect(timed.sort()).toEqual([
      'alert-closed-after-retest',
      'alert-handled-on-time',
      'attestation-unexpired',
      'detector-canary-passed',
      'evaluation-benchmark-fresh',
      'evaluation-ran-on-schedule',
      'feedback-triaged',
      'gateway-attacks-stopped',
      'gateway-isolation-monthly',
      'gateway-key-rotated',
      'gateway-key-used',
      'gateway-policy-tested',
      'gateway-probabilities-withheld',
      'gateway-provider-key-stored',
      'gateway-record-complete',
      'gateway-refuses-without-key',
      'gateway-tenants-isolated',
      'incident-reviewed',
      'inference-endpoint-probed',
      'inventory-item-decided',
      'judge-agrees-with-people',
      'other-gateway-authenticated',
      'other-gateway-requests-limited',
      'other-gateway-tokens-limited',
      'outputs-reviewed-monthly',
      'system-attested',
    ]);
  });
});
