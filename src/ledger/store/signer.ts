import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { equalBytes, utf8Bytes } from '../log/bytes.ts';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { parseNote, signNote, verifyNote } from '../log/note.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import { formerHeadFile, HEAD_FILE, readHeadFile } from './head-file.ts';
import type { KeyRing } from './key-ring.ts';
import { WRITER } from './sequencer.ts';
import { writeFileDurably } from './store-files.ts';

/** A head of this ledger that somebody outside the database holds, and where. */
export type KnownHead = { checkpoint: Checkpoint; where: string };
/** Places that may know a newer head than the database: a published folder, a witness. The head file is always asked. */
export type HeadSource = () => Promise<readonly KnownHead[]>;

export type Head = { size: number; root: Uint8Array; epoch: number };

/**
 * Signs heads so that no size ever has two roots, and no head is signed that does not continue every head known outside.
 * That is what a database restored from an older backup would break: the commonest honest way to fork a log.
 */
export class Signer {
  readonly #database: Database;
  readonly #logId: string;
  readonly #origin: string;
  readonly #ring: KeyRing;
  readonly #dataDir: string;
  readonly #sources: readonly HeadSource[];
  readonly #rootAt: (size: number) => Promise<Uint8Array>;
  // The head file as this process last checked or wrote it: unchanged, it need not be checked against the tree again.
  #checkedHead = '';

  constructor(parts: {
    database: Database;
    logId: string;
    origin: string;
    ring: KeyRing;
    dataDir: string;
    sources: readonly HeadSource[];
    rootAt: (size: number) => Promise<Uint8Array>;
  }) {
    this.#database = parts.database;
    this.#logId = parts.logId;
    this.#origin = parts.origin;
    this.#ring = parts.ring;
    this.#dataDir = parts.dataDir;
    this.#sources = parts.sources;
    this.#rootAt = parts.rootAt;
  }

