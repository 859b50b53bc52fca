import type { Actor, Append } from '#src/features/records/index.ts';
import { ledgerActor } from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { ApprovalRow } from './tables.ts';

export const GATEWAY: Actor = { kind: 'service', id: 'gateway' };

type EntryOfApproval =
  | 'approval.requested'
  | 'approval.granted'
  | 'approval.refused'
  | 'approval.used'
  | 'approval.expired';

/**
 * Names the call in the ledger and to whoever decides it: tool and arguments under a nonce that stays here, since a digest
 * of few words could be guessed.
 */
export function contentDigest(row: Pick<ApprovalRow, 'nonce' | 'tool' | 'argumentsSha256'>): string {
  return sha256Hex(`${row.nonce}\u0000${row.tool}\u0000${row.argumentsSha256}`);
}

export async function noteApproval(
  tx: Transaction,
  { append, clock }: { append: Append; clock: Clock },
  type: EntryOfApproval,
  actor: Actor,
  row: ApprovalRow,
  body: Record<string, JsonValue>,
  /** In the words of a person: the leaf commits to them, with salt. */
  personal?: { person: string; values: Record<string, JsonValue> },
): Promise<void> {
  await append(tx, {
    type,
    actor: ledgerActor(actor),
    subject: { kind: 'gateway-approval', id: row.id },
    series: 'gateway',
    body: { at: toInstant(clock()), what: 'gateway-tool-call', digest: contentDigest(row), ...body },
    ...(personal && { personal }),
    dedupeKey: `gateway-approval:${row.id}:${type}`,
  });
}
