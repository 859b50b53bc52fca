import { randomBytes } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import { type AskModel, openModel } from './ask-model.ts';
import { type FinishParts, finishRun } from './finish-run.ts';
import { type GatewayUrl, judgeEndpoint } from './judge-place.ts';
import type { JudgePlace, SuiteContent, SuiteItem } from './model.ts';
import { OpenedModels } from './opened-models.ts';
import { BEAT_MS, claimRun, findProvider } from './run-queue.ts';
import { compileScorers, type ScoreOutput } from './score-output.ts';
import { evaluationResult, evaluationRun, evaluationSuiteVersion, type RunRow } from './tables.ts';

export type ExecuteParts = FinishParts & {
  secrets: Pick<Secrets, 'get'>;
  log: Log;
  gatewayUrl: GatewayUrl;
  /** For runs over an endpoint: null where it needs no key; undefined where it is not known here. */
  endpointKey?: string | null;
};

const AT_ONCE = 4;
const OUTPUT_CHARACTERS_MAX = 65_536;
// When this many items in a row get no answer, the endpoint is down and the rest would only repeat it.
const ERRORS_IN_A_ROW_MAX = 20;

/**
 * Runs, or goes on with, one evaluation. Stops soon after `signal`, and goes on where it is taken up next. Resolves to false
 * where another process works on it or it is over.
 */
export async function executeRun(parts: ExecuteParts, runId: string, signal: AbortSignal): Promise<boolean> {
  const { drizzle } = parts.records.database;
  const now = () => new Date(parts.records.clock());
  const runner = randomBytes(12).toString('hex');
  if (!(await claimRun(drizzle, runId, { runner, now: now() }))) return false;
  const mine = and(eq(evaluationRun.id, runId), eq(evaluationRun.runner, runner), eq(evaluationRun.state, 'running'));
  // One item can take longer than a process may be silent.
  const beating = setInterval(() => {
    drizzle
      .update(evaluationRun)
      .set({ beatAt: now() })
      .where(mine)
      .catch(() => undefined);
  }, BEAT_MS);
  try {
    const [row] = await drizzle.select().from(evaluationRun).where(mine);
    if (!row) return false;
    const content = await contentOf(drizzle, row);
    const outcome = await askAll(parts, row, content, signal);
    if (outcome === 'stopped') {
      await drizzle.update(evaluationRun).set({ runner: null }).where(mine);
      return true;
    }
    if (outcome === 'canceled') {
      await drizzle.update(evaluationRun).set({ state: 'canceled', finishedAt: now() }).where(mine);
      return true;
    }
    const [fresh] = await drizzle.select().from(evaluationRun).where(mine);
    if (!fresh) return false;
    await finishRun(parts, fresh, {
      thresholds: content.thresholds,
      scorers: content.scorers,
      items: new Map(content.items.map(({ id, variant, membership }) => [id, { variant, membership }])),
    });
  } catch (error) {
    if (signal.aborted) return true;
    if (!(error instanceof AppError)) parts.log.error({ err: error, runId }, 'an evaluation run failed');
    const message = error instanceof AppError ? error.message : 'An unexpected error; see the log.';
    await drizzle
      .update(evaluationRun)
      .set({ state: 'failed', finishedAt: now(), error: message.slice(0, 500) })
      .where(mine);
  } finally {
    clearInterval(beating);
  }
  return true;
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
  const model = await openTarget(parts, row);
  const judges = new OpenedModels(parts.secrets);
  try {
    const judgeOf = async (place: JudgePlace) => {
      const context = { gatewayUrl: parts.gatewayUrl, nowMs: parts.records.clock() };
      return judges.of(await judgeEndpoint(drizzle, place, context));
    };
    // One that cannot be asked ends the run before its first question.
    for (const scorer of content.scorers) if (scorer.kind === 'judge') await judgeOf(scorer);
    const score = compileScorers(content, async (scorer, prompt) => {
      const judge = await judgeOf(scorer);
      const asked = { model: scorer.model, maxTokens: 2_048, temperature: 0, seed: content.seed };
      const question = { ...asked, ...(prompt.system !== '' && { system: prompt.system }), input: prompt.user };
      return (await judge.ask(question, signal)).text;
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
    await judges.close();
  }
}

/** The model of a run. Throws `conflict` for an endpoint whose key is not here. */
async function openTarget(parts: ExecuteParts, row: RunRow) {
  const { providerId, endpoint } = row.target;
  if (endpoint === undefined)
    return openModel(await findProvider(parts.records.database.drizzle, providerId ?? ''), parts.secrets);
  if (parts.endpointKey === undefined)
    throw new AppError('conflict', 'The endpoint of this run is asked from the command line, where its key is.');
  const key = parts.endpointKey;
  const keyed = endpoint.kind === 'anthropic' ? 'x-api-key' : 'bearer';
  return openModel(
    {
      name: new URL(endpoint.baseUrl).host,
      kind: endpoint.kind === 'anthropic' ? 'anthropic' : 'openai_compatible',
      baseUrl: endpoint.baseUrl,
      secretName: key === null ? null : 'endpoint',
      authStyle: key === null ? 'none' : keyed,
      // Whoever may run commands on this machine reaches its networks anyhow.
      allowPrivateAddress: true,
    },
    { get: async () => key },
  );
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
      .select({ cancel: evaluationRun.cancelRequested, runner: evaluationRun.runner })
      .from(evaluationRun)
      .where(eq(evaluationRun.id, row.id));
    if (state?.runner !== row.runner) return 'stopped';
    if (state.cancel) return 'canceled';
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
  const withProbability = content.scorers.some((one) => one.kind === 'membership' && one.signal === 'probability');
  try {
    const answer = await model.ask(
      {
        model: row.model,
        input: item.input,
        ...(item.system !== undefined && { system: item.system }),
        maxTokens: content.maxTokens,
        temperature: content.temperature,
        seed: content.seed,
        ...(withProbability && { withProbability }),
      },
      signal,
    );
    const latencyMs = Math.round(performance.now() - startedMs);
    const output = answer.text.slice(0, OUTPUT_CHARACTERS_MAX);
    const scores = await score(item, { ...answer, text: output }, randomBytes(12).toString('hex'));
    return { ...base, output, scores, error: null, latencyMs };
  } catch (error) {
    const message = error instanceof AppError ? error.message : 'An unexpected error.';
    return { ...base, output: null, scores: {}, error: message.slice(0, 300), latencyMs: null };
  }
}
