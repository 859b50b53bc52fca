import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { concatBytes, fromBase64, fromHex, toBase64, utf8Bytes } from '../log/bytes.ts';
import { formatCheckpoint } from '../log/checkpoint.ts';
import type { NewEntry } from '../log/entry.ts';
import { readLeaf } from '../log/leaf.ts';
import { signNote } from '../log/note.ts';
import { acceptCheckpoint, parsePolicyText } from '../log/policy.ts';
import { verifyConsistency, verifyInclusion } from '../log/proof.ts';
import { parseTlogProof } from '../log/tlog-proof.ts';
import { hashLeaf, MerkleTree } from '../log/tree.ts';
import { appendEntries, appendEntry, pendingIdOf } from './append.ts';
import { type Ledger, openLedger } from './store.ts';

const database = testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'assay-ledger-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = () => Date.parse('2026-11-23T08:53:33.123Z');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const blobs = { has: async () => false, stream: async function* () {} };
const dataDir = join(folder, 'data');
const open = (options: Partial<Parameters<typeof openLedger>[0]> = {}) =>
  openLedger({ database: database.current, blobs, dataDir, clock, log: silent, ...options });

const entry = (key: string, change: Partial<NewEntry> = {}): NewEntry => ({
  type: 'evidence.collected',
  actor: { kind: 'service', id: 'test' },
  subject: { kind: 'evidence', id: key },
  body: { n: key },
  dedupeKey: key,
  ...change,
});
const append = (...entries: NewEntry[]) => database.current.transaction((tx) => appendEntries(tx, entries, clock));

let ledger: Ledger;
beforeEach(async () => {
  ledger = await open();
});

async function rootOfEverything(): Promise<{ size: number; root: string }> {
  const head = await ledger.checkpoint();
  const stored = await ledger.reader.entriesBetween(0, head.size);
  const tree = new MerkleTree(concatBytes(...stored.map(({ bytes }) => hashLeaf(bytes))));
  return { size: tree.size, root: toBase64(tree.root()) };
}

