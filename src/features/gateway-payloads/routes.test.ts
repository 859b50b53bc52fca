import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { boundTo, keyOfTenant } from '#src/features/gateway-payloads/payload-keys.ts';
import { createGatewayKeys, createGatewayTenants, gatewayTenantRoutes } from '#src/features/gateway-tenants/index.ts';
import { retentionRoutes } from '#src/features/retention/index.ts';
import type { Decision } from '#src/gateway/decision.ts';
import { personDigest } from '#src/gateway/stages/capture.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import { openUnder } from '#src/platform/envelope.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { sampleDecision } from '../../../tests/support/gateway-decisions.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { createDecisionWriter } from '../gateway-decisions/index.ts';
import { applyPayloadRetention, createCapture, gatewayPayloadRoutes, openPayload, openPayloadStore } from './index.ts';

const SALT = 'salt';
const database = testDatabase();
const product = testProduct(database, ({ services, users }) => {
  const { records, dataKeys } = services;
  const { namesOf } = users;
  return [
    gatewayTenantRoutes(createGatewayTenants({ records, namesOf }), createGatewayKeys({ records, namesOf })),
    gatewayPayloadRoutes({ records, dataKeys, salt: async () => SALT, capture: createCapture({ records, namesOf }) }),
    retentionRoutes({ records, namesOf, isPerson: async () => true }),
  ];
});

let made = 0;
let numbered = 0;
const aDecision = ({ occurredAt, ...change }: Partial<Decision> & { occurredAt: number }) =>
  sampleDecision(++numbered, occurredAt, change);
async function tenant(audience: 'customer' | 'internal' = 'customer'): Promise<string> {
  const { call, people } = product.current;
  const body = { name: `tenant ${made++}`, audience };
  return (await call('POST', 'gateway/tenants', { cookie: people.engineer.cookie, body })).json().id;
}

/** As a process of the gateway does it. */
async function capture(
  tenantId: string,
  text: string,
  more: { person?: string; daysAgo?: number; keepDays?: number } = {},
) {
  const { services, clock } = product.current;
  const document = JSON.stringify({
    salt: 'ab'.repeat(16),
    v: 1,
    decision: 'x',
    model: 'm',
    request: { texts: [{ field: 'messages[0].content', role: 'user', text }], cutCharacters: 0 },
    answer: null,
  });
  const occurredAt = clock.nowMs - (more.daysAgo ?? 0) * DAY_MS;
  const decision = aDecision({
    tenantId,
    occurredAt,
    payload: { state: 'captured', sha256: sha256Hex(document), answer: 'none', cutCharacters: 0 },
  });
  await createDecisionWriter({ database: services.database, clock: services.clock }).write([decision]);
  const store = openPayloadStore({
    database: services.database,
    dataKeys: services.dataKeys,
    log: pino({ level: 'silent' }),
  });
  const isTaken = store.take({
    decisionId: decision.id,
    tenantId,
    occurredAt,
    keepDays: more.keepDays ?? 30,
    document,
    sha256: sha256Hex(document),
    personDigest: more.person === undefined ? null : personDigest(SALT, more.person),
  });
  expect(isTaken).toBe(true);
  await store.close();
  return decision.id;
}

const put = (
  who: { cookie: string },
  kind: string,
  id: string,
  keepDays: number,
  reason = 'Looking into complaint 12',
) =>
  product.current.call('PUT', `gateway/payloads/capture/${kind}/${encodeURIComponent(id)}`, {
    cookie: who.cookie,
    body: { keepDays, reason },
  });
const subjectOf = async (id: string) => {
  const { call, people } = product.current;
  const status = (await call('GET', 'gateway/payloads', { cookie: people.auditor.cookie })).json();
  return status.subjects.find((one: { id: string }) => one.id === id);
};
const open = (id: string, who = product.current.people.compliance) =>
  product.current.call('POST', `gateway/payloads/${id}/open`, { cookie: who.cookie, body: { reason: 'Complaint 12' } });
const stateOf = async (id: string) =>
  (
    await product.current.call('GET', `gateway/payloads/${id}`, { cookie: product.current.people.auditor.cookie })
  ).json();
const erase = (of: object, who = product.current.people.owner) =>
  product.current.call('POST', 'gateway/payloads/erase', {
    cookie: who.cookie,
    body: { of, reason: 'request', basis: 'request 2026-14' },
  });
