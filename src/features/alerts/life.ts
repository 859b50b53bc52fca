import { randomBytes } from 'node:crypto';
import { type Actor, type Append, actorText, ledgerActor } from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import type { EntryType } from '#src/ledger/log/entry.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { StepKind } from './model.ts';
import { alertStep, type StepDetail } from './tables.ts';

/** Assay itself, where no person acts. */
export const ASSAY: Actor = { kind: 'service', id: 'assay' };

export type Acting = { at: Date; actor: Actor; append: Append };

const ENTRY_OF = {
  opened: 'alert.opened',
  muted: 'alert.muted',
  unmuted: 'alert.unmuted',
  recurred: 'alert.recurred',
  retested: 'alert.retested',
  acknowledged: 'alert.acknowledged',
  assigned: 'alert.assigned',
  commented: 'alert.commented',
  escalated: 'alert.escalated',
  delivered: 'alert.delivered',
  delivery_failed: 'alert.delivery-failed',
  incident_opened: 'alert.incident-opened',
  resolved: 'alert.resolved',
} as const satisfies Record<StepKind, EntryType>;

/**
 * Adds one step to the life of an alert, and its ledger entry in the same transaction. `detail` is for people and stays in
 * the row; `body` goes into the leaf: ids, states, numbers and digests only.
 */
export async function addStep(
  tx: Transaction,
  step: { alertId: string; kind: StepKind; detail?: StepDetail; body?: { [member: string]: JsonValue | undefined } },
  { at, actor, append }: Acting,
): Promise<void> {
  const { alertId, kind, detail = {}, body = {} } = step;
  await tx.insert(alertStep).values({ alertId, at, by: actorText(actor), kind, detail });
  await append(tx, {
    type: ENTRY_OF[kind],
    actor: ledgerActor(actor),
    subject: { kind: 'alert', id: alertId },
    series: `alert:${alertId}`,
    body: { at: at.toISOString(), ...body },
    dedupeKey: `alert:${makeId('stp', at.getTime(), randomBytes(10))}`,
  });
}

/** Words people wrote, for a leaf: they can be checked there and not read. */
export function digestOf(words: string): string {
  return sha256Hex(words);
}
