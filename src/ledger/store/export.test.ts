import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '#src/kernel/hash.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { verifyBundle } from '../bundle/verify-bundle.ts';
import { concatBytes, utf8Bytes } from '../log/bytes.ts';
import type { NewEntry } from '../log/entry.ts';
import { policyOfLog } from '../log/policy.ts';
import { verifyLog } from '../log/verify-log.ts';
import { appendEntries } from './append.ts';
import { publishLedger } from './publish.ts';
import { type Ledger, openLedger } from './store.ts';
import { checkLedger } from './store-check.ts';

const database = testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'assay-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = () => Date.parse('2026-11-23T08:53:33.123Z');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const stored = new Map<string, Uint8Array>();
const keep = (text: string) => {
  const bytes = utf8Bytes(text);
  stored.set(sha256Hex(bytes), bytes);
  return { sha256: sha256Hex(bytes), size: bytes.length, mediaType: 'text/plain', role: 'evidence' };
};
const blobs = {
  has: async (sha256: string) => stored.has(sha256),
  stream: async function* (sha256: string) {
    const bytes = stored.get(sha256) ?? new Uint8Array(0);
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  },
};
const by = { kind: 'user', id: 'usr_1' } as const;
const dataDir = join(folder, 'data');

let ledger: Ledger;
const append = async (...entries: NewEntry[]) => {
  await database.current.transaction((tx) => appendEntries(tx, entries, clock));
  await ledger.integrate();
};
const evidence = (i: number): NewEntry => ({
  type: 'evidence.collected',
  actor: { kind: 'service', id: 'test' },
  subject: { kind: 'evidence', id: `evd_${i}` },
  series: i % 2 === 0 ? 'source/a' : undefined,
  body: { i },
  blobs: i % 5 === 0 ? [keep(`evidence ${i}`)] : undefined,
  dedupeKey: `evidence-${i}`,
});

beforeAll(async () => {
  ledger = await openLedger({ database: database.current, blobs, dataDir, clock, log: silent });
  await append(...Array.from({ length: 300 }, (_, i) => evidence(i)));
});

async function exported(id: string, change: Partial<Parameters<Ledger['exportBundle']>[0]> = {}) {
  const parts: Uint8Array[] = [];
  const out = new Writable({
    highWaterMark: 1,
    write(chunk, _, done) {
      parts.push(new Uint8Array(chunk));
      setImmediate(done);
    },
  });
  const result = await ledger.exportBundle({ out, bundleId: id, exportedBy: by, ...change });
  return { result, zip: concatBytes(...parts) };
}

const policy = () => `log ${ledger.vkey}\nquorum none\n`;