  /**
   * Throws `AppError('conflict')` when the ledger in the database does not continue a head known outside it.
   * Sequencing asks too, so that entries wait instead of joining a history that can never be signed.
   */
  async checkKnownHeads(): Promise<void> {
    const file = readHeadFile(this.#dataDir);
    const known = this.#knownFiles(file);
    for (const source of this.#sources) known.push(...(await source()));
    if (known.length === 0) return;
    // Read after the heads: a head goes out after the database has it, so another process cannot look like a fork.
    const size = await this.#currentSize();
    for (const head of known) await this.#refuseOtherHistory(size, head);
    if (file !== null) this.#checkedHead = file;
  }

  /** Every head known outside the database, larger or not; a place that cannot be read or asked is left out. */
  async outsideHeads(): Promise<KnownHead[]> {
    const readings = [async () => this.#knownFiles(readHeadFile(this.#dataDir)), ...this.#sources];
    const read = await Promise.allSettled(readings.map((reading) => reading()));
    return read.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  }

  #knownFiles(file: string | null): KnownHead[] {
    const known: KnownHead[] = [];
    if (file !== null && file !== this.#checkedHead)
      known.push({ checkpoint: this.#readOwn(file, HEAD_FILE), where: join(this.#dataDir, HEAD_FILE) });
    // There only if this very log was sealed once: the database is of before that.
    const name = formerHeadFile(this.#logId);
    const former = readHeadFile(this.#dataDir, name);
    if (former !== null) known.push({ checkpoint: this.#readOwn(former, name), where: join(this.#dataDir, name) });
    return known;
  }

  /**
   * The signed checkpoint of `head`, or null when another process has taken over since `head` was read: then that one
   * signs. Throws `AppError('conflict')` instead of signing a second root for a size or below a known head.
   */
  async sign(head: Head, signedAt: Date): Promise<string | null> {
    return this.#sign(head, signedAt, { anyWriter: false });
  }

  /** Signs the last head of a log that was sealed and takes no entries any more, whoever wrote them. */
  async signSealed(head: Head, signedAt: Date): Promise<void> {
    await this.#sign(head, signedAt, { anyWriter: true });
  }

  async #sign(head: Head, signedAt: Date, options: { anyWriter: boolean }): Promise<string | null> {
    await this.checkKnownHeads();
    const reserved = await this.#reserve(head, signedAt, options);
    if (!reserved) return null;
    if (reserved.note !== null) return reserved.note;
    const signers = await this.#ring.logSignersAt(head.size);
    const note = signNote(formatCheckpoint(this.#origin, head.size, head.root), signers);
    // Outside the database first: from here on a database without this head is known to be an old one.
    const file = readHeadFile(this.#dataDir);
    if (file === null || this.#readOwn(file, HEAD_FILE).size < head.size) {
      writeFileDurably(join(this.#dataDir, HEAD_FILE), utf8Bytes(note));
      this.#checkedHead = note;
    }
    await this.#database.pool.query(
      'update ledger_signed set note = $3 where log_id = $1 and size = $2 and note is null',
      [this.#logId, head.size, note],
    );
    return note;
  }

  // Stored and read back before the key is touched: the unique key on (log, size) decides which root a size has.
  async #reserve(
    head: Head,
    signedAt: Date,
    { anyWriter }: { anyWriter: boolean },
  ): Promise<{ note: string | null } | null> {
    await this.#database.pool.query(
      `insert into ledger_signed (log_id, size, root, signed_at)
        select id, $2, $3, $4 from ledger_log where id = $1 and ($7 or (epoch = $5 and writer = $6))
          and not exists (select from ledger_signed where log_id = $1 and size > $2)
        on conflict (log_id, size) do nothing`,
      [this.#logId, head.size, head.root, signedAt, head.epoch, WRITER, anyWriter],
    );
    const { rows } = await this.#database.pool.query<{ root: Buffer; note: string | null }>(
      'select root, note from ledger_signed where log_id = $1 and size = $2',
      [this.#logId, head.size],
    );
    const row = rows[0];
    if (!row) return null;
    if (!equalBytes(row.root, head.root))
      throw forked(`the database already holds another root for ${head.size} entries`);
    return row;
  }

  async #currentSize(): Promise<number> {
    const { rows } = await this.#database.pool.query<{ size: number }>('select size from ledger_log where id = $1', [
      this.#logId,
    ]);
    return rows[0]?.size ?? 0;
  }

  async #refuseOtherHistory(size: number, { checkpoint, where }: KnownHead): Promise<void> {
    if (checkpoint.origin !== this.#origin)
      throw forked(
        `${where} holds a head of another ledger, ${checkpoint.origin}, and the database holds ${this.#origin}: it is of before that one was started, or belongs to another data folder`,
      );
    if (checkpoint.size > size)
      throw forked(
        `${where} holds a signed head of ${checkpoint.size} entries, and the database has only ${size}: it looks like an older backup was restored`,
      );
    if (!equalBytes(await this.#rootAt(checkpoint.size), checkpoint.root))
      throw forked(
        `${where} holds a signed head of ${checkpoint.size} entries, and the database has other entries there: an older backup was restored and written to`,
      );
  }

  #readOwn(note: string, name: string): Checkpoint {
    const path = join(this.#dataDir, name);
    try {
      return readHead(note, this.#ring.logKeys, this.#origin);
    } catch (error) {
      if (!(error instanceof InvalidFormat)) throw error;
      throw new AppError(
        'conflict',
        `The head file ${path} cannot be read: ${error.message} Nothing was signed. Restore the file from a backup of the data folder; if there is none, move it away only after comparing the ledger with a bundle or a published copy.`,
        { cause: error },
      );
    }
  }
}

function readHead(note: string, keys: readonly VerifierKey[], origin: string): Checkpoint {
  const parsed = parseNote(utf8Bytes(note));
  const checkpoint = parseCheckpoint(parsed.text);
  // A head of another ledger cannot be checked with this key; that it is another one is the caller's finding.
  if (checkpoint.origin === origin) verifyNote(parsed, keys);
  return checkpoint;
}

function forked(reason: string): AppError {
  return new AppError(
    'conflict',
    `The ledger is not signed any further: ${reason}. Signing now would give it two histories. Nothing is lost: entries wait. Put the newer database back. If it is gone, this ledger has to be sealed and a new one started: assay ledger seal --reason backup-restored (docs/spec/ledger.md, "Restoring a backup").`,
  );
}
