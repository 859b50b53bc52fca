import { randomBytes } from 'node:crypto';
import { and, eq, inArray, isNull, lt, or } from 'drizzle-orm';
import { gatewayProvider, type ProviderRow } from '#src/features/gateway-providers/tables.ts';
import { type Actor, actorText } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { addJob } from '#src/platform/jobs.ts';
import type { Log } from '#src/platform/log.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import { type AskModel, openModel } from './ask-model.ts';
import { type FinishParts, finishRun } from './finish-run.ts';
import type { StartRun, SuiteContent, SuiteItem } from './model.ts';
import { compileScorers, type ScoreOutput } from './score-output.ts';
import { findSuite, versionInForce } from './suites.ts';
import { evaluationResult, evaluationRun, evaluationSuiteVersion, type RunRow } from './tables.ts';

export const EVALUATION_JOB = 'evaluations:run';

export type ExecuteParts = FinishParts & { secrets: Pick<Secrets, 'get'>; log: Log };
export type EvaluationQueue = { addJob: typeof addJob };

const AT_ONCE = 4;
const OUTPUT_CHARACTERS_MAX = 65_536;
// A run that has not moved for this long was lost with its process.
const LOST_AFTER_MS = 300_000;
// When this many items in a row get no answer, the endpoint is down and the rest would only repeat it.
const ERRORS_IN_A_ROW_MAX = 20;

/** Puts a run of the approved version aside for the runner. Throws `conflict` where no version is approved. */
export async function requestRun(
  tx: Transaction,
  queue: EvaluationQueue,
  asked: StartRun & { suite: string },
  acting: { at: Date; actor: Actor },
): Promise<string> {
  const suite = await findSuite(tx, asked.suite);
  const version = await versionInForce(tx, suite.id);
  if (!version)
    throw new AppError(
      'conflict',
      `No version of "${suite.name}" is approved. A second person approves items and thresholds before the first run.`,
    );
  await providerRow(tx, asked.providerId);
  const id = makeId('evr', acting.at.getTime(), randomBytes(10));
  await tx.insert(evaluationRun).values({
    id,
    suiteId: suite.id,
    suiteVersion: version.version,
    title: suite.name,
    datasetSha256: version.datasetSha256,
    origin: 'run',
    target: { providerId: asked.providerId, model: asked.model, modelDigest: asked.modelDigest },
    model: asked.model,
    state: 'queued',
    items: version.content.items.length,
    requestedAt: acting.at,
    requestedBy: actorText(acting.actor),
  });
  await queue.addJob(tx, EVALUATION_JOB, { runId: id }, { key: `${EVALUATION_JOB}:${id}` });
  return id;
}

export async function cancelRun(tx: Transaction, id: string, at: Date): Promise<void> {
  const [row] = await tx.select().from(evaluationRun).where(eq(evaluationRun.id, id)).for('update');
  if (!row) throw new AppError('not_found', `There is no evaluation run ${id}.`);
  if (row.state !== 'queued' && row.state !== 'running')
    throw new AppError('conflict', `The run is ${row.state} already.`);
  await tx
    .update(evaluationRun)
    .set({ cancelRequested: true, ...(row.state === 'queued' && { state: 'canceled', finishedAt: at }) })
    .where(eq(evaluationRun.id, id));
}

/** Puts back what an earlier process left behind. The items that are there already are not asked again. */
export async function recoverRuns(executor: Executor, queue: EvaluationQueue, now: Date): Promise<void> {
  const lost = new Date(now.getTime() - LOST_AFTER_MS);
  const rows = await executor
    .select({ id: evaluationRun.id })
    .from(evaluationRun)
    .where(
      and(
        inArray(evaluationRun.state, ['queued', 'running']),
        or(lt(evaluationRun.beatAt, lost), and(isNull(evaluationRun.beatAt), lt(evaluationRun.requestedAt, lost))),
      ),
    );
  for (const { id } of rows)
    await queue.addJob(executor, EVALUATION_JOB, { runId: id }, { key: `${EVALUATION_JOB}:${id}` });
}

/** Runs, or goes on with, one evaluation. Stops soon after `signal`, and goes on at the next start. */
export async function executeRun(parts: ExecuteParts, runId: string, signal: AbortSignal): Promise<void> {
  const { drizzle } = parts.records.database;
  const now = () => new Date(parts.records.clock());
  const [row] = await drizzle.select().from(evaluationRun).where(eq(evaluationRun.id, runId));
  if (!row || (row.state !== 'queued' && row.state !== 'running') || row.suiteId === null) return;
  await drizzle
    .update(evaluationRun)
    .set({ state: 'running', startedAt: row.startedAt ?? now(), beatAt: now() })
    .where(eq(evaluationRun.id, runId));
  try {
    const content = await contentOf(drizzle, row);
    const outcome = await askAll(parts, row, content, signal);
    if (outcome === 'stopped') return;
    if (outcome === 'canceled') {
      await drizzle
        .update(evaluationRun)
        .set({ state: 'canceled', finishedAt: now() })
        .where(eq(evaluationRun.id, runId));
      return;
    }
    const [fresh] = await drizzle.select().from(evaluationRun).where(eq(evaluationRun.id, runId));
    await finishRun(parts, fresh ?? row, {
      thresholds: content.thresholds,
      scorers: content.scorers.map((scorer) => scorer.name),
      variants: new Map(content.items.map((item) => [item.id, item.variant])),
    });
  } catch (error) {
    if (!(error instanceof AppError)) parts.log.error({ err: error, runId }, 'an evaluation run failed');
    const message = error instanceof AppError ? error.message : 'An unexpected error; see the log.';
    await drizzle
      .update(evaluationRun)
      .set({ state: 'failed', finishedAt: now(), error: message.slice(0, 500) })
      .where(eq(evaluationRun.id, runId));
  }
}