describe('an export', () => {
  test('of the whole ledger verifies, holds its own export, and is what was counted', async () => {
    const { result, zip } = await exported('bnd_whole');
    expect(result).toMatchObject({ sizeBytes: zip.length, sha256: sha256Hex(zip), entries: 303, from: 0, to: 303 });
    const report = await verifyBundle(zip, { policy: policy() });
    expect(report.firstProblem).toBe(null);
    expect(report.facts).toMatchObject({ size: 303, from: 0, to: 303, blobs: 60, bundle: 'bnd_whole' });
    expect(report.entryTypes).toContainEqual({ type: 'bundle.exported', count: 1 });
    expect(report.checked.map(({ what }) => what)).toContain('Completeness');
  });

  test('of a part brings the keys and its own export along', async () => {
    const { zip } = await exported('bnd_part', { range: { from: 100, to: 120 } });
    const report = await verifyBundle(zip, { policy: policy() });
    expect(report.firstProblem).toBe(null);
    expect(report.facts).toMatchObject({ from: 100, to: 120, entries: 23 });
    // The head of the bundle before is in it, and continued.
    expect(report.checked).toContainEqual(expect.objectContaining({ what: 'Earlier heads' }));
  });

  test('without evidence files declares them withheld', async () => {
    const { zip } = await exported('bnd_bare', { withBlobs: false });
    const report = await verifyBundle(zip, { policy: policy() });
    expect(report.facts).toMatchObject({ blobs: 0, blobsWithheld: 60 });
    expect(report.ok).toBe(true);
  });

  test('of a series holds every number of it and nothing else but the keys and the export', async () => {
    const { result, zip } = await exported('bnd_series', { series: ['source/a'] });
    expect(result).toMatchObject({ entries: 153, from: null, to: null });
    const report = await verifyBundle(zip, { policy: policy() });
    expect(report.firstProblem).toBe(null);
    expect(report.checked).toContainEqual(expect.objectContaining({ what: 'Series "source/a"', count: 150 }));
    expect(report.notChecked.map(({ what }) => what).join()).toContain('that the bundle does not list');
    const both = await exported('bnd_both', { series: ['source/a'], range: { from: 0, to: 10 } });
    expect((await verifyBundle(both.zip, { policy: policy() })).facts).toMatchObject({ from: 0, to: 10, entries: 157 });
  });

  test('of a series the ledger does not have is refused before it becomes an entry', async () => {
    const { total } = await ledger.entries({ type: 'bundle.exported', limit: 1 });
    await expect(exported('bnd_none', { series: ['source/a', 'source/b'] })).rejects.toThrow('no series "source/b"');
    expect((await ledger.entries({ type: 'bundle.exported', limit: 1 })).total).toBe(total);
  });

  test('leaves out the evidence files that are named, and declares them withheld', async () => {
    const { sha256 } = keep('evidence 5');
    const { zip } = await exported('bnd_but_one', { withhold: new Set([sha256]) });
    const report = await verifyBundle(zip, { policy: policy() });
    expect(report.facts).toMatchObject({ blobs: 59, blobsWithheld: 1 });
  });

  test('cannot disclose what this process cannot open', async () => {
    await expect(exported('bnd_open', { disclose: 'files' })).rejects.toThrow('cannot open personal values');
  });

  test('declares an evidence file erased once the ledger says so', async () => {
    const { sha256 } = keep('evidence 0');
    await append({
      ...evidence(1),
      type: 'blob.erased',
      subject: { kind: 'blob', id: sha256 },
      series: undefined,
      blobs: undefined,
      dedupeKey: 'erase-0',
    });
    stored.delete(sha256);
    const { zip } = await exported('bnd_erased');
    const report = await verifyBundle(zip, { policy: policy() });
    expect(report.facts).toMatchObject({ blobs: 59, blobsErased: 1 });
    expect(report.ok).toBe(true);
  });

  test('repeated under one id is one entry in the ledger', async () => {
    const before = (await ledger.entries({ type: 'bundle.exported', limit: 1 })).total;
    await exported('bnd_again', { range: { from: 0, to: 2 } });
    await exported('bnd_again', { range: { from: 0, to: 2 } });
    expect((await ledger.entries({ type: 'bundle.exported', limit: 1 })).total).toBe(before + 1);
  });

  test('of a range that is not there is refused', async () => {
    await expect(exported('bnd_beyond', { range: { from: 0, to: 10_000 } })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('stops with the name of an evidence file that is missing', async () => {
    const { sha256 } = keep('evidence 5');
    const bytes = stored.get(sha256) as Uint8Array;
    stored.delete(sha256);
    await expect(exported('bnd_missing')).rejects.toThrow(new RegExp(`${sha256} is not in the blob store`));
    stored.set(sha256, utf8Bytes('evidence X'));
    await expect(exported('bnd_damaged')).rejects.toThrow(/is damaged/);
    stored.set(sha256, bytes);
  });

  test('to an output that closes or fails ends with that failure', async () => {
    const closing = new PassThrough();
    closing.once('data', () => closing.destroy());
    await expect(ledger.exportBundle({ out: closing, bundleId: 'bnd_closed', exportedBy: by })).rejects.toThrow();
    const nowhere = createWriteStream(join(folder, 'no', 'such', 'folder'));
    await expect(ledger.exportBundle({ out: nowhere, bundleId: 'bnd_nowhere', exportedBy: by })).rejects.toThrow(
      /ENOENT/,
    );
  });
});

describe('publishing', () => {
  const target = join(folder, 'published');
  const files = {
    read: async (path: string) => {
      try {
        return readFileSync(join(target, path));
      } catch {
        return null;
      }
    },
  };

  test('writes a log that verifies, and repeated writes nothing', async () => {
    const first = await publishLedger(ledger, target);
    expect(first.written).toBeGreaterThan(3);
    let entries = 0;
    const accepted = await verifyLog(files, policyOfLog(ledger.keys.log.key), (_, page) => {
      entries += page.length;
    });
    expect(accepted.checkpoint.size).toBe(first.size);
    expect(entries).toBe(first.size);
    expect(await publishLedger(ledger, target)).toEqual({ size: first.size, written: 0 });
  });

  test('goes on from where it was, over the border of a tile', async () => {
    await append(...Array.from({ length: 300 }, (_, i) => evidence(1_000 + i)));
    const { size } = await publishLedger(ledger, target);
    expect((await verifyLog(files, policyOfLog(ledger.keys.log.key))).checkpoint.size).toBe(size);
  });

  test('does not write over a file that differs, nor into the folder of another log', async () => {
    const tile = join(target, 'tile/0/000');
    const kept = readFileSync(tile);
    writeFileSync(tile, new Uint8Array(8_192));
    await expect(publishLedger(ledger, target)).rejects.toThrow(/tile\/0\/000 differs/);
    writeFileSync(tile, kept);
    const note = readFileSync(join(target, 'checkpoint'), 'utf8');
    writeFileSync(join(target, 'checkpoint'), note.replace(ledger.origin, 'other.example/log'));
    await expect(publishLedger(ledger, target)).rejects.toMatchObject({ code: 'conflict' });
    writeFileSync(join(target, 'checkpoint'), note);
    await publishLedger(ledger, target);
  });
});

describe('the check of the ledger', () => {
  test('finds nothing wrong in a ledger as it is', async () => {
    const check = await checkLedger(ledger, { dataDir });
    expect(check.firstDifference).toBe(null);
    expect(check).toMatchObject({ ok: true, tiles: 2, series: 1 });
  });

  test('reads the evidence files where asked to, and names one that was changed or taken away', async () => {
    const { sha256 } = keep('evidence 5');
    const bytes = stored.get(sha256) as Uint8Array;
    const check = () => checkLedger(ledger, { dataDir, withBlobs: true });
    expect((await check()).blobs).toBeGreaterThan(50);
    stored.set(sha256, utf8Bytes('evidence 6, rather'));
    const entry = /evidence file [0-9a-f]{64}, which entry 7 names/;
    expect((await check()).firstDifference).toMatch(entry);
    expect((await check()).firstDifference).toContain('was changed');
    stored.delete(sha256);
    expect((await check()).firstDifference).toContain('is missing, and no entry says that it was erased');
    stored.set(sha256, bytes);
    expect(await check()).toMatchObject({ ok: true });
  });

  // Somebody with the rights of the database's owner, who takes the triggers off first.
  const tampered = async (statement: string, undo: string) => {
    const { pool } = database.current;
    const tables = ['ledger_entry', 'ledger_tile', 'ledger_signed', 'ledger_log'];
    for (const table of tables) await pool.query(`alter table ${table} disable trigger user`);
    await pool.query(statement);
    const check = await checkLedger(ledger, { dataDir });
    await pool.query(undo);
    for (const table of tables) await pool.query(`alter table ${table} enable trigger user`);
    expect(check.ok).toBe(false);
    return check.firstDifference;
  };

  test.each([
    [
      'an entry changed',
      "update ledger_entry set bytes = overlay(bytes placing '\\x41'::bytea from 20) where idx = 50",
      `update ledger_entry e set bytes = o.bytes from kept o where o.idx = e.idx`,
      /hash of entry 50/,
    ],
    [
      'an entry changed together with its hash',
      "update ledger_entry set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), 'service', 'auditor'), 'UTF8'), leaf_hash = sha256('\\x00'::bytea || convert_to(replace(convert_from(bytes, 'UTF8'), 'service', 'auditor'), 'UTF8')) where idx = 51",
      `update ledger_entry e set bytes = o.bytes, leaf_hash = o.leaf_hash from kept o where o.idx = e.idx and e.idx = 51`,
      /Tile 0 of level 0 holds another hash of entry 51 than it has/,
    ],
    [
      'an entry removed',
      'delete from ledger_entry where idx = 52',
      'insert into ledger_entry select * from kept where idx = 52',
      /Entry 52 is missing/,
    ],
    [
      'the newest entry removed',
      'delete from ledger_entry where idx = (select max(idx) from ledger_entry)',
      'insert into ledger_entry select * from kept order by idx desc limit 1',
      /Entry \d+ is missing/,
    ],
    [
      'an entry added behind the end',
      "insert into ledger_entry select log_id, idx + 7, leaf_hash, bytes, type, null, null, 'pnd_more', recorded_at from ledger_entry order by idx desc limit 1",
      "delete from ledger_entry where pending_id = 'pnd_more'",
      /Entry \d+ is stored, and the ledger says it has only/,
    ],
    [
      'the time of an entry changed',
      "update ledger_entry set recorded_at = recorded_at - interval '1 day' where idx = 54",
      'update ledger_entry e set recorded_at = o.recorded_at from kept o where o.idx = e.idx and e.idx = 54',
      /Entry 54 is stored as of 2026-11-22/,
    ],
    [
      'the type of an entry changed',
      "update ledger_entry set type = 'test.result' where idx = 53",
      'update ledger_entry e set type = o.type from kept o where o.idx = e.idx and e.idx = 53',
      /Entry 53 is stored as test.result/,
    ],
    [
      'a tile changed',
      "update ledger_tile set bytes = overlay(bytes placing '\\x00'::bytea from 9) where n = 1 and level = 0",
      'update ledger_tile t set bytes = o.bytes from kept_tile o where o.n = t.n and o.level = t.level',
      /Tile 1 of level 0 holds another hash of entry 256 than it has/,
    ],
    [
      'the hash of a tile changed',
      "update ledger_tile set root = sha256('x') where n = 0 and level = 0",
      'update ledger_tile t set root = o.root from kept_tile o where o.n = t.n and o.level = t.level',
      /hash stored with tile 0 of level 0/,
    ],
    [
      'a tile removed',
      'delete from ledger_tile where n = 0 and level = 0',
      'insert into ledger_tile select * from kept_tile where n = 0 and level = 0',
      /Tile 0 of level 0 is missing/,
    ],
    [
      'a signed root changed',
      "update ledger_signed set root = '\\x00'::bytea where size = (select max(size) from ledger_signed)",
      'update ledger_signed s set root = o.root from kept_signed o where o.size = s.size',
      /root signed for/,
    ],
    [
      'a note changed',
      "update ledger_signed set note = replace(note, 'AAA', 'AAB') || 'x' where size = (select max(size) from ledger_signed)",
      'update ledger_signed s set note = o.note from kept_signed o where o.size = s.size',
      /note stored for \d+ entries was changed/,
    ],
    [
      'the stored root changed',
      "update ledger_log set root = sha256('x')",
      'update ledger_log l set root = o.root from kept_log o',
      /stored root/,
    ],
  ])('names %s', async (_, statement, undo, expected) => {
    const { pool } = database.current;
    for (const [name, table] of [
      ['kept', 'ledger_entry'],
      ['kept_tile', 'ledger_tile'],
      ['kept_signed', 'ledger_signed'],
      ['kept_log', 'ledger_log'],
    ]) {
      await pool.query(`drop table if exists ${name}`);
      await pool.query(`create table ${name} as select * from ${table}`);
    }
    expect(await tampered(statement, undo)).toMatch(expected);
    expect((await checkLedger(ledger, { dataDir })).firstDifference).toBe(null);
  });
});
