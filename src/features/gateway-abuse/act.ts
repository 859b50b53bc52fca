import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { type Actor, actorText } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { AbuseAction } from './model.ts';
import { gatewayAbuseAction, gatewayAbuseFinding } from './tables.ts';

/** What can be done to a caller. Each commits with its own ledger entry and is in force on every node within a second. */
export type CallerActions = {
  keyState(
    tx: Transaction,
    change: { keyId: string; state: 'suspended' | 'revoked'; reason: string; by: Actor },
  ): Promise<void>;
  keyRequestsPerMinute(
    tx: Transaction,
    change: { keyId: string; requestsPerMinute: number; reason: string; by: Actor },
  ): Promise<void>;
  tenantSuspended(tx: Transaction, change: { tenantId: string; reason: string; by: Actor }): Promise<void>;
};

/** Does what was decided about a finding, to its caller and to the finding, in one transaction. Throws `conflict` once it is closed. */
export async function actOn(
  tx: Transaction,
  findingId: string,
  asked: AbuseAction & { by: Actor },
  parts: { actions: CallerActions; clock: Clock },
): Promise<void> {
  const [finding] = await tx
    .select()
    .from(gatewayAbuseFinding)
    .where(eq(gatewayAbuseFinding.id, findingId))
    .for('update');
  if (!finding) throw new AppError('not_found', `There is no finding ${findingId}.`);
  if (finding.state === 'dismissed')
    throw new AppError('conflict', 'This finding was dismissed. If it happens again, there will be a new one.');
  const { reason, by } = asked;
  if (asked.action !== 'dismiss')
    await doTo({ kind: finding.callerKind, id: finding.callerId }, asked, tx, parts.actions);
  const at = new Date(parts.clock());
  await tx.insert(gatewayAbuseAction).values({
    id: makeId('gaa', at.getTime(), randomBytes(10)),
    findingId,
    action: asked.action,
    reason,
    requestsPerMinute: asked.requestsPerMinute ?? null,
    actedBy: actorText(by),
    actedAt: at,
  });
  await tx
    .update(gatewayAbuseFinding)
    .set({ state: asked.action === 'dismiss' ? 'dismissed' : 'acted' })
    .where(eq(gatewayAbuseFinding.id, findingId));
}

async function doTo(
  caller: { kind: 'key' | 'tenant'; id: string },
  { action, reason, by, requestsPerMinute }: AbuseAction & { by: Actor },
  tx: Transaction,
  actions: CallerActions,
): Promise<void> {
  if (caller.kind === 'tenant') {
    if (action !== 'suspend')
      throw new AppError('invalid_input', 'A tenant can be suspended; throttle or revoke its keys one by one.');
    return actions.tenantSuspended(tx, { tenantId: caller.id, reason, by });
  }
  if (action === 'throttle') {
    if (requestsPerMinute === undefined)
      throw new AppError('invalid_input', 'requestsPerMinute: say to how many requests a minute the key is held.');
    return actions.keyRequestsPerMinute(tx, { keyId: caller.id, requestsPerMinute, reason, by });
  }
  const state = action === 'revoke' ? 'revoked' : 'suspended';
  await actions.keyState(tx, { keyId: caller.id, state, reason, by });
}
