import { and, count, desc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { compileSecrets } from '#src/detectors/secrets/detect-secrets.ts';
import { gatewayPolicy, gatewayRoute } from '#src/features/gateway-policies/tables.ts';
import { gatewayKey, gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import { decodeCursor, encodeCursor, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { openUnder } from '#src/platform/envelope.ts';
import { keyOfTenant } from './ask.ts';
import { unknownApproval } from './decide.ts';
import { contentDigest } from './entry.ts';
import type { Approval, ApprovalContent, ApprovalPage, ApprovalQuery } from './model.ts';
import { type ApprovalRow, gatewayApproval } from './tables.ts';

/** Newest first. */
export async function listApprovals(executor: Executor, query: ApprovalQuery, parts: Reading): Promise<ApprovalPage> {
  const where: SQL[] = [];
  if (query.state) where.push(eq(gatewayApproval.state, query.state));
  if (query.key) where.push(eq(gatewayApproval.keyId, query.key));
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
  const beyond = after
    ? sql`(${gatewayApproval.askedAt}, ${gatewayApproval.id}) < (${after[0]}::timestamptz, ${after[1]})`
    : undefined;
  const rows = await executor
    .select()
    .from(gatewayApproval)
    .where(and(...where, beyond))
    .orderBy(desc(gatewayApproval.askedAt), desc(gatewayApproval.id))
    .limit(query.limit + 1);
  const counted = async (...those: SQL[]) =>
    (
      await executor
        .select({ count: count() })
        .from(gatewayApproval)
        .where(and(...those))
    )[0]?.count ?? 0;
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: await present(executor, shown, parts),
    total: await counted(...where),
    waiting: await counted(eq(gatewayApproval.state, 'waiting')),
    ...(rows.length > query.limit && last && { nextCursor: encodeCursor([last.askedAt.toISOString(), last.id]) }),
  };
}

export type Reading = { namesOf: NamesOf; clock: Clock };

export async function approvalById(executor: Executor, id: string, parts: Reading): Promise<Approval> {
  const rows = await executor.select().from(gatewayApproval).where(eq(gatewayApproval.id, id));
  const [found] = await present(executor, rows, parts);
  if (!found) throw unknownApproval(id);
  return found;
}

const findSecrets = compileSecrets();

/** What the call would do, for whoever decides it. Secrets in it are masked; personal data is as the policy left it. */
export async function approvalContent(executor: Executor, id: string, dataKeys: DataKeys): Promise<ApprovalContent> {
  const [row] = await executor.select().from(gatewayApproval).where(eq(gatewayApproval.id, id));
  if (!row) throw unknownApproval(id);
  const digest = contentDigest(row);
  const key = row.arguments === null ? null : await dataKeys.get(executor, keyOfTenant(row.tenantId));
  if (row.arguments === null || key === null) return { arguments: null, masked: 0, digest };
  let text = openUnder(key, row.arguments, row.id).toString('utf8');
  const found = findSecrets(text).sort((a, b) => b.start - a.start);
  for (const { start, end } of found) text = `${text.slice(0, start)}[SECRET]${text.slice(end)}`;
  return { arguments: text, masked: found.length, digest };
}

async function present(
  executor: Executor,
  rows: readonly ApprovalRow[],
  { namesOf, clock }: Reading,
): Promise<Approval[]> {
  if (rows.length === 0) return [];
  const ids = (of: (row: ApprovalRow) => string | null) => [...new Set(rows.map(of).filter((id) => id !== null))];
  const [tenants, keys, routes, policies] = await Promise.all([
    executor
      .select()
      .from(gatewayTenant)
      .where(
        inArray(
          gatewayTenant.id,
          ids((row) => row.tenantId),
        ),
      ),
    executor
      .select()
      .from(gatewayKey)
      .where(
        inArray(
          gatewayKey.id,
          ids((row) => row.keyId),
        ),
      ),
    executor
      .select()
      .from(gatewayRoute)
      .where(
        inArray(
          gatewayRoute.id,
          ids((row) => row.routeId),
        ),
      ),
    executor
      .select()
      .from(gatewayPolicy)
      .where(
        inArray(
          gatewayPolicy.id,
          ids((row) => row.policyId),
        ),
      ),
  ]);
  const who = await resolveWho(namesOf, [...rows.map((row) => row.decidedBy), ...keys.map((key) => key.createdBy)]);
  const instant = (at: Date | null) => at?.toISOString() ?? null;
  return rows.map((row) => {
    const key = keys.find(({ id }) => id === row.keyId);
    const isOver = (row.state === 'waiting' || row.state === 'approved') && row.expiresAt.getTime() <= clock();
    return {
      id: row.id,
      // The sweep comes within a minute; until then the clock counts.
      state: isOver ? 'expired' : row.state,
      tool: row.tool,
      tenant: { id: row.tenantId, name: tenants.find(({ id }) => id === row.tenantId)?.name ?? null },
      key:
        row.keyId === null ? null : { id: row.keyId, name: key?.name ?? null, madeBy: key ? who(key.createdBy) : null },
      route: { id: row.routeId, path: routes.find(({ id }) => id === row.routeId)?.path ?? null },
      policy: {
        id: row.policyId,
        name: policies.find(({ id }) => id === row.policyId)?.name ?? null,
        version: row.policyVersion,
      },
      decisionId: row.decisionId,
      askedAt: row.askedAt.toISOString(),
      askedAgain: row.askedAgain,
      expiresAt: row.expiresAt.toISOString(),
      decidedAt: instant(row.decidedAt),
      decidedBy: row.decidedBy ? who(row.decidedBy) : null,
      reason: row.reason,
      usedAt: instant(row.usedAt),
      usedDecisionId: row.usedDecisionId,
      alertId: row.alertId,
    };
  });
}
