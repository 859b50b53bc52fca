import { randomBytes } from 'node:crypto';
import { and, count, desc, eq, gt, inArray, isNull, type SQL } from 'drizzle-orm';
import type { OpenAlert } from '#src/features/alerts/index.ts';
import { gatewayRoute } from '#src/features/gateway-policies/tables.ts';
import { type Append, lockFor } from '#src/features/records/index.ts';
import type { ApprovalAnswer, Approvals, ToolCallToApprove } from '#src/gateway/ports.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import { sealUnder } from '#src/platform/envelope.ts';
import { GATEWAY, noteApproval } from './entry.ts';
import { ARGUMENTS_CHARACTERS_MAX, DECIDED_MINUTES, WAITING_MAX, WAITING_MINUTES } from './model.ts';
import { type ApprovalRow, gatewayApproval } from './tables.ts';

export type AskParts = {
  database: Database;
  clock: Clock;
  append: Append;
  dataKeys: DataKeys;
  openAlert: OpenAlert;
};

type Answer = Parameters<Approvals['ask']>[0];
const UNABLE: ApprovalAnswer = { id: '', state: 'unable', expiresAt: 0 };

export const keyOfTenant = (tenantId: string) => `gateway-approval:${tenantId}`;

/**
 * The gateway's question to people, on the database all nodes share: whatever node the call comes to again finds the same
 * approval, and only one of them uses it up.
 */
export function createApprovals(parts: AskParts): Approvals {
  return {
    ask: (answer) =>
      parts.database.transaction(async (tx) => {
        // The calls of one caller one after the other, so that two at once neither ask twice nor use one approval twice.
        await lockFor(tx, `gateway-approval:${answer.tenantId}:${answer.keyId ?? ''}`);
        const found: (ApprovalRow | null)[] = [];
        for (const call of answer.calls) found.push(await findOrAsk(tx, answer, call, found, parts));
        if (found.every((row) => row?.state === 'approved'))
          for (const row of found) if (row) await use(tx, row, answer, parts);
        return found.map((row) => (row === null ? UNABLE : answerOf(row)));
      }),
  };
}

function answerOf({ id, state, expiresAt }: ApprovalRow): ApprovalAnswer {
  const told = state === 'approved' || state === 'refused' ? state : 'waiting';
  return { id, state: told, expiresAt: expiresAt.getTime() };
}

/** Null: no person can be asked about this call. */
async function findOrAsk(
  tx: Transaction,
  answer: Answer,
  call: ToolCallToApprove,
  taken: readonly (ApprovalRow | null)[],
  parts: AskParts,
): Promise<ApprovalRow | null> {
  const at = new Date(parts.clock());
  const rows = await tx
    .select()
    .from(gatewayApproval)
    .where(
      and(
        ofCaller(answer),
        eq(gatewayApproval.routeId, answer.routeId),
        eq(gatewayApproval.policyId, answer.policyId),
        eq(gatewayApproval.policyVersion, answer.policyVersion),
        eq(gatewayApproval.tool, call.tool),
        eq(gatewayApproval.argumentsSha256, call.argumentsSha256),
        inArray(gatewayApproval.state, ['waiting', 'approved', 'refused']),
        gt(gatewayApproval.expiresAt, at),
      ),
    )
    .orderBy(gatewayApproval.askedAt, gatewayApproval.id)
    .for('update');
  // The same call twice in one answer is two calls: each needs an approval of its own.
  const known = rows.find((row) => !taken.some((one) => one?.id === row.id));
  if (!known) return askNew(tx, answer, call, at, parts);
  if (known.state === 'waiting')
    await tx
      .update(gatewayApproval)
      .set({ askedAgain: known.askedAgain + 1 })
      .where(eq(gatewayApproval.id, known.id));
  return known;
}

function ofCaller({ tenantId, keyId }: Pick<Answer, 'tenantId' | 'keyId'>): SQL | undefined {
  return and(
    eq(gatewayApproval.tenantId, tenantId),
    keyId === null ? isNull(gatewayApproval.keyId) : eq(gatewayApproval.keyId, keyId),
  );
}

