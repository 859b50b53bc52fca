import { beforeEach, expect, test } from 'vitest';
import { CONTROL_TESTS } from '#src/control-tests/index.ts';
import { COMMAND_LINE, type Records } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { prompt, repository, scanResult, serviceFact } from '../../../tests/support/scan-result.ts';
import { type RecordScanServices, recordScan } from './record-scan.ts';

const database = testDatabase();
const started = testProduct(database, () => []);
let product: Product;
let services: RecordScanServices;
let sources = 0;
let source: { key: string; title: string };

beforeEach(() => {
  product = started.current;
  const { records, blobs } = product.services;
  services = { records, blobs, tests: CONTROL_TESTS };
  product.clock.nowMs += 60_000;
  sources += 1;
  source = { key: `git:example.com/acme/${sources}`, title: `acme/${sources}` };
});

const scan = (change: Parameters<typeof scanResult>[1] = {}) => scanResult(product.clock.nowMs, { source, ...change });

const TABLES = [
  'fact_source',
  'fact_collection',
  'fact_span',
  'inventory_source',
  'inventory_system',
  'inventory_item',
  'inventory_edge',
  'inventory_change',
  'evidence_item',
  'evidence_link',
  'evidence_confirmation',
  'ledger_pending',
  'judge_run',
  'test_span',
  'verdict_span',
];
async function rowsStored(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of TABLES)
    counts[table] = (await database.current.pool.query(`select count(*) as count from ${table}`)).rows[0].count;
  return counts;
}

/** The same stores, with one of their steps replaced. */
const failing = (change: Partial<Records>): RecordScanServices => ({
  ...services,
  records: { ...services.records, ...change },
});

test('facts, inventory, evidence, ledger entry and verdicts are stored together', async () => {
  const before = await rowsStored();
  const { summary, evidenceId } = await recordScan(services, scan(), COMMAND_LINE);
  const after = await rowsStored();
  for (const table of ['fact_collection', 'inventory_item', 'evidence_item', 'ledger_pending', 'judge_run'])
    expect([table, (after[table] ?? 0) > (before[table] ?? 0)]).toEqual([table, true]);
  expect(evidenceId).toMatch(/^evd_/);
  expect(summary.tests.total).toBe(CONTROL_TESTS.length);
  const { pass, fail, noData, notApplicable, error } = summary.tests;
  expect(pass + fail + noData + notApplicable + error).toBe(CONTROL_TESTS.length);
});

const steps: [string, (records: Records) => Partial<Records>][] = [
  [
    'the ledger takes no entry',
    () => ({
      append: async () => {
        throw new Error('out of order');
      },
    }),
  ],
  [
    'the records cannot be stored',
    () => ({
      store: async () => {
        throw new Error('out of order');
      },
    }),
  ],
  [
    'the judge breaks after it has judged',
    (records) => ({
      judge: async (tx, cause) => {
        await records.judge(tx, cause);
        throw new Error('out of order');
      },
    }),
  ],
  [
    'the database is lost',
    (records) => ({
      judge: async (tx, cause) => {
        await records.judge(tx, cause);
        const { rows } = await tx.execute('select pg_backend_pid() as pid');
        await database.current.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
        return records.judge(tx, cause);
      },
    }),
  ],
];
test.each(steps)('when %s, nothing at all is stored', async (_what, breaks) => {
  const before = await rowsStored();
  await expect(recordScan(failing(breaks(services.records)), scan(), COMMAND_LINE)).rejects.toThrow();
  expect(await rowsStored()).toEqual(before);
  // And nothing stands in the way of the next one.
  expect((await recordScan(services, scan(), COMMAND_LINE)).summary.unchanged).toBe(false);
});

test('when the caller refuses at the end, nothing at all is stored', async () => {
  const before = await rowsStored();
  const refuse = async () => {
    throw new AppError('conflict', 'canceled');
  };
  await expect(recordScan(services, scan(), COMMAND_LINE, refuse)).rejects.toThrow('canceled');
  expect(await rowsStored()).toEqual(before);
});

