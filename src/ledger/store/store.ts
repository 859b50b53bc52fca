import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { toBase64 } from '../log/bytes.ts';
import { type Exported, type ExportRequest, exportBundle } from './export.ts';
import {
  type FormerEntry,
  type FormerLog,
  formerEntry,
  listFormerLogs,
  openFormerLog,
  type ReadableLog,
} from './former-log.ts';
import { readHeadFile, setAsideHeadFile } from './head-file.ts';
import { KeyRing } from './key-ring.ts';
import { type InclusionProof, proveInclusion } from './prove.ts';
import { finishSeal } from './seal.ts';
import { readHead, sequenceBatch } from './sequencer.ts';
import { type HeadSource, Signer } from './signer.ts';
import { removeLeftovers, SyncFailed } from './store-files.ts';
import { findOrCreateLog, type LogIdentity, type LogKeys } from './store-log.ts';
import { type EntryQuery, LedgerReader, type SignedHead, type StoredEntry } from './store-read.ts';
import type { LedgerOutside } from './vouchers.ts';

/** The part of the platform's log that is used. */
export type LedgerLog = Record<'info' | 'warn' | 'error', (details: object, message: string) => void>;

/** The part of the platform's blob store that is used. */
export type LedgerBlobs = {
  has(sha256: string): Promise<boolean>;
  stream(sha256: string): AsyncIterable<Uint8Array>;
};

export type Ledger = {
  readonly origin: string;
  /** The log's public key in signed-note form: while a new one takes over, the new one. */
  readonly vkey: string;
  readonly bundleVkey: string;
  readonly reader: LedgerReader;
  /** The newest of each purpose. */
  readonly keys: LogKeys;
  readonly ring: KeyRing;
  readonly database: Database;
  readonly blobs: LedgerBlobs;
  /** Opens personal values for disclosure; left out where none are disclosed. */
  readonly dataKeys: DataKeys | undefined;
  readonly clock: Clock;
  /**
   * Gives every waiting entry its index and signs the head. Returns how many there were. Throws `AppError('conflict')`
   * when signing would fork the ledger; entries then go on waiting.
   */
  integrate(): Promise<number>;
  /** Integrates again and again until `signal` ends it. Rejects only when the disk cannot be trusted any more. */
  runSequencer(signal: AbortSignal): Promise<void>;
  /** Resolves once the entry is under a signed head. Its transaction must have committed. Throws `unavailable`. */
  waitIntegrated(pendingId: string, timeoutMs: number): Promise<{ index: number }>;
  /** The parties that vouch for heads; null where none can be set up. */
  readonly outside: LedgerOutside | null;
  signedHead(): Promise<SignedHead>;
  /** The newest signed head. */
  checkpoint(): Promise<{ size: number; root: string; note: string }>;
  /** How many entries wait for an index. */
  pendingCount(): Promise<number>;
  entryAt(index: number): Promise<StoredEntry | null>;
  entryOfPending(pendingId: string): Promise<StoredEntry | null>;
  /** An entry of a log that was sealed and that this one continues. */
  formerEntry(pendingId: string): Promise<FormerEntry | null>;
  /** The logs that were sealed and that this one continues, the latest first. */
  formerLogs(): Promise<FormerLog[]>;
  /** One of them to read from, by its origin or the id at the end of that; null where there is none. */
  formerLog(name: string): Promise<ReadableLog | null>;
  /** Why nothing is signed at present, as a sentence with the next step; null while all is well. */
  readonly problem: string | null;
  entries(query: EntryQuery): Promise<{ items: StoredEntry[]; total: number }>;
  /** For the newest signed head. Throws `not_found` for an entry that is not under it yet. */
  proveInclusion(index: number): Promise<InclusionProof>;
  /** See `exportBundle` in export.ts. */
  exportBundle(request: ExportRequest): Promise<Exported>;
};

const IDLE_MS = 200;
const RETRY_MS = 2_000;

/**
 * Opens the ledger of a database, or starts one there: origin `<host>/ledger/<id>`, keys in `<dataDir>/keys`.
 * `headSources` are further places that may know a newer head than the database; see `Signer`.
 */
