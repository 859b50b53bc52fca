import { AppError } from '#src/kernel/errors.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { toHex } from '../log/bytes.ts';
import { TileTree } from '../log/tile-tree.ts';
import { TILE_WIDTH } from '../log/tiles.ts';
import { HASH_BYTES } from '../log/tree.ts';
import { readHashes } from './sequencer.ts';
import { findLog, type LogIdentity } from './store-log.ts';

/** An entry as it is stored. */
export type StoredEntry = {
  index: number;
  /** The leaf, byte for byte as it was hashed. */
  bytes: Uint8Array;
  /** 64 hex digits. */
  leafHash: string;
  type: string;
  series: { id: string; seq: number } | null;
  pendingId: string;
  recordedAt: Date;
};

/** A head and its signed note. */
export type SignedHead = { size: number; root: Uint8Array; note: string; signedAt: Date };

/** What others said about a head: witnesses who cosigned it, authorities that stamped it. */
export type HeadVoices = Record<'cosigned' | 'stamped', { name: string; at: Date }[]>;

/** A signed head with the log it is of. */
export type HeadOfLog = { identity: LogIdentity; head: SignedHead };

/** The newest signed head of the log that is written to, or null before the first. */
export async function newestHead(database: Database): Promise<HeadOfLog | null> {
  const identity = await findLog(database.pool);
  const head = identity && (await new LedgerReader(database, identity.id).lastSigned());
  return identity && head ? { identity, head } : null;
}

export type EntryQuery = {
  /** Entries below this index; newest first. */
  before?: number;
  limit: number;
  type?: string;
  series?: string;
  /** Recorded from here on, and until here. Both included. */
  from?: Date;
  to?: Date;
};

type EntryRow = {
  idx: number;
  bytes: Buffer;
  leaf_hash: Buffer;
  type: string;
  series: string | null;
  seq: number | null;
  pending_id: string;
  recorded_at: Date;
};

const COLUMNS = 'idx, bytes, leaf_hash, type, series, seq, pending_id, recorded_at';
const CACHED_TILES_MAX = 256;

/** Everything that is read from one ledger. */
export class LedgerReader {
  readonly #database: Database;
  readonly #logId: string;
  // Full tiles never change.
  readonly #tiles = new Map<string, Uint8Array>();
  readonly tree: TileTree;

  constructor(database: Database, logId: string) {
    this.#database = database;
    this.#logId = logId;
    this.tree = new TileTree((level, index) => this.tile(level, index));
  }

  async entryAt(index: number): Promise<StoredEntry | null> {
    const [row] = await this.#entries('idx = $2', [index]);
    return row ?? null;
  }

  async entryOfPending(pendingId: string): Promise<StoredEntry | null> {
    const [row] = await this.#entries('pending_id = $2', [pendingId]);
    return row ?? null;
  }

  /** Entries by index, in the order of `indexes`; one that is not there is left out. */
  async entriesAt(indexes: readonly number[]): Promise<StoredEntry[]> {
    const found = new Map(
      (await this.#entries('idx = any($2::bigint[])', [indexes])).map((entry) => [entry.index, entry]),
    );
    return indexes.flatMap((index) => found.get(index) ?? []);
  }

  /** Entries `from` to `to` (not included), in order. */
  async entriesBetween(from: number, to: number): Promise<StoredEntry[]> {
    return this.#entries('idx >= $2 and idx < $3', [from, to]);
  }

  async page(query: EntryQuery): Promise<{ items: StoredEntry[]; total: number }> {
    const filter = `($2::text is null or type = $2) and ($3::text is null or series = $3)
      and ($4::timestamptz is null or recorded_at >= $4) and ($5::timestamptz is null or recorded_at <= $5)`;
    const values = [query.type ?? null, query.series ?? null, query.from ?? null, query.to ?? null];
    const items = await this.#entries(
      `${filter} and ($6::bigint is null or idx < $6) order by idx desc limit $7`,
      [...values, query.before ?? null, query.limit],
      false,
    );
    const { rows } = await this.#database.pool.query<{ total: number }>(
      `select count(*) as total from ledger_entry where log_id = $1 and ${filter}`,
      [this.#logId, ...values],
    );
    return { items, total: rows[0]?.total ?? 0 };
  }

