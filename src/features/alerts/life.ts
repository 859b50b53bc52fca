import { randomBytes } from 'node:crypto';
import { type Actor, type Append, actorText, ledgerActor, wordsOf } from '#src/features/records/index.ts';
import { canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
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
 * the row; `body` goes into the leaf: ids, states, numbers and digests only. The leaf commits to `words` of the actor.
 */
export async function addStep(
  tx: Transaction,
  step: {
    alertId: string;
    kind: StepKind;
    detail?: StepDetail;
    body?: { [member: string]: JsonValue | undefined };
    words?: Record<string, string | undefined>;
  },
  { at, actor, append }: Acting,
): Promise<void> {
  const { alertId, kind, detail = {}, body = {}, words = {} } = step;
  await tx.insert(alertStep).values({ alertId, at, by: actorText(actor), kind, detail });
  await append(tx, {
    type: ENTRY_OF[kind],
    actor: ledgerActor(actor),
    subject: { kind: 'alert', id: alertId },
    series: `alert:${alertId}`,
    body: { at: at.toISOString(), ...body },
    ...wordsOf(actor, words),
    dedupeKey: `alert:${makeId('stp', at.getTime(), randomBytes(10))}`,
  });
}

/** What a machine found, for a leaf. Not for words of people: those can be guessed, see `words` above. */
export function digestOf(value: JsonValue): string {
  return sha256Hex(canonicalJson(value));
}
