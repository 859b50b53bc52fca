import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { parseNote } from '../log/note.ts';
import { appendEntry } from './append.ts';
import { sequenceBatch } from './sequencer.ts';
import { Signer } from './signer.ts';
import { type Ledger, openLedger } from './store.ts';

const database = testDatabase();
const dataDir = mkdtempSync(join(tmpdir(), 'assay-signer-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const clock = () => Date.parse('2026-11-23T08:53:33.123Z');
const at = new Date(clock());
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let ledger: Ledger;
let signer: Signer;
let logId = '';

beforeAll(async () => {
  const blobs = { has: async () => false, stream: async function* () {} };
  ledger = await openLedger({ database: database.current, blobs, dataDir, clock, log: silent });
  logId = ledger.origin.split('/').at(-1) ?? '';
  signer = new Signer({
    database: database.current,
    dataDir,
    logId,
    origin: ledger.origin,
    ring: ledger.ring,
    sources: [],
    rootAt: (size) => ledger.reader.tree.root(size),
  });
});

let appended = 0;
async function nextHead() {
  await appendEntry(
    database.current.drizzle,
    {
      type: 'evidence.collected',
      actor: { kind: 'service', id: 'test' },
      subject: { kind: 'evidence', id: 'x' },
      body: {},
      dedupeKey: `signer-${appended++}`,
    },
    clock,
  );
  return sequenceBatch(database.current, logId);
}

test('the head file is the checkpoint that was signed last', async () => {
  const head = await nextHead();
  const note = await signer.sign(head, at);
  expect(note).not.toBe(null);
  expect(readFileSync(join(dataDir, 'ledger-head'), 'utf8')).toBe(note);
  expect(parseCheckpoint(parseNote(utf8Bytes(note ?? '')).text).size).toBe(head.size);
});

test('signing a head again gives the same note', async () => {
  const head = await nextHead();
  const first = await signer.sign(head, at);
  expect(await signer.sign(head, at)).toBe(first);
});

test('a size never gets a second root', async () => {
  const head = await nextHead();
  await signer.sign(head, at);
  await expect(signer.sign({ ...head, root: new Uint8Array(32).fill(7) }, at)).rejects.toThrow(/another root/);
});

test('a root that was reserved before a crash is the one that is signed afterwards', async () => {
  const head = await nextHead();
  await database.current.pool.query('insert into ledger_signed values ($1, $2, $3, null, now())', [
    logId,
    head.size,
    head.root,
  ]);
  await expect(signer.sign({ ...head, root: new Uint8Array(32).fill(7) }, at)).rejects.toThrow(/another root/);
  expect(await signer.sign(head, at)).toContain(`\n${head.size}\n`);
});

test('a smaller head is not signed after a larger one', async () => {
  const smaller = await nextHead();
  const larger = await nextHead();
  await signer.sign(larger, at);
  expect(await signer.sign(smaller, at)).toBe(null);
});

test('a process that was overtaken does not sign, and a head left unsigned is taken over', async () => {
  const head = await nextHead();
  await database.current.pool.query("update ledger_log set epoch = epoch + 1, writer = 'another process'");
  expect(await signer.sign(head, at)).toBe(null);
  expect(await ledger.integrate()).toBe(0);
  expect((await ledger.checkpoint()).size).toBe(head.size);
});