test('a new ledger announces its two keys as entries 0 and 1 under a signed head', async () => {
  expect(ledger.origin).toMatch(/^assay\.local\/ledger\/[0-9a-f]{32}$/);
  const announced = await Promise.all([0, 1].map((index) => ledger.entryAt(index)));
  const bodies = announced.map((stored) => readLeaf(stored?.bytes as Uint8Array, { profile: true }).value.body);
  expect(bodies).toMatchObject([
    { purpose: 'log', vkey: ledger.vkey },
    { purpose: 'bundle', vkey: ledger.bundleVkey },
  ]);
  const head = await ledger.checkpoint();
  const accepted = acceptCheckpoint(parsePolicyText(`log ${ledger.vkey}\nquorum none\n`), utf8Bytes(head.note));
  expect(accepted.checkpoint.size).toBe(head.size);
  for (const purpose of ['log', 'bundle']) {
    const path = join(dataDir, 'keys', `${ledger.origin.split('/').at(-1)}.${purpose}.key`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  }
});

test('opening again finds the same ledger, also twice at the same time', async () => {
  const [again, once] = await Promise.all([open(), open()]);
  expect(again.vkey).toBe(ledger.vkey);
  expect(once.origin).toBe(ledger.origin);
});

test('what is appended gets an index, a proof and a place under the signed root', async () => {
  const [first] = await append(entry('proof-1'), entry('proof-2'));
  const { index } = await ledger.waitIntegrated(first?.pendingId ?? '', 5_000);
  const proof = await ledger.proveInclusion(index);
  const stored = await ledger.entryAt(index);
  const hashes = proof.hashes.map((hash) => fromBase64(hash) as Uint8Array);
  const { root, size } = await ledger.checkpoint();
  expect(
    verifyInclusion(index, size, hashLeaf(stored?.bytes as Uint8Array), hashes, fromBase64(root) as Uint8Array),
  ).toBe(true);
  expect(parseTlogProof(utf8Bytes(proof.tlogProof)).index).toBe(index);
  expect(await ledger.entryOfPending(first?.pendingId ?? '')).toEqual(stored);
  await expect(ledger.proveInclusion(size)).rejects.toThrow(/no entry/);
});

test('an entry of a transaction that is rolled back never enters', async () => {
  await expect(
    database.current.transaction(async (tx) => {
      await appendEntry(tx, entry('rolled-back'), clock);
      throw new Error('the business change failed');
    }),
  ).rejects.toThrow('the business change failed');
  await ledger.integrate();
  expect(await ledger.entryOfPending(pendingIdOf('rolled-back'))).toBe(null);
});

test('ten thousand appends under one key are one entry', async () => {
  const before = (await ledger.checkpoint()).size;
  const copies = Array.from({ length: 500 }, () => entry('same'));
  for (let round = 0; round < 20; round++) await Promise.all([append(...copies), ledger.integrate()]);
  await ledger.integrate();
  expect((await ledger.checkpoint()).size).toBe(before + 1);
  expect(await ledger.pendingCount()).toBe(0);
});

test('one key for two different entries is refused, waiting or integrated', async () => {
  await append(entry('taken'));
  await expect(append(entry('taken', { body: { n: 'other' } }))).rejects.toThrow(/key of its own/);
  await ledger.integrate();
  await expect(append(entry('taken', { body: { n: 'other' } }))).rejects.toThrow(/key of its own/);
  await expect(append(entry('pair'), entry('pair', { series: 's' }))).rejects.toThrow(/key of its own/);
  await expect(append(entry('taken'))).resolves.toEqual([{ pendingId: pendingIdOf('taken') }]);
});

test('an entry that breaks the profile is refused before it is stored', async () => {
  await expect(append(entry('big', { body: { text: 'x'.repeat(20_000) } }))).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(append(entry('who', { body: { by: 'jane@example.org' } }))).rejects.toThrow(/e-mail address/);
});

test('a series is numbered and linked across batches and writers', async () => {
  const writers = await Promise.all([open(), open(), open()]);
  for (let round = 0; round < 10; round++)
    await Promise.all(
      writers.map(async (writer, w) => {
        await append(
          entry(`series-${round}-${w}`, { series: 'test/a' }),
          entry(`series-b-${round}-${w}`, { series: 'test/b' }),
        );
        await writer.integrate();
      }),
    );
  const { items, total } = await ledger.entries({ series: 'test/a', limit: 100 });
  expect(total).toBe(30);
  let prev: string | undefined;
  for (const [seq, stored] of items.reverse().entries()) {
    expect(readLeaf(stored.bytes, { profile: true }).series).toEqual(
      seq === 0 ? { id: 'test/a', seq } : { id: 'test/a', seq, prev },
    );
    prev = stored.leafHash;
  }
  expect(await ledger.checkpoint()).toMatchObject(await rootOfEverything());
});

test('batches of any size lead to the same tree, and each signed head continues the one before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }),
      fc.uuid(),
      async (batches, run) => {
        for (const [i, width] of batches.entries()) {
          const before = await ledger.checkpoint();
          await append(...Array.from({ length: width }, (_, n) => entry(`${run}-${i}-${n}`)));
          expect(await ledger.integrate()).toBe(width);
          const after = await ledger.checkpoint();
          expect(after.size).toBe(before.size + width);
          const proof = await ledger.reader.tree.consistencyProof(before.size, after.size);
          const [oldRoot, newRoot] = [before, after].map(({ root }) => fromBase64(root) as Uint8Array);
          expect(verifyConsistency(before.size, after.size, oldRoot as Uint8Array, newRoot as Uint8Array, proof)).toBe(
            true,
          );
        }
        expect(await ledger.checkpoint()).toMatchObject(await rootOfEverything());
      },
    ),
    { numRuns: 5 },
  );
});

test('entries are listed newest first, by type and below an index', async () => {
  await append(entry('listed', { type: 'access.reviewed' }));
  await ledger.integrate();
  const { items, total } = await ledger.entries({ type: 'access.reviewed', limit: 10 });
  expect(total).toBe(1);
  const below = await ledger.entries({ before: items[0]?.index ?? 0, limit: 2 });
  expect(below.items.map(({ index }) => index)).toEqual([1, 2].map((back) => (items[0]?.index ?? 0) - back));
});

test('the sequencer integrates by itself and ends when told', async () => {
  const ending = new AbortController();
  const running = ledger.runSequencer(ending.signal);
  const [appended] = await append(entry('by-itself'));
  for (;;) {
    const stored = await ledger.entryOfPending(appended?.pendingId ?? '');
    const signed = await ledger.reader.lastSigned();
    if (stored && signed && signed.size > stored.index) break;
  }
  ending.abort();
  await running;
});

