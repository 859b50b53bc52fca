import { sql } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import { equalBytes, toBase64, utf8Text } from '#src/ledger/log/bytes.ts';
import { MerkleTree } from '#src/ledger/log/tree.ts';
import { WINDOW_PROOF_FORMAT, type WindowProof } from '#src/ledger/log/window-proof.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import { findDecision, type StoredDecision } from './find-decision.ts';
import { slotOf } from './open-windows.ts';
import { leavesOf } from './seal-windows.ts';

export type SealedWindow = {
  id: string;
  fromMs: number;
  toMs: number;
  part: number;
  supplement: boolean;
  arrivalAfter: number;
  arrivalTo: number;
  decisions: number;
  root: Buffer;
  ledgerPendingId: string;
};

/**
 * Everything that shows one decision to be in the record, as it was. Throws `not_found` where there is no such decision or
 * its window is not sealed or not in the ledger yet, `internal` where what is stored no longer gives what was sealed.
 */
export async function proveDecision(
  parts: { database: Database; ledger: Pick<Ledger, 'entryOfPending' | 'proveInclusion' | 'vkey'> },
  id: string,
): Promise<WindowProof> {
  const { stored, window, tree, index } = await parts.database.transaction(async (tx) => {
    const decision = await findDecision(tx, id);
    const sealed = await windowOf(tx, decision);
    if (!sealed)
      throw new AppError(
        'not_found',
        `The window of decision ${id} is not sealed yet. Windows are sealed within a minute of their end; ask again then.`,
      );
    const leaves = await leavesOf(tx, sealed, decision.arrival);
    return { stored: decision, window: sealed, tree: new MerkleTree(leaves.hashes), index: leaves.index };
  });
  if (index < 0 || !equalBytes(tree.root(), window.root))
    throw new AppError(
      'internal',
      `The decisions stored for window ${window.id} no longer give the root that was sealed: something changed them. Compare with a backup.`,
    );
  const entry = await parts.ledger.entryOfPending(window.ledgerPendingId);
  if (!entry)
    throw new AppError('not_found', `The ledger has not taken in window ${window.id} yet. Ask again in a moment.`);
  const { tlogProof } = await parts.ledger.proveInclusion(entry.index);
  return {
    format: WINDOW_PROOF_FORMAT,
    record: stored.body,
    window: { id: window.id, index, size: tree.size, path: tree.inclusionProof(index).map(toBase64) },
    ledger: { leaf: utf8Text(entry.bytes) ?? '', proof: tlogProof, vkey: parts.ledger.vkey },
  };
}

/** The sealed window a decision belongs to, or null while it is open. */
export async function windowOf(tx: Transaction, decision: StoredDecision): Promise<SealedWindow | null> {
  const from = new Date(slotOf(decision.occurredAt.getTime())).toISOString();
  const { rows } = await tx.execute<SealedWindow & Record<string, unknown>>(sql`
    select id, (extract(epoch from slot_from) * 1000)::bigint as "fromMs",
      (extract(epoch from slot_to) * 1000)::bigint as "toMs", part, supplement, arrival_after as "arrivalAfter",
      arrival_to as "arrivalTo", decisions, root, ledger_pending_id as "ledgerPendingId"
    from gateway_window
    where slot_from = ${from}::timestamptz and state = 'sealed'
      and arrival_after < ${decision.arrival} and arrival_to >= ${decision.arrival}`);
  return rows[0] ?? null;
}
