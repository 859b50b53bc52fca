import { describe, expect, test } from 'vitest';
import { compareItems } from './compare.ts';
import type { SuiteItem } from './model.ts';
import { PERTURBATIONS } from './model.ts';
import { perturbItems } from './perturb.ts';
import { summarizeScores, verdictOfRun } from './summarize.ts';

const item = (itemId: string, score: number | null, cluster = itemId) => ({
  itemId,
  cluster,
  scores: { exact: { score, passed: null, reason: null } },
});
const run = (scores: readonly (number | null)[]) => scores.map((score, k) => item(`i${k}`, score));
const repeat = (score: number, times: number) => Array.from({ length: times }, () => score);

describe('a comparison', () => {
  test('of 0/1 scores is McNemar’s exact test over the items that changed', () => {
    const before = run([...repeat(1, 40), ...repeat(1, 10), ...repeat(0, 0)]);
    const after = run([...repeat(1, 40), ...repeat(0, 10)]);
    const [score] = compareItems(before, after).scores;
    // 2 * 0.5^10
    expect(score?.p).toBeCloseTo(0.001953125, 12);
    expect(score).toMatchObject({ test: 'mcnemar_exact', worsened: 10, improved: 0, finding: 'worse', n: 50 });
    expect(score?.difference).toBeCloseTo(-0.2, 12);
  });

  test('of few changed items shows no difference, and says what it could have shown', () => {
    const [score] = compareItems(run([...repeat(1, 48), 0, 1]), run([...repeat(1, 48), 1, 0])).scores;
    expect(score).toMatchObject({ finding: 'no_difference_shown', improved: 1, worsened: 1 });
    expect(score?.minimumDetectable).toBeGreaterThan(0);
  });

  test('of items that belong together counts the clusters, not the items', () => {
    const clustered = (scores: readonly number[]) => scores.map((score, k) => item(`i${k}`, score, `c${k % 5}`));
    const before = clustered(repeat(1, 50));
    const after = clustered(Array.from({ length: 50 }, (_, k) => (k % 5 === 0 ? 0 : 1)));
    const [score] = compareItems(before, after).scores;
    // Ten items fell, all of one cluster: by items that is p = 0.002, by clusters it is nothing.
    expect(score).toMatchObject({ clusters: 5, test: 'paired_z', finding: 'no_difference_shown' });
  });

  test('leaves out what has no score or no partner, and counts it', () => {
    const before = [...run([1, null, 0]), item('gone', 1)];
    const compared = compareItems(before, [...run([1, 1, 0]), item('new', 1)]);
    expect(compared).toMatchObject({ pairs: 3, onlyBefore: 1, onlyAfter: 1 });
    expect(compared.scores[0]).toMatchObject({ n: 2, finding: 'insufficient_data', p: null });
  });

  test('of nothing is insufficient data and no error', () => {
    expect(compareItems([], [])).toMatchObject({ pairs: 0, scores: [], changed: [] });
  });
});

describe('a summary', () => {
  const scored = (scores: readonly (number | null)[]) =>
    scores.map((score, k) => ({ cluster: `c${k}`, scores: { exact: { score, passed: null, reason: null } } }));
  const threshold = { scorer: 'exact', min: 0.9, useLowerBound: false };

  test('of 0/1 scores has a Wilson interval, also where all are right', () => {
    const [score] = summarizeScores([{ name: 'exact' }], scored(repeat(1, 100)), [threshold]);
    expect(score).toMatchObject({ mean: 1, intervalMethod: 'wilson', verdict: 'pass' });
    expect(score?.interval95?.low).toBeCloseTo(0.963005, 5);
  });

  test('held by its lower bound fails where chance is not ruled out', () => {
    const [score] = summarizeScores([{ name: 'exact' }], scored([...repeat(1, 19), 0]), [
      { ...threshold, useLowerBound: true },
    ]);
    expect(score).toMatchObject({ mean: 0.95, verdict: 'fail' });
    expect(verdictOfRun(score ? [score] : [])).toMatchObject({ verdict: 'fail' });
  });

  test('with a tenth of the items unscored decides nothing', () => {
    const [score] = summarizeScores(
      [{ name: 'exact' }],
      scored([...repeat(1, 80), ...Array.from({ length: 20 }, () => null)]),
      [threshold],
    );
    expect(score).toMatchObject({ n: 80, unscored: 20, verdict: 'no_data' });
    expect(verdictOfRun(score ? [score] : []).verdict).toBe('no_data');
  });

  test('without a threshold is no pass', () => {
    expect(verdictOfRun(summarizeScores([{ name: 'exact' }], scored(repeat(1, 50)), [])).verdict).toBe('no_data');
    expect(verdictOfRun([]).verdict).toBe('no_data');
  });
});

describe('variants', () => {
  const items: SuiteItem[] = [
    { id: 'a', input: 'How long may I return the shoes I bought in May 2026?', expected: '30 days' },
    { id: 'b', input: 'x', expected: 'y', cluster: 'shared' },
  ];

  test('are the same for the same seed and others for another', () => {
    const made = perturbItems(items, PERTURBATIONS, 7);
    expect(perturbItems(items, PERTURBATIONS, 7)).toEqual(made);
    expect(perturbItems(items, PERTURBATIONS, 8)).not.toEqual(made);
    expect(made).toHaveLength(items.length * (1 + PERTURBATIONS.length));
    expect(new Set(made.map((one) => one.id)).size).toBe(made.length);
  });

  test('differ from their item, keep its answer and its cluster', () => {
    for (const one of perturbItems(items, PERTURBATIONS, 7)) {
      const source = items.find((candidate) => one.id.startsWith(candidate.id)) as SuiteItem;
      expect(one.expected).toBe(source.expected);
      expect(one.cluster).toBe(source.cluster ?? source.id);
      if (one.variant !== 'original' && one.variant !== 'spacing' && one.variant !== 'case')
        expect(one.input).not.toBe(source.input);
    }
    const typos = perturbItems(items, ['typos'], 7).find((one) => one.id === 'a~typos');
    expect(typos?.input).toContain('2026');
  });
});
