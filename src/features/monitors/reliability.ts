import { inArray } from 'drizzle-orm';
import { evaluationSuiteVersion } from '#src/features/evaluations/tables.ts';
import { AppError } from '#src/kernel/errors.ts';
import { evidence } from './evidence.ts';
import type { Evidence, Reliability } from './model.ts';
import type { Period, Reading } from './present.ts';

/** Kinds of scorers that say whether an answer is supported. */
const SUPPORT_KINDS: readonly string[] = ['groundedness', 'judge'];
const MODEL_KEY = 'model_version=';

/**
 * How reliable one model was in one system over the time: benchmarks with every run, unsupported answers, and the measures of
 * the system with their gaps. Where monitors declare the model as a segment, its own series is shown, else that of the whole.
 * Throws `not_found`.
 */
export async function reliability(
  reading: Reading,
  asked: { systemId: string; model: string },
  period: Period,
): Promise<Reliability> {
  const whole = await evidence(reading, asked.systemId, period);
  if (!whole.models.includes(asked.model))
    throw new AppError(
      'not_found',
      `${whole.systemName} has no run, release or segment of a model "${asked.model.slice(0, 80)}" in this time.`,
    );
  const runs = whole.gate.runs.filter(({ model }) => model === asked.model);
  const support = await supportScorers(
    reading,
    whole.gate.suites.map(({ suiteId }) => suiteId),
  );
  const ofModel = new Set(runs.map(({ runId }) => runId));
  return {
    systemId: whole.systemId,
    systemName: whole.systemName,
    model: asked.model,
    from: whole.from,
    to: whole.to,
    runs,
    hallucination: runs.flatMap((run) =>
      run.scores.flatMap((score) =>
        support.has(`${run.suiteId} ${score.scorer}`)
          ? [
              {
                runId: run.runId,
                at: run.at,
                scorer: score.scorer,
                n: score.n,
                // Scorers give the share of supported claims.
                rate: score.mean === null ? null : 1 - score.mean,
                low: score.high === null ? null : 1 - score.high,
                high: score.low === null ? null : 1 - score.low,
              },
            ]
          : [],
      ),
    ),
    labels: whole.review.labels.filter(({ runId }) => runId !== null && ofModel.has(runId)),
    releases: whole.gate.releases.filter(({ model }) => model === asked.model),
    monitors: whole.monitors.map((monitor) => ownSeries(monitor, asked.model)),
    stepMs: whole.stepMs,
    steps: whole.steps,
  };
}

function ownSeries(monitor: Evidence['monitors'][number], model: string): Reliability['monitors'][number] {
  const own = monitor.series.filter(({ series }) => series === `${MODEL_KEY}${model}`);
  return { ...monitor, ofModel: own.length > 0, series: own.length > 0 ? own : monitor.series.slice(0, 1) };
}

async function supportScorers({ executor }: Reading, suiteIds: readonly string[]): Promise<Set<string>> {
  const versions = await executor
    .select({ suiteId: evaluationSuiteVersion.suiteId, content: evaluationSuiteVersion.content })
    .from(evaluationSuiteVersion)
    .where(inArray(evaluationSuiteVersion.suiteId, [...suiteIds]));
  return new Set(
    versions.flatMap(({ suiteId, content }) =>
      content.scorers.flatMap(({ kind, name }) => (SUPPORT_KINDS.includes(kind) ? [`${suiteId} ${name}`] : [])),
    ),
  );
}
