import { expect, test } from 'vitest';
import { type ControlTest, defineTest, eachFact, type Verdict } from '#src/control-tests/define.ts';
import type { KnownFact } from '#src/facts/index.ts';
import { explainPass, judgeFact, judgeSource, resultOf, ruleDigest, SUBJECT_MAX_BYTES } from './judge.ts';

const AT = '2026-11-23T09:00:00.000Z';
const ABOUT = {
  version: 3,
  title: 't',
  asks: 'a?',
  why: 'w',
  controls: ['AIG-01'],
  severity: 'low' as const,
  fix: { summary: 's', steps: [] },
};

function card(key: string): KnownFact<'model-card'> {
  return {
    kind: 'model-card',
    key,
    body: { place: { path: key, line: null }, modelId: null, licence: null, sections: [] },
  };
}

function byFact(judge: (key: string) => Verdict | Verdict[]): ControlTest {
  const rule = eachFact<'model-card'>(({ key }) => judge(key));
  return defineTest({ ...ABOUT, id: 'by-fact', uses: ['model-card'], population: 'model-card', judge: rule });
}

function bySource(judge: (keys: string[]) => Verdict[]): ControlTest {
  return defineTest({
    ...ABOUT,
    id: 'by-source',
    uses: ['model-card', 'prompt'],
    population: 'model-card',
    judge: ({ facts }) => judge(facts['model-card'].map(({ key }) => key)),
  });
}

const pass = (subject: string): Verdict => ({ subject, result: 'pass', because: 'fine' });
const fail = (subject: string): Verdict => ({ subject, result: 'fail', because: 'bad' });
const rowsOf = (outcome: { rows: { factKey: string; subject: string; result: string }[] }) =>
  outcome.rows.map(({ factKey, subject, result }) => `${factKey}|${subject}|${result}`);

test('a fact that passes under its own key leaves no row', () => {
  expect(judgeFact(byFact(pass), 's', card('a'), AT)).toEqual({
    rows: [],
    counts: { pass: 1, fail: 0, noData: 0, notApplicable: 0, error: 0 },
    failure: null,
  });
});

test('everything else a rule may say of a fact is a row', () => {
  expect(rowsOf(judgeFact(byFact(fail), 's', card('a'), AT))).toEqual(['a|a|fail']);
  expect(
    rowsOf(
      judgeFact(
        byFact(() => []),
        's',
        card('a'),
        AT,
      ),
    ),
  ).toEqual(['a|a|silent']);
  expect(
    rowsOf(
      judgeFact(
        byFact(() => pass('other')),
        's',
        card('a'),
        AT,
      ),
    ),
  ).toEqual(['a|other|pass']);
  const several = judgeFact(
    byFact((key) => [pass(key), fail(`${key}#2`)]),
    's',
    card('a'),
    AT,
  );
  expect(rowsOf(several)).toEqual(['a|a|pass', 'a|a#2|fail']);
  expect(several.counts).toMatchObject({ pass: 1, fail: 1 });
});

test('of a source only what differs from "every fact passes" is a row', () => {
  const rule = bySource(([a = '', b = '']) => [pass(a), fail(b), pass('the source'), fail('something else')]);
  const outcome = judgeSource(rule, 's', { 'model-card': [card('a'), card('b'), card('c')], prompt: [] }, AT);
  expect(rowsOf(outcome)).toEqual(['c|c|silent', 'b|b|fail', '|the source|pass', '|something else|fail']);
  expect(outcome.counts).toEqual({ pass: 2, fail: 2, noData: 0, notApplicable: 0, error: 0 });
});

