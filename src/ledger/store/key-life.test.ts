import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { verifyBundle } from '../bundle/verify-bundle.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { verifyKeyStatement } from '../log/key-statement.ts';
import { readLeaf } from '../log/leaf.ts';
import { parseNote, verifyNote } from '../log/note.ts';
import { acceptCheckpoint, parsePolicyText } from '../log/policy.ts';
import { parseVerifierKey } from '../log/verifier-key.ts';
import { verifyLog } from '../log/verify-log.ts';
import { appendEntry } from './append.ts';
import { publishLedger } from './publish.ts';
import { retireKey, rotateKey } from './rotate-key.ts';
import { finishSeal, sealLedger } from './seal.ts';
import { type Ledger, openLedger } from './store.ts';
import { checkLedger } from './store-check.ts';

const database = testDatabase();
const empty = testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'assay-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = () => Date.parse('2026-11-23T08:53:33.123Z');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const blobs = { has: async () => false, stream: async function* () {} };
const actor = { kind: 'user', id: 'usr_1' } as const;
const dataDir = join(folder, 'data');
const open = () => openLedger({ database: database.current, blobs, dataDir, clock, log: silent, host: 'acme.example' });
const seal = { dataDir, clock, host: 'acme.example', headSources: [] };

let ledger: Ledger;
beforeEach(async () => {
  ledger = await open();
});

let appended = 0;
async function append(): Promise<void> {
  const entry = {
    type: 'evidence.collected' as const,
    actor,
    subject: { kind: 'evidence', id: 'x' },
    body: {},
    dedupeKey: `key-life-${appended++}`,
  };
  await appendEntry(database.current.drizzle, entry, clock);
  await ledger.integrate();
}

async function bundle(): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(chunk);
      done();
    },
  });
  await ledger.exportBundle({ out, bundleId: `bnd_${appended++}`, exportedBy: actor });
  return new Uint8Array(Buffer.concat(parts));
}

const policyOf = (...vkeys: string[]) => `${vkeys.map((vkey) => `log ${vkey}\n`).join('')}quorum none\n`;
const holds = async (bytes: Uint8Array, policy: string) => (await verifyBundle(bytes, { policy })).firstProblem;

test('a rotated key signs beside the old one, then alone; heads and bundles of each time hold under the policy of it', async () => {
  const first = ledger.vkey;
  const before = await bundle();
  const announced = await rotateKey(ledger, { purpose: 'log', actor, dataDir });
  expect(ledger.vkey).toBe(announced.vkey);
  expect(announced.vkey).not.toBe(first);

  const leaf = readLeaf((await ledger.entryAt(announced.index))?.bytes ?? new Uint8Array(), { profile: true });
  expect(verifyKeyStatement(leaf.value.body, ledger.origin, parseVerifierKey(first))).toEqual(announced.key);
  const { statement } = leaf.value.body as { statement: string };
  const forged = { ...(leaf.value.body as object), statement: statement.replace('\nlog\n', '\nbundle\n') };
  expect(() => verifyKeyStatement(forged, ledger.origin, parseVerifierKey(first))).toThrow(/another key/);

  const during = await ledger.checkpoint();
  for (const vkey of [first, announced.vkey])
    expect(acceptCheckpoint(parsePolicyText(policyOf(vkey)), utf8Bytes(during.note)).checkpoint.size).toBe(during.size);
  const overlapping = await bundle();
  expect(await holds(overlapping, policyOf(first))).toBe(null);
  expect(await holds(overlapping, policyOf(announced.vkey))).toBe(null);
  await expect(rotateKey(ledger, { purpose: 'log', actor, dataDir })).rejects.toThrow(/Two log keys sign already/);

  await retireKey(ledger, { wanted: first, actor, dataDir });
  const after = await ledger.checkpoint();
  expect(() => verifyNote(parseNote(utf8Bytes(after.note)), [parseVerifierKey(first)])).toThrow(/not signed/);
  expect(existsSync(join(dataDir, 'keys', `${ledger.origin.split('/').at(-1)}.log.key`))).toBe(false);
  const late = await bundle();
  expect(await holds(late, policyOf(announced.vkey))).toBe(null);
  expect(await holds(late, policyOf(first, announced.vkey))).toBe(null);
  expect(await holds(late, policyOf(first))).toMatchObject({ rule: 'signature' });
  // What was handed out before still holds under the key it was handed out with.
  expect(await holds(before, policyOf(first))).toBe(null);
  expect(await checkLedger(ledger, { dataDir })).toMatchObject({ ok: true, firstDifference: null });
  await expect(retireKey(ledger, { wanted: announced.vkey, actor, dataDir })).rejects.toThrow(/only log key/);
});

test('another process signs with the new key without being told', async () => {
  const other = await open();
  const made = await rotateKey(ledger, { purpose: 'log', actor, dataDir });
  await appendEntry(
    database.current.drizzle,
    { type: 'evidence.collected', actor, subject: { kind: 'e', id: 'o' }, body: {}, dedupeKey: 'other-process' },
    clock,
  );
  await other.integrate();
  const { note } = await other.checkpoint();
  expect(verifyNote(parseNote(utf8Bytes(note)), [made.key])).toHaveLength(1);
  expect(other.vkey).toBe(made.vkey);
  const oldest = other.ring.activeAt('log', Number.MAX_SAFE_INTEGER)[0]?.vkey ?? '';
  await retireKey(other, { wanted: oldest, actor, dataDir });
  await append();
  expect(await checkLedger(ledger, { dataDir })).toMatchObject({ ok: true });
});

