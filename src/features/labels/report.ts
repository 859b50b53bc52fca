import { asc, eq, inArray } from 'drizzle-orm';
import { evaluationResult } from '#src/features/evaluations/tables.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import {
  cohenKappa,
  JUDGE_INFORMATIVE_MIN,
  type JudgeGold,
  judgeCorrectedRate,
  rawAgreement,
} from '#src/statistics/agreement.ts';
import { wilson } from '#src/statistics/proportion.ts';
import { LABEL_VERDICTS, type LabelReport, type LabelVerdict } from './model.ts';
import { labelGiven, labelItem, labelSample } from './tables.ts';

const NORMAL_95 = 1.959_963_984_540_054;

/** For each sample, or those with `ids`: agreement of the labelers, how the scorer did against them, and the rate corrected by that. */
export async function labelReports(executor: Executor, ids?: readonly string[]): Promise<LabelReport[]> {
  const samples = await executor
    .select()
    .from(labelSample)
    .where(ids && inArray(labelSample.id, [...ids]))
    .orderBy(asc(labelSample.createdAt), asc(labelSample.id));
  const reports: LabelReport[] = [];
  for (const sample of samples) {
    const items = await executor.select().from(labelItem).where(eq(labelItem.sampleId, sample.id));
    const given = await executor
      .select()
      .from(labelGiven)
      .where(
        inArray(
          labelGiven.itemId,
          items.map((item) => item.id),
        ),
      )
      .orderBy(asc(labelGiven.at), asc(labelGiven.userId));
    const labels = new Map<string, LabelVerdict[]>();
    for (const one of given) labels.set(one.itemId, [...(labels.get(one.itemId) ?? []), one.verdict]);
    const passed = await passedOf(executor, sample, items);
    reports.push({
      id: sample.id,
      runId: sample.runId,
      systemId: sample.systemId,
      scorer: sample.scorer,
      rate: sample.rate,
      seed: sample.seed,
      ...reportOf(
        items.map((item) => ({ flagged: item.flagged, labels: labels.get(item.id) ?? [] })),
        { flagged: passed.filter((one) => !one).length, n: passed.length },
      ),
    });
  }
  return reports;
}

/** What the scorer said of everything that the sample was drawn from; of live traffic, what it said of the sample. */
async function passedOf(
  executor: Executor,
  { runId, scorer }: typeof labelSample.$inferSelect,
  items: readonly { flagged: boolean | null }[],
): Promise<boolean[]> {
  if (runId === null) return items.flatMap(({ flagged }) => (flagged === null ? [] : [!flagged]));
  const results = await executor
    .select({ scores: evaluationResult.scores })
    .from(evaluationResult)
    .where(eq(evaluationResult.runId, runId));
  return results.flatMap(({ scores }) => {
    const one = scores[scorer]?.passed;
    return one === null || one === undefined ? [] : [one];
  });
}

/** The numbers behind one report; pure. Items on which the two labelers differ or are unsure are no gold. */
export function reportOf(
  items: readonly { flagged: boolean | null; labels: readonly LabelVerdict[] }[],
  measured: { flagged: number; n: number },
): Omit<LabelReport, 'id' | 'runId' | 'systemId' | 'scorer' | 'rate' | 'seed'> {
  const twice = items.filter((item) => item.labels.length >= 2);
  const code = (verdict: LabelVerdict | undefined) => LABEL_VERDICTS.indexOf(verdict ?? 'unsure');
  const first = twice.map((item) => code(item.labels[0]));
  const second = twice.map((item) => code(item.labels[1]));
  const gold = goldOf(twice);
  const sensitivity = gold.positives === 0 ? null : gold.truePositives / gold.positives;
  const specificity = gold.negatives === 0 ? null : gold.trueNegatives / gold.negatives;
  const interval = wilson(measured.flagged, measured.n);
  return {
    sampled: items.length,
    labeledTwice: twice.length,
    agreement: { raw: rawAgreement(first, second), kappa: cohenKappa(first, second) },
    gold,
    sensitivity,
    specificity,
    measured: {
      ...measured,
      rate: measured.n === 0 ? null : measured.flagged / measured.n,
      interval95: interval && { low: interval[0], high: interval[1] },
    },
    corrected: correctedOf(measured, gold, (sensitivity ?? 0) + (specificity ?? 0)),
  };
}

/** How the scorer did on items on which two people agree. */
export function goldOf(items: readonly { flagged: boolean | null; labels: readonly LabelVerdict[] }[]): JudgeGold {
  const gold: JudgeGold = { positives: 0, truePositives: 0, negatives: 0, trueNegatives: 0 };
  for (const { flagged, labels } of items) {
    const [a, b] = labels;
    if (flagged === null || a === undefined || a !== b || a === 'unsure') continue;
    if (a === 'unsupported') {
      gold.positives++;
      if (flagged) gold.truePositives++;
    } else {
      gold.negatives++;
      if (!flagged) gold.trueNegatives++;
    }
  }
  return gold;
}

function correctedOf(
  measured: { flagged: number; n: number },
  gold: JudgeGold,
  informative: number,
): LabelReport['corrected'] {
  const none = (reason: string) => ({ status: 'insufficient_data' as const, reason, rate: null, interval95: null });
  const corrected = judgeCorrectedRate(measured.flagged, measured.n, gold);
  if (corrected.status !== 'ok') return none(corrected.reason);
  if (informative <= JUDGE_INFORMATIVE_MIN) return none('judge_uninformative');
  const half = NORMAL_95 * corrected.standardError;
  return {
    status: 'ok',
    reason: null,
    rate: corrected.clipped,
    interval95: { low: Math.max(0, corrected.rate - half), high: Math.min(1, corrected.rate + half) },
  };
}
