import { beforeEach, expect, test } from 'vitest';
import { alertHandledOnTime } from '#src/control-tests/alert-handled-on-time.ts';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { alertFacts, alertRoutes } from './index.ts';
import type { AlertDetail, AlertPage, Condition } from './model.ts';
import { raiseStanding } from './standing.ts';

const database = testDatabase();
const product = testProduct(database, ({ services, users }) => [
  alertRoutes({ records: services.records, namesOf: users.namesOf }),
]);
const START_MS = Date.parse('2026-11-23T09:00:00Z');
let nowMs = START_MS;
let key = '';
let made = 0;
beforeEach(() => {
  move(START_MS - nowMs);
  key = `kind-${made++}`;
});

function move(byMs: number): void {
  nowMs += byMs;
  product.current.clock.nowMs = nowMs;
}
const condition = (change: Partial<Condition> = {}): Condition => ({
  subject: { kind: 'ledger-party', id: 'lpt_1', title: 'Witness w1' },
  severity: 'medium',
  title: 'Witness w1 takes no heads',
  reasons: ['It cannot be asked now: 3 ms.'],
  since: new Date(START_MS - HOUR_MS),
  link: '/settings/ledger-parties',
  ...change,
});
const round = (
  conditions: Condition[],
  more: { unknownIds?: string[]; watchedIds?: string[]; newsMs?: number } = {},
) => {
  const { newsMs, ...rest } = more;
  return raiseStanding(
    { database: database.current, clock: () => nowMs, ...product.current.services.alerts },
    {
      source: 'ledger_party',
      key,
      gone: 'The party was removed.',
      read: async () => ({ conditions, ...rest }),
      ...(newsMs && { newsMs }),
    },
  );
};
async function listed() {
  const { call, people } = product.current;
  const { cookie } = people.compliance;
  const page = (await call('GET', 'alerts?source=ledger_party&sort=newest', { cookie })).json() as AlertPage;
  const details = await Promise.all(
    page.items.map(async ({ id }) => (await call('GET', `alerts/${id}`, { cookie })).json() as AlertDetail),
  );
  const { rows } = await database.current.pool.query('select id from alert where starts_with(dedupe_key, $1)', [
    `ledger_party:${key}:`,
  ]);
  return details.filter(({ alert }) => rows.some(({ id }) => id === alert.id));
}
const steps = (detail: AlertDetail | undefined) => detail?.steps.map(({ kind }) => kind);
const resolve = (state: string, since: Date, more = '') =>
  database.current.pool.query(
    `update alert set state = 'resolved', resolution = $1, resolved_at = $2 ${more} where starts_with(dedupe_key, $3)
      and state <> 'resolved'`,
    [state, since, `ledger_party:${key}:`],
  );

test('a condition opens one alert with its subject, owner, clocks and link, and repeats nothing while it stands', async () => {
  expect(await round([condition()])).toEqual({ opened: 1, recovered: 0, withdrawn: 0 });
  move(60_000);
  expect(await round([condition({ reasons: ['It cannot be asked now: 71 ms.'] })])).toEqual({
    opened: 0,
    recovered: 0,
    withdrawn: 0,
  });
  const [detail, ...others] = await listed();
  expect(others).toEqual([]);
  expect(detail?.alert).toMatchObject({
    source: 'ledger_party',
    subject: { kind: 'ledger-party', id: 'lpt_1' },
    severity: 'medium',
    link: '/settings/ledger-parties',
    occurredAt: new Date(START_MS - HOUR_MS).toISOString(),
    acknowledge: { clock: 'running' },
  });
  expect(detail?.reasons).toEqual(['It cannot be asked now: 3 ms.']);
  expect(steps(detail)).toEqual(['opened']);
});

test('one that grows graver or has another reason is noted on the open alert', async () => {
  await round([condition()]);
  await round([condition({ severity: 'critical', reasons: ['It saw another history.'] })]);
  const [detail, ...others] = await listed();
  expect(others).toEqual([]);
  expect(detail?.alert).toMatchObject({ severity: 'critical', occurrences: 2 });
  expect(steps(detail)).toEqual(['opened', 'recurred']);
});

