import { and, desc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { decodeCursor, encodeCursor, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { AbuseFinding, AbusePage, AbuseQuery } from './model.ts';
import { type FindingRow, gatewayAbuseAction, gatewayAbuseFinding } from './tables.ts';

export async function listFindings(executor: Executor, query: AbuseQuery, namesOf: NamesOf): Promise<AbusePage> {
  const where: SQL[] = [];
  if (query.state) where.push(eq(gatewayAbuseFinding.state, query.state));
  if (query.kind) where.push(eq(gatewayAbuseFinding.kind, query.kind));
  if (query.key) where.push(eq(gatewayAbuseFinding.callerId, query.key));
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
  const beyond = after
    ? sql`(${gatewayAbuseFinding.lastAt}, ${gatewayAbuseFinding.id}) < (${after[0]}::timestamptz, ${after[1]})`
    : undefined;
  const rows = await executor
    .select()
    .from(gatewayAbuseFinding)
    .where(and(...where, beyond))
    .orderBy(desc(gatewayAbuseFinding.lastAt), desc(gatewayAbuseFinding.id))
    .limit(query.limit + 1);
  const [counted] = await executor
    .select({ total: sql<number>`count(*)` })
    .from(gatewayAbuseFinding)
    .where(and(...where));
  const { rows: watched } = await executor.execute<{ callers: number; up_to: string | null }>(sql`
    select (select count(*) from gateway_caller where kind = 'key') as callers,
      (select at from gateway_reader where name = 'abuse') as up_to`);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const upTo = watched[0]?.up_to;
  return {
    items: await present(executor, shown, namesOf),
    total: counted?.total ?? 0,
    callers: watched[0]?.callers ?? 0,
    upTo: upTo ? new Date(upTo).toISOString() : null,
    ...(rows.length > query.limit && last && { nextCursor: encodeCursor([last.lastAt.toISOString(), last.id]) }),
  };
}

export async function findingById(executor: Executor, id: string, namesOf: NamesOf): Promise<AbuseFinding> {
  const rows = await executor.select().from(gatewayAbuseFinding).where(eq(gatewayAbuseFinding.id, id));
  const [finding] = await present(executor, rows, namesOf);
  if (!finding) throw new AppError('not_found', `There is no finding ${id}.`);
  return finding;
}

async function present(executor: Executor, rows: readonly FindingRow[], namesOf: NamesOf): Promise<AbuseFinding[]> {
  if (rows.length === 0) return [];
  const actions = await executor
    .select()
    .from(gatewayAbuseAction)
    .where(
      inArray(
        gatewayAbuseAction.findingId,
        rows.map(({ id }) => id),
      ),
    )
    .orderBy(gatewayAbuseAction.actedAt);
  const who = await resolveWho(
    namesOf,
    actions.map(({ actedBy }) => actedBy),
  );
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    severity: row.severity,
    caller: { kind: row.callerKind, id: row.callerId },
    tenantId: row.tenantId,
    title: row.title,
    reasons: row.reasons,
    numbers: row.numbers,
    decisionIds: row.decisionIds,
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    times: row.times,
    state: row.state,
    alertId: row.alertId,
    actions: actions
      .filter(({ findingId }) => findingId === row.id)
      .map((action) => ({
        action: action.action,
        reason: action.reason,
        by: who(action.actedBy),
        at: action.actedAt.toISOString(),
      })),
  }));
}
