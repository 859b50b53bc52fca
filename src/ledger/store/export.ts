import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { AppError } from '#src/kernel/errors.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { BundleRange } from '../bundle/bundle-format.ts';
import { type Disclosures, writeBundle } from '../bundle/bundle-write.ts';
import { ZIP_BYTES_MAX } from '../bundle/zip-format.ts';
import type { Assurance } from '../log/assurance-levels.ts';
import { equalBytes, utf8Bytes } from '../log/bytes.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import type { EntryActor } from '../log/entry.ts';
import { type NoteSigner, parseNote } from '../log/note.ts';
import { MerkleTree } from '../log/tree.ts';
import { appendEntry } from './append.ts';
import { erasedBlobs, type ReadableLog } from './former-log.ts';
import type { AnnouncedKey } from './key-ring.ts';
import { disclosuresOf } from './personal.ts';
import { OPENING_FIELD } from './sealed-blob.ts';
import type { Ledger } from './store.ts';
import { logIdOf } from './store-log.ts';
import type { SignedHead } from './store-read.ts';
import { assuranceOfHead, settledHead, type Vouchers, vouchersOf } from './vouchers.ts';

export type ExportRequest = {
  out: Writable;
  /** Leaves `from` to `to`, `to` not included. Left out, and no `series` either: the whole ledger, this export with it. */
  range?: BundleRange;
  /** Every entry of these series, claimed to be complete on the branch shown. */
  series?: readonly string[];
  bundleId: string;
  exportedBy: EntryActor;
  /** False leaves evidence files out and declares them withheld. */
  withBlobs?: boolean;
  /** Evidence files left out and declared withheld, by SHA-256. */
  withhold?: ReadonlySet<string>;
  /** Salts and values behind commitments that are put in, for readers who may see them. Default `nothing`. */
  disclose?: Disclose;
  /** Hears of the bytes written so far. */
  onProgress?: (writtenBytes: number) => void;
  /** A sealed log to export from, in place of the present one; the export is an entry of the present one. */
  of?: ReadableLog;
};

/** `files`: the openings of sealed files, so that they can be read; `everything`: every personal value. */
export type Disclose = 'nothing' | 'files' | 'everything';

export type Exported = {
  sizeBytes: number;
  sha256: string;
  entries: number;
  from: number | null;
  to: number | null;
  /** Of the head the bundle carries. */
  size: number;
  /** What that head had reached, in the eyes of its operator. */
  assurance: Assurance;
};

const HISTORY_MAX = 64;
const WAIT_MS = 30_000;
const BUFFER_BYTES = 256 * 1024;

/**
 * Writes a bundle to `out`, front to back, and ends it. The export is itself an entry, which is in the bundle. Besides
 * the range the bundle holds the announcements of its keys. Throws `AppError`: `not_found` for a range beyond the ledger,
 * `too_large` above 4 GiB, `unavailable` when an evidence file is missing or damaged.
 */
export async function exportBundle(ledger: Ledger, request: ExportRequest): Promise<Exported> {
  const out = new CountingOutput(request.out, request.onProgress);
  // Refused before the export becomes an entry.
  const source = request.of ?? ledger;
  const size = request.of ? (await source.signedHead()).size : (await source.reader.logState()).size;
  if (request.range) refuseBeyond(request.range, size);
  for (const id of request.series ?? [])
    if ((await source.reader.indexesOfSeries(id, size)).length === 0) throw unknownSeries(id);
  // A key that is lost shows before the export becomes an entry.
  if (request.of) await bundleSigner(source, size);
  const index = await recordExport(ledger, request);
  const { head, vouchers } = request.of ? await lastHead(request.of) : await settledHead(ledger, index);
  const checkpoint = parseCheckpoint(parseNote(utf8Bytes(head.note)).text);
  const range = request.range ?? (request.series ? null : { from: 0, to: head.size });
  const series = await claimedSeries(source, request.series ?? [], head.size);
  const tree = new MerkleTree(await source.reader.leafHashes(head.size));
  if (!equalBytes(tree.root(), checkpoint.root))
    throw new AppError(
      'internal',
      'The stored entries do not lead to the signed head. Run "assay ledger check", which names the first difference.',
    );

  const keys = await keyEntries(source, head.size);
  const indexes = new Set([...keys.indexes, ...(await endsOf(source, head.size)), ...(request.of ? [] : [index])]);
  if (range) for (let i = range.from; i < range.to; i++) indexes.add(i);
  for (const one of series) for (const i of one.indexes) indexes.add(i);
  const erased = await erasedBlobs(ledger.database);
  try {
    await writeBundle(
      {
        bundle: request.bundleId,
        origin: source.origin,
        exportedAt: toInstant(ledger.clock()),
        logKeys: source.ring.activeAt('log', head.size).map(({ key }) => key),
        bundleKey: await bundleSigner(source, head.size),
        bundleKeyIndex: keys.bundleKey.index,
        checkpoint: vouchers.note,
        vouchers,
        tree,
        indexes: [...indexes].sort((a, b) => a - b),
        range,
        series: series.map(({ id, to }) => ({ id, from: 0, to })),
        readLeaves: async (wanted) => (await source.reader.entriesAt(wanted)).map(({ bytes }) => bytes),
        blobState: (sha256) =>
          blobState(ledger, erased, sha256, (request.withBlobs ?? true) && !request.withhold?.has(sha256)),
        openBlob: (sha256) => ledger.blobs.stream(sha256),
        disclosuresOf: await disclosing(ledger, source, head.size, request.disclose ?? 'nothing'),
        history: await source.reader.headsOfBundles(head.size, HISTORY_MAX),
      },
      (bytes) => out.write(bytes),
    );
    await out.end();
  } catch (error) {
    request.out.destroy();
    if (error instanceof RangeError && out.sizeBytes > ZIP_BYTES_MAX - BUFFER_BYTES)
      throw new AppError(
        'too_large',
        'The bundle would be larger than 4 GiB. Export a smaller range, or leave the evidence files out.',
        { cause: error },
      );
    throw error;
  }
  const assurance = await assuranceOfHead(source, head, vouchers);
  return {
    sizeBytes: out.sizeBytes,
    sha256: out.sha256(),
    entries: indexes.size,
    from: range?.from ?? null,
    to: range?.to ?? null,
    size: head.size,
    assurance,
  };
}