async function askNew(
  tx: Transaction,
  answer: Answer,
  call: ToolCallToApprove,
  at: Date,
  parts: AskParts,
): Promise<ApprovalRow | null> {
  if (call.argumentsText.length > ARGUMENTS_CHARACTERS_MAX) return null;
  const [waiting] = await tx
    .select({ count: count() })
    .from(gatewayApproval)
    .where(and(ofCaller(answer), eq(gatewayApproval.state, 'waiting'), gt(gatewayApproval.expiresAt, at)));
  if ((waiting?.count ?? 0) >= WAITING_MAX) return null;
  const id = makeId('gap', at.getTime(), randomBytes(10));
  const expiresAt = new Date(at.getTime() + (call.decideWithinMinutes ?? WAITING_MINUTES) * 60_000);
  const key = await parts.dataKeys.getOrCreate(tx, keyOfTenant(answer.tenantId));
  const [route] = await tx
    .select({ path: gatewayRoute.path })
    .from(gatewayRoute)
    .where(eq(gatewayRoute.id, answer.routeId));
  const { alertId } = await parts.openAlert(tx, {
    source: 'gateway_approval',
    sourceId: id,
    subject: { kind: 'gateway-route', id: answer.routeId, title: `Route ${route?.path ?? answer.routeId}` },
    severity: 'medium',
    title: `A call of the tool ${call.tool} waits for approval`,
    reasons: [
      `The policy says that a person approves each call of this tool. It waits until ${expiresAt.toISOString()}.`,
    ],
    dedupeKey: `gateway-approval:${id}`,
    occurredAt: at.toISOString(),
    link: `/gateway/approvals?approval=${id}`,
    evidence: { approval: id, decision: answer.decisionId },
  });
  const row: ApprovalRow = {
    id,
    tenantId: answer.tenantId,
    keyId: answer.keyId,
    routeId: answer.routeId,
    policyId: answer.policyId,
    policyVersion: answer.policyVersion,
    tool: call.tool,
    argumentsSha256: call.argumentsSha256,
    nonce: randomBytes(16).toString('hex'),
    arguments: sealUnder(key, Buffer.from(call.argumentsText), id),
    state: 'waiting',
    decisionId: answer.decisionId,
    askedAt: at,
    askedAgain: 0,
    expiresAt,
    useWithinMinutes: call.useWithinMinutes ?? DECIDED_MINUTES,
    decidedAt: null,
    decidedBy: null,
    reason: null,
    usedAt: null,
    usedDecisionId: null,
    alertId,
  };
  await tx.insert(gatewayApproval).values(row);
  await noteApproval(tx, parts, 'approval.requested', GATEWAY, row, {
    tenant: row.tenantId,
    key: row.keyId,
    route: row.routeId,
    policy: row.policyId,
    policyVersion: row.policyVersion,
    decision: row.decisionId,
    expiresAt: row.expiresAt.toISOString(),
  });
  return row;
}

/** Lets the call through, once. */
async function use(tx: Transaction, row: ApprovalRow, answer: Answer, parts: AskParts): Promise<void> {
  await tx
    .update(gatewayApproval)
    .set({ state: 'used', usedAt: new Date(parts.clock()), usedDecisionId: answer.decisionId })
    .where(eq(gatewayApproval.id, row.id));
  await noteApproval(tx, parts, 'approval.used', GATEWAY, row, { decision: answer.decisionId });
}

/** Where a caller's own approval stands, by its id; null for one that is not theirs. */
export async function approvalOfCaller(
  { drizzle }: Database,
  id: string,
  caller: { tenantId: string; keyId: string | null },
): Promise<{ id: string; state: string; tool: string; expires_at: string } | null> {
  const [row] = await drizzle
    .select()
    .from(gatewayApproval)
    .where(and(eq(gatewayApproval.id, id), ofCaller(caller)))
    .orderBy(desc(gatewayApproval.askedAt));
  return row ? { id: row.id, state: row.state, tool: row.tool, expires_at: row.expiresAt.toISOString() } : null;
}