test('a full disk of the database is said in words', async () => {
  const full = Object.assign(new Error('could not extend file'), { code: '53100' });
  const judge = async () => {
    throw full;
  };
  await expect(recordScan(failing({ judge }), scan(), COMMAND_LINE)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^The scan could not be recorded\. .*full.*Nothing was stored/),
  });
});

test('a full disk is met before the transaction, and nothing is stored', async () => {
  const before = await rowsStored();
  const put = async () => {
    throw new AppError('unavailable', 'The content cannot be stored: the disk is full (ENOSPC).');
  };
  await expect(recordScan({ ...services, blobs: { put } }, scan(), COMMAND_LINE)).rejects.toThrow('disk is full');
  expect(await rowsStored()).toEqual(before);
});

test('two recorders of one source at once: the second waits and finds it unchanged', async () => {
  const both = await Promise.all([
    recordScan(services, scan(), COMMAND_LINE),
    recordScan(services, scan(), COMMAND_LINE),
  ]);
  expect(both.map(({ summary }) => summary.unchanged).sort()).toEqual([false, true]);
  expect(new Set(both.map(({ evidenceId }) => evidenceId)).size).toBe(1);
});

test('recorders of many sources at once all get through', async () => {
  const keys = ['a', 'b', 'c', 'd'];
  const all = await Promise.all(
    keys.map((name) =>
      recordScan(services, scan({ source: { key: `${source.key}/${name}`, title: name } }), COMMAND_LINE),
    ),
  );
  expect(all.map(({ summary }) => summary.items.proposed)).toEqual([2, 2, 2, 2]);
});

test('a scan that ended before the one already recorded is refused', async () => {
  const older = scan();
  product.clock.nowMs += 60_000;
  await recordScan(services, scan({ facts: [repository({ hasTests: true }), serviceFact()] }), COMMAND_LINE);
  const before = await rowsStored();
  await expect(recordScan(services, older, COMMAND_LINE)).rejects.toMatchObject({ code: 'conflict' });
  expect(await rowsStored()).toEqual(before);
});

test('a scan that ended before the one already recorded and found the same is unchanged', async () => {
  const older = scan();
  product.clock.nowMs += 60_000;
  const newer = await recordScan(services, scan(), COMMAND_LINE);
  const { summary, evidenceId } = await recordScan(services, older, COMMAND_LINE);
  expect(summary.unchanged).toBe(true);
  expect(evidenceId).toBe(newer.evidenceId);
});

test('an unchanged tree writes the reading, its confirmation and one entry, and no more', async () => {
  await recordScan(services, scan(), COMMAND_LINE);
  product.clock.nowMs += 60_000;
  const before = await rowsStored();
  const { summary } = await recordScan(services, scan(), COMMAND_LINE);
  expect(summary.unchanged).toBe(true);
  const after = await rowsStored();
  const grown = TABLES.filter((table) => after[table] !== before[table]);
  expect(grown).toEqual(expect.arrayContaining(['fact_collection', 'evidence_confirmation', 'ledger_pending']));
  for (const table of ['fact_span', 'inventory_item', 'inventory_change', 'evidence_item', 'verdict_span'])
    expect(grown).not.toContain(table);
});

test('hostile text in a scan is kept as text', async () => {
  const nasty = `Robert'); drop table scan;-- <script>\u202e ${'x'.repeat(300)}`;
  const unstorable = `a\u0000b`;
  const place = { path: nasty, line: 1, rule: 'prompt-file', factKey: 'app/system.txt' };
  const detection = prompt({ title: nasty, path: nasty, places: [place], details: { note: unstorable } });
  await recordScan(services, scan({ detections: [detection] }), COMMAND_LINE);
  const { rows } = await database.current.pool.query(
    'select title, details from inventory_item where source_key = $1',
    [source.key],
  );
  expect(rows).toEqual([{ title: nasty, details: { note: 'a\ufffdb' } }]);
});