describe('tables', () => {
  test.each([
    'update ledger_entry set type = type',
    'delete from ledger_entry',
    'truncate ledger_entry',
    'update ledger_pending set type = type',
    'delete from ledger_pending',
    'truncate ledger_pending',
    'update ledger_tile set n = n',
    'delete from ledger_tile',
    'delete from ledger_signed',
    "update ledger_signed set note = 'x'",
    'update ledger_signed set root = root, note = null',
    'delete from ledger_log',
    'update ledger_log set size = size - 1',
    "update ledger_log set origin = 'x'",
    'truncate ledger_signed',
    'truncate ledger_log cascade',
  ])('%s is refused', async (statement) => {
    await append(...Array.from({ length: 3 }, (_, n) => entry(`kept-${statement}-${n}`)));
    await expect(database.current.drizzle.execute(sql.raw(statement))).rejects.toThrow();
    await ledger.integrate();
  });

  test('a second root for a size, a number twice in a series and an index twice are impossible', async () => {
    await append(entry('unique', { series: 'unique' }));
    await ledger.integrate();
    for (const statement of [
      `insert into ledger_signed select log_id, size, '\\x00', null, now() from ledger_signed limit 1`,
      `insert into ledger_entry select log_id, 1000000, leaf_hash, bytes, type, series, seq, 'x', now() from ledger_entry where series = 'unique'`,
      `insert into ledger_entry select log_id, idx, leaf_hash, bytes, type, null, null, 'y', now() from ledger_entry where idx = 0`,
    ])
      await expect(database.current.pool.query(statement)).rejects.toThrow(/duplicate key/);
  });
});

describe('a database restored from an older backup', () => {
  const headFile = join(dataDir, 'ledger-head');

  test('is not signed any further, and the entries wait', async () => {
    await append(entry('newer-1'), entry('newer-2'));
    await ledger.integrate();
    const newer = readFileSync(headFile, 'utf8');
    // The head file of a future this database has not seen: the same effect as a database put back in time.
    const { size } = await ledger.checkpoint();
    const future = signNote(formatCheckpoint(ledger.origin, size + 5, new Uint8Array(32).fill(1)), [ledger.keys.log]);
    writeFileSync(headFile, future);
    await append(entry('waits'));
    const restarted = await open();
    await expect(restarted.integrate()).rejects.toThrow(/older backup was restored.*Nothing is lost/s);
    expect(await restarted.pendingCount()).toBe(1);
    expect(readFileSync(headFile, 'utf8')).toBe(future);
    // Written to meanwhile: the size has been reached again, with other entries.
    const rewritten = signNote(formatCheckpoint(ledger.origin, size - 1, new Uint8Array(32).fill(1)), [
      ledger.keys.log,
    ]);
    writeFileSync(headFile, rewritten);
    await expect((await open()).integrate()).rejects.toThrow(/other entries there/);
    writeFileSync(headFile, newer);
    await expect((await open()).integrate()).resolves.toBe(1);
  });

  test('is noticed through a head somebody else holds', async () => {
    const { size } = await ledger.checkpoint();
    const checkpoint = { origin: ledger.origin, size: size + 1, root: new Uint8Array(32), extensions: [] };
    const watched = await open({ headSources: [async () => [{ checkpoint, where: 'the published folder' }]] });
    await append(entry('watched'));
    await expect(watched.integrate()).rejects.toThrow(/the published folder holds a signed head/);
    await ledger.integrate();
  });

  test('with a head file of another ledger, or a damaged one, is not signed', async () => {
    const own = readFileSync(headFile, 'utf8');
    writeFileSync(headFile, own.replaceAll(ledger.origin, `assay.local/ledger/${'0'.repeat(32)}`));
    await append(entry('foreign-head'));
    await expect((await open()).integrate()).rejects.toThrow(/head of another ledger/);
    writeFileSync(
      headFile,
      own.replace(/.(?==\n$)/, (unit) => (unit === 'A' ? 'E' : 'A')),
    );
    await expect((await open()).integrate()).rejects.toThrow(/cannot be read/);
    writeFileSync(headFile, own);
    await ledger.integrate();
  });

  test('a head file that is gone is written again at the next head', async () => {
    rmSync(headFile);
    await append(entry('no-file'));
    await (await open()).integrate();
    expect(readFileSync(headFile, 'utf8')).toBe((await ledger.checkpoint()).note);
  });
});

test('without its key file the ledger does not open, and says which file is missing', async () => {
  const id = ledger.origin.split('/').at(-1);
  const path = join(dataDir, 'keys', `${id}.log.key`);
  const kept = readFileSync(path);
  renameSync(path, `${path}.away`);
  await expect(open()).rejects.toThrow(/log\.key cannot be read/);
  writeFileSync(path, kept.toString().replace('PRIVATE', 'PUBLIC'));
  await expect(open()).rejects.toThrow(/does not hold the signing key/);
  renameSync(`${path}.away`, path);
  await expect(open()).resolves.toBeDefined();
});

test('a leaf hash in a reference is the one the ledger shows', async () => {
  const target = await ledger.entryAt(0);
  await append(entry('refers', { refs: [{ rel: 'evaluates', leaf: target?.leafHash ?? '' }] }));
  await ledger.integrate();
  expect(fromHex(target?.leafHash ?? '')).toEqual(new Uint8Array(hashLeaf(target?.bytes as Uint8Array)));
});
