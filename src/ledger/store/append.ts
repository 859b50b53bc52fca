import { randomBytes } from 'node:crypto';
import { inArray } from 'drizzle-orm';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import { type Executor, executePrepared } from '#src/platform/database/connect.ts';
import { joinLeaf, type NewEntry, splitLeaf } from '../log/entry.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { ledgerEntry, ledgerPending } from './tables.ts';

/**
 * Puts an entry in line for the ledger, in the transaction of the change it tells of: both are stored, or neither.
 * Once that transaction has committed, the entry is durable and will get its index. Appending again under the same
 * dedupe key gives the same `pendingId`. Throws `AppError`: `invalid_input` for an entry that breaks the profile
 * (too large, an e-mail address in it), `conflict` for another entry under a key already used.
 */
export async function appendEntry(tx: Executor, entry: NewEntry, clock: Clock): Promise<{ pendingId: string }> {
  const [appended] = await appendEntries(tx, [entry], clock);
  if (!appended) throw new AppError('internal', 'The ledger did not take the entry.');
  return appended;
}

/** As `appendEntry`, for several at once in one statement; they are sequenced in this order. */
export async function appendEntries(
  tx: Executor,
  entries: readonly NewEntry[],
  clock: Clock,
): Promise<{ pendingId: string }[]> {
  if (entries.length === 0) return [];
  const atMs = clock();
  const at = toInstant(atMs);
  const rows = new Map<string, PendingRow>();
  const random = randomBytes(ENTROPY_BYTES * entries.length);
  const ids = entries.map((entry, i) => {
    const id = makeId('ent', atMs, random.subarray(i * ENTROPY_BYTES, (i + 1) * ENTROPY_BYTES));
    const row = pendingRow(entry, id, at);
    const same = rows.get(row.id);
    if (same && contentDigest(same) !== contentDigest(row)) throw otherContent(entry);
    if (!same) rows.set(row.id, row);
    return row.id;
  });
  const inserted = await insertPending(tx, [...rows.values()], at);
  const known = [...rows.keys()].filter((id) => !inserted.has(id));
  if (known.length > 0) await refuseOtherContent(tx, known, rows, entries, ids);
  return ids.map((pendingId) => ({ pendingId }));
}

// What an id takes of randomness.
const ENTROPY_BYTES = 10;

type PendingRow = { id: string; type: string; series: string | null; before: string; after: string };

/** The id an entry has from the moment it is appended, before and after it gets an index. */
export function pendingIdOf(dedupeKey: string): string {
  return `pnd_${sha256Hex(`ledger-pending/v1\n${dedupeKey}`).slice(0, 40)}`;
}

function pendingRow(entry: NewEntry, id: string, at: string): PendingRow {
  try {
    const { before, after } = splitLeaf(entry, id, at);
    return { id: pendingIdOf(entry.dedupeKey), type: entry.type, series: entry.series ?? null, before, after };
  } catch (cause) {
    if (cause instanceof InvalidFormat) throw new AppError('invalid_input', cause.message, { cause });
    throw cause;
  }
}

// The halves of the leaves go as lines of one text each: canonical JSON holds no newline, and in an array of texts every
// quote would be escaped and read again. The look-up is a scalar subquery: as a join the planner may read the whole
// ledger for one entry.
async function insertPending(tx: Executor, rows: readonly PendingRow[], at: string): Promise<Set<string>> {
  const inserted = await executePrepared<{ id: string }>(tx, {
    name: 'ledger-append',
    text: `insert into ledger_pending (id, type, series, before_series, after_series, recorded_at)
      select id, type, series, before_series, after_series, $1::timestamptz
      from unnest($2::text[], $3::text[], $4::text[], string_to_array($5, E'\n'), string_to_array($6, E'\n'))
        with ordinality as given (id, type, series, before_series, after_series, position)
      where (select idx from ledger_entry where pending_id = given.id) is null
      order by position
      on conflict (id) do nothing
      returning id`,
    values: [
      at,
      rows.map(({ id }) => id),
      rows.map(({ type }) => type),
      rows.map(({ series }) => series),
      rows.map(({ before }) => before).join('\n'),
      rows.map(({ after }) => after).join('\n'),
    ],
  });
  return new Set(inserted.map(({ id }) => id));
}

// What was appended before under these keys must say the same, other than when and under which id: a key used for two
// different things would lose the second in silence.
async function refuseOtherContent(
  tx: Executor,
  known: readonly string[],
  rows: ReadonlyMap<string, PendingRow>,
  entries: readonly NewEntry[],
  ids: readonly string[],
): Promise<void> {
  const waiting = await tx
    .select({
      id: ledgerPending.id,
      series: ledgerPending.series,
      before: ledgerPending.beforeSeries,
      after: ledgerPending.afterSeries,
    })
    .from(ledgerPending)
    .where(inArray(ledgerPending.id, [...known]));
  const stored = await tx
    .select({ id: ledgerEntry.pendingId, bytes: ledgerEntry.bytes })
    .from(ledgerEntry)
    .where(inArray(ledgerEntry.pendingId, [...known]));
  const digests = new Map(waiting.map((row) => [row.id, contentDigest(row)]));
  for (const { id, bytes } of stored) digests.set(id, leafDigest(JSON.parse(Buffer.from(bytes).toString('utf8'))));
  for (const id of known) {
    const row = rows.get(id);
    const entry = entries[ids.indexOf(id)];
    const before = digests.get(id);
    // Neither in line nor in the log: the transaction that appended it first was rolled back while we waited for it.
    if (before === undefined)
      throw new AppError('unavailable', `The entry ${entry?.type} met another one with the same key. Try again.`);
    if (row && entry && before !== contentDigest(row)) throw otherContent(entry);
  }
}

function contentDigest(row: Pick<PendingRow, 'series' | 'before' | 'after'>): string {
  return leafDigest(JSON.parse(joinLeaf(row, row.series === null ? null : { id: row.series, seq: 0 })));
}

function leafDigest(leaf: Record<string, unknown>): string {
  const { at: _at, id: _id, series, ...content } = leaf;
  const seriesId = typeof series === 'object' && series !== null && 'id' in series ? series.id : null;
  return sha256Hex(canonicalJson({ ...content, series: seriesId }));
}

function otherContent(entry: NewEntry): AppError {
  return new AppError(
    'conflict',
    `Another ledger entry was appended under the key of this ${entry.type} entry. Give each change a key of its own.`,
  );
}
