import { expect, test } from 'vitest';
import type { Decision, Verdict } from '#src/gateway/decision.ts';
import { dryRun } from './dry-run.ts';
import type { PolicyDocument } from './model.ts';
import { STARTER_POLICY } from './starter-policy.ts';

const verdict = (change: Partial<Verdict> = {}): Verdict => ({
  detector: 'injection_user',
  direction: 'input',
  action: 'block',
  outcome: 'clean',
  score: 0.2,
  threshold: 0.5,
  kinds: [],
  spans: [],
  charactersScanned: 100,
  fieldsScanned: 1,
  detectorVersion: '1',
  tookUs: 10,
  reason: null,
  ...change,
});
let made = 0;
const call = (outcome: Decision['outcome'], verdicts: Verdict[], change: Partial<Decision> = {}): Decision =>
  ({
    id: `dec_${made++}`,
    outcome,
    policyVersion: 1,
    verdicts,
    refusal: outcome === 'refused' ? { stage: 'screen_request', code: 'content_blocked', httpStatus: 403 } : null,
    ...change,
  }) as Decision;
const injection = (threshold: number | null, action: 'block' | 'flag' = 'block'): PolicyDocument => ({
  ...STARTER_POLICY,
  detectors: [{ detector: 'injection_user', direction: 'input', action, threshold, kinds: null }],
});
const before = injection(0.5);
const run = (draft: PolicyDocument, decisions: Decision[], then: PolicyDocument | null = before) =>
  dryRun(draft, decisions, () => then);

test('a version that says the same changes nothing', () => {
  const calls = [call('allowed', [verdict()]), call('refused', [verdict({ outcome: 'blocked', score: 0.8 })])];
  const ran = run(before, calls);
  expect(ran.would).toEqual(ran.recorded);
  expect(ran.differences).toEqual([]);
});

test('a lower threshold refuses what scored above it, a higher one lets it through', () => {
  const calls = [0.1, 0.4, 0.6, 0.9].map((score) =>
    score >= 0.5 ? call('refused', [verdict({ outcome: 'blocked', score })]) : call('allowed', [verdict({ score })]),
  );
  expect(run(injection(0.3), calls).would).toEqual({ allowed: 1, changed: 0, refused: 3, not_evaluated: 0 });
  const higher = run(injection(0.7), calls);
  expect(higher.would).toEqual({ allowed: 3, changed: 0, refused: 1, not_evaluated: 0 });
  expect(higher.differences).toEqual([
    {
      detector: 'injection_user',
      direction: 'input',
      from: 'blocked',
      to: 'clean',
      calls: 1,
      decisionIds: [calls[2]?.id],
    },
  ]);
});

test('without a threshold the one of the record counts', () => {
  const calls = [call('refused', [verdict({ outcome: 'blocked', score: 0.6, threshold: 0.5 })])];
  expect(run(injection(null), calls).would.refused).toBe(1);
});

test('a milder action lets through, and says that the answer to a refused call is not known', () => {
  const ran = run(injection(0.5, 'flag'), [call('refused', [verdict({ outcome: 'blocked', score: 0.8 })])]);
  expect(ran.would).toEqual({ allowed: 1, changed: 0, refused: 0, not_evaluated: 0 });
  expect(ran.unknown).toEqual([
    { what: 'what the model would have answered to calls that were refused then', calls: 1 },
  ]);
});

test('a check that was not made then is unknown, never passed', () => {
  const draft: PolicyDocument = {
    ...before,
    detectors: [
      ...before.detectors,
      { detector: 'secret', direction: 'output', action: 'redact', threshold: null, kinds: null },
    ],
  };
  expect(run(draft, [call('allowed', [verdict()])]).unknown).toEqual([
    { what: 'secret in answers was not checked then', calls: 1 },
  ]);
});

test('kinds that were not looked for then are unknown', () => {
  const personal = (kinds: string[] | null): PolicyDocument => ({
    ...before,
    detectors: [{ detector: 'personal_data', direction: 'input', action: 'redact', threshold: null, kinds }],
  });
  const calls = [
    call('changed', [verdict({ detector: 'personal_data', outcome: 'redacted', kinds: ['iban'], score: 0.9 })]),
  ];
  expect(run(personal(['iban', 'email']), calls, personal(['iban'])).unknown).toEqual([
    { what: 'personal_data in prompts was checked for fewer kinds then', calls: 1 },
  ]);
  expect(run(personal(['email']), calls, personal(['iban', 'email'])).would).toMatchObject({ allowed: 1, changed: 0 });
});

test('what was not evaluated is refused by a policy that fails closed and stays not evaluated by one that fails open', () => {
  const calls = [call('not_evaluated', [verdict({ outcome: 'not_evaluated', score: null })])];
  expect(run({ ...before, onFailure: 'closed' }, calls).would.refused).toBe(1);
  expect(run({ ...before, onFailure: 'open' }, calls).would).toMatchObject({ allowed: 0, not_evaluated: 1 });
});

test('a refusal that no policy decides stays one', () => {
  const refusal = { stage: 'limit', code: 'rate_limited', httpStatus: 429 } as const;
  expect(run(injection(0.9, 'flag'), [call('refused', [], { refusal })]).would.refused).toBe(1);
});

test('a rule that was taken out blocks no more; one that says something else is unknown', () => {
  const rule = { id: 'r1', cel: 'true', action: 'block' as const, message: '' };
  const then = { ...before, rules: [rule] };
  const calls = [call('refused', [verdict({ detector: 'cel:r1', outcome: 'blocked', score: null })])];
  expect(run(before, calls, then).would.refused).toBe(0);
  const changed = run({ ...before, rules: [{ ...rule, cel: 'false' }] }, calls, then);
  expect(changed.would.refused).toBe(1);
  expect(changed.unknown.map(({ what }) => what)).toContain('the rule r1 is new or says something else');
});
