import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Decision } from '#src/gateway/decision.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { toHex, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { policyOfLog } from '#src/ledger/log/policy.ts';
import { hashLeaves, rootOfHashes } from '#src/ledger/log/tree.ts';
import { makeVerifierKey, parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { verifyWindowProof } from '#src/ledger/log/window-proof.ts';
import { appendEntry } from '#src/ledger/store/append.ts';
import { type Ledger, openLedger } from '#src/ledger/store/store.ts';
import { openBlobs } from '#src/platform/blobs.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { blockedDecision, sampleDecision } from '../../../tests/support/gateway-decisions.ts';
import { createDecisionWriter } from './decision-writer.ts';
import { keepRecord } from './keep-record.ts';
import { proveDecision } from './prove.ts';
import { readNewDecisions } from './read-new.ts';
import { recordState } from './record-state.ts';
import { applyRetention } from './retention.ts';

const database = testDatabase();
const dataDir = mkdtempSync(join(tmpdir(), 'assay-record-'));
const NOON = Date.parse('2026-11-23T12:00:00Z');
let nowMs = NOON;
const clock = () => nowMs;
let ledger: Ledger;
let next = 1;

const writer = () => createDecisionWriter({ database: database.current, clock });
const append = (tx: Parameters<typeof appendEntry>[0], entry: Parameters<typeof appendEntry>[1]) =>
  appendEntry(tx, entry, clock);
const keep = (decisionsMax?: number) =>
  keepRecord({ database: database.current, append, clock, ...(decisionsMax && { decisionsMax }) });
const some = (count: number, atMs: number, change: Partial<Decision> = {}) =>
  Array.from({ length: count }, () => sampleDecision(next++, atMs, change));
const count = async (sql: string) => Number((await database.current.pool.query(sql)).rows[0].count);

beforeAll(async () => {
  const log = pino({ level: 'silent' });
  ledger = await openLedger({
    database: database.current,
    blobs: openBlobs(dataDir, database.current),
    dataDir,
    clock,
    log,
  });
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test('a batch written twice, also in part and beside others, is stored once', async () => {
  const batch = some(40, NOON);
  await writer().write(batch);
  await Promise.all([writer().write(batch), writer().write([...batch.slice(20), ...some(5, NOON)])]);
  expect(await count('select count(*) from gateway_decision')).toBe(45);
  const { rows } = await database.current.pool.query('select body from gateway_decision where id = $1', [batch[3]?.id]);
  expect(rows[0].body).toBe(canonicalJson(batch[3]));
});

test('a window is sealed once its slot is over: one ledger entry with counts and the root over the canonical bytes', async () => {
  await writer().write([blockedDecision(next++, NOON + 60_000), ...some(4, NOON + 299_999, { outcome: 'changed' })]);
  expect((await keep()).sealed).toEqual([]);
  nowMs = NOON + 5 * 60_000 + 31_000;
  const { sealed } = await keep();
  expect(sealed).toHaveLength(1);
  expect((await keep()).sealed).toEqual([]);
  await ledger.integrate();
  const { items } = await ledger.entries({ limit: 10, type: 'gateway.window' });
  expect(items).toHaveLength(1);
  const leaf = JSON.parse(Buffer.from(items[0]?.bytes ?? []).toString('utf8'));
  expect(leaf.body).toMatchObject({
    from: '2026-11-23T12:00:00.000Z',
    decisions: 50,
    supplement: false,
    outcomes: { allowed: 45, changed: 4, refused: 1 },
    refusals: { content_blocked: 1 },
    tenants: { gtn_acme: 50 },
    detectors: { injection_user: 1 },
  });
  const { rows } = await database.current.pool.query('select body from gateway_decision order by arrival');
  expect(leaf.body.root).toBe(toHex(rootOfHashes(hashLeaves(rows.map(({ body }) => utf8Bytes(body))))));
});

test('one decision is proven by a file that verifies without the database, and by no other file', async () => {
  const { rows } = await database.current.pool.query(
    'select id from gateway_decision order by arrival offset 17 limit 1',
  );
  const proof = await proveDecision({ database: database.current, ledger }, rows[0].id);
  const file = (value: unknown) => utf8Bytes(JSON.stringify(value));
  const policy = policyOfLog(parseVerifierKey(ledger.vkey));
  const report = verifyWindowProof(file(proof), policy);
  expect(report).toMatchObject({ ok: true, problem: null, decisions: 50, keyFromFile: false });
  expect(report.record?.id).toBe(rows[0].id);
  const wrong = [
    { ...proof, record: proof.record.replace('"allowed"', '"refused"') },
    { ...proof, window: { ...proof.window, index: proof.window.index + 1 } },
    { ...proof, window: { ...proof.window, id: 'gwi_other' } },
    { ...proof, window: { ...proof.window, path: proof.window.path.slice(1) } },
    { ...proof, ledger: { ...proof.ledger, leaf: proof.ledger.leaf.replace('"decisions":50', '"decisions":51') } },
    { ...proof, record: `${proof.record} ` },
    { ...proof, format: 'assay-window-proof/2' },
    null,
  ];
  for (const [i, each] of wrong.entries()) {
    const found = verifyWindowProof(file(each), policy);
    expect(found.ok, String(i)).toBe(false);
    expect(found.problem, String(i)).toMatch(/\.$/);
  }
  const { name, type, publicKey } = parseVerifierKey(ledger.vkey);
  const stranger = policyOfLog(
    makeVerifierKey(
      name,
      type,
      publicKey.map((octet) => octet ^ 1),
    ),
  );
  expect(verifyWindowProof(file(proof), stranger)).toMatchObject({ ok: false });
});

test('decisions that come after their window was sealed go into a supplement and are proven there', async () => {
  const late = some(3, NOON + 1_000, { nodeId: 'node-b' });
  await writer().write(late);
  const { sealed } = await keep();
  expect(sealed).toHaveLength(1);
  const { rows } = await database.current.pool.query(
    'select part, supplement, decisions from gateway_window where id = $1',
    [sealed[0]],
  );
  expect(rows).toEqual([{ part: 1, supplement: true, decisions: 3 }]);
  await ledger.integrate();
  const proof = await proveDecision({ database: database.current, ledger }, late[2]?.id ?? '');
  expect(proof.window).toMatchObject({ id: sealed[0], size: 3 });
  expect(verifyWindowProof(utf8Bytes(JSON.stringify(proof)))).toMatchObject({ ok: true, keyFromFile: true });
});

test('a spool of days ago is taken in, sealed and counted, too', async () => {
  const old = NOON - 9 * 86_400_000;
  await writer().write(some(2, old, { nodeId: 'node-c' }));
  const { taken, sealed } = await keep();
  expect([taken, sealed.length]).toEqual([2, 1]);
  expect(await count('select count(*) from gateway_late_day')).toBe(0);
});

test('a full window is closed early and the rest of its slot goes into the next part', async () => {
  const slot = NOON + 10 * 60_000;
  nowMs = slot + 60_000;
  await writer().write(some(25, slot + 1_000, { nodeId: 'node-d' }));
  expect((await keep(10)).sealed).toHaveLength(1);
  expect((await keep(10)).sealed).toHaveLength(1);
  expect((await keep(10)).sealed).toHaveLength(0);
  nowMs = slot + 6 * 60_000;
  expect((await keep(10)).sealed).toHaveLength(1);
  const { rows } = await database.current.pool.query(
    'select part, decisions, supplement from gateway_window where slot_from = $1 order by part',
    [new Date(slot)],
  );
  expect(rows).toEqual([
    { part: 0, decisions: 10, supplement: false },
    { part: 1, decisions: 10, supplement: false },
    { part: 2, decisions: 5, supplement: false },
  ]);
});

test('what a node numbered and did not deliver is shown as ranges, until it comes', async () => {
  const at = nowMs;
  const numbered = (sequence: number) => sampleDecision(next++, at, { nodeId: 'node-e', sequence });
  await writer().write([1, 2, 5, 6, 7, 11].map(numbered));
  await keep();
  const node = async () => (await recordState(database.current.drizzle)).nodes.find(({ id }) => id === 'node-e');
  expect(await node()).toMatchObject({
    decisions: 6,
    newest: 11,
    missing: 5,
    gaps: [
      { from: 3, to: 4 },
      { from: 8, to: 10 },
    ],
  });
  await writer().write([4, 3, 9].map(numbered));
  await keep();
  expect(await node()).toMatchObject({
    missing: 2,
    gaps: [
      { from: 8, to: 8 },
      { from: 10, to: 10 },
    ],
  });
});

test('a reader of new decisions sees each once, also when it failed half-way', async () => {
  const seen: string[] = [];
  const read = (fail: boolean) =>
    readNewDecisions({ database: database.current, clock, name: 'a-test' }, async (_tx, decisions) => {
      if (fail) throw new Error('half-way');
      seen.push(...decisions.map(({ id }) => id));
    });
  await expect(read(true)).rejects.toThrow('half-way');
  const usual = await count("select count(*) from gateway_decision where day >= '2026-11-22'");
  await read(false);
  await writer().write(some(3, nowMs));
  await read(false);
  await read(false);
  expect(seen).toHaveLength(usual + 3);
  expect(new Set(seen).size).toBe(seen.length);
});

test('a changed row is found when somebody asks for its proof', async () => {
  const { rows } = await database.current.pool.query(
    "select id from gateway_decision where node_id = 'node-d' order by arrival limit 1",
  );
  await ledger.integrate();
  await database.current.pool.query(
    "update gateway_decision set body = replace(body, 'allowed', 'refused') where id = $1",
    [rows[0].id],
  );
  const proof = await proveDecision({ database: database.current, ledger }, rows[0].id);
  expect(verifyWindowProof(utf8Bytes(JSON.stringify(proof)))).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/another root/),
  });
});

