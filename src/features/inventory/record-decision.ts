import { type Actor, type Append, ledgerActor } from '#src/features/records/index.ts';
import type { Transaction } from '#src/platform/database/connect.ts';

// About 60 bytes an id: a leaf stays far below its limit.
const IDS_PER_ENTRY = 150;

/** Puts decisions about items or systems into the ledger: ids and states, no titles and no reasons. */
export async function recordDecision(
  tx: Transaction,
  append: Append,
  decision: {
    actor: Actor;
    at: Date;
    /** Makes the entry this one decision, whatever is decided later. */
    decisionId: string;
    subject: 'inventory-item' | 'ai-system';
    ids: readonly string[];
    state?: string | undefined;
    systemId?: string | null | undefined;
    fields?: readonly string[];
  },
): Promise<void> {
  for (let from = 0; from < decision.ids.length; from += IDS_PER_ENTRY) {
    const ids = decision.ids.slice(from, from + IDS_PER_ENTRY);
    await append(tx, {
      type: 'inventory.decided',
      actor: ledgerActor(decision.actor),
      subject: { kind: decision.subject, id: ids.length === 1 ? (ids[0] ?? '') : decision.decisionId },
      series: 'inventory',
      body: {
        at: decision.at.toISOString(),
        ids,
        ...(decision.state !== undefined && { state: decision.state }),
        ...(decision.systemId !== undefined && { system: decision.systemId }),
        ...(decision.fields && { fields: [...decision.fields] }),
      },
      dedupeKey: `inventory:${decision.decisionId}:${from}`,
    });
  }
}