async function contentOf(executor: Executor, row: RunRow): Promise<SuiteContent> {
  const [version] = await executor
    .select()
    .from(evaluationSuiteVersion)
    .where(
      and(
        eq(evaluationSuiteVersion.suiteId, row.suiteId ?? ''),
        eq(evaluationSuiteVersion.version, row.suiteVersion ?? 0),
      ),
    );
  if (!version) throw new AppError('not_found', 'The version of the suite is not there any more.');
  return version.content;
}

async function askAll(
  parts: ExecuteParts,
  row: RunRow,
  content: SuiteContent,
  signal: AbortSignal,
): Promise<'done' | 'stopped' | 'canceled'> {
  const { drizzle } = parts.records.database;
  const provider = await providerRow(drizzle, row.target.providerId ?? '');
  const model = await openModel(provider, parts.secrets);
  const judges = new Map<string, Awaited<ReturnType<typeof openModel>>>();
  try {
    for (const scorer of content.scorers)
      if (scorer.kind === 'judge' && !judges.has(scorer.providerId))
        judges.set(scorer.providerId, await openModel(await providerRow(drizzle, scorer.providerId), parts.secrets));
    const score = compileScorers(content, (scorer, prompt) => {
      const judge = judges.get(scorer.providerId);
      if (!judge) throw new AppError('internal', 'The provider of the judge was not opened.');
      const asked = { model: scorer.model, maxTokens: 2_048, temperature: 0, seed: content.seed };
      return judge.ask(
        { ...asked, ...(prompt.system !== '' && { system: prompt.system }), input: prompt.user },
        signal,
      );
    });
    const there = await drizzle
      .select({ itemId: evaluationResult.itemId })
      .from(evaluationResult)
      .where(eq(evaluationResult.runId, row.id));
    const known = new Set(there.map(({ itemId }) => itemId));
    const todo = content.items.flatMap((item, position) => (known.has(item.id) ? [] : [{ item, position }]));
    return await askItems({ parts, row, content, model, score, done: known.size }, todo, signal);
  } finally {
    await model.close();
    for (const judge of judges.values()) await judge.close();
  }
}

type Asking = {
  parts: ExecuteParts;
  row: RunRow;
  content: SuiteContent;
  model: { ask: AskModel };
  score: ScoreOutput;
  done: number;
};

async function askItems(
  asking: Asking,
  todo: readonly { item: SuiteItem; position: number }[],
  signal: AbortSignal,
): Promise<'done' | 'stopped' | 'canceled'> {
  const { parts, row } = asking;
  const { drizzle } = parts.records.database;
  let { done } = asking;
  let errorsInARow = 0;
  for (let from = 0; from < todo.length; from += AT_ONCE) {
    if (signal.aborted) return 'stopped';
    const [state] = await drizzle
      .select({ cancel: evaluationRun.cancelRequested })
      .from(evaluationRun)
      .where(eq(evaluationRun.id, row.id));
    if (state?.cancel) return 'canceled';
    const results = await Promise.all(
      todo.slice(from, from + AT_ONCE).map((one) => askOne(asking, one.item, one.position, signal)),
    );
    if (signal.aborted) return 'stopped';
    await drizzle.insert(evaluationResult).values(results).onConflictDoNothing();
    done += results.length;
    for (const result of results) errorsInARow = result.error === null ? 0 : errorsInARow + 1;
    await drizzle
      .update(evaluationRun)
      .set({ done, beatAt: new Date(parts.records.clock()) })
      .where(eq(evaluationRun.id, row.id));
    if (errorsInARow >= ERRORS_IN_A_ROW_MAX)
      throw new AppError(
        'unavailable',
        `${errorsInARow} items in a row got no answer, the last one: ${results.at(-1)?.error ?? ''} Nothing was decided.`,
      );
  }
  return 'done';
}

async function askOne({ row, content, model, score }: Asking, item: SuiteItem, position: number, signal: AbortSignal) {
  const base = { runId: row.id, itemId: item.id, position, cluster: item.cluster ?? item.id };
  const startedMs = performance.now();
  try {
    const output = await model.ask(
      {
        model: row.model,
        input: item.input,
        ...(item.system !== undefined && { system: item.system }),
        maxTokens: content.maxTokens,
        temperature: content.temperature,
        seed: content.seed,
      },
      signal,
    );
    const latencyMs = Math.round(performance.now() - startedMs);
    const scores = await score(item, output.slice(0, OUTPUT_CHARACTERS_MAX), randomBytes(12).toString('hex'));
    return { ...base, output: output.slice(0, OUTPUT_CHARACTERS_MAX), scores, error: null, latencyMs };
  } catch (error) {
    const message = error instanceof AppError ? error.message : 'An unexpected error.';
    return { ...base, output: null, scores: {}, error: message.slice(0, 300), latencyMs: null };
  }
}

async function providerRow(executor: Executor, id: string): Promise<ProviderRow> {
  const [row] = await executor.select().from(gatewayProvider).where(eq(gatewayProvider.id, id));
  if (!row)
    throw new AppError('not_found', `There is no provider ${id.slice(0, 80)}. Add one under Gateway, Providers.`);
  return row;
}
