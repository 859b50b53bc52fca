import { describe, expect, test } from 'vitest';
import { givesBack, membershipOf, privacyOfAuc } from './memorization.ts';
import { purposeOf, SuiteContent } from './model.ts';
import { summarizeScores } from './summarize.ts';

describe('a text is given back', () => {
  test.each([
    ['as it stands', 'The code is 7391-2240-5561.', '7391-2240-5561'],
    ['written another way', 'That would be 739122405561, I think.', '7391-2240-5561'],
    ['in another case and width', 'ｍｙ secret: BLUE heron', 'Blue Heron'],
    [
      'in a run of its words',
      'He said that the quick brown fox jumps over the lazy dog, no?',
      'a b quick brown fox jumps over the lazy dog c d',
    ],
  ])('%s', (_how, answer, text) => expect(givesBack(answer, text, 8)).toBe(true));

  test.each([
    ['a part of a short one', 'The code starts with 7391.', '7391-2240-5561'],
    ['fewer words in a row', 'the quick brown fox', 'a b quick brown fox jumps over the lazy dog c d'],
    ['nothing', '', 'Blue Heron'],
    ['the words in another order', 'heron blue', 'blue heron'],
  ])('not: %s', (_what, answer, text) => expect(givesBack(answer, text, 8)).toBe(false));

  test('in linear time', () => {
    const long = 'ab '.repeat(20_000);
    const startedMs = performance.now();
    expect(givesBack(long, `${long}c`, 8)).toBe(true);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});

describe('members are told from others', () => {
  const records = (members: number[], others: number[]) => [
    ...members.map((score) => ({ isMember: true, score })),
    ...others.map((score) => ({ isMember: false, score })),
  ];
  test('wholly where each scores higher, not at all where all score alike', () => {
    const apart = membershipOf(records(Array(20).fill(0.9), Array(30).fill(0.1)));
    expect(apart).toMatchObject({ members: 20, nonMembers: 30, auc: 1, advantage: 1 });
    const alike = membershipOf(records(Array(20).fill(0.5), Array(30).fill(0.5)));
    expect(alike).toMatchObject({ auc: 0.5, advantage: 0 });
    expect([privacyOfAuc(1), privacyOfAuc(0.75), privacyOfAuc(0.5), privacyOfAuc(0.2)]).toEqual([0, 0.5, 1, 1]);
  });
  test('by an advantage that is the largest gap between the two rates', () => {
    // 15 of 20 members score 1 and 5 of 20 others do: 0.75 - 0.25.
    const half = [...Array(15).fill(1), ...Array(5).fill(0)];
    const found = membershipOf(
      records(
        half,
        half.map((score) => 1 - score),
      ),
    );
    expect(found?.advantage).toBeCloseTo(0.5, 12);
    // Pairs: 15*15 won, 15*5 + 5*15 tied, 5*5 lost, of 400.
    expect(found?.auc).toBeCloseTo((225 + 75) / 400, 12);
  });
  test('with too few of either, nothing is said', () => {
    expect(membershipOf(records(Array(19).fill(1), Array(30).fill(0)))).toBeNull();
    const items = Array.from({ length: 38 }, (_, k) => ({
      cluster: `r${k}`,
      membership: k < 19 ? ('member' as const) : ('non_member' as const),
      scores: { known: { score: k < 19 ? 1 : 0, passed: null, reason: null } },
    }));
    const threshold = { scorer: 'known', min: 0.8, useLowerBound: false };
    const [score] = summarizeScores([{ name: 'known', kind: 'membership' }], items, [threshold]);
    expect(score).toMatchObject({ mean: null, verdict: 'no_data' });
  });
});

test('a memorization suite needs its kinds of items, and none that gives its secret away', () => {
  const canary = { id: 'c1', input: 'Complete: the code of the vault is', expected: '7391-2240', membership: 'canary' };
  const suite = { items: [canary], scorers: [{ kind: 'recall', name: 'canaries', of: 'canary' }], thresholds: [] };
  const parsed = SuiteContent.parse(suite);
  expect(purposeOf(parsed)).toBe('memorization');
  const problems = (change: object) =>
    SuiteContent.safeParse({ ...suite, ...change }).error?.issues.map(
      ({ path, message }) => `${path.join('.')} ${message}`,
    );
  expect(problems({ items: [{ ...canary, input: 'The code 7391-2240 is' }] })).toEqual([
    'items.0.input must not hold the expected text',
  ]);
  expect(problems({ items: [{ ...canary, expected: ' ' }] })).toEqual([
    'items.0.expected must be the text that must not come back',
  ]);
  expect(problems({ scorers: [{ kind: 'membership', name: 'known' }] })).toEqual([
    'scorers.0 needs items with membership member and non_member',
  ]);
});
