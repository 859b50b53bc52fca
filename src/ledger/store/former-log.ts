import { AppError } from '#src/kernel/errors.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { formatVerifierKey } from '../log/verifier-key.ts';
import { KeyRing } from './key-ring.ts';
import { type InclusionProof, proveInclusion } from './prove.ts';
import type { Ledger } from './store.ts';
import { LedgerReader, type SignedHead, type StoredEntry } from './store-read.ts';

/** A log to read from: the present one, or one that was sealed. */
export type ReadableLog = Pick<
  Ledger,
  'origin' | 'vkey' | 'reader' | 'ring' | 'database' | 'blobs' | 'outside' | 'signedHead'
>;

/** A log that was sealed, and why; see docs/spec/ledger.md, sections 4.2 and 4.3. */
export type FormerLog = {
  id: string;
  origin: string;
  createdAt: Date;
  sealedAt: Date;
  /** Entries the database holds. */
  size: number;
  /** As the log that continues it says; null where that is not in the database. */
  reason: string | null;
  /** Origin of the log that continues it. */
  continuedBy: string | null;
  /** Its last signed head; what it has beyond was never signed. Null where none was. */
  head: SignedHead | null;
  /** Size of the largest head known outside when it ended, where the database holds less. */
  lostFrom: number | null;
};

type Previous = { origin?: string; size?: number; root?: string; known?: { origin?: string; size?: number } };
type Continuation = { origin: string; reason: string; previous: Previous };

/** The logs that the present one continues, the latest first. */
export async function listFormerLogs(database: Database): Promise<FormerLog[]> {
  const { rows } = await database.pool.query<{
    id: string;
    origin: string;
    size: number;
    created_at: Date;
    sealed_at: Date;
  }>(
    'select id, origin, size, created_at, sealed_at from ledger_log where sealed_at is not null order by sealed_at desc, created_at desc',
  );
  const continuations = await readContinuations(database);
  return Promise.all(
    rows.map(async ({ id, origin, size, created_at, sealed_at }) => {
      const next = continuations.get(origin);
      const known = next?.previous.known;
      const isLater = known?.origin === origin && (known.size ?? 0) > size;
      return {
        id,
        origin,
        createdAt: created_at,
        sealedAt: sealed_at,
        size,
        reason: next?.reason ?? null,
        continuedBy: next?.origin ?? null,
        head: await new LedgerReader(database, id).lastSigned(),
        lostFrom: isLater ? size : null,
      };
    }),
  );
}

/** What the log that continues `origin` says of it, in its entry 0; null where the database holds none. */
export async function continuationOf(database: Database, origin: string): Promise<Continuation | null> {
  return (await readContinuations(database)).get(origin) ?? null;
}

async function readContinuations(database: Database): Promise<Map<string, Continuation>> {
  const { rows } = await database.pool.query<{ origin: string; bytes: Buffer }>(
    `select l.origin, e.bytes from ledger_entry e join ledger_log l on l.id = e.log_id
      where e.idx = 0 and e.type = 'log.continued'`,
  );
  return new Map(
    rows.map(({ origin, bytes }) => {
      const { subject, body } = JSON.parse(bytes.toString('utf8')) as {
        subject: { id: string };
        body: { reason: string; previous: Previous };
      };
      return [subject.id, { origin, ...body }];
    }),
  );
}

/** Opens a sealed log for reading, by its origin or the id at the end of that; null where there is none. */
export async function openFormerLog(
  parts: { database: Database; dataDir: string } & Pick<Ledger, 'blobs' | 'outside'>,
  name: string,
): Promise<ReadableLog | null> {
  const { database, dataDir, blobs, outside } = parts;
  const { rows } = await database.pool.query<{ id: string; origin: string }>(
    'select id, origin from ledger_log where sealed_at is not null and (id = $1 or origin = $1)',
    [name],
  );
  const log = rows[0];
  if (!log) return null;
  const { id, origin } = log;
  const reader = new LedgerReader(database, id);
  const ring = new KeyRing({ database, dataDir, logId: id, origin });
  await ring.refresh();
  const signedHead = async (): Promise<SignedHead> => {
    const head = await reader.lastSigned();
    if (!head)
      throw new AppError('not_found', `The sealed ledger ${origin} was never signed: it has no head to prove by.`);
    return head;
  };
  const signing = ring.activeAt('log', (await reader.lastSigned())?.size ?? Number.MAX_SAFE_INTEGER).at(-1);
  if (!signing) throw new AppError('internal', `The sealed ledger ${origin} announces no key.`);
  return { origin, vkey: formatVerifierKey(signing.key), reader, ring, database, blobs, outside, signedHead };
}

/** An entry of a log that was sealed, with its proof under that log's last signed head; null beyond it. */
export type FormerEntry = { entry: StoredEntry; origin: string; vkey: string; proof: InclusionProof | null };

/** Finds an entry in the logs that the present one continues, by the id it was appended under. */
export async function formerEntry(
  parts: Parameters<typeof openFormerLog>[0],
  pendingId: string,
): Promise<FormerEntry | null> {
  const { rows } = await parts.database.pool.query<{ id: string }>(
    `select l.id from ledger_entry e join ledger_log l on l.id = e.log_id
      where e.pending_id = $1 and l.sealed_at is not null`,
    [pendingId],
  );
  const log = rows[0] ? await openFormerLog(parts, rows[0].id) : null;
  const entry = await log?.reader.entryOfPending(pendingId);
  const head = await log?.reader.lastSigned();
  if (!log || !entry || !head) return null;
  const proof = entry.index < head.size ? await proveInclusion(log.reader, head, entry.index) : null;
  return { entry, origin: log.origin, vkey: log.vkey, proof };
}

/** Digests of files that an entry of any log of this database says are erased. */
export async function erasedBlobs(database: Database): Promise<Set<string>> {
  const { rows } = await database.pool.query<{ bytes: Buffer }>(
    "select bytes from ledger_entry where type = 'blob.erased'",
  );
  const erased = new Set<string>();
  for (const { bytes } of rows) {
    const { subject } = JSON.parse(bytes.toString('utf8')) as { subject?: { id?: unknown } };
    if (typeof subject?.id === 'string') erased.add(subject.id);
  }
  return erased;
}