test('retention drops whole days whose windows are sealed and that no hold keeps, and says so in the ledger; a late arrival makes the day again', async () => {
  nowMs = NOON + 95 * 86_400_000;
  await writer().write(some(1, NOON - 9 * 86_400_000));
  const apply = () => applyRetention({ database: database.current, append, clock });
  expect(await apply()).toEqual([]);
  await keep();
  await readNewDecisions({ database: database.current, clock, name: 'a-test' }, async () => undefined);
  const hold = (id: string, kind: string, subject: string) =>
    database.current.pool.query(
      "insert into retention_hold (id, subject_kind, subject_id, reason, placed_by, placed_at) values ($1, $2, $3, 'r', 'cli', now())",
      [id, kind, subject],
    );
  const release = (id: string) =>
    database.current.pool.query(
      "update retention_hold set released_by = 'cli', released_at = now(), release_reason = 'r' where id = $1",
      [id],
    );
  await hold('hld_tenant', 'gateway-tenant', 'gtn_acme');
  expect(await apply()).toEqual([]);
  await hold('hld_day', 'gateway-day', '2026-11-23');
  await hold('hld_other', 'gateway-tenant', 'gtn_elsewhere');
  await release('hld_tenant');
  expect(await apply()).toEqual(['2026-11-14']);
  await release('hld_day');
  expect(await apply()).toEqual(['2026-11-23']);
  expect(await count('select count(*) from gateway_decision')).toBe(0);
  await ledger.integrate();
  const { items } = await ledger.entries({ limit: 10, type: 'gateway.dropped' });
  expect(items).toHaveLength(2);
  await writer().write(some(1, NOON));
  await keep();
  expect(await count('select count(*) from gateway_decision')).toBe(1);
  nowMs += 3_600_000;
  await readNewDecisions({ database: database.current, clock, name: 'a-test' }, async () => undefined);
  expect(await apply()).toEqual(['2026-11-23']);
});

test('sums by minute outlive the decisions', async () => {
  expect(await count('select sum(decisions) as count from gateway_minute')).toBeGreaterThan(80);
});