export async function openLedger(parts: {
  database: Database;
  blobs: LedgerBlobs;
  dataKeys?: DataKeys;
  dataDir: string;
  clock: Clock;
  log: LedgerLog;
  host?: string;
  headSources?: readonly HeadSource[];
  outside?: LedgerOutside;
}): Promise<Ledger> {
  const { database, dataDir, clock, log } = parts;
  const host = parts.host ?? 'assay.local';
  const headSources = parts.headSources ?? [];
  // Sealing was cut short: without a successor nothing can be recorded.
  const settle =
    parts.outside && ((identity: LogIdentity, head: SignedHead) => parts.outside?.settle({ identity, head }));
  const finished = await finishSeal({ database, dataDir, clock, host, headSources, settle });
  if (finished) log.warn({ origin: finished.origin }, 'a sealed ledger was continued by a new one');
  const { identity, created } = await findOrCreateLog({ database, dataDir, clock, host });
  if (created) log.info({ origin: identity.origin }, 'a new ledger was started');
  const reader = new LedgerReader(database, identity.id);
  const ring = new KeyRing({ database, dataDir, logId: identity.id, origin: identity.origin });
  await ring.refresh();
  const newestKeys = (): LogKeys => ({
    log: ring.signerOf(ring.newest('log')),
    bundle: ring.signerOf(ring.newest('bundle')),
  });
  // A key that is missing is better met now than with the first entry.
  newestKeys();
  // What a process that was killed left of a key: no entry knows it, and a thief could find it.
  removeLeftovers(join(dataDir, 'keys'));
  await setAsideFormerHead(dataDir, reader);
  const signer = new Signer({
    database,
    dataDir,
    logId: identity.id,
    origin: identity.origin,
    ring,
    sources: headSources,
    rootAt: (size) => reader.tree.root(size),
  });
  let problem: string | null = null;
  const integrate = onlyOneAtATime(async () => {
    try {
      const integrated = await integrateAll(database, identity.id, signer, clock);
      problem = null;
      return integrated;
    } catch (error) {
      problem = error instanceof AppError ? error.message : 'The ledger cannot be signed now; the log says more.';
      throw error;
    }
  });
  const formerParts = { database, dataDir, blobs: parts.blobs, outside: parts.outside ?? null };
  const ledger: Ledger = {
    origin: identity.origin,
    get vkey() {
      return ring.newest('log').vkey;
    },
    get bundleVkey() {
      return ring.newest('bundle').vkey;
    },
    reader,
    get keys() {
      return newestKeys();
    },
    ring,
    database,
    blobs: parts.blobs,
    dataKeys: parts.dataKeys,
    clock,
    integrate,
    runSequencer: (signal) => runSequencer(integrate, log, signal),
    outside: parts.outside ?? null,
    signedHead: () => signedHead(ledger),
    waitIntegrated: (pendingId, timeoutMs) => waitIntegrated(ledger, pendingId, timeoutMs),
    checkpoint: async () => {
      const { size, root, note } = await signedHead(ledger);
      return { size, root: toBase64(root), note };
    },
    pendingCount: () => reader.pendingCount(),
    entryAt: (index) => reader.entryAt(index),
    entryOfPending: (pendingId) => reader.entryOfPending(pendingId),
    formerEntry: (pendingId) => formerEntry(formerParts, pendingId),
    formerLogs: () => listFormerLogs(database),
    formerLog: (name) => openFormerLog(formerParts, name),
    get problem() {
      return problem;
    },
    entries: (query) => reader.page(query),
    proveInclusion: async (index) => proveInclusion(reader, await signedHead(ledger), index),
    exportBundle: (request) => exportBundle(ledger, request),
  };
  if (created) await integrate();
  return ledger;
}

// A crash between the start of a new ledger and this leaves the head file of the one it continues.
async function setAsideFormerHead(dataDir: string, reader: LedgerReader): Promise<void> {
  const file = readHeadFile(dataDir);
  const first = file === null ? null : await reader.entryAt(0);
  if (file === null || first?.type !== 'log.continued') return;
  const { subject } = JSON.parse(Buffer.from(first.bytes).toString('utf8')) as { subject: { id: string } };
  if (file.startsWith(`${subject.id}\n`)) setAsideHeadFile(dataDir);
}

/** The newest signed head; signs the first one where there is none yet. */
async function signedHead(ledger: Ledger): Promise<SignedHead> {
  const signed = await ledger.reader.lastSigned();
  if (signed) return signed;
  await ledger.integrate();
  const first = await ledger.reader.lastSigned();
  if (!first) throw new AppError('unavailable', 'The ledger has no signed head yet. Try again in a moment.');
  return first;
}

async function integrateAll(database: Database, logId: string, signer: Signer, clock: Clock): Promise<number> {
  const before = await readHead(database, logId);
  await signer.checkKnownHeads();
  if (before.signed && !before.waiting) return 0;
  let integrated = 0;
  for (;;) {
    const head = await sequenceBatch(database, logId);
    integrated += head.sequenced;
    // Null: another process took over after this batch, and its next head covers these entries.
    await signer.sign(head, new Date(clock()));
    if (head.sequenced === 0) return integrated;
  }
}

// A call that comes while one is running gets a run that starts afterwards, shared by all who came meanwhile: what they
// appended before calling is then seen for sure. A failed sync ends it for good, as what the disk holds is unknown.
function onlyOneAtATime(work: () => Promise<number>): () => Promise<number> {
  let last: Promise<unknown> = Promise.resolve();
  let queued: Promise<number> | undefined;
  let broken: SyncFailed | undefined;
  const run = async (): Promise<number> => {
    queued = undefined;
    if (broken) throw broken;
    try {
      return await work();
    } catch (error) {
      if (error instanceof SyncFailed) broken = error;
      throw error;
    }
  };
  return () => {
    if (!queued) {
      queued = last.then(run);
      last = queued.catch(() => undefined);
    }
    return queued;
  };
}

async function runSequencer(integrate: () => Promise<number>, log: LedgerLog, signal: AbortSignal): Promise<void> {
  let reported = '';
  while (!signal.aborted) {
    let pauseMs = IDLE_MS;
    try {
      if ((await integrate()) > 0) pauseMs = 0;
      reported = '';
    } catch (error) {
      if (error instanceof SyncFailed) throw error;
      pauseMs = RETRY_MS;
      const message = error instanceof Error ? error.message : String(error);
      // Said once, not every two seconds, until it changes or is over.
      if (message !== reported) log.error({ err: error }, 'ledger entries could not be integrated; they wait');
      reported = message;
    }
    if (pauseMs > 0) await wait(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function waitIntegrated(ledger: Ledger, pendingId: string, timeoutMs: number): Promise<{ index: number }> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    await ledger.integrate();
    const entry = await ledger.entryOfPending(pendingId);
    const signed = await ledger.reader.lastSigned();
    if (entry && signed && signed.size > entry.index) return { index: entry.index };
    if (performance.now() >= endsAt)
      throw new AppError(
        'unavailable',
        `The entry ${pendingId} is not in the ledger after ${timeoutMs} ms. It is kept and will be integrated; ask again later.`,
      );
    await wait(IDLE_MS / 10);
  }
}