const entries = async (type: string, subject: string) => {
  const { ledger } = product.current.services;
  await ledger.integrate();
  const { rows } = await database.current.pool.query<{ leaf: string }>(
    "select convert_from(bytes, 'UTF8') as leaf from ledger_entry order by idx",
  );
  return rows.map(({ leaf }) => JSON.parse(leaf)).filter((leaf) => leaf.type === type && leaf.subject.id === subject);
};

test('it is off until a second person agrees, where it is about a customer', async () => {
  const { people, colleague, call } = product.current;
  const id = await tenant();
  expect(await subjectOf(id)).toMatchObject({ keepDays: 0, waiting: null, since: null });
  expect((await put(people.engineer, 'tenant', id, 14)).statusCode).toBe(403);
  expect((await put(people.compliance, 'tenant', id, 14, ' ')).json().message).toContain('must say why');
  expect((await put(people.compliance, 'tenant', id, 14)).statusCode).toBe(200);
  const { waiting, keepDays } = await subjectOf(id);
  expect(keepDays).toBe(0);
  const decide = (cookie: string) =>
    call('POST', `gateway/payloads/capture/${waiting.id}/decide`, { cookie, body: { decision: 'approved' } });
  expect((await decide(people.compliance.cookie)).statusCode).toBe(403);
  expect((await decide(colleague.cookie)).statusCode).toBe(200);
  expect(await subjectOf(id)).toMatchObject({
    keepDays: 14,
    waiting: null,
    since: { reason: 'Looking into complaint 12' },
  });
  expect((await decide(colleague.cookie)).statusCode).toBe(409);
  const [changed] = await entries('gateway.capture-changed', id);
  expect(changed).toMatchObject({ body: { from: 0, to: 14 } });
  // The words of a person are committed to, not told.
  expect(JSON.stringify(changed)).not.toContain('complaint');
  expect(changed.commitments.reason).toMatch(/^[0-9a-f]{64}$/);
});

test('one person is enough for an own service, and always for keeping less', async () => {
  const { people } = product.current;
  const id = await tenant('internal');
  expect((await put(people.admin, 'tenant', id, 30)).statusCode).toBe(200);
  expect(await subjectOf(id)).toMatchObject({ keepDays: 30, waiting: null });
  const decision = await capture(id, 'hello', { daysAgo: 10 });
  expect((await put(people.admin, 'tenant', id, 7)).statusCode).toBe(200);
  // What is there already goes by the shorter time, too.
  const { keepUntil } = await stateOf(decision);
  expect(Date.parse(keepUntil)).toBeLessThan(product.current.clock.nowMs);
  expect((await put(people.admin, 'tenant', id, 7)).statusCode).toBe(409);
  expect((await put(people.admin, 'tenant', 'gtn_nobody', 7)).statusCode).toBe(404);
});

test('each reading is an entry, needs its own permission and a signed-in person, and gives what the decision names', async () => {
  const { people, call } = product.current;
  const id = await tenant();
  const decision = await capture(id, 'the words of a customer');
  for (const who of [people.engineer, people.auditor, people.viewer])
    expect((await open(decision, who)).statusCode).toBe(403);
  const key = await call('POST', 'keys', {
    cookie: people.owner.cookie,
    body: { name: 'reader', role: 'owner', expiresOn: '2026-12-31' },
  });
  const byKey = await call('POST', `gateway/payloads/${decision}/open`, {
    key: key.json().secret,
    body: { reason: 'curious' },
  });
  expect(byKey.statusCode).toBe(403);
  expect(await entries('gateway.payload-read', decision)).toEqual([]);
  const answer = await open(decision);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.json()).toMatchObject({
    isInDecision: true,
    payload: { request: { texts: [{ text: 'the words of a customer' }] } },
  });
  expect(sha256Hex(answer.json().document)).toBe(answer.json().sha256);
  const read = await entries('gateway.payload-read', decision);
  expect(read).toHaveLength(1);
  expect(read[0]).toMatchObject({ actor: { kind: 'user', id: people.compliance.id }, body: { tenant: id } });
  // Nothing of the text is in the database as it is.
  const { rows } = await database.current.pool.query('select sealed from gateway_payload where decision_id = $1', [
    decision,
  ]);
  expect(rows[0].sealed.includes(Buffer.from('words of a customer'))).toBe(false);
});

