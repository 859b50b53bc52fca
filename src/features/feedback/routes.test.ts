import { beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { eventRoutes } from '../events/index.ts';
import { inventoryRoutes } from '../inventory/index.ts';
import { feedbackRoutes, forgetFeedbackTexts, userFeedbackFacts } from './index.ts';
import { type Feedback, type FeedbackOutcomeOfItem, triageDueMs } from './model.ts';

// A Monday.
const START = Date.parse('2026-11-02T09:00:00Z');
const WORDS = 'My name is Ada Example and the answer about the battery is wrong.';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, blobs, clock, secrets } = services;
  const { namesOf } = users;
  const closedUntil = async () => new Map<string, number>();
  return [
    ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
    ...eventRoutes({ database: services.database, clock, append: records.append, closedUntil }),
    feedbackRoutes({ records, secrets, closedUntil, namesOf }),
  ];
});
let product: Product;
let systemId: string;
let otherId: string;

type As = 'engineer' | 'auditor' | 'viewer';
function raw(method: string, path: string, body?: object, as: As = 'engineer') {
  return product.call(method, path, { cookie: product.people[as].cookie, body });
}
// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
async function ask(method: string, path: string, body?: object, as: As = 'engineer'): Promise<any> {
  const answer = await raw(method, path, body, as);
  if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.json();
}
const send = async (...items: unknown[]): Promise<FeedbackOutcomeOfItem[]> =>
  (await ask('POST', 'feedback', { items })).items;
const list = async (query = ''): Promise<Feedback[]> => (await ask('GET', `feedback${query}`)).items;
const decide = (id: string | null, body: object, as: As = 'engineer') => raw('POST', `feedback/${id}/decide`, body, as);
const factOf = async () =>
  (await userFeedbackFacts(database.current.drizzle, product.clock.nowMs)).find(({ key }) => key === systemId)?.body;

beforeAll(async () => {
  product = started.current;
  product.clock.nowMs = START;
  systemId = (await ask('POST', 'inventory/systems', { name: 'Support chat' })).id;
  otherId = (await ask('POST', 'inventory/systems', { name: 'Search' })).id;
  await ask('POST', 'events', {
    id: 'answer-1',
    systemId,
    kind: 'operation',
    modelVersion: 'v7',
    occurredAt: START,
    values: { latencyMs: 5 },
  });
});

describe('what users say', () => {
  test('is taken once, belongs to the system of its answer, and is an event that monitors can watch', async () => {
    const down = { id: 'f-1', eventId: 'answer-1', thumb: 'down', label: 'wrong', text: WORDS };
    const [first] = await send(down);
    expect(first).toMatchObject({ id: 'f-1', state: 'taken', feedbackId: expect.stringMatching(/^fbk_/) });
    expect(await send(down)).toMatchObject([{ state: 'known', feedbackId: null }]);
    const [shown] = await list(`?systemId=${systemId}`);
    expect(shown).toMatchObject({
      systemId,
      eventId: 'answer-1',
      modelVersion: 'v7',
      thumb: 'down',
      label: 'wrong',
      hasText: true,
      state: 'open',
      late: false,
      dueAt: '2026-11-05T09:00:00.000Z',
    });
    const { rows } = await database.current.pool.query(`select about, kind, body from event where kind = 'score'`);
    expect(rows).toMatchObject([
      {
        about: 'answer-1',
        kind: 'score',
        body: { modelVersion: 'v7', values: { thumb: 'down', feedbackLabel: 'wrong' } },
      },
    ]);
  });

  test('is kept encrypted, shown to whoever decides, and in no event, list or entry', async () => {
    const { rows } = await database.current.pool.query(
      `select row_to_json(feedback)::text as kept from feedback union all select row_to_json(event)::text from event
       union all select before_series || after_series from ledger_pending`,
    );
    for (const { kept } of rows) expect(kept).not.toMatch(/Ada|battery/);
    const [{ id }] = (await list()) as [Feedback];
    expect(await ask('GET', `feedback/${id}/text`)).toEqual({ text: WORDS });
    expect((await raw('GET', `feedback/${id}/text`, undefined, 'auditor')).statusCode).toBe(403);
    expect((await raw('GET', 'feedback', undefined, 'auditor')).statusCode).toBe(200);
    expect((await raw('GET', 'feedback', undefined, 'viewer')).statusCode).toBe(403);
  });

  test('costs only itself where it is wrong, with the field', async () => {
    const outcomes = await send(
      { id: 'f-2', eventId: 'answer-1' },
      { id: 'f-3', eventId: 'nobody-knows', thumb: 'down' },
      { id: 'f-4', eventId: 'answer-1', systemId: 'Search', thumb: 'down' },
      { id: 'f-5', eventId: 'answer-1', label: 'Ada Example' },
      { id: 'f-6', eventId: 'answer-1', text: 'x'.repeat(4_001) },
      { id: 'f-7', eventId: 'answer-1', thumb: 'down', occurredAt: START + 3 * DAY_MS },
      { id: 'f-8', eventId: 'a\u0000b', systemId, thumb: 'down' },
      { id: 'f-9', eventId: 'answer-1', thumb: 'down', stars: 5 },
      null,
      ['x'],
      { id: 'f-10', eventId: 'not-sent-yet', systemId: 'Support chat', thumb: 'up' },
    );
    expect(outcomes.map(({ state }) => state)).toEqual([...Array(10).fill('refused'), 'taken']);
    expect(outcomes.map(({ reason }) => reason?.split(':')[0])).toEqual([
      'item',
      'systemId',
      'systemId',
      'label',
      'text',
      'occurredAt',
      'about',
      'item',
      'item',
      'item',
      undefined,
    ]);
    expect((await raw('POST', 'feedback', { items: [] })).statusCode).toBe(400);
    expect((await raw('POST', 'feedback', { items: [{}] }, 'auditor')).statusCode).toBe(403);
    // The same name of another system is other feedback.
    expect(await send({ id: 'f-1', eventId: 'other-1', systemId: otherId, thumb: 'down' })).toMatchObject([
      { state: 'taken' },
    ]);
    const noted = await list('?state=noted');
    expect(noted).toMatchObject([{ eventId: 'not-sent-yet', thumb: 'up', dueAt: null, late: false }]);
  });
});

