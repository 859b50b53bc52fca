import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { AppError } from '#src/kernel/errors.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { concatBytes, toHex, utf8Bytes } from '../log/bytes.ts';
import { appendLeafHashes, type CompactRange, decodeRange, encodeRange, rootOfRange } from '../log/compact-range.ts';
import { joinLeaf } from '../log/entry.ts';
import type { EntrySeries } from '../log/leaf-form.ts';
import { TILE_HEIGHT, TILE_WIDTH } from '../log/tiles.ts';
import { hashLeaf } from '../log/tree.ts';

/** Entries in one transaction. More would make readers wait, fewer would pay for more commits. */
export const BATCH_MAX = 256;

/** Names this process among those that write to the same ledger. */
export const WRITER = randomUUID();

// Any constant will do, as long as all processes that sequence use the same one.
const ADVISORY_LOCK = 7_283_002;

export type SequencedHead = { size: number; root: Uint8Array; epoch: number; sequenced: number };

type PendingRow = {
  queue: number;
  series: string | null;
  before_series: string;
  after_series: string;
  /** Appended once more while its first copy was being sequenced: it has its index already. */
  sequenced: boolean;
};

/**
 * Gives up to 256 waiting entries their index, in one transaction with the head that results. `sequenced` 0 means none
 * was waiting. Any number of processes may call this at any time: one works, the others wait their turn.
 */
export async function sequenceBatch(database: Database, logId: string): Promise<SequencedHead> {
  return withClient(database, (client) => sequenceWithin(client, logId));
}