/** The entries that say which log this one continues, and that it was sealed: they are in every bundle. */
async function endsOf({ reader }: ReadableLog, size: number): Promise<number[]> {
  const [first, last] = [await reader.entryAt(0), await reader.entryAt(size - 1)];
  return [...(first?.type === 'log.continued' ? [0] : []), ...(last?.type === 'log.sealed' ? [last.index] : [])];
}

async function claimedSeries(
  ledger: ReadableLog,
  ids: readonly string[],
  size: number,
): Promise<{ id: string; to: number; indexes: number[] }[]> {
  const claimed: { id: string; to: number; indexes: number[] }[] = [];
  for (const id of [...new Set(ids)].sort()) {
    const indexes = await ledger.reader.indexesOfSeries(id, size);
    if (indexes.length === 0) throw unknownSeries(id);
    claimed.push({ id, to: indexes.length - 1, indexes });
  }
  return claimed;
}

function unknownSeries(id: string): AppError {
  return new AppError(
    'not_found',
    `The ledger has no series "${id.slice(0, 120)}". A series is named in the entries themselves, as series.id; a control test's is its id. Nothing was exported.`,
  );
}

// One query for all: most entries have nothing beside them.
async function disclosing(
  ledger: Ledger,
  source: ReadableLog,
  size: number,
  disclose: Disclose,
): Promise<((index: number) => Promise<Disclosures | null>) | undefined> {
  const { dataKeys } = ledger;
  if (disclose === 'nothing') return undefined;
  if (!dataKeys)
    throw new AppError('internal', 'This process cannot open personal values, so it cannot disclose them.');
  const held = await source.reader.entriesWithDisclosures(size, disclose === 'files' ? OPENING_FIELD : null);
  return async (index) => {
    const pendingId = held.get(index);
    if (pendingId === undefined) return null;
    const all = await disclosuresOf(ledger.database.drizzle, dataKeys, pendingId);
    if (!all) return null;
    const given = Object.entries(all).filter(([field]) => disclose === 'everything' || field === OPENING_FIELD);
    return given.length > 0 ? Object.fromEntries(given) : null;
  };
}

function refuseBeyond({ from, to }: BundleRange, size: number): void {
  if (from >= 0 && from <= to && to <= size) return;
  if (from > to)
    throw new AppError(
      'invalid_input',
      `The range ends with entry ${to - 1}, before its first, ${from}. Swap the two.`,
    );
  throw new AppError(
    'not_found',
    `The ledger has entries 0 to ${size - 1}; ${from} to ${to - 1} does not lie within. Nothing was exported.`,
  );
}

