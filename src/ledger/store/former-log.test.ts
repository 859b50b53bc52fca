import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { verifyBundle } from '../bundle/verify-bundle.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { parsePolicy } from '../log/policy.ts';
import { verifyLog } from '../log/verify-log.ts';
import { appendEntry } from './append.ts';
import type { ReadableLog } from './former-log.ts';
import { proveInclusion } from './prove.ts';
import { publishLedger } from './publish.ts';
import { sealLedger } from './seal.ts';
import { type Ledger, openLedger } from './store.ts';
import { checkLedger } from './store-check.ts';
import { logIdOf } from './store-log.ts';

const database = testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'assay-former-'));
const dataDir = join(folder, 'data');
const clock = () => Date.parse('2026-11-23T08:53:33.123Z');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const actor = { kind: 'user', id: 'usr_1' } as const;
const blobs = { has: async () => false, stream: async function* () {} };
const open = () => openLedger({ database: database.current, blobs, dataDir, clock, log: silent });
let appended = 0;
async function append(ledger: Ledger, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await appendEntry(
      database.current.drizzle,
      {
        type: 'test.result',
        actor,
        subject: { kind: 'e', id: 'x' },
        body: {},
        series: 's',
        dedupeKey: `f${appended++}`,
      },
      clock,
    );
  await ledger.integrate();
}
const seal = (reason: 'ended' | 'key-lost') =>
  sealLedger({ database: database.current, dataDir, clock, host: 'assay.local', headSources: [] }, { reason, actor });

let first: Ledger;
let ledger: Ledger;
let former: ReadableLog;
beforeAll(async () => {
  first = await open();
  await append(first, 300);
  await seal('ended');
  ledger = await open();
  await append(ledger, 3);
  former = (await ledger.formerLog(logIdOf(first.origin))) as ReadableLog;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function exported(of: ReadableLog, range?: { from: number; to: number }): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  await ledger.exportBundle({ out, of, bundleId: `bnd_${appended++}`, exportedBy: actor, ...(range && { range }) });
  return Buffer.concat(chunks);
}

test('is listed with its seal and the log that continues it, and found by id or origin', async () => {
  const [listed, ...others] = await ledger.formerLogs();
  expect(others).toEqual([]);
  expect(listed).toMatchObject({ origin: first.origin, reason: 'ended', continuedBy: ledger.origin, lostFrom: null });
  expect(listed?.head?.size).toBe(listed?.size);
  expect((await ledger.formerLog(first.origin))?.vkey).toBe(first.vkey);
  expect(await ledger.formerLog(logIdOf(ledger.origin))).toBeNull();
  expect(await ledger.formerLog('none')).toBeNull();
});

test('is published as files that verify under its own key, and proves its entries', async () => {
  const out = join(folder, 'tiles');
  const { size } = await publishLedger(former, out);
  expect(await publishLedger(former, out)).toEqual({ size, written: 0 });
  const read = async (path: string) => (existsSync(join(out, path)) ? readFileSync(join(out, path)) : null);
  const verified = await verifyLog({ read }, parsePolicy(utf8Bytes(`log ${first.vkey}\nquorum none\n`)));
  expect(verified.checkpoint).toMatchObject({ origin: first.origin, size });
  expect((await proveInclusion(former.reader, await former.signedHead(), 299)).tlogProof).toContain(first.origin);
  await expect(publishLedger(ledger, out)).rejects.toThrow('not a checkpoint of this ledger');
});

test('is exported under its own keys, and the export is an entry of the log that continues it', async () => {
  const policy = `log ${first.vkey}\nquorum none\n`;
  const report = await verifyBundle(await exported(former), { policy });
  expect(report.firstProblem).toBeNull();
  expect(report.facts).toMatchObject({ origin: first.origin, from: 0, entries: report.facts.size });
  expect((await verifyBundle(await exported(former, { from: 2, to: 9 }), { policy })).ok).toBe(true);
  const { items } = await ledger.entries({ type: 'bundle.exported', limit: 1 });
  expect(JSON.parse(Buffer.from(items[0]?.bytes ?? []).toString())).toMatchObject({
    body: { origin: first.origin, from: 2, to: 9 },
  });
});

test('is checked like the present one, against what the next log says of it, too', async () => {
  expect(await checkLedger(former, { withBlobs: true })).toMatchObject({ ok: true, firstDifference: null });
  const { pool } = database.current;
  await pool.query('alter table ledger_entry disable trigger all');
  const change = (at: number, from: string, to: string, log: string) =>
    pool.query(
      `update ledger_entry set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), $1, $2), 'UTF8') where idx = $3 and log_id = $4`,
      [from, to, at, log],
    );
  await change(7, '"body":{}', '"body":{"x":1}', logIdOf(first.origin));
  expect((await checkLedger(former)).firstDifference).toContain('entry 7');
  await change(7, '"body":{"x":1}', '"body":{}', logIdOf(first.origin));
  await change(0, '"size":', '"size":1', logIdOf(ledger.origin));
  expect((await checkLedger(former)).firstDifference).toContain('names a last head of');
  await change(0, '"size":1', '"size":', logIdOf(ledger.origin));
  expect((await checkLedger(former)).ok).toBe(true);
  await pool.query('alter table ledger_entry enable trigger all');
});

test('whose bundle key is lost says so and makes no entry; its files need no key', async () => {
  const before = (await ledger.reader.logState()).size;
  for (const name of readdirSync(join(dataDir, 'keys')))
    if (name.includes(logIdOf(first.origin)) && name.includes('bundle')) rmSync(join(dataDir, 'keys', name));
  const reopened = (await ledger.formerLog(first.origin)) as ReadableLog;
  await expect(exported(reopened)).rejects.toThrow(/bundles of .* is gone[\s\S]*ledger publish --log/);
  expect((await ledger.reader.logState()).size).toBe(before);
  expect((await publishLedger(reopened, join(folder, 'again'))).written).toBeGreaterThan(0);
});
