import { eq, inArray, max } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import { evaluationRun, evaluationSuite } from '#src/features/evaluations/tables.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { clopperPearson } from '#src/statistics/proportion.ts';
import { labelReports } from './report.ts';
import { labelGiven, labelItem, labelSample } from './tables.ts';

/** Every sample with how far its labels have come and how the scorer did against them. */
export async function labelSampleFacts(executor: Executor): Promise<KnownFact<'label-sample'>[]> {
  const samples = await executor
    .select({ sample: labelSample, systemId: evaluationSuite.systemId })
    .from(labelSample)
    .leftJoin(evaluationRun, eq(evaluationRun.id, labelSample.runId))
    .leftJoin(evaluationSuite, eq(evaluationSuite.id, evaluationRun.suiteId));
  const reports = await labelReports(executor);
  const facts: KnownFact<'label-sample'>[] = [];
  // One after the other: a transaction answers one statement at a time.
  for (const { sample, systemId } of samples) {
    const report = reports.find(({ id }) => id === sample.id);
    if (!report) continue;
    const items = await executor
      .select({ id: labelItem.id })
      .from(labelItem)
      .where(inArray(labelItem.sampleId, [sample.id]));
    const [last] = await executor
      .select({ at: max(labelGiven.at) })
      .from(labelGiven)
      .where(
        inArray(
          labelGiven.itemId,
          items.map(({ id }) => id),
        ),
      );
    const { gold } = report;
    const n = gold.positives + gold.negatives;
    facts.push({
      kind: 'label-sample',
      key: sample.id,
      body: {
        runId: sample.runId,
        systemId: systemId ?? sample.systemId,
        scorer: sample.scorer,
        drawnAt: sample.createdAt.toISOString(),
        lastLabeledAt: last?.at?.toISOString() ?? null,
        sampled: report.sampled,
        labeledTwice: report.labeledTwice,
        gold: n,
        agreement: n === 0 ? null : (gold.truePositives + gold.trueNegatives) / n,
        agreementInterval: clopperPearson(gold.truePositives + gold.trueNegatives, n),
      },
    });
  }
  return facts;
}
