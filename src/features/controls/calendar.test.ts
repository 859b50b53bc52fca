import { expect, test } from 'vitest';
import { testsOfControl } from '#src/control-tests/index.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { periodsEnding } from './calendar-periods.ts';
import type { ControlCalendar } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services }) => [services.controls.routes]);

const days = (periods: { fromMs: number; toMs: number }[]) =>
  periods.map(({ fromMs, toMs }) => [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 10)).join(' '));
const at = (text: string) => Date.parse(`${text}T00:00:00Z`);

test('periods are those of the calendar in UTC, with the one under way last', () => {
  expect(days(periodsEnding('quarterly', at('2026-02-10'), at('2026-08-15')))).toEqual([
    '2026-01-01 2026-04-01',
    '2026-04-01 2026-07-01',
    '2026-07-01 2026-10-01',
  ]);
  // Weeks begin on Monday; the daylight-saving change of 2026-03-29 moves nothing.
  expect(days(periodsEnding('weekly', at('2026-03-25'), at('2026-04-01')))).toEqual([
    '2026-03-23 2026-03-30',
    '2026-03-30 2026-04-06',
  ]);
  expect(days(periodsEnding('annual', at('2026-01-01'), at('2026-12-31')))).toEqual(['2026-01-01 2027-01-01']);
  expect(periodsEnding('daily', at('2028-02-28'), at('2028-03-01'))).toHaveLength(3);
  expect(days(periodsEnding('semiannual', at('2026-06-30'), at('2026-07-01')))).toEqual([
    '2026-01-01 2026-07-01',
    '2026-07-01 2027-01-01',
  ]);
});

async function calendar(product: Product): Promise<ControlCalendar> {
  const answer = await product.call('GET', 'controls/calendar?year=2026', { cookie: product.people.auditor.cookie });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

test('a periodic control has dated occurrences: done by evidence or a test with data, overdue where nothing shows it', async () => {
  const product = started.current;
  const { controls, records } = product.services;
  const { pool } = database.current;
  product.clock.nowMs = at('2026-08-10');
  await records.change('records', ['user', 'organization-scope', 'ai-system'], async () => undefined);
  const before = await calendar(product);
  const untested = before.items.find(({ id, frequency }) => frequency === 'monthly' && testsOfControl(id).length === 0);
  const statesOf = ({ items }: ControlCalendar, id = untested?.id) =>
    items.find((one) => one.id === id)?.occurrences.map(({ state }) => state);
  expect(statesOf(before)).toEqual([...Array(7).fill('not_asked'), ...Array(5).fill('due')]);
  expect(await controls.services.overdueControls()).toEqual([]);
  const byTest = before.items.flatMap(({ occurrences }) => occurrences.filter(({ testId }) => testId !== null));
  expect(byTest.length).toBeGreaterThan(0);
  expect(byTest.every(({ state, doneAt }) => state === 'done' && doneAt === '2026-08-10T00:00:00.000Z')).toBe(true);

  // The month that began after the start went by, and nothing shows it.
  product.clock.nowMs = at('2026-10-10');
  expect(statesOf(await calendar(product))?.slice(6, 10)).toEqual(['not_asked', 'not_asked', 'overdue', 'due']);
  const told = async () =>
    (await controls.services.overdueControls()).find(({ subject }) => subject.id === untested?.id);
  expect(await told()).toMatchObject({
    severity: 'medium',
    since: new Date('2026-10-01T00:00:00.000Z'),
    link: `/controls/${untested?.id}`,
    reasons: ['It is done every month, and nothing shows it from 2026-09-01 to 2026-10-01.'],
  });

  // Evidence in the period under way ends the alert; what was missed stays in the calendar.
  await pool.query(
    "insert into blob (sha256, size_bytes, media_type, created_at) values ($1, 1, 'text/plain', now())",
    ['ab'.repeat(32)],
  );
  await pool.query(
    `insert into evidence_item (id, kind, title, source_key, source_title, query, collector, grade, occurred_at, observed_at,
       recorded_at, sha256, size_bytes, media_type, file_name, ledger_pending_id)
     values ('evd_1', 'file', 'Review', 'manual', 'By hand', '', 'user:usr_1', 'C', $1, $1, $1, $2, 1, 'text/plain', 'a.txt', 'pnd_1')`,
    ['2026-10-05T09:00:00Z', 'ab'.repeat(32)],
  );
  await pool.query("insert into evidence_link (evidence_id, kind, ref) values ('evd_1', 'control', $1)", [
    untested?.id,
  ]);
  expect(await told()).toBeUndefined();
  const after = await calendar(product);
  expect(statesOf(after)?.slice(8, 11)).toEqual(['overdue', 'done', 'due']);
  expect(after.items.find(({ id }) => id === untested?.id)?.occurrences[9]).toMatchObject({
    doneAt: '2026-10-05T09:00:00.000Z',
    evidenceId: 'evd_1',
  });
});
