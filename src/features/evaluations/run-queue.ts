import { randomBytes } from 'node:crypto';
import { and, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import { gatewayProvider, type ProviderRow } from '#src/features/gateway-providers/tables.ts';
import { type Actor, actorText } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { addJob } from '#src/platform/jobs.ts';
import type { EndpointKind, RunTarget } from './model.ts';
import { findSuite, versionInForce } from './suites.ts';
import { evaluationRun } from './tables.ts';

export const EVALUATION_JOB = 'evaluations:run';
export type EvaluationQueue = { addJob: typeof addJob };
/** A process beats at this pace while it works on a run; one that has not for `LOST_AFTER_MS` was lost. */
export const BEAT_MS = 10_000;
export const LOST_AFTER_MS = 60_000;

/** What is asked: a provider of the gateway, or an endpoint as it stands. */
export type AskedTarget = Pick<RunTarget, 'model' | 'modelDigest'> &
  ({ providerId: string } | { endpoint: { kind: EndpointKind; baseUrl: string } });

/** Enters a run of the approved version. Throws `conflict` where no version is approved. */
export async function enterRun(
  tx: Transaction,
  asked: { suite: string; target: AskedTarget },
  acting: { at: Date; actor: Actor },
): Promise<string> {
  const suite = await findSuite(tx, asked.suite);
  const version = await versionInForce(tx, suite.id);
  if (!version)
    throw new AppError(
      'conflict',
      `No version of "${suite.name}" is approved. A second person approves items and thresholds before the first run.`,
    );
  const { target } = asked;
  const kind = 'providerId' in target ? (await findProvider(tx, target.providerId)).kind : target.endpoint.kind;
  if (kind === 'anthropic' && version.content.temperature > 1)
    throw new AppError(
      'invalid_input',
      'temperature: this kind of endpoint takes 0 to 1. Propose a version with less.',
    );
  if ('endpoint' in target) checkEndpoint(target.endpoint.baseUrl);
  const id = makeId('evr', acting.at.getTime(), randomBytes(10));
  await tx.insert(evaluationRun).values({
    id,
    suiteId: suite.id,
    suiteVersion: version.version,
    title: suite.name,
    datasetSha256: version.datasetSha256,
    origin: 'run',
    target: { providerId: null, ...target },
    model: target.model,
    state: 'queued',
    items: version.content.items.length,
    requestedAt: acting.at,
    requestedBy: actorText(acting.actor),
  });
  return id;
}

/** The address is kept with the run and shown: nothing secret may stand in it. */
function checkEndpoint(baseUrl: string): void {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new AppError('invalid_input', 'endpoint: give an address such as https://host/v1.');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new AppError('invalid_input', 'endpoint: leave user names, keys and parameters out of the address.');
}

/** Leaves a run to the server. */
export async function queueRun(executor: Executor, queue: EvaluationQueue, id: string): Promise<void> {
  await queue.addJob(executor, EVALUATION_JOB, { runId: id }, { key: `${EVALUATION_JOB}:${id}` });
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

const lostBefore = (now: Date) => new Date(now.getTime() - LOST_AFTER_MS);

/**
 * Takes a run for one process. False where another works on it, or nothing is left to do; a process that stopped beating
 * has lost it.
 */
export async function claimRun(executor: Executor, id: string, claim: { runner: string; now: Date }): Promise<boolean> {
  const taken = await executor
    .update(evaluationRun)
    .set({
      state: 'running',
      runner: claim.runner,
      beatAt: claim.now,
      startedAt: sql`coalesce(${evaluationRun.startedAt}, ${claim.now.toISOString()}::timestamptz)`,
    })
    .where(
      and(
        eq(evaluationRun.id, id),
        eq(evaluationRun.origin, 'run'),
        inArray(evaluationRun.state, ['queued', 'running']),
        or(isNull(evaluationRun.runner), lt(evaluationRun.beatAt, lostBefore(claim.now))),
      ),
    )
    .returning({ id: evaluationRun.id });
  return taken.length > 0;
}

/** Puts back what an earlier process left behind. The items that are there already are not asked again. */
export async function recoverRuns(executor: Executor, queue: EvaluationQueue, now: Date): Promise<void> {
  const lost = lostBefore(now);
  const rows = await executor
    .select({ id: evaluationRun.id })
    .from(evaluationRun)
    .where(
      and(
        inArray(evaluationRun.state, ['queued', 'running']),
        // The key of an endpoint is with whoever started the run: only they can go on.
        sql`${evaluationRun.target} ->> 'providerId' is not null`,
        or(lt(evaluationRun.beatAt, lost), and(isNull(evaluationRun.beatAt), lt(evaluationRun.requestedAt, lost))),
      ),
    );
  for (const { id } of rows) await queueRun(executor, queue, id);
}

/** By id or by name. */
export async function findProvider(executor: Executor, idOrName: string): Promise<ProviderRow> {
  const rows = await executor
    .select()
    .from(gatewayProvider)
    .where(or(eq(gatewayProvider.id, idOrName), eq(gatewayProvider.name, idOrName)));
  const row = rows.find(({ id }) => id === idOrName) ?? rows[0];
  if (!row)
    throw new AppError(
      'not_found',
      `There is no provider "${idOrName.slice(0, 80)}". Add one under Gateway, Providers.`,
    );
  return row;
}