  /** Indexes of the entries of a series below `size`, in the order of their numbers, which start at 0. */
  async indexesOfSeries(series: string, size: number): Promise<number[]> {
    const { rows } = await this.#database.pool.query<{ idx: number }>(
      'select idx from ledger_entry where log_id = $1 and series = $2 and idx < $3 order by seq',
      [this.#logId, series, size],
    );
    return rows.map(({ idx }) => idx);
  }

  /** Entries below `size` with values kept beside them, in `field` if one is named: pending ids by index. */
  async entriesWithDisclosures(size: number, field: string | null): Promise<Map<number, string>> {
    const { rows } = await this.#database.pool.query<{ idx: number; pending_id: string }>(
      `select distinct e.idx, e.pending_id from ledger_disclosure d join ledger_entry e on e.pending_id = d.pending_id
       where e.log_id = $1 and e.idx < $2 and ($3::text is null or d.field = $3)`,
      [this.#logId, size, field],
    );
    return new Map(rows.map((row) => [row.idx, row.pending_id]));
  }

  /** How many entries wait for an index. */
  async pendingCount(): Promise<number> {
    const { rows } = await this.#database.pool.query<{ count: number }>('select count(*) from ledger_pending');
    return rows[0]?.count ?? 0;
  }

  /** All leaf hashes below `size`, end to end. */
  async leafHashes(size: number): Promise<Uint8Array> {
    const hashes = new Uint8Array(size * HASH_BYTES);
    for (let from = 0; from < size; from += TILE_WIDTH * 64) {
      const to = Math.min(size, from + TILE_WIDTH * 64);
      hashes.set(await this.hashes(0, from, to), from * HASH_BYTES);
    }
    return hashes;
  }

