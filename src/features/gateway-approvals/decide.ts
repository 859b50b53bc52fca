import { and, eq, inArray, lt } from 'drizzle-orm';
import { resolveAlert } from '#src/features/alerts/index.ts';
import { alert } from '#src/features/alerts/tables.ts';
import { gatewayKey } from '#src/features/gateway-tenants/tables.ts';
import { type Actor, type Append, actorText, parseActor, personOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database, Executor, Transaction } from '#src/platform/database/connect.ts';
import { contentDigest, GATEWAY, noteApproval } from './entry.ts';
import type { ApprovalDecision } from './model.ts';
import { type ApprovalRow, gatewayApproval } from './tables.ts';

type Parts = { append: Append; clock: Clock };
const SWEPT_MAX = 1_000;

/** A person's word on one tool call. Its arguments are forgotten by that; its alert is resolved. */
export async function decideApproval(
  tx: Transaction,
  id: string,
  { decision, digest, reason }: ApprovalDecision,
  actor: Actor,
  parts: Parts,
): Promise<void> {
  const person = personOf(actor);
  if (person === null)
    throw new AppError(
      'forbidden',
      'A tool call is approved by a person. Sign in and decide it there, or name the API key of one in ASSAY_API_KEY.',
    );
  const [row] = await tx.select().from(gatewayApproval).where(eq(gatewayApproval.id, id)).for('update');
  if (!row) throw unknownApproval(id);
  const at = new Date(parts.clock());
  if (row.state !== 'waiting' || row.expiresAt <= at)
    throw new AppError(
      'conflict',
      row.state === 'waiting' || row.state === 'expired'
        ? 'Nobody decided this in time: it has expired. The caller has to ask again.'
        : `This was ${row.state === 'used' ? 'approved' : row.state} already.`,
    );
  if (digest !== contentDigest(row))
    throw new AppError('conflict', 'digest: this is not the call you read. Read it again, then decide.');
  if ((await requesterOf(tx, row)) === person)
    throw new AppError('forbidden', 'You made the key this call came with: another person has to decide it.');
  const expiresAt = new Date(at.getTime() + row.useWithinMinutes * 60_000);
  await tx
    .update(gatewayApproval)
    .set({ state: decision, decidedAt: at, decidedBy: actorText(actor), reason, expiresAt, arguments: null })
    .where(eq(gatewayApproval.id, id));
  const type = decision === 'approved' ? 'approval.granted' : 'approval.refused';
  const waitedSeconds = Math.round((at.getTime() - row.askedAt.getTime()) / 1_000);
  const body = { waitedSeconds, expiresAt: expiresAt.toISOString() };
  await noteApproval(tx, parts, type, actor, row, body, { person, values: { reason } });
  await resolveItsAlert(tx, row, { at, actor, append: parts.append }, decision);
}

/** The person behind the key of a call, as far as it is known: whoever made it. */
export async function requesterOf(executor: Executor, { keyId }: Pick<ApprovalRow, 'keyId'>): Promise<string | null> {
  if (keyId === null) return null;
  const [key] = await executor
    .select({ createdBy: gatewayKey.createdBy })
    .from(gatewayKey)
    .where(eq(gatewayKey.id, keyId));
  return key ? personOf(parseActor(key.createdBy)) : null;
}

async function resolveItsAlert(
  tx: Transaction,
  { alertId }: ApprovalRow,
  acting: { at: Date; actor: Actor; append: Append },
  decision: ApprovalDecision['decision'],
): Promise<void> {
  if (alertId === null) return;
  const [open] = await tx.select({ state: alert.state }).from(alert).where(eq(alert.id, alertId));
  if (!open || open.state === 'resolved') return;
  const reason = `The tool call was ${decision}; the reason is with the approval.`;
  await resolveAlert(tx, alertId, { resolution: 'fixed', reason }, acting);
}

/** Ends what was not decided, or not used, in time. Returns how many. */
export async function expireApprovals({ database, ...parts }: Parts & { database: Database }): Promise<number> {
  return database.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(gatewayApproval)
      .where(
        and(
          inArray(gatewayApproval.state, ['waiting', 'approved']),
          lt(gatewayApproval.expiresAt, new Date(parts.clock())),
        ),
      )
      .limit(SWEPT_MAX)
      .for('update', { skipLocked: true });
    for (const row of rows) {
      await tx.update(gatewayApproval).set({ state: 'expired', arguments: null }).where(eq(gatewayApproval.id, row.id));
      await noteApproval(tx, parts, 'approval.expired', GATEWAY, row, { was: row.state });
    }
    return rows.length;
  });
}

export function unknownApproval(id: string): AppError {
  return new AppError(
    'not_found',
    `There is no approval "${id.slice(0, 80)}". List the approvals to see which there are.`,
  );
}