test('the key of bundles rotates too, and its bundles are checked by the entry that announces it', async () => {
  const old = ledger.bundleVkey;
  const made = await rotateKey(ledger, { purpose: 'bundle', actor, dataDir });
  const report = await verifyBundle(await bundle(), { policy: policyOf(ledger.vkey) });
  expect(report).toMatchObject({ ok: true });
  expect(JSON.stringify(report.checked)).toContain(`entry ${made.index} announces`);
  await retireKey(ledger, { wanted: old, actor, dataDir });
  expect(await holds(await bundle(), policyOf(ledger.vkey))).toBe(null);
});

test('a published folder goes on over a rotation', async () => {
  const out = join(folder, 'tiles');
  await publishLedger(ledger, out);
  const old = ledger.vkey;
  const made = await rotateKey(ledger, { purpose: 'log', actor, dataDir });
  await publishLedger(ledger, out);
  await retireKey(ledger, { wanted: old, actor, dataDir });
  await publishLedger(ledger, out);
  const read = async (path: string) => (existsSync(join(out, path)) ? readFileSync(join(out, path)) : null);
  expect((await verifyLog({ read }, parsePolicyText(policyOf(made.vkey)))).checkpoint.size).toBe(
    (await ledger.checkpoint()).size,
  );
});

test('a sealed log ends with log.sealed under a final head, and the new one begins with that head', async () => {
  await append();
  const old = ledger;
  const sealed = await sealLedger({ ...seal, database: database.current }, { reason: 'key-stolen', actor });
  expect(sealed.previous).toMatchObject({ origin: old.origin, finalHeadSigned: true, lostFrom: null });
  const last = await old.reader.entryAt((sealed.previous?.size ?? 0) - 1);
  expect(last?.type).toBe('log.sealed');
  const final = await old.reader.lastSigned();
  expect(final?.size).toBe(sealed.previous?.size);

  ledger = await open();
  expect(ledger.origin).toBe(sealed.origin);
  expect(ledger.origin).not.toBe(old.origin);
  // What the old one holds can still be proven, under its own last head and key.
  const pendingId = (await old.reader.entryAt(1))?.pendingId ?? '';
  expect(await ledger.entryOfPending(pendingId)).toBe(null);
  const former = await ledger.formerEntry(pendingId);
  expect(former).toMatchObject({ origin: old.origin, entry: { index: 1 }, proof: { size: final?.size } });
  const accepted = acceptCheckpoint(
    parsePolicyText(policyOf(former?.vkey ?? '')),
    utf8Bytes(former?.proof?.checkpoint ?? ''),
  );
  expect(accepted.checkpoint.origin).toBe(old.origin);
  const first = readLeaf((await ledger.entryAt(0))?.bytes ?? new Uint8Array(), { profile: true });
  expect(first).toMatchObject({ type: 'log.continued' });
  expect(first.value.body).toMatchObject({
    reason: 'key-stolen',
    previous: { origin: old.origin, size: final?.size, checkpoint: final?.note },
  });
  await append();
  expect(await holds(await bundle(), policyOf(ledger.vkey))).toBe(null);
  expect(await checkLedger(ledger, { dataDir })).toMatchObject({ ok: true });
  expect(readdirSync(dataDir)).toContain(`ledger-head.${old.origin.split('/').at(-1)}`);
  await expect(old.integrate()).rejects.toThrow(/is sealed since/);
});

test('sealing that was cut short is finished when the ledger is opened', async () => {
  await append();
  const old = ledger;
  const { pool } = database.current;
  // As a crash right after the log was closed leaves it.
  await pool.query('update ledger_log set sealed_at = now() where origin = $1', [old.origin]);
  ledger = await open();
  expect(ledger.origin).not.toBe(old.origin);
  expect((await ledger.entryAt(0))?.type).toBe('log.continued');
  expect(await finishSeal({ ...seal, database: database.current })).toBe(null);
});

test('without its key a log cannot be signed; sealed as lost, it is continued with its last signed head', async () => {
  await append();
  const logId = ledger.origin.split('/').at(-1) ?? '';
  const old = await ledger.checkpoint();
  for (const name of readdirSync(join(dataDir, 'keys')))
    if (name.startsWith(`${logId}.log`)) rmSync(join(dataDir, 'keys', name));
  const parts = { ...seal, database: database.current };
  await expect(sealLedger(parts, { reason: 'ended', actor })).rejects.toThrow(/signing key .* cannot be read/);
  const sealed = await sealLedger(parts, { reason: 'key-lost', actor });
  expect(sealed.previous).toMatchObject({ size: old.size, finalHeadSigned: false });
  ledger = await open();
  const { body } = readLeaf((await ledger.entryAt(0))?.bytes ?? new Uint8Array(), { profile: true }).value;
  expect(body).toMatchObject({ reason: 'key-lost', previous: { size: old.size, checkpoint: old.note } });
});

test('a database without a ledger beside a data folder that signed one is refused before anything is made', async () => {
  const note = (await ledger.checkpoint()).note;
  const keysBefore = readdirSync(join(dataDir, 'keys'));
  const parts = { ...seal, database: empty.current };
  const openEmpty = () => openLedger({ database: empty.current, blobs, dataDir, clock, log: silent });
  await expect(openEmpty()).rejects.toThrow(/the database holds no ledger at all/);
  expect(readdirSync(join(dataDir, 'keys'))).toEqual(keysBefore);
  await expect(sealLedger(parts, { reason: 'ended', actor })).rejects.toThrow(/give the reason database-lost/);
  const sealed = await sealLedger(parts, { reason: 'database-lost', actor });
  ledger = await openEmpty();
  expect(ledger.origin).toBe(sealed.origin);
  const { body } = readLeaf((await ledger.entryAt(0))?.bytes ?? new Uint8Array(), { profile: true }).value;
  expect(body).toMatchObject({ reason: 'database-lost', previous: { known: { checkpoint: note } } });
});
