import { and, asc, count, desc, eq, inArray, sql } from 'drizzle-orm';
import { decodeCursor, encodeCursor, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { compareItems, compareVariants } from './compare.ts';
import {
  type Comparison,
  type EvaluationRun,
  type EvaluationRuns,
  type EvaluationSuite,
  purposeOf,
  type RunQuery,
} from './model.ts';
import { listSuiteRows, versionsOf } from './suites.ts';
import { evaluationResult, evaluationRun, evaluationSuite, type RunRow } from './tables.ts';

const NOTHING = { items: [], scorers: [] };

export async function listSuites(executor: Executor, namesOf: NamesOf): Promise<EvaluationSuite[]> {
  const suites = await listSuiteRows(executor);
  const shown: EvaluationSuite[] = [];
  for (const suite of suites) {
    const versions = await versionsOf(executor, suite.id);
    const who = await resolveWho(
      namesOf,
      versions.flatMap((row) => [row.proposedBy, row.reviewedBy]),
    );
    shown.push({
      id: suite.id,
      name: suite.name,
      systemId: suite.systemId,
      purpose: purposeOf((versions.find((row) => row.review === 'approved') ?? versions[0])?.content ?? NOTHING),
      inForce: versions.find((row) => row.review === 'approved')?.version ?? null,
      versions: versions.map((row) => ({
        version: row.version,
        datasetSha256: row.datasetSha256,
        items: row.content.items.length,
        scorers: row.content.scorers,
        thresholds: row.content.thresholds,
        seed: row.content.seed,
        decontamination: row.content.decontamination,
        freshDays: row.content.freshDays,
        reason: row.reason,
        proposedAt: row.proposedAt.toISOString(),
        proposedBy: who(row.proposedBy),
        review: row.review,
        reviewedAt: row.reviewedAt?.toISOString() ?? null,
        reviewedBy: row.reviewedBy === null ? null : who(row.reviewedBy),
        comment: row.comment,
      })),
    });
  }
  return shown;
}

export async function listRuns(executor: Executor, query: RunQuery, namesOf: NamesOf): Promise<EvaluationRuns> {
  const filter = and(
    query.suite === undefined ? undefined : eq(evaluationRun.suiteId, query.suite),
    query.model === undefined ? undefined : eq(evaluationRun.model, query.model),
  );
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 2);
  const rows = await executor
    .select()
    .from(evaluationRun)
    .where(
      and(
        filter,
        cursor && sql`(${evaluationRun.requestedAt}, ${evaluationRun.id}) < (${cursor[0]}::timestamptz, ${cursor[1]})`,
      ),
    )
    .orderBy(desc(evaluationRun.requestedAt), desc(evaluationRun.id))
    .limit(query.limit + 1);
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  const [counted] = await executor.select({ total: count() }).from(evaluationRun).where(filter);
  return {
    items: await presentRuns(executor, page, namesOf),
    total: counted?.total ?? 0,
    ...(last && { nextCursor: encodeCursor([last.requestedAt.toISOString(), last.id]) }),
  };
}

export async function runRow(executor: Executor, id: string): Promise<RunRow> {
  const [row] = await executor.select().from(evaluationRun).where(eq(evaluationRun.id, id));
  if (!row) throw new AppError('not_found', `There is no evaluation run ${id.slice(0, 80)}.`);
  return row;
}

export async function runById(executor: Executor, id: string, namesOf: NamesOf): Promise<EvaluationRun> {
  const [shown] = await presentRuns(executor, [await runRow(executor, id)], namesOf);
  if (!shown) throw new AppError('not_found', `There is no evaluation run ${id.slice(0, 80)}.`);
  return shown;
}

async function presentRuns(executor: Executor, rows: readonly RunRow[], namesOf: NamesOf): Promise<EvaluationRun[]> {
  const ids = [...new Set(rows.flatMap((row) => (row.suiteId === null ? [] : [row.suiteId])))];
  const suites = await executor.select().from(evaluationSuite).where(inArray(evaluationSuite.id, ids));
  const names = new Map(suites.map((suite) => [suite.id, suite.name]));
  const who = await resolveWho(
    namesOf,
    rows.map((row) => row.requestedBy),
  );
  return rows.map((row) => ({
    id: row.id,
    suite:
      row.suiteId === null
        ? null
        : { id: row.suiteId, name: names.get(row.suiteId) ?? row.suiteId, version: row.suiteVersion ?? 0 },
    title: row.title,
    origin: row.origin,
    model: row.model,
    target: row.target,
    datasetSha256: row.datasetSha256,
    state: row.state,
    cancelRequested: row.cancelRequested,
    items: row.items,
    done: row.done,
    errors: row.errors,
    scores: row.scores,
    verdict: row.verdict,
    because: row.because,
    requestedAt: row.requestedAt.toISOString(),
    requestedBy: who(row.requestedBy),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    resultsSha256: row.resultsSha256,
    evidenceId: row.evidenceId,
    error: row.error,
  }));
}

export async function listResults(
  executor: Executor,
  runId: string,
  query: { failedOnly?: 'true' | 'false' | undefined; cursor?: string | undefined; limit: number },
) {
  await runRow(executor, runId);
  const cursor = query.cursor === undefined ? undefined : Number(decodeCursor(query.cursor, 1)[0]);
  const failed = sql`(${evaluationResult.error} is not null or exists (
    select 1 from jsonb_each(${evaluationResult.scores}) as one (name, said) where said ->> 'passed' = 'false'))`;
  const filter = and(eq(evaluationResult.runId, runId), query.failedOnly === 'true' ? failed : undefined);
  const rows = await executor
    .select()
    .from(evaluationResult)
    .where(and(filter, cursor === undefined ? undefined : sql`${evaluationResult.position} > ${cursor}`))
    .orderBy(asc(evaluationResult.position))
    .limit(query.limit + 1);
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  const [counted] = await executor.select({ total: count() }).from(evaluationResult).where(filter);
  return {
    items: page.map(({ runId: _, ...row }) => row),
    total: counted?.total ?? 0,
    ...(last && { nextCursor: encodeCursor([String(last.position)]) }),
  };
}

/** Throws `conflict` unless both runs are finished. */
export async function compareRuns(
  executor: Executor,
  ids: { before: string; after: string },
  namesOf: NamesOf,
): Promise<Comparison> {
  const rows = [await runRow(executor, ids.before), await runRow(executor, ids.after)] as const;
  const open = rows.find((row) => row.state !== 'finished');
  if (open) throw new AppError('conflict', `The run ${open.id} is ${open.state}: only finished runs can be compared.`);
  const [before, after] = await Promise.all(
    rows.map((row) =>
      executor
        .select()
        .from(evaluationResult)
        .where(eq(evaluationResult.runId, row.id))
        .orderBy(asc(evaluationResult.position)),
    ),
  );
  return {
    before: await runById(executor, ids.before, namesOf),
    after: await runById(executor, ids.after, namesOf),
    sameDataset: rows[0].datasetSha256 === rows[1].datasetSha256,
    ...compareItems(before ?? [], after ?? []),
    variants: compareVariants(before ?? [], after ?? [], await variantsOf(executor, rows[1])),
  };
}

async function variantsOf(executor: Executor, { suiteId, suiteVersion }: RunRow): Promise<Map<string, string>> {
  const versions = suiteId === null ? [] : await versionsOf(executor, suiteId);
  const items = versions.find(({ version }) => version === suiteVersion)?.content.items ?? [];
  return new Map(items.flatMap(({ id, variant }) => (variant === undefined ? [] : [[id, variant] as const])));
}