test('a recovery is a passed retest, and what comes back before anybody closed the alert is noted on it', async () => {
  await round([condition()]);
  expect(await round([])).toEqual({ opened: 0, recovered: 1, withdrawn: 0 });
  expect(await round([])).toEqual({ opened: 0, recovered: 0, withdrawn: 0 });
  expect((await listed())[0]?.alert).toMatchObject({ state: 'open', retest: { passed: true } });
  await round([condition({ since: new Date(nowMs) })]);
  const [detail, ...others] = await listed();
  expect(others).toEqual([]);
  expect(detail?.alert.retest).toMatchObject({ passed: false });
  expect(steps(detail)).toEqual(['opened', 'retested', 'retested', 'recurred']);
});

test('about something that was removed it is closed as that, by Assay, with nothing measured and nobody late', async () => {
  await round([condition()], { watchedIds: ['lpt_1'] });
  expect(await round([], { watchedIds: [] })).toEqual({ opened: 0, recovered: 0, withdrawn: 1 });
  expect(await round([], { watchedIds: [] })).toEqual({ opened: 0, recovered: 0, withdrawn: 0 });
  const [detail, ...others] = await listed();
  expect(others).toEqual([]);
  expect(detail?.alert).toMatchObject({
    state: 'resolved',
    retest: null,
    resolution: 'no_longer_watched',
    resolutionReason: 'The party was removed.',
    resolve: { by: { name: 'Assay' }, clock: 'met' },
    acknowledge: { at: null, clock: 'met' },
  });
  expect(steps(detail)).toEqual(['opened', 'resolved']);
  const mine = (await alertFacts(database.current.drizzle, nowMs)).filter(({ key: id }) => id === detail?.alert.id);
  const outcome = alertHandledOnTime.judge({
    facts: { alert: mine },
    source: 'records',
    at: toInstant(nowMs + 30 * DAY_MS),
  });
  expect(outcome).toEqual([
    expect.objectContaining({ result: 'pass', because: expect.stringContaining('ended before') }),
  ]);
});

test('one that is watched again and still so opens again', async () => {
  await round([condition()], { watchedIds: ['lpt_1'] });
  await round([], { watchedIds: [] });
  expect(await round([condition()], { watchedIds: ['lpt_1'] })).toMatchObject({ opened: 1 });
  expect(await listed()).toHaveLength(2);
});

test('a person cannot close an alert as no longer watched', async () => {
  await round([condition()]);
  const [detail] = await listed();
  const { call, people } = product.current;
  const answer = await call('POST', `alerts/${detail?.alert.id}/resolve`, {
    cookie: people.compliance.cookie,
    body: { resolution: 'no_longer_watched', reason: 'because' },
  });
  expect(answer.statusCode).toBe(400);
});

test('of what nobody can say there is neither an alert nor a recovery', async () => {
  await round([condition()]);
  expect(await round([], { unknownIds: ['lpt_1'] })).toEqual({ opened: 0, recovered: 0, withdrawn: 0 });
  expect((await listed())[0]?.alert.retest).toBe(null);
});

test('what was closed stays closed while the same stands, unless it was said to be fixed or accepted until a day that is over', async () => {
  await round([condition()]);
  await resolve('expected_change', new Date(nowMs));
  move(5 * DAY_MS);
  expect(await round([condition()])).toMatchObject({ opened: 0 });
  expect(await round([condition({ since: new Date(nowMs) })])).toMatchObject({ opened: 1 });

  await resolve('fixed', new Date(nowMs));
  expect(await round([condition()])).toMatchObject({ opened: 0 });
  move(2 * HOUR_MS);
  expect(await round([condition()])).toMatchObject({ opened: 1 });

  await resolve('accepted_risk', new Date(nowMs), ", accepted_until = '2026-12-01'");
  expect(await round([condition()])).toMatchObject({ opened: 0 });
  move(20 * DAY_MS);
  expect(await round([condition()])).toMatchObject({ opened: 1 });
  const { rows } = await database.current.pool.query(
    'select reopens_id from alert where starts_with(dedupe_key, $1) order by opened_at',
    [`ledger_party:${key}:`],
  );
  expect(rows.map(({ reopens_id }) => reopens_id !== null)).toEqual([false, true, true, true]);
});

test('what began before the days that count as news opens nothing', async () => {
  const old = condition({ since: new Date(nowMs - 3 * DAY_MS) });
  expect(await round([old], { newsMs: DAY_MS })).toEqual({ opened: 0, recovered: 0, withdrawn: 0 });
  expect(await round([condition()], { newsMs: DAY_MS })).toMatchObject({ opened: 1 });
});