test('a payload that was changed or moved is not given out', async () => {
  const id = await tenant();
  const [one, other] = [await capture(id, 'one'), await capture(id, 'other')];
  const { pool } = database.current;
  await expect(
    pool.query('update gateway_payload set sealed = $2 where decision_id = $1', [one, Buffer.from('x')]),
  ).rejects.toThrow('never changed');
  // Whoever owns the database can lift the rule: then the tag and the digest tell.
  await pool.query('alter table gateway_payload disable trigger gateway_payload_unchanged');
  await pool.query(
    'update gateway_payload set sealed = (select sealed from gateway_payload where decision_id = $2) where decision_id = $1',
    [one, other],
  );
  await pool.query('alter table gateway_payload enable trigger gateway_payload_unchanged');
  product.current.failing.record = true;
  const answer = await open(one);
  product.current.failing.record = false;
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('other"');
  expect(await entries('gateway.payload-read', one)).toEqual([]);
});

test('erasing a tenant destroys the key, so that nothing opens it, and a new one is made for what comes after', async () => {
  const { services, people } = product.current;
  const id = await tenant();
  const [one, two] = [await capture(id, 'first'), await capture(id, 'second')];
  const { pool } = database.current;
  const copy = (await pool.query('select sealed, key_id from gateway_payload where decision_id = $1', [one])).rows[0];
  expect((await erase({ kind: 'tenant', id }, people.admin)).statusCode).toBe(403);
  expect((await erase({ kind: 'tenant', id })).json()).toEqual({ erased: 2, onHold: 0 });
  expect(await stateOf(two)).toMatchObject({ state: 'removed', why: 'erasure' });
  expect((await open(one)).statusCode).toBe(404);
  expect(await services.dataKeys.get(services.database.drizzle, copy.key_id)).toBeNull();
  // What was asked before the erasure and reaches the table after it is not kept.
  expect(await stateOf(await capture(id, 'late', { daysAgo: 1 }))).toMatchObject({ state: 'removed', why: 'erasure' });
  product.current.clock.nowMs += 1_000;
  const next = await capture(id, 'afterwards');
  expect((await open(next)).statusCode).toBe(200);
  const { id: keyId } = await services.database.transaction((tx) => keyOfTenant(tx, services.dataKeys, id));
  expect(keyId).not.toBe(copy.key_id);
  expect(await entries('gateway.payload-erased', id)).toMatchObject([{ body: { payloads: 2, reason: 'request' } }]);
});

test('payloads of one end user, or of one decision, are erased alone', async () => {
  const id = await tenant();
  const [hers, his, nobodys] = [
    await capture(id, 'hers', { person: 'ann@customer.test' }),
    await capture(id, 'his', { person: 'bob' }),
    await capture(id, 'nobodys'),
  ];
  const answer = await erase({ kind: 'person', name: 'ann@customer.test' });
  expect(answer.json()).toEqual({ erased: 1, onHold: 0 });
  expect((await stateOf(hers)).state).toBe('removed');
  expect((await erase({ kind: 'decision', id: nobodys })).json()).toEqual({ erased: 1, onHold: 0 });
  expect((await stateOf(his)).state).toBe('captured');
  const { rows } = await database.current.pool.query(
    "select count(*)::int as count from ledger_entry where convert_from(bytes, 'UTF8') like '%customer.test%'",
  );
  expect(rows).toEqual([{ count: 0 }]);
});

test('retention destroys what is due, and a hold keeps it from retention and erasure', async () => {
  const { services, call, people } = product.current;
  const { records, database: data } = services;
  const [id, other] = [await tenant(), await tenant()];
  const due = await capture(id, 'due', { daysAgo: 31 });
  const kept = await capture(id, 'kept', { daysAgo: 29 });
  const held = await capture(other, 'held', { daysAgo: 31 });
  const ofDay = await capture(id, 'of a day', { daysAgo: 32 });
  const hold = (kind: string, subject: string) =>
    call('POST', 'retention/holds', {
      cookie: people.compliance.cookie,
      body: { subject: { kind, id: subject }, reason: 'Litigation 7' },
    });
  expect((await hold('gateway-tenant', other)).statusCode).toBe(201);
  const day = new Date(product.current.clock.nowMs - 32 * DAY_MS).toISOString().slice(0, 10);
  expect((await hold('gateway-day', day)).statusCode).toBe(201);
  const run = () =>
    applyPayloadRetention({ database: data, append: records.append, clock: services.clock, salt: async () => SALT });
  await run();
  expect(await run()).toBe(0);
  expect(await stateOf(due)).toMatchObject({ state: 'removed', why: 'retention' });
  expect((await stateOf(kept)).state).toBe('captured');
  expect(await stateOf(held)).toMatchObject({ state: 'captured', onHold: true });
  expect((await stateOf(ofDay)).state).toBe('captured');
  expect((await erase({ kind: 'tenant', id: other })).statusCode).toBe(409);
  expect((await erase({ kind: 'tenant', id })).statusCode).toBe(409);
  expect((await erase({ kind: 'decision', id: ofDay })).statusCode).toBe(409);
  expect((await open(held)).statusCode).toBe(200);
});

