import { randomBytes } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import type { OpenAlert, RecordRetest } from '#src/features/alerts/index.ts';
import { addEvidence } from '#src/features/evidence/index.ts';
import { type Actor, ledgerActor, parseActor, type Records } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import type { SuiteItem, Threshold } from './model.ts';
import { type ScoredItem, type SummedScorer, summarizeScores, verdictOfRun } from './summarize.ts';
import { evaluationResult, evaluationRun, type RunRow } from './tables.ts';

export type FinishParts = {
  records: Records;
  blobs: Pick<Blobs, 'put'>;
  alerts: { openAlert: OpenAlert; recordRetest: RecordRetest };
};

const CONTROLS = ['EVM-01', 'MLC-03'];

/**
 * Adds up a run whose items are all there: scores, verdict, results as evidence, an entry in the ledger, and an alert where a
 * threshold is missed. All of it commits together.
 */
export async function finishRun(
  parts: FinishParts,
  row: RunRow,
  suite: {
    thresholds: readonly Threshold[];
    scorers: readonly SummedScorer[];
    items: ReadonlyMap<string, Pick<SuiteItem, 'variant' | 'membership'>>;
  },
): Promise<void> {
  const { records, blobs } = parts;
  const { drizzle } = records.database;
  const results = await drizzle
    .select()
    .from(evaluationResult)
    .where(eq(evaluationResult.runId, row.id))
    .orderBy(asc(evaluationResult.position));
  const items: ScoredItem[] = results.map((result) => ({
    cluster: result.cluster,
    ...suite.items.get(result.itemId),
    scores: result.scores,
  }));
  const scores = summarizeScores(suite.scorers, items, suite.thresholds);
  const { verdict, because } = verdictOfRun(scores);
  const content = canonicalJson({
    format: 'assay-evaluation/1',
    run: row.id,
    suite: row.suiteId,
    suiteVersion: row.suiteVersion,
    datasetSha256: row.datasetSha256,
    origin: row.origin,
    target: row.target,
    scores,
    verdict,
    // Outputs of models may hold anything: the evidence holds what was decided about them, the rows hold the words.
    results: results.map(({ itemId, cluster, scores: said, error }) => ({
      itemId,
      cluster,
      scores: Object.fromEntries(Object.entries(said).map(([name, one]) => [name, one.score])),
      failed: error !== null,
    })),
  });
  const bytes = new TextEncoder().encode(content);
  const { sha256 } = await blobs.put(bytes, 'application/json');
  const at = new Date(records.clock());
  const evidenceId = makeId('evd', at.getTime(), randomBytes(10));
  const actor: Actor = parseActor(row.requestedBy);
  await records.change('evaluations', ['evaluation-run', 'alert'], async (tx) => {
    const [now] = await tx.select().from(evaluationRun).where(eq(evaluationRun.id, row.id)).for('update');
    if (now?.state !== 'running' || now.runner !== row.runner)
      throw new AppError('conflict', `The run ${row.id} was taken over by another process.`);
    await addEvidence(tx, records.append, {
      id: evidenceId,
      kind: 'records',
      title: `Evaluation ${row.title} of ${row.model}`,
      source: { key: 'assay:evaluations', title: 'Evaluations' },
      query: `evaluation run ${row.id}, suite version ${row.suiteVersion ?? 'none'}`,
      collector: actor,
      grade: row.origin === 'run' ? 'A' : 'B',
      occurredAt: row.startedAt ?? at,
      observedAt: at,
      recordedAt: at,
      content: { sha256, sizeBytes: bytes.length, mediaType: 'application/json', fileName: `${row.id}.json` },
      completeness: [
        { what: 'Items', value: String(row.items) },
        { what: 'With a result', value: String(results.length) },
        { what: 'Without an answer', value: String(results.filter((one) => one.error !== null).length) },
      ],
      controls: CONTROLS,
      tests: ['evaluation-thresholds-frozen', 'evaluation-run-passes'],
    });
    await tx
      .update(evaluationRun)
      .set({
        state: 'finished',
        finishedAt: at,
        scores,
        verdict,
        because,
        resultsSha256: sha256,
        evidenceId,
        done: results.length,
        errors: results.filter((one) => one.error !== null).length,
      })
      .where(eq(evaluationRun.id, row.id));
    await records.append(tx, {
      type: 'evaluation.finished',
      actor: ledgerActor(actor),
      subject: { kind: 'evaluation-run', id: row.id },
      ...(row.suiteId !== null && { series: `evaluation-suite:${row.suiteId}` }),
      body: {
        at: at.toISOString(),
        suite: row.suiteId,
        suiteVersion: row.suiteVersion,
        datasetSha256: row.datasetSha256,
        resultsSha256: sha256,
        origin: row.origin,
        modelDigest: row.target.modelDigest,
        items: row.items,
        verdict,
      },
      dedupeKey: `evaluation-run:${row.id}`,
    });
    await tell(parts, tx, row, { verdict, because, at, sha256 });
  });
}

async function tell(
  { alerts }: FinishParts,
  tx: Parameters<OpenAlert>[0],
  row: RunRow,
  outcome: { verdict: string; because: string; at: Date; sha256: string },
): Promise<void> {
  if (row.suiteId === null) return;
  const dedupeKey = `evaluation:${row.suiteId}:${row.model}`.slice(0, 300);
  const at = outcome.at.toISOString();
  if (outcome.verdict === 'pass') await alerts.recordRetest(tx, { dedupeKey, passed: true, ref: row.id, at });
  if (outcome.verdict !== 'fail') return;
  await alerts.recordRetest(tx, { dedupeKey, passed: false, ref: row.id, at });
  await alerts.openAlert(tx, {
    source: 'evaluation',
    sourceId: row.suiteId,
    subject: { kind: 'model', id: row.model.slice(0, 200), title: row.model.slice(0, 200) },
    severity: 'high',
    title: `Evaluation ${row.title} missed a threshold`.slice(0, 200),
    reasons: [outcome.because.slice(0, 500)],
    dedupeKey,
    occurredAt: at,
    link: `/evaluations/${row.id}`,
    evidence: { run: row.id, resultsSha256: outcome.sha256 },
  });
}
