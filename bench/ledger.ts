// The ledger against what it is made of: node hashing and tree building against bare SHA-256 of OpenSSL, appending and
// sequencing against plain INSERTs of the same rows. Ratios of one run on one machine; CPU seconds where the work is in this
// process. `--short` uses a tenth of the sizes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sha256PairsInto } from '#src/kernel/hash.ts';
import { concatBytes, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { formatCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { signNote } from '#src/ledger/log/note.ts';
import { policyOfLog } from '#src/ledger/log/policy.ts';
import { encodeEntryBundle, entryBundlePath, TILE_WIDTH, tilePath, tilesOf } from '#src/ledger/log/tiles.ts';
import { HASH_BYTES, hashLeaves, MerkleTree, rootOfHashes } from '#src/ledger/log/tree.ts';
import { verifyLog } from '#src/ledger/log/verify-log.ts';
import { appendEntries, appendEntry } from '#src/ledger/store/append.ts';
import { signerFromSeed } from '#src/ledger/store/keys.ts';
import { sequenceBatch } from '#src/ledger/store/sequencer.ts';
import { type Ledger, openLedger } from '#src/ledger/store/store.ts';
import { readConfig } from '#src/platform/config.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { openDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { nextEntry } from './ledger-parts/entries.ts';

const short = process.argv.includes('--short');
const LEAVES = short ? 100_000 : 1_000_000;
const BATCH = 256;
const BATCHES = short ? 8 : 40;
const WARM_UP_BATCHES = 8;
const RATE_SECONDS = short ? 3 : 10;

const line = (what: string, value: string, goal = '') =>
  console.log(`${what.padEnd(66)} ${value.padStart(16)}  ${goal}`);
const count = (value: number) => Math.round(value).toLocaleString('en-US');

/** CPU seconds of this process, all threads, that `work` takes. */
async function cpuSeconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Hashes per CPU second, by OpenSSL's own measure. */
function opensslRate(bytes: number): number {
  const args = ['speed', '-mr', '-seconds', '1', '-bytes', String(bytes), '-evp', 'sha256'];
  const output = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  // Machine-readable: the last line is "+F:…:sha256:<bytes per second>".
  const bytesPerSecond = Number(output.trim().split(':').at(-1));
  return bytesPerSecond / bytes;
}

async function median(rounds: number, measure: () => number | Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) values.push(await measure());
  return middle(values);
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function hashing(): Promise<void> {
  const PAIRS = 200_000;
  const level = new Uint8Array(PAIRS * 64).fill(7);
  const target = new Uint8Array(PAIRS * 32);
  sha256PairsInto(1, level, PAIRS, target);
  const ratio = await median(5, async () => {
    const openssl = opensslRate(65);
    const own = PAIRS / (await cpuSeconds(() => sha256PairsInto(1, level, PAIRS, target)));
    return own / openssl;
  });
  line('node hashing vs openssl speed -bytes 65', ratio.toFixed(2), '>= 0.45');

  // End to end, as entry bundles hold them: a million buffers of their own would make the measure one of collecting them.
  const bytes = new Uint8Array(LEAVES * 100);
  const leaves = Array.from({ length: LEAVES }, (_, i) => {
    bytes.set(utf8Bytes(`leaf ${i} `.padEnd(100, 'x')), i * 100);
    return bytes.subarray(i * 100, (i + 1) * 100);
  });
  const built = await median(3, async () => {
    const seconds = await cpuSeconds(() => new MerkleTree(hashLeaves(leaves)).root());
    return seconds / (LEAVES / opensslRate(101) + LEAVES / opensslRate(65));
  });
  line(`tree of ${count(LEAVES)} leaves of 100 bytes vs as many bare hashes`, `${built.toFixed(2)} x`, '<= 2.5');
}

const signer = signerFromSeed('bench.example/ledger', new Uint8Array(32).fill(1));

async function fullVerification(): Promise<void> {
  const size = LEAVES / 10;
  const entries = Array.from({ length: size }, (_, i) => utf8Bytes(`{"entry":${i},"text":"${'x'.repeat(380)}"}`));
  const hashes = hashLeaves(entries);
  const files = new Map<string, Uint8Array>();
  for (const { level, index, width } of tilesOf(size)) {
    const span = 256 ** level * HASH_BYTES;
    const tile = Array.from({ length: width }, (_, i) => {
      const from = (index * TILE_WIDTH + i) * span;
      return rootOfHashes(hashes.subarray(from, from + span));
    });
    files.set(tilePath({ level, index, width }), concatBytes(...tile));
    if (level > 0) continue;
    const first = index * TILE_WIDTH;
    files.set(entryBundlePath(index, width), encodeEntryBundle(entries.slice(first, first + width)));
  }
  const note = signNote(formatCheckpoint('bench.example/ledger', size, rootOfHashes(hashes)), [signer]);
  files.set('checkpoint', utf8Bytes(note));
  const reader = { read: async (path: string) => files.get(path) ?? null };
  const rate = await median(3, async () => size / (await cpuSeconds(() => verifyLog(reader, policyOfLog(signer.key)))));
  line(`full verification of a log of ${count(size)} entries of 400 bytes`, `${count(rate)} /s`, '>= 100,000 /s');
}

const clock = () => Date.now();

/** Copies of the ledger's tables, with the same columns, keys and indexes, and none of its logic. */
async function makeTwins(database: Database): Promise<void> {
  await database.pool.query(`
    create table plain_pending (like ledger_pending including all);
    create table plain_entry (like ledger_entry including all);`);
}

async function appending(database: Database, ledger: Ledger): Promise<void> {
  await makeTwins(database);
  const logId = ledger.origin.split('/').at(-1) ?? '';
  const taken = { append: [], sequence: [], plainPending: [], plainEntry: [] } as Record<string, number[]>;
  const timed = async (what: string, work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    taken[what]?.push(performance.now() - started);
  };
  for (let batch = -WARM_UP_BATCHES; batch < BATCHES; batch++) {
    const entries = Array.from({ length: BATCH }, nextEntry);
    await timed('append', () => database.transaction((tx) => appendEntries(tx, entries, clock)));
    // The same rows as they now stand in line, in one statement of the same form.
    const { rows } = await database.pool.query('select * from ledger_pending order by queue');
    await timed('plainPending', () => insertRows(database, 'plain_pending', rows));
    const { size } = await ledger.reader.logState();
    await timed('sequence', () => sequenceBatch(database, logId));
    const { rows: stored } = await database.pool.query('select * from ledger_entry where idx >= $1 order by idx', [
      size,
    ]);
    await timed('plainEntry', () => insertRows(database, 'plain_entry', stored));
  }
  await ledger.integrate();
  // Of the batches of one kind the median: what else the machine did for a moment falls out.
  const [append, sequence, plainPending, plainEntry] = Object.values(taken).map((batches) =>
    middle(batches.slice(WARM_UP_BATCHES)),
  ) as [number, number, number, number];
  const plain = plainPending + plainEntry;
  line(
    `append ${BATCH} entries, durable, vs plain INSERT of the same rows`,
    (plainPending / append).toFixed(2),
    '>= 0.70',
  );
  line(
    'sequence them (index, links, hashes, tiles, head) vs plain INSERT',
    (plainEntry / sequence).toFixed(2),
    '>= 0.70',
  );
  line('both vs both plain INSERTs', (plain / (append + sequence)).toFixed(2), '>= 0.70');
  line('entries per second, appended and sequenced by one writer', count((BATCH * 1000) / (append + sequence)));
}

async function insertRows(database: Database, table: string, rows: Record<string, unknown>[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const names = Object.keys(first);
  const types: Record<string, string> = {
    idx: 'bigint',
    seq: 'bigint',
    queue: 'bigint',
    leaf_hash: 'bytea',
    bytes: 'bytea',
    recorded_at: 'timestamptz',
  };
  const columns = names.map((_, i) => `$${i + 1}::${types[names[i] ?? ''] ?? 'text'}[]`);
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query({
      name: `plain-${table}`,
      text: `insert into ${table} (${names.join(', ')}) overriding system value select * from unnest(${columns.join(', ')})`,
      values: names.map((name) => rows.map((row) => row[name])),
    });
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** One append every millisecond, each in a transaction of its own, while the sequencer runs as it does in the server. */
async function latency(database: Database, ledger: Ledger): Promise<void> {
  const ending = new AbortController();
  const running = ledger.runSequencer(ending.signal);
  const durable: number[] = [];
  const appendedAt = new Map<string, number>();
  const integrated: number[] = [];
  const started = performance.now();
  const due: Promise<void>[] = [];
  let position = (await ledger.reader.logState()).size;
  const watch = async (): Promise<void> => {
    const head = await ledger.checkpoint();
    const seenAt = performance.now();
    for (const { pendingId } of await ledger.reader.entriesBetween(position, head.size)) {
      const from = appendedAt.get(pendingId);
      if (from !== undefined) integrated.push(seenAt - from);
    }
    position = head.size;
  };
  for (let sent = 0; sent < RATE_SECONDS * 1_000; ) {
    const now = performance.now();
    for (; sent < Math.min(now - started, RATE_SECONDS * 1_000); sent++)
      due.push(appendOne(database, durable, appendedAt));
    await wait(5);
    if (sent % 4 === 0) await watch();
  }
  await Promise.all(due);
  while (integrated.length < appendedAt.size) {
    await wait(20);
    await watch();
  }
  ending.abort();
  await running;
  const p99 = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;
  line('p99 append to durable at 1,000 /s', `${p99(durable).toFixed(0)} ms`);
  line('p99 append to signed checkpoint at 1,000 /s', `${p99(integrated).toFixed(0)} ms`);
}

async function appendOne(database: Database, durable: number[], appendedAt: Map<string, number>): Promise<void> {
  const from = performance.now();
  const { pendingId } = await appendEntry(database.drizzle, nextEntry(), clock);
  durable.push(performance.now() - from);
  appendedAt.set(pendingId, from);
}

async function main(): Promise<void> {
  await hashing();
  await fullVerification();
  const dataDir = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const config = readConfig({ ASSAY_DATA_DIR: dataDir, ASSAY_LOG_LEVEL: 'silent' }, process.cwd());
  const log = createLog({ level: 'silent' });
  const opened = await openDatabase({ config, log, purpose: 'command' });
  try {
    const { database } = opened;
    const blobs = { has: async () => false, stream: async function* () {} };
    const ledger = await openLedger({ database, blobs, dataDir, clock, log });
    await appending(database, ledger);
    await latency(database, ledger);
  } finally {
    await opened.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

await main();