test('what was captured and never written is counted as lost and shown so, and a missed one says why', async () => {
  const { services, clock } = product.current;
  const id = await tenant();
  const write = createDecisionWriter({ database: services.database, clock: services.clock });
  const gone = aDecision({
    tenantId: id,
    occurredAt: clock.nowMs - 600_000,
    payload: { state: 'captured', sha256: 'ab'.repeat(32), answer: 'none', cutCharacters: 0 },
  });
  const missed = aDecision({
    tenantId: id,
    occurredAt: clock.nowMs,
    payload: { state: 'missed', reason: 'queue_full' },
  });
  const off = aDecision({ tenantId: id, occurredAt: clock.nowMs, payload: null });
  await write.write([gone, missed, off]);
  await capture(id, 'there');
  expect((await subjectOf(id)).counts).toMatchObject({ captured: 2, lost: 1, queueFull: 1, notRedacted: 0, stored: 1 });
  expect(await stateOf(gone.id)).toMatchObject({ state: 'lost', why: 'never_written' });
  expect(await stateOf(missed.id)).toMatchObject({ state: 'missed', why: 'queue_full' });
  expect((await stateOf(off.id)).state).toBe('off');
  expect((await open(gone.id)).json().message).toContain('never written');
});

test('past what may wait, payloads are not taken; what the database did not take is written once it does', async () => {
  const { services, clock } = product.current;
  const id = await tenant();
  let broken = true;
  const store = openPayloadStore({
    database: {
      transaction: (work) => (broken ? Promise.reject(new Error('no database')) : services.database.transaction(work)),
    },
    dataKeys: services.dataKeys,
    log: pino({ level: 'silent' }),
    waitingMaxBytes: 1_000,
  });
  const payload = (name: string) => ({
    decisionId: name,
    tenantId: id,
    occurredAt: clock.nowMs,
    keepDays: 1,
    document: 'x'.repeat(400),
    sha256: 'ab'.repeat(32),
    personDigest: null,
  });
  expect(['dec_q1', 'dec_q2', 'dec_q3'].map((name) => store.take(payload(name)))).toEqual([true, true, false]);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(store.waiting).toBe(2);
  broken = false;
  await store.close();
  expect(store.waiting).toBe(0);
  expect((await stateOf('dec_q1')).state).toBe('captured');
  expect(store.take(payload('dec_q4'))).toBe(false);
});

test('a process killed while it captures leaves whole payloads or none', async () => {
  const { services, dataDir } = product.current;
  const child = fork(
    fileURLToPath(new URL('../../../tests/faults/killed-capture.ts', import.meta.url)),
    [database.url, dataDir],
    { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let taken = 0;
  child.on('message', (count) => {
    taken = count as number;
  });
  const { pool } = database.current;
  const stored = async () =>
    (await pool.query("select * from gateway_payload where tenant_id = 'gtn_killed' order by decision_id")).rows;
  while ((await stored()).length < 100) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await ended;
  const rows = await stored();
  expect(rows.length).toBeGreaterThanOrEqual(100);
  // It was killed with some on their way: those are not there at all.
  expect(rows.length).toBeLessThan(taken);
  const parts = {
    database: services.database,
    append: services.records.append,
    clock: services.clock,
    dataKeys: services.dataKeys,
  };
  for (const row of [rows[0], rows.at(-1)]) {
    const opened = await openPayload(parts, row.decision_id, 'after the kill', { kind: 'service', id: 'assay' });
    expect(opened.payload.decision).toBe(row.decision_id);
  }
  const key = await services.dataKeys.get(services.database.drizzle, rows[0].key_id);
  for (const row of rows)
    expect(sha256Hex(openUnder(key as Buffer, row.sealed, boundTo(row.decision_id)))).toBe(row.sha256);
}, 60_000);
