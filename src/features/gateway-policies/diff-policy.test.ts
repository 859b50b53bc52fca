import { describe, expect, test } from 'vitest';
import { diffPolicy } from './diff-policy.ts';
import type { Detector, PolicyDocument } from './model.ts';
import { STARTER_POLICY } from './starter-policy.ts';

const detector = (change: Partial<Detector> = {}): Detector => ({
  detector: 'personal_data',
  direction: 'both',
  action: 'redact',
  threshold: null,
  kinds: null,
  ...change,
});
const policy = (change: Partial<PolicyDocument> = {}): PolicyDocument => ({
  ...STARTER_POLICY,
  detectors: [],
  ...change,
});
const output = (change: Partial<PolicyDocument['output']>) =>
  policy({ output: { ...STARTER_POLICY.output, ...change } });
const asked = () => ({ by: 'model' as const, from: 0.2, threshold: 0.5 });
const rule = { id: 'r1', cel: 'true', action: 'flag' as const, message: '' };
const tool = { name: 'mail', argumentsSchema: { type: 'object' }, approval: 'human' as const };

const exception = { calls: 'pass' as const, because: 'Scores of answers.', untilOn: '2026-12-31' };
const { probabilities: _, ...UNDECIDED } = STARTER_POLICY.output;

describe('two versions of a policy', () => {
  test('that say the same in another order do not differ', () => {
    const one = policy({ detectors: [detector({ direction: 'input' }), detector({ direction: 'output' })] });
    expect(diffPolicy(one, policy({ detectors: [detector()] }))).toEqual([]);
  });

  test.each<[string, PolicyDocument, PolicyDocument, string]>([
    ['a second opinion more', policy(), policy({ secondOpinion: asked() }), 'tightened'],
    ['stored objects never seen', policy(), policy({ storedObjects: { unseen: 'pass' } }), 'loosened'],
    ['a second opinion less', policy({ secondOpinion: asked() }), policy(), 'loosened'],
    [
      'a second opinion about fewer texts',
      policy({ secondOpinion: asked() }),
      policy({ secondOpinion: { ...asked(), from: 0.4 } }),
      'loosened',
    ],
    ['a check less', policy({ detectors: [detector()] }), policy(), 'loosened'],
    ['a check more', policy(), policy({ detectors: [detector()] }), 'tightened'],
    [
      'a milder action',
      policy({ detectors: [detector({ action: 'block' })] }),
      policy({ detectors: [detector({ action: 'flag' })] }),
      'loosened',
    ],
    [
      'a stricter action',
      policy({ detectors: [detector({ action: 'flag' })] }),
      policy({ detectors: [detector()] }),
      'tightened',
    ],
    [
      'a higher threshold',
      policy({ detectors: [detector({ threshold: 0.5 })] }),
      policy({ detectors: [detector({ threshold: 0.9 })] }),
      'loosened',
    ],
    [
      'a lower threshold',
      policy({ detectors: [detector({ threshold: 0.9 })] }),
      policy({ detectors: [detector({ threshold: 0.5 })] }),
      'tightened',
    ],
    [
      'a stricter action that sees less',
      policy({ detectors: [detector({ action: 'flag', threshold: 0.5 })] }),
      policy({ detectors: [detector({ action: 'block', threshold: 0.9 })] }),
      'loosened',
    ],
    [
      'one direction less',
      policy({ detectors: [detector()] }),
      policy({ detectors: [detector({ direction: 'input' })] }),
      'loosened',
    ],
    ['failing open', policy(), policy({ onFailure: 'open' }), 'loosened'],
    ['streams held less', policy({ streamMode: 'hold_all' }), policy({ streamMode: 'hold_back' }), 'loosened'],
    ['a rule less', policy({ rules: [rule] }), policy(), 'loosened'],
    [
      'a rule that blocks now',
      policy({ rules: [rule] }),
      policy({ rules: [{ ...rule, action: 'block' }] }),
      'tightened',
    ],
    [
      'a rule that says something else',
      policy({ rules: [rule] }),
      policy({ rules: [{ ...rule, cel: 'false' }] }),
      'changed',
    ],
    ['a term less', policy({ terms: ['a', 'b'] }), policy({ terms: ['a', 'c', 'd'] }), 'loosened'],
    ['a pattern more', policy(), policy({ patterns: [{ id: 'p', pattern: 'x' }] }), 'tightened'],
    ['no schema any more', output({ jsonSchema: {} }), output({}), 'loosened'],
    ['longer answers', output({ maxOutputTokens: 10 }), output({ maxOutputTokens: null }), 'loosened'],
    ['any tool', output({ tools: [tool] }), output({}), 'loosened'],
    [
      'longer to decide about a tool call',
      output({ tools: [{ ...tool, decideWithinMinutes: 30 }] }),
      output({ tools: [tool] }),
      'loosened',
    ],
    [
      'an approval that counts for less time',
      output({ tools: [tool] }),
      output({ tools: [{ ...tool, useWithinMinutes: 5 }] }),
      'tightened',
    ],
    [
      'log-probabilities under an exception',
      output({ probabilities: { calls: 'refuse' } }),
      output({ probabilities: exception }),
      'loosened',
    ],
    [
      'an exception that lasts longer',
      output({ probabilities: exception }),
      output({ probabilities: { ...exception, untilOn: '2027-06-30' } }),
      'loosened',
    ],
    [
      'an exception that has a reason now',
      policy({ output: UNDECIDED }),
      output({ probabilities: exception }),
      'tightened',
    ],
    ['a tool more', output({ tools: [] }), output({ tools: [tool] }), 'loosened'],
    ['a tool less', output({ tools: [tool] }), output({ tools: [] }), 'tightened'],
    [
      'a tool without a person',
      output({ tools: [tool] }),
      output({ tools: [{ ...tool, approval: 'none' }] }),
      'loosened',
    ],
    [
      'a tool with any arguments',
      output({ tools: [tool] }),
      output({ tools: [{ ...tool, argumentsSchema: null }] }),
      'loosened',
    ],
    ['no grounding check', output({ grounding: 'block' }), output({ grounding: 'observe' }), 'loosened'],
  ])('%s is %s', (_what, before, after, effect) => {
    const changes = diffPolicy(before, after);
    expect(changes.length).toBeGreaterThan(0);
    expect(new Set(changes.map((change) => change.effect))).toEqual(new Set([effect]));
  });

  test('are compared kind by kind: fewer kinds loosen what is not named any more', () => {
    const before = policy({ detectors: [detector({ direction: 'input', kinds: ['email', 'iban', 'phone'] })] });
    const after = policy({
      detectors: [
        detector({ direction: 'input', kinds: ['iban'] }),
        detector({ direction: 'input', kinds: ['credit_card'], action: 'block' }),
      ],
    });
    expect(diffPolicy(before, after)).toEqual([
      { what: 'personal_data in prompts (credit_card)', before: 'off', after: 'block', effect: 'tightened' },
      { what: 'personal_data in prompts (email, phone)', before: 'redact', after: 'off', effect: 'loosened' },
    ]);
  });

  test('of which the first has none before it, tighten everything they check', () => {
    const changes = diffPolicy(null, STARTER_POLICY);
    expect(changes.length).toBeGreaterThan(5);
    expect(changes.filter(({ effect }) => effect === 'loosened')).toEqual([]);
  });
});