// In the log before the bundle is made, so that the bundle shows its own export, and who asked for it.
async function recordExport(
  ledger: Ledger,
  { bundleId, exportedBy, range, series, withBlobs, withhold, disclose, of }: ExportRequest,
): Promise<number> {
  const { pendingId } = await ledger.database.transaction((tx) =>
    appendEntry(
      tx,
      {
        type: 'bundle.exported',
        actor: exportedBy,
        subject: { kind: 'bundle', id: bundleId },
        body: {
          ...(of && { origin: of.origin }),
          ...(range ? { from: range.from, to: range.to } : series ? {} : { all: true }),
          ...(series && { series: [...series] }),
          ...(withBlobs === false && { files: 'withheld' }),
          ...(withhold && withhold.size > 0 && { withheld: withhold.size }),
          ...(disclose && disclose !== 'nothing' && { disclosed: disclose }),
        },
        dedupeKey: `bundle.exported/${bundleId}`,
      },
      ledger.clock,
    ),
  );
  return (await ledger.waitIntegrated(pendingId, WAIT_MS)).index;
}

async function lastHead(log: ReadableLog): Promise<{ head: SignedHead; vouchers: Vouchers }> {
  const head = await log.signedHead();
  return { head, vouchers: await vouchersOf(log, head) };
}

async function bundleSigner(log: ReadableLog, size: number): Promise<NoteSigner> {
  const { bundleKey } = await keyEntries(log, size);
  try {
    return log.ring.signerOf(bundleKey);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(
      'unavailable',
      `The key that signs bundles of ${log.origin} is gone, so none can be made: ${cause.message} As files the log needs no key: assay ledger publish --log ${logIdOf(log.origin)} --out DIR`,
      { cause },
    );
  }
}

async function keyEntries(ledger: ReadableLog, size: number): Promise<{ indexes: number[]; bundleKey: AnnouncedKey }> {
  await ledger.ring.refresh();
  const bundleKey = ledger.ring.activeAt('bundle', size).at(-1);
  if (!bundleKey) throw new AppError('internal', 'The key that signs bundles is not announced in the ledger.');
  const indexes = ledger.ring.all.flatMap(({ index, retiredIndex }) => [index, retiredIndex ?? size]);
  return { indexes: indexes.filter((index) => index < size), bundleKey };
}

async function blobState(
  ledger: Ledger,
  erased: ReadonlySet<string>,
  sha256: string,
  withBlobs: boolean,
): Promise<'given' | 'withheld' | 'erased'> {
  if (erased.has(sha256)) return 'erased';
  if (!withBlobs) return 'withheld';
  if (await ledger.blobs.has(sha256)) return 'given';
  throw new AppError(
    'unavailable',
    `The evidence file ${sha256} is not in the blob store. Restore it from a backup of the data folder, or export without evidence files.`,
  );
}

/** Gathers small writes, counts and hashes what goes out, and waits while the reader is slow. */
class CountingOutput {
  readonly #out: Writable;
  readonly #hash = createHash('sha256');
  readonly #onProgress: ((writtenBytes: number) => void) | undefined;
  #held: Buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #heldBytes = 0;
  #failure: Error | undefined;
  sizeBytes = 0;

  constructor(out: Writable, onProgress?: (writtenBytes: number) => void) {
    this.#out = out;
    this.#onProgress = onProgress;
    // Without a listener a failed write would end the process; it is thrown at the next write.
    out.on('error', (error) => {
      this.#failure = error;
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#heldBytes + bytes.length > BUFFER_BYTES) await this.#flush();
    if (bytes.length > BUFFER_BYTES) return this.#send(Buffer.from(bytes));
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes += bytes.length;
  }

  async end(): Promise<void> {
    await this.#flush();
    if (this.#failure) throw this.#failure;
    const finished = this.#until('finish');
    this.#out.end();
    await finished;
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  async #flush(): Promise<void> {
    if (this.#heldBytes === 0) return;
    const filled = this.#held.subarray(0, this.#heldBytes);
    // The stream may keep the buffer for a while, so the next bytes go into another one.
    this.#held = Buffer.allocUnsafe(BUFFER_BYTES);
    this.#heldBytes = 0;
    await this.#send(filled);
  }

  async #send(bytes: Buffer): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.#hash.update(bytes);
    this.sizeBytes += bytes.length;
    if (!this.#out.write(bytes)) await this.#until('drain');
    this.#onProgress?.(this.sizeBytes);
  }
  // A reader that goes away closes the stream without an error; waiting for its next sign of life would never end.
  #until(event: 'drain' | 'finish'): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (failure?: Error) => {
        this.#out.off(event, onEvent).off('close', onClose).off('error', settle);
        if (failure) reject(failure);
        else resolve();
      };
      const onEvent = () => settle();
      const onClose = () => settle(this.#failure ?? new Error('the output was closed before the bundle was complete'));
      this.#out.on(event, onEvent).on('close', onClose).on('error', settle);
      if (this.#out.destroyed) onClose();
    });
  }
}
