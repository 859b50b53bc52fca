import type { Database } from '#src/platform/database/connect.ts';
import { formatVerifierKey } from '../log/verifier-key.ts';
import { KeyRing } from './key-ring.ts';
import { type InclusionProof, proveInclusion } from './prove.ts';
import { LedgerReader, type StoredEntry } from './store-read.ts';

/** An entry of a log that was sealed, with its proof under that log's last signed head; null beyond it. */
export type FormerEntry = { entry: StoredEntry; origin: string; vkey: string; proof: InclusionProof | null };

/** Finds an entry in the logs that the present one continues, by the id it was appended under. */
export async function formerEntry(
  { database, dataDir }: { database: Database; dataDir: string },
  pendingId: string,
): Promise<FormerEntry | null> {
  const { rows } = await database.pool.query<{ id: string; origin: string }>(
    `select l.id, l.origin from ledger_entry e join ledger_log l on l.id = e.log_id
      where e.pending_id = $1 and l.sealed_at is not null`,
    [pendingId],
  );
  const log = rows[0];
  if (!log) return null;
  const reader = new LedgerReader(database, log.id);
  const entry = await reader.entryOfPending(pendingId);
  const head = await reader.lastSigned();
  if (!entry || !head) return null;
  const ring = new KeyRing({ database, dataDir, logId: log.id, origin: log.origin });
  await ring.refresh();
  const key = ring.activeAt('log', head.size).at(-1);
  if (!key) return null;
  const proof = entry.index < head.size ? await proveInclusion(reader, head, entry.index) : null;
  return { entry, origin: log.origin, vkey: formatVerifierKey(key.key), proof };
}
