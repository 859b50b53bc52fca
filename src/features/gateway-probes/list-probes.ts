import { and, desc, eq, sql } from 'drizzle-orm';
import { decodeCursor, encodeCursor, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { ProbePage, ProbeQuery, ProbeRun } from './model.ts';
import { gatewayProbeRun, type ProbeRunRow } from './tables.ts';
import { probeTargets } from './targets.ts';

export async function listProbes(
  database: Database,
  query: ProbeQuery,
  parts: { namesOf: NamesOf; nowMs: number },
): Promise<ProbePage> {
  const { drizzle } = database;
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
  const ofKind = query.kind ? eq(gatewayProbeRun.kind, query.kind) : undefined;
  const rows = await drizzle
    .select()
    .from(gatewayProbeRun)
    .where(
      and(
        ofKind,
        after
          ? sql`(${gatewayProbeRun.requestedAt}, ${gatewayProbeRun.id}) < (${after[0]}::timestamptz, ${after[1]})`
          : undefined,
      ),
    )
    .orderBy(desc(gatewayProbeRun.requestedAt), desc(gatewayProbeRun.id))
    .limit(query.limit + 1);
  const [counted] = await drizzle.select({ total: sql<number>`count(*)` }).from(gatewayProbeRun).where(ofKind);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const targets = await probeTargets(database, parts.nowMs);
  return {
    items: await present(shown, parts.namesOf),
    total: counted?.total ?? 0,
    routes: targets.map(({ routeId, path }) => ({ id: routeId, path })),
    ...(rows.length > query.limit && last && { nextCursor: encodeCursor([last.requestedAt.toISOString(), last.id]) }),
  };
}

export async function probeById(database: Pick<Database, 'drizzle'>, id: string, namesOf: NamesOf): Promise<ProbeRun> {
  const rows = await database.drizzle.select().from(gatewayProbeRun).where(eq(gatewayProbeRun.id, id));
  const [run] = await present(rows, namesOf);
  if (!run) throw new AppError('not_found', `There is no probe ${id}.`);
  return run;
}

async function present(rows: readonly ProbeRunRow[], namesOf: NamesOf): Promise<ProbeRun[]> {
  const who = await resolveWho(
    namesOf,
    rows.map(({ requestedBy }) => requestedBy),
  );
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    state: row.state,
    suites: row.suites,
    routeId: row.routeId,
    policy: row.policyId === null ? null : { id: row.policyId, version: row.policyVersion ?? 0 },
    requestedBy: who(row.requestedBy),
    requestedAt: row.requestedAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    problem: row.problem,
    result: row.result,
    evidenceId: row.evidenceId,
  }));
}
