import { randomBytes } from 'node:crypto';
import { type Actor, type Append, actorText, ledgerActor } from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { KeyState, Limits } from './model.ts';
import { takeKey, takeTenant, updateKey, updateTenant } from './store.ts';

/** What an action on a key needs of the transaction it runs in. */
export type KeyActionParts = { append: Append; clock: Clock };

/**
 * Suspends, resumes or revokes a key: every node refuses it from the moment the transaction commits, give or take a
 * second. `reason` is kept beside the key and stays out of the ledger. Returns false where the key was so already.
 * Throws `not_found`, and `conflict` for a key that was revoked: that is final.
 * Call it inside `records.change('gateway', ['gateway-key'], …)`.
 */
export async function changeKeyState(
  tx: Transaction,
  change: { keyId: string; state: KeyState; reason: string; by: Actor },
  { append, clock }: KeyActionParts,
): Promise<boolean> {
  const row = await takeKey(tx, change.keyId);
  if (row.state === change.state) return false;
  if (row.state === 'revoked')
    throw new AppError('conflict', `The key ${row.prefix}… was revoked, which is final. Make a new one.`);
  const at = new Date(clock());
  await updateKey(tx, row.id, {
    state: change.state,
    stateReason: change.reason,
    stateReasonBy: actorText(change.by),
    stateChangedAt: at,
  });
  await recordKeyChange(tx, { append, clock }, change.by, row.id, {
    change: 'state',
    tenant: row.tenantId,
    from: row.state,
    to: change.state,
  });
  return true;
}

/**
 * Suspends a tenant: with it all its keys, those made later and the tokens of its issuers. Returns false where it was so
 * already. Throws `not_found`. Call it inside `records.change('gateway', ['gateway-tenant'], …)`.
 */
export async function suspendTenant(
  tx: Transaction,
  change: { tenantId: string; reason: string; by: Actor },
  { append, clock }: KeyActionParts,
): Promise<boolean> {
  const row = await takeTenant(tx, change.tenantId);
  if (row.state === 'suspended') return false;
  await updateTenant(tx, row.id, {
    state: 'suspended',
    stateReason: change.reason,
    stateReasonBy: actorText(change.by),
  });
  await append(tx, {
    type: 'gateway.tenant-changed',
    actor: ledgerActor(change.by),
    subject: { kind: 'gateway-tenant', id: row.id },
    series: 'gateway',
    body: {
      at: toInstant(clock()),
      change: 'changed',
      fields: ['state'],
      from: { state: row.state },
      to: { state: 'suspended' },
    },
    dedupeKey: `gateway:${makeId('chg', clock(), randomBytes(10))}`,
  });
  return true;
}

/** Gives a key limits of its own besides those of its tenant, or with null takes them away. Otherwise as `changeKeyState`. */
export async function setKeyLimits(
  tx: Transaction,
  change: { keyId: string; limits: Limits | null; reason: string; by: Actor },
  { append, clock }: KeyActionParts,
): Promise<boolean> {
  const row = await takeKey(tx, change.keyId);
  if (JSON.stringify(row.limits) === JSON.stringify(change.limits)) return false;
  if (row.state === 'revoked')
    throw new AppError('conflict', `The key ${row.prefix}… was revoked. Its limits do not matter any more.`);
  await updateKey(tx, row.id, {
    limits: change.limits,
    stateReason: change.reason,
    stateReasonBy: actorText(change.by),
  });
  await recordKeyChange(tx, { append, clock }, change.by, row.id, {
    change: 'limits',
    tenant: row.tenantId,
    from: row.limits,
    to: change.limits,
  });
  return true;
}

export async function recordKeyChange(
  tx: Transaction,
  { append, clock }: KeyActionParts,
  by: Actor,
  keyId: string,
  body: Record<string, JsonValue>,
): Promise<void> {
  await append(tx, {
    type: 'gateway.key-changed',
    actor: ledgerActor(by),
    subject: { kind: 'gateway-key', id: keyId },
    series: 'gateway',
    body: { at: toInstant(clock()), ...body },
    dedupeKey: `gateway:${makeId('chg', clock(), randomBytes(10))}`,
  });
}