test('a rule that throws makes an error, and the words of what it threw stay out of it', () => {
  const rule = byFact(() => {
    throw new RangeError('sk-live-123 in config.py');
  });
  const outcome = judgeFact(rule, 's', card('a'), AT);
  expect(outcome.counts.error).toBe(1);
  expect(outcome.rows[0]?.because).toBe('Test by-fact version 3 broke while judging this: RangeError.');
  const whole = bySource(() => {
    throw Object.assign(new Error('x'), { name: 'sk-live-123' });
  });
  expect(judgeSource(whole, 's', { 'model-card': [card('a')], prompt: [] }, AT)).toEqual({
    rows: [],
    counts: { pass: 0, fail: 0, noData: 0, notApplicable: 0, error: 1 },
    failure: 'Test by-source version 3 broke while judging this: an unknown error.',
  });
});

test.each<[string, unknown]>([
  ['two verdicts for one subject', [pass('a'), fail('a')]],
  ['a verdict without a subject', [{ ...pass('a'), subject: '' }]],
  ['a result that only the judge may give', [{ ...pass('a'), result: 'error' }]],
  ['a sentence that is no text', [{ ...pass('a'), because: undefined }]],
  ['a path that is no text', [{ ...pass('a'), path: 7 }]],
  ['no list at all', null],
])('%s is an error of the rule', (_what, verdicts) => {
  const rule: ControlTest = { ...byFact(pass), judge: () => verdicts as Verdict[] };
  expect(judgeFact(rule, 's', card('a'), AT).counts.error).toBe(1);
});

test('what a verdict quotes is made fit to be stored', () => {
  const hostile: Verdict = {
    subject: `x\u0000${'é'.repeat(2_000)}`,
    result: 'fail',
    because: `zero \u0000, half \ud83d, ${'long '.repeat(1_000)}`,
    observed: '\ud800',
    path: 'a\u0000b',
    line: 2 ** 40,
  };
  const [row] = judgeFact(
    byFact(() => hostile),
    's',
    card('a'),
    AT,
  ).rows;
  const text = JSON.stringify(row);
  expect(text.isWellFormed() && !text.includes('\\u0000') && !text.includes('\\ud8')).toBe(true);
  expect(Buffer.byteLength(row?.subject ?? '')).toBeLessThanOrEqual(SUBJECT_MAX_BYTES);
  expect(row?.because.length).toBeLessThanOrEqual(2_000);
  expect(row?.line).toBeNull();
});

test('two long subjects that differ only at their end stay two', () => {
  const long = 'k'.repeat(1_500);
  const { rows } = judgeFact(
    byFact(() => [fail(`${long}1`), fail(`${long}2`)]),
    's',
    card('a'),
    AT,
  );
  expect(new Set(rows.map(({ subject }) => subject)).size).toBe(2);
});

test.each([
  [{ fail: 1, error: 1, noData: 1, pass: 9 }, 'fail'],
  [{ error: 1, noData: 1, pass: 9 }, 'error'],
  [{ noData: 1, pass: 9, notApplicable: 1 }, 'no_data'],
  [{ pass: 1, notApplicable: 9 }, 'pass'],
  [{ notApplicable: 1 }, 'not_applicable'],
  [{}, 'not_applicable'],
])('%j results in %s', (counts, result) => {
  expect(resultOf({ pass: 0, fail: 0, noData: 0, notApplicable: 0, error: 0, ...counts })).toBe(result);
});

test('the digest of a rule changes with what it declares, not with its words', () => {
  const rule = byFact(pass);
  expect(ruleDigest({ ...rule, title: 'another', why: 'why not' })).toBe(ruleDigest(rule));
  expect(ruleDigest({ ...rule, version: 4 })).not.toBe(ruleDigest(rule));
  expect(ruleDigest({ ...rule, maxAgeHours: 1 })).not.toBe(ruleDigest(rule));
});

test('a passing verdict can be said again', () => {
  expect(explainPass(byFact(pass), 's', card('a'), AT)?.because).toBe('fine');
  expect(explainPass(byFact(fail), 's', card('a'), AT)).toBeNull();
  expect(
    explainPass(
      bySource((keys) => keys.map(pass)),
      's',
      card('a'),
      AT,
    ),
  ).toBeNull();
});
