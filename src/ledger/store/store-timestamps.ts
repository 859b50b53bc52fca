import { type Clock, DAY_MS } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { formatCheckpoint } from '../log/checkpoint.ts';
import { requestTimestamp, type StampedCheckpoint, type TimestampAuthority } from '../timestamp/timestamp-client.ts';
import type { FetchLike } from '../witness/witness-fetch.ts';
import { type HeadOfLog, newestHead } from './store-read.ts';

/** A checked answer of a time-stamp authority about a checkpoint, as it is stored. */
export type StoredTimestamp = {
  size: number;
  authority: string;
  /** The whole response, DER: what goes into a bundle. */
  response: Uint8Array;
  stampedAt: Date;
};

/** Keeps a stamp of the head of `size` entries. A second one of the same authority for the same head is not kept. */
export async function storeTimestamp(
  database: Database,
  head: { origin: string; size: number },
  stamped: StampedCheckpoint,
): Promise<void> {
  await database.pool.query(
    `insert into ledger_timestamp (log_id, size, authority, response, stamped_at)
      select id, $2, $3, $4, $5 from ledger_log where origin = $1
      on conflict (log_id, size, authority) do nothing`,
    [head.origin, head.size, stamped.authority, stamped.response, new Date(stamped.timestamp.stampedAtMs)],
  );
}

/** The stamps of the head of `size` entries, earliest first. */
export async function timestampsOf(database: Database, origin: string, size: number): Promise<StoredTimestamp[]> {
  return select(database, 't.size = $2 order by t.stamped_at, t.authority', [origin, size]);
}

/** The latest stamp an authority made of any head of this ledger, to decide when the next is due. */
export async function lastTimestamp(
  database: Database,
  origin: string,
  authority: string,
): Promise<StoredTimestamp | null> {
  const [last] = await select(database, 't.authority = $2 order by t.size desc limit 1', [origin, authority]);
  return last ?? null;
}

async function select(database: Database, condition: string, values: readonly unknown[]): Promise<StoredTimestamp[]> {
  const { rows } = await database.pool.query<{ size: number; authority: string; response: Buffer; stamped_at: Date }>(
    `select t.size, t.authority, t.response, t.stamped_at
      from ledger_timestamp t join ledger_log l on l.id = t.log_id where l.origin = $1 and ${condition}`,
    [...values],
  );
  return rows.map((row) => ({
    size: row.size,
    authority: row.authority,
    response: new Uint8Array(row.response),
    stampedAt: row.stamped_at,
  }));
}

/**
 * Has the newest signed head stamped, unless the authority stamped it already or stamped another within `everyMs` (a day).
 * Returns the head's size, or null when nothing was due. Throws `AppError('unavailable')`; to be tried again later.
 */
export async function stampNewestHead(parts: {
  database: Database;
  authority: TimestampAuthority;
  fetch: FetchLike;
  clock: Clock;
  /** 0 stamps every head that has no stamp yet, as before a bundle goes out. */
  everyMs?: number;
  signal?: AbortSignal;
  /** In place of the newest. */
  given?: HeadOfLog;
}): Promise<number | null> {
  const { database, authority, clock } = parts;
  const ready = parts.given ?? (await newestHead(database));
  if (!ready) return null;
  const { identity, head } = ready;
  const last = await lastTimestamp(database, identity.origin, authority.name);
  const isRecent = last !== null && clock() - last.stampedAt.getTime() < (parts.everyMs ?? DAY_MS);
  const ofHead = await timestampsOf(database, identity.origin, head.size);
  if (isRecent || ofHead.some((one) => one.authority === authority.name)) return null;
  // The text alone: signatures that come later then do not undo the stamp.
  const message = utf8Bytes(formatCheckpoint(identity.origin, head.size, head.root));
  const stamped = await requestTimestamp({ ...parts, message });
  await storeTimestamp(database, { origin: identity.origin, size: head.size }, stamped);
  return head.size;
}
