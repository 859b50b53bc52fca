import { inArray } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import type { ReadableLog } from '#src/ledger/store/former-log.ts';
import { type InclusionProof, proveInclusion } from '#src/ledger/store/prove.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import type { StoredEntry } from '#src/ledger/store/store-read.ts';
import { ledgerEntry } from '#src/ledger/store/tables.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { LedgerPosition } from './model.ts';

/** Index of each entry by the id it was appended under; entries that still wait are left out. */
export type IndexesOf = (executor: Executor, pendingIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;

export const indexesOf: IndexesOf = async (executor, pendingIds) => {
  if (pendingIds.length === 0) return new Map();
  const rows = await executor
    .select({ pendingId: ledgerEntry.pendingId, index: ledgerEntry.idx })
    .from(ledgerEntry)
    .where(inArray(ledgerEntry.pendingId, [...pendingIds]));
  return new Map(rows.map((row) => [row.pendingId, row.index]));
};

/** Where the entry appended under `pendingId` stands. */
export async function positionOf(ledger: Ledger, pendingId: string): Promise<LedgerPosition> {
  const entry = await ledger.entryOfPending(pendingId);
  if (entry) return positionOfEntry(ledger, entry);
  const former = await ledger.formerEntry(pendingId);
  if (!former?.proof) return waiting(ledger, former?.entry ?? null);
  const { origin, vkey } = former;
  return { ...integrated(former.entry, former.proof), vkey, origin };
}

/** Where a sequenced entry stands; `pending` for the moment until a signed head covers it. */
export async function positionOfEntry(ledger: ReadableLog, entry: StoredEntry): Promise<LedgerPosition> {
  try {
    const proof = await proveInclusion(ledger.reader, await ledger.signedHead(), entry.index);
    return { ...integrated(entry, proof), vkey: ledger.vkey, origin: ledger.origin };
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return waiting(ledger, entry);
    throw error;
  }
}

function integrated(entry: StoredEntry, proof: InclusionProof): Omit<LedgerPosition, 'vkey' | 'origin'> {
  return {
    state: 'integrated',
    index: entry.index,
    size: proof.size,
    leafHash: entry.leafHash,
    leaf: textOf(entry),
    proof: proof.hashes,
    checkpoint: proof.checkpoint,
  };
}

function waiting(ledger: ReadableLog, entry: StoredEntry | null): LedgerPosition {
  return {
    state: 'pending',
    index: entry?.index ?? null,
    size: null,
    leafHash: entry?.leafHash ?? null,
    leaf: entry ? textOf(entry) : null,
    proof: [],
    checkpoint: null,
    vkey: ledger.vkey,
    origin: ledger.origin,
  };
}

/** A leaf is canonical JSON, so its bytes and its text are one to one. */
export function textOf(entry: StoredEntry): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(entry.bytes);
}