/** Runs `work` in a transaction that holds the ledger's lock. */
export async function withClient<T>(database: Database, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  let failure: Error | undefined;
  try {
    await client.query(`begin; select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    // A connection that failed is not used again: its transaction may still be open on the other side.
    client.release(failure);
  }
}

/** As `sequenceBatch`, inside a transaction of `withClient`. */
export async function sequenceWithin(client: pg.PoolClient, logId: string): Promise<SequencedHead> {
  const head = await lockHead(client, logId);
  const { rows: waiting } = await client.query<PendingRow>({
    name: 'ledger-waiting',
    text: `select queue, series, before_series, after_series,
        (select e.idx from ledger_entry e where e.pending_id = p.id) is not null as sequenced
      from ledger_pending p order by queue limit $1`,
    values: [BATCH_MAX],
  });
  if (waiting.length === 0) {
    // Even so the head may lack its signature, if the process that made it ended: taking over lets this one sign it.
    await client.query('update ledger_log set epoch = $2, writer = $3 where id = $1 and writer <> $3', [
      logId,
      head.epoch,
      WRITER,
    ]);
    return { size: head.range.size, root: rootOfRange(head.range), epoch: head.epoch, sequenced: 0 };
  }
  const fresh = waiting.filter(({ sequenced }) => !sequenced);
  const leaves = await numberLeaves(client, logId, fresh);
  const tiles = new NewTiles();
  const range = appendLeafHashes(
    head.range,
    leaves.map(({ leafHash }) => leafHash),
    tiles.onSubtree,
  );
  await takeIn(client, logId, head.range.size, fresh, leaves);
  if (fresh.length < waiting.length)
    await client.query('delete from ledger_pending where queue = any($1::bigint[])', [
      waiting.map(({ queue }) => queue),
    ]);
  await tiles.insert(client, logId);
  const root = rootOfRange(range);
  await client.query({
    name: 'ledger-head',
    text: 'update ledger_log set size = $2, root = $3, frontier = $4, epoch = $5, writer = $6 where id = $1',
    values: [logId, range.size, root, encodeRange(range), head.epoch, WRITER],
  });
  return { size: range.size, root, epoch: head.epoch, sequenced: waiting.length };
}

/** Whether anything is left to do: entries that wait, or a head without its signature. */
export async function readHead(database: Database, logId: string): Promise<{ waiting: boolean; signed: boolean }> {
  const { rows } = await database.pool.query<{ waiting: boolean; signed: boolean; sealed_at: Date | null }>({
    name: 'ledger-state',
    text: `select sealed_at, exists (select from ledger_pending) as waiting,
        exists (select from ledger_signed s where s.log_id = id and s.size = l.size and note is not null) as signed
      from ledger_log l where id = $1`,
    values: [logId],
  });
  const row = rows[0];
  if (!row) throw new AppError('not_found', `The database holds no ledger ${logId}.`);
  if (row.sealed_at) throw sealed(logId, row.sealed_at);
  return row;
}

function sealed(logId: string, at: Date): AppError {
  return new AppError(
    'conflict',
    `The ledger ${logId} is sealed since ${at.toISOString()} and continued by another. Entries wait. Restart this process.`,
  );
}

// A process that takes over from another opens a new epoch; a signer of an older one then refuses (see signer.ts).
async function lockHead(client: pg.PoolClient, logId: string): Promise<{ range: CompactRange; epoch: number }> {
  const { rows } = await client.query<{
    size: number;
    frontier: Buffer;
    epoch: number;
    writer: string;
    sealed_at: Date | null;
  }>({
    name: 'ledger-lock-head',
    text: 'select size, frontier, epoch, writer, sealed_at from ledger_log where id = $1 for update',
    values: [logId],
  });
  const row = rows[0];
  if (!row) throw new AppError('not_found', `The database holds no ledger ${logId}.`);
  if (row.sealed_at) throw sealed(logId, row.sealed_at);
  return { range: decodeRange(row.size, row.frontier), epoch: row.writer === WRITER ? row.epoch : row.epoch + 1 };
}

type NumberedLeaf = { bytes: Uint8Array; leafHash: Uint8Array; seq: number | null };

async function numberLeaves(
  client: pg.PoolClient,
  logId: string,
  rows: readonly PendingRow[],
): Promise<NumberedLeaf[]> {
  const last = await lastOfSeries(client, logId, new Set(rows.flatMap(({ series }) => series ?? [])));
  return rows.map((row) => {
    const series = row.series === null ? null : nextInSeries(row.series, last.get(row.series));
    const bytes = utf8Bytes(joinLeaf({ before: row.before_series, after: row.after_series }, series));
    const leafHash = hashLeaf(bytes);
    if (series) last.set(series.id, { seq: series.seq, leafHash });
    return { bytes, leafHash, seq: series?.seq ?? null };
  });
}

function nextInSeries(id: string, last: { seq: number; leafHash: Uint8Array } | undefined): EntrySeries {
  return last ? { id, seq: last.seq + 1, prev: toHex(last.leafHash) } : { id, seq: 0 };
}

async function lastOfSeries(
  client: pg.PoolClient,
  logId: string,
  ids: ReadonlySet<string>,
): Promise<Map<string, { seq: number; leafHash: Uint8Array }>> {
  if (ids.size === 0) return new Map();
  const { rows } = await client.query<{ series: string; seq: number; leaf_hash: Buffer }>({
    name: 'ledger-last-of-series',
    text: `select last.series, last.seq, last.leaf_hash from unnest($2::text[]) as wanted (series)
      cross join lateral (
        select series, seq, leaf_hash from ledger_entry
        where log_id = $1 and series = wanted.series order by seq desc limit 1
      ) as last`,
    values: [logId, [...ids]],
  });
  return new Map(rows.map((row) => [row.series, { seq: row.seq, leafHash: row.leaf_hash }]));
}

// One statement moves the rows over. Leaves and hashes go end to end in one value each: as arrays of bytes they would be
// spelled in hex, escaped and read again, which costs more than everything else here.
async function takeIn(
  client: pg.PoolClient,
  logId: string,
  firstIndex: number,
  rows: readonly PendingRow[],
  leaves: readonly NumberedLeaf[],
): Promise<void> {
  if (rows.length === 0) return;
  await client.query({
    name: 'ledger-take-in',
    text: `with taken as (
        delete from ledger_pending where queue = any($4::bigint[]) returning queue, id, type, series, recorded_at
      )
      insert into ledger_entry (log_id, idx, leaf_hash, bytes, type, series, seq, pending_id, recorded_at)
      select $1, $2::bigint + leaf.position - 1, substring($3::bytea from (leaf.position::int - 1) * 32 + 1 for 32),
        substring($6::bytea from leaf.start for leaf.size), taken.type, taken.series, leaf.seq, taken.id, taken.recorded_at
      from unnest($4::bigint[], $5::bigint[], $7::int[], $8::int[])
        with ordinality as leaf (queue, seq, start, size, position)
      join taken on taken.queue = leaf.queue`,
    values: [
      logId,
      firstIndex,
      Buffer.concat(leaves.map(({ leafHash }) => leafHash)),
      arrayOf(rows.map(({ queue }) => queue)),
      arrayOf(leaves.map(({ seq }) => seq ?? 'null')),
      Buffer.concat(leaves.map(({ bytes }) => bytes)),
      arrayOf(starts(leaves)),
      arrayOf(leaves.map(({ bytes }) => bytes.length)),
    ],
  });
}

// Written out, as the driver looks at each element for what to escape.
function arrayOf(numbers: readonly (number | 'null')[]): string {
  return `{${numbers.join(',')}}`;
}

// Postgres counts bytes from 1.
function starts(leaves: readonly NumberedLeaf[]): number[] {
  let next = 1;
  return leaves.map(({ bytes }) => {
    const start = next;
    next += bytes.length;
    return start;
  });
}

/** Collects the tiles that become full while leaves are appended, and stores them. */
class NewTiles {
  readonly #full: { level: number; n: number; root: Uint8Array }[] = [];

  readonly onSubtree = (height: number, index: number, root: Uint8Array): void => {
    if (height % TILE_HEIGHT === 0) this.#full.push({ level: height / TILE_HEIGHT - 1, n: index, root });
  };

  // Lower levels come first, so the roots a higher tile is made of are stored when it is their turn.
  async insert(client: pg.PoolClient, logId: string): Promise<void> {
    for (const { level, n, root } of this.#full) {
      const from = n * TILE_WIDTH;
      const hashes =
        level === 0
          ? `select string_agg(leaf_hash, ''::bytea order by idx)
              from ledger_entry where log_id = $1 and idx >= $5 and idx < $6`
          : `select string_agg(root, ''::bytea order by n)
              from ledger_tile where log_id = $1 and level = $2::integer - 1 and n >= $5 and n < $6`;
      await client.query({
        name: level === 0 ? 'ledger-tile-of-leaves' : 'ledger-tile-of-tiles',
        text: `insert into ledger_tile (log_id, level, n, bytes, root) values ($1, $2, $3, (${hashes}), $4)`,
        values: [logId, level, n, root, from, from + TILE_WIDTH],
      });
    }
  }
}

/** Hashes `from` to `to` (not included) of a tile level, end to end, as far as there are any. */
export async function readHashes(
  client: Pick<pg.Pool, 'query'>,
  logId: string,
  level: number,
  from: number,
  to: number,
): Promise<Uint8Array> {
  const { rows } =
    level === 0
      ? await client.query<{ hash: Buffer }>(
          'select leaf_hash as hash from ledger_entry where log_id = $1 and idx >= $2 and idx < $3 order by idx',
          [logId, from, to],
        )
      : await client.query<{ hash: Buffer }>(
          'select root as hash from ledger_tile where log_id = $1 and level = $4 and n >= $2 and n < $3 order by n',
          [logId, from, to, level - 1],
        );
  return concatBytes(...rows.map(({ hash }) => hash));
}