describe('what people do about it', () => {
  test('is looked at, closed with what was done, and entered into the ledger', async () => {
    const [{ id }] = (await list(`?systemId=${systemId}&state=open`)) as [Feedback];
    expect((await decide(id, { step: 'close', outcome: 'fixed' })).statusCode).toBe(409);
    expect((await decide(id, { step: 'triage', problem: true }, 'auditor')).statusCode).toBe(403);
    product.clock.nowMs = START + 2 * HOUR_MS;
    expect((await decide(id, { step: 'triage', problem: true })).json()).toMatchObject({
      state: 'triaged',
      triagedAt: '2026-11-02T11:00:00.000Z',
      triagedBy: { id: product.people.engineer.id },
    });
    expect((await decide(id, { step: 'triage', problem: false })).statusCode).toBe(409);
    expect((await decide(id, { step: 'close', outcome: 'fixed', reference: 'in my words' })).statusCode).toBe(400);
    const closed = await decide(id, { step: 'close', outcome: 'added_to_evaluation', reference: 'evs_1/battery' });
    expect(closed.json()).toMatchObject({ state: 'closed', outcome: 'added_to_evaluation', textKept: false });
    expect((await raw('GET', `feedback/${id}/text`)).statusCode).toBe(404);
    expect((await decide('fbk_none', { step: 'triage', problem: true })).statusCode).toBe(404);
    await product.services.ledger.integrate();
    const { items } = await product.services.ledger.entries({ limit: 10, type: 'feedback.decided' });
    const bodies = items.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')).body);
    expect(bodies).toMatchObject([
      { from: 'triaged', to: 'closed', outcome: 'added_to_evaluation', reference: 'evs_1/battery' },
      { from: 'open', to: 'triaged', outcome: null },
    ]);
  });

  test('counts as late after three business days, whether it waits or was looked at then', async () => {
    // Friday evening: the weekend does not count.
    product.clock.nowMs = Date.parse('2026-11-06T20:00:00Z');
    expect(new Date(triageDueMs(product.clock.nowMs)).toISOString()).toBe('2026-11-11T20:00:00.000Z');
    const [late, soon] = await send(
      { id: 'g-1', eventId: 'answer-1', thumb: 'down', text: WORDS },
      { id: 'g-2', eventId: 'answer-1', label: 'not_helpful' },
    );
    await decide(soon?.feedbackId ?? '', { step: 'triage', problem: false });
    product.clock.nowMs = Date.parse('2026-11-11T20:00:00Z');
    expect(await factOf()).toEqual({ days: 31, received: 4, toTriage: 3, waiting: 1, late: 0, addedToEvaluation: 1 });
    product.clock.nowMs += 1;
    expect(await factOf()).toMatchObject({ waiting: 1, late: 1 });
    await decide(late?.feedbackId ?? '', { step: 'triage', problem: true });
    expect(await factOf()).toMatchObject({ waiting: 0, late: 1 });
    expect((await list('?state=triaged'))[0]).toMatchObject({ late: true });
  });

  test('forgets the words after ninety days', async () => {
    expect(await forgetFeedbackTexts(database.current.drizzle, product.clock.nowMs)).toBe(0);
    expect(await forgetFeedbackTexts(database.current.drizzle, Date.parse('2027-02-04T20:00:01Z'))).toBe(1);
    const [row] = await list('?state=triaged');
    expect(row).toMatchObject({ hasText: true, textKept: false });
  });
});