  /** The hashes of a tile, all 256 or as many as there are. */
  async tile(level: number, index: number): Promise<Uint8Array> {
    const name = `${level}/${index}`;
    const cached = this.#tiles.get(name);
    if (cached) return cached;
    const full = (await this.storedTile(level, index))?.bytes;
    if (!full) return this.hashes(level, index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    if (this.#tiles.size >= CACHED_TILES_MAX) this.#tiles.clear();
    this.#tiles.set(name, full);
    return full;
  }

  /** A full tile as it is stored, with the hash it gives to the level above. */
  async storedTile(level: number, index: number): Promise<{ bytes: Uint8Array; root: Uint8Array } | null> {
    const { rows } = await this.#database.pool.query<{ bytes: Buffer; root: Buffer }>(
      'select bytes, root from ledger_tile where log_id = $1 and level = $2 and n = $3',
      [this.#logId, level, index],
    );
    return rows[0] ?? null;
  }

  /** Hashes `from` to `to` (not included) of a tile level, from the entries or the roots of the tiles below. */
  hashes(level: number, from: number, to: number): Promise<Uint8Array> {
    return readHashes(this.#database.pool, this.#logId, level, from, to);
  }

  /** The head as the sequencer left it. */
  async logState(): Promise<{ size: number; root: Uint8Array; frontier: Uint8Array }> {
    const { rows } = await this.#database.pool.query<{ size: number; root: Buffer; frontier: Buffer }>(
      'select size, root, frontier from ledger_log where id = $1',
      [this.#logId],
    );
    if (!rows[0]) throw new AppError('not_found', `The database holds no ledger ${this.#logId}.`);
    return rows[0];
  }

  /** Every head that was reserved or signed, by its size. */
  async allHeads(): Promise<Map<number, { size: number; root: Uint8Array; note: string | null }>> {
    const { rows } = await this.#database.pool.query<{ size: number; root: Buffer; note: string | null }>(
      'select size, root, note from ledger_signed where log_id = $1 order by size',
      [this.#logId],
    );
    return new Map(rows.map((row) => [row.size, row]));
  }

  /** The largest head whose note is stored, or null before the first. */
  async lastSigned(): Promise<SignedHead | null> {
    const { rows } = await this.#signed('order by size desc limit 1', []);
    return rows[0] ? signedHead(rows[0]) : null;
  }

  /** Signed heads below the size `before`, newest first. */
  async signedHeads(query: { before?: number; limit: number }): Promise<SignedHead[]> {
    const { rows } = await this.#signed('and ($2::bigint is null or size < $2) order by size desc limit $3', [
      query.before ?? null,
      query.limit,
    ]);
    return rows.map(signedHead);
  }

  /** Who cosigned and who time-stamped heads of these sizes, and when by their own clocks; earliest first. */
  async saidOfHeads(sizes: readonly number[]): Promise<Map<number, HeadVoices>> {
    const said = new Map<number, HeadVoices>();
    for (const [kind, table, name, at] of [
      ['cosigned', 'ledger_cosignature', 'witness', 'cosigned_at'],
      ['stamped', 'ledger_timestamp', 'authority', 'stamped_at'],
    ] as const) {
      const { rows } = await this.#database.pool.query<{ size: number; name: string; at: Date }>(
        `select size, ${name} as name, ${at} as at from ${table} where log_id = $1 and size = any($2::bigint[])
          order by ${at}, ${name}`,
        [this.#logId, [...sizes]],
      );
      for (const { size, ...voice } of rows) {
        const voices = said.get(size) ?? { cosigned: [], stamped: [] };
        voices[kind].push(voice);
        said.set(size, voices);
      }
    }
    return said;
  }

  /**
   * The shortest range below `size` that has every entry recorded from `since` up to, not including, `before`; null when
   * there is none.
   */
  async rangeRecorded(
    { since, before }: { since?: Date | undefined; before?: Date | undefined },
    size: number,
  ): Promise<{ from: number; to: number } | null> {
    const { rows } = await this.#database.pool.query<{ first: number | null; last: number | null }>(
      `select min(idx) as first, max(idx) as last from ledger_entry where log_id = $1 and idx < $2
        and ($3::timestamptz is null or recorded_at >= $3) and ($4::timestamptz is null or recorded_at < $4)`,
      [this.#logId, size, since ?? null, before ?? null],
    );
    const { first = null, last = null } = rows[0] ?? {};
    return first === null || last === null ? null : { from: first, to: last + 1 };
  }

  /** The signed head of exactly `size` entries, or null. */
  async signedHeadOf(size: number): Promise<SignedHead | null> {
    const { rows } = await this.#signed('and size = $2', [size]);
    return rows[0] ? signedHead(rows[0]) : null;
  }

  /** The signed heads that came with earlier bundles below `size`: those a reader may hold. Newest first. */
  async headsOfBundles(size: number, limit: number): Promise<SignedHead[]> {
    const { rows } = await this.#signed(
      `and size < $2 and size in (
        select (select min(s.size) from ledger_signed s where s.log_id = $1 and s.note is not null and s.size > e.idx)
        from ledger_entry e where e.log_id = $1 and e.type = 'bundle.exported' and e.idx < $2
      ) order by size desc limit $3`,
      [size, limit],
    );
    return rows.map(signedHead);
  }

  #signed(condition: string, values: readonly unknown[]) {
    return this.#database.pool.query<{ size: number; root: Buffer; note: string; signed_at: Date }>(
      `select size, root, note, signed_at from ledger_signed where log_id = $1 and note is not null ${condition}`,
      [this.#logId, ...values],
    );
  }

  async #entries(condition: string, values: readonly unknown[], inOrder = true): Promise<StoredEntry[]> {
    const { rows } = await this.#database.pool.query<EntryRow>(
      `select ${COLUMNS} from ledger_entry where log_id = $1 and ${condition}${inOrder ? ' order by idx' : ''}`,
      [this.#logId, ...values],
    );
    return rows.map((row) => ({
      index: row.idx,
      bytes: row.bytes,
      leafHash: toHex(row.leaf_hash),
      type: row.type,
      series: row.series === null || row.seq === null ? null : { id: row.series, seq: row.seq },
      pendingId: row.pending_id,
      recordedAt: row.recorded_at,
    }));
  }
}

function signedHead(row: { size: number; root: Buffer; note: string; signed_at: Date }): SignedHead {
  return { size: row.size, root: new Uint8Array(row.root), note: row.note, signedAt: row.signed_at };
}
