import { describe, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Person, testProduct } from '../../../tests/support/product.ts';
import { incidentRoutes } from './index.ts';
import { timesOf } from './list-incidents.ts';
import type { IncidentDetail } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => [
  incidentRoutes({ records: services.records, namesOf: users.namesOf }),
]);
const call = (method: string, path: string, body?: object, as: Person = started.current.people.compliance) =>
  started.current.call(method, `incidents${path}`, { cookie: as.cookie, body });
const minutes = (count: number) => count * 60_000;

async function opened(title = 'Answers were wrong', severity = 'high'): Promise<IncidentDetail['incident']> {
  const answer = await call('POST', '', { title, severity });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json().incident;
}

/** An alert of ten minutes before now, seen five minutes later and linked to the incident. */
async function link(incidentId: string, state: 'open' | 'resolved', title = 'Rate of errors'): Promise<string> {
  const { nowMs } = started.current.clock;
  const at = (ago: number) => new Date(nowMs - minutes(ago));
  const id = `alt_${incidentId.slice(4)}`;
  await database.current.pool.query(
    `insert into alert (id, source, source_id, subject_kind, subject_id, subject_title, severity, title, dedupe_key, state,
       occurred_at, opened_at, last_occurred_at, settings_version, clock_from, acknowledge_due_at, resolve_due_at,
       acknowledged_at, acknowledged_by, resolved_at, resolved_by, resolution, resolution_reason, incident_id)
     values ($1, 'monitor', 'mon_1', 'system', 'sys_1', 'Support', 'high', $2, $1, $3, $4, $5, $4, 1, $5, $6, $6,
       $7, 'service:assay', $8, $9, $10, $10, $11)`,
    [
      id,
      title,
      state,
      at(10),
      at(5),
      new Date(nowMs + minutes(60)),
      state === 'resolved' ? at(3) : null,
      state === 'resolved' ? at(1) : null,
      state === 'resolved' ? 'service:assay' : null,
      state === 'resolved' ? 'fixed' : null,
      incidentId,
    ],
  );
  return id;
}
const REVIEW = {
  rootCause: 'A prompt went out unmeasured.',
  lessons: 'The gate stands before it.',
  retestRef: 'win_2',
};

describe('an incident', () => {
  test('is closed only with cause, lessons, a retest and its alerts resolved; what is missing is named', async () => {
    const { id, missing } = await opened();
    expect(missing).toHaveLength(3);
    const alertId = await link(id, 'open');
    const refused = await call('PATCH', `/${id}`, { ...REVIEW, state: 'closed' });
    expect(refused.statusCode).toBe(400);
    expect(refused.json().message).toContain('the alert "Rate of errors" is not resolved');
    // Nothing of a refused change stays.
    expect((await call('GET', `/${id}`)).json().incident.rootCause).toBeNull();
    await database.current.pool.query(
      "update alert set state = 'resolved', resolved_at = now(), resolved_by = 'service:assay', resolution = 'fixed', resolution_reason = 'Put back.' where id = $1",
      [alertId],
    );
    const closed = await call('PATCH', `/${id}`, { ...REVIEW, state: 'closed' });
    expect(closed.json().incident).toMatchObject({ state: 'closed', lessons: REVIEW.lessons, missing: [] });
    expect((await call('PATCH', `/${id}`, { note: 'Late word.' })).statusCode).toBe(409);
  });

  test('has its times from its alerts and its end, and a timeline in their order', async () => {
    const { id } = await opened();
    await link(id, 'resolved');
    await call('PATCH', `/${id}`, { note: 'Looked at the prompt of Monday.', severity: 'critical' });
    started.current.clock.nowMs += minutes(30);
    await call('PATCH', `/${id}`, { ...REVIEW, state: 'closed' });
    const { incident, steps }: IncidentDetail = (await call('GET', `/${id}`)).json();
    expect(incident.severity).toBe('critical');
    expect(incident.times).toMatchObject({
      toDetectMs: minutes(5),
      toAcknowledgeMs: minutes(2),
      toResolveMs: minutes(35),
    });
    expect(steps.map(({ kind }) => kind)).toEqual([
      'occurred',
      'detected',
      'acknowledged',
      'alert_resolved',
      'opened',
      'severity_changed',
      'noted',
      'changed',
      'changed',
      'changed',
      'closed',
    ]);
    expect(steps.find(({ kind }) => kind === 'severity_changed')?.words).toBe('high to critical');
    expect(steps.find(({ kind }) => kind === 'noted')).toMatchObject({
      by: { name: expect.stringMatching(/compliance/) },
    });
    await expect(database.current.pool.query('delete from incident_step')).rejects.toThrow(/append-only/);
    const { summary } = (await call('GET', '?state=closed&severity=critical')).json();
    expect(summary).toMatchObject({ days: 90, opened: expect.any(Number) });
    expect(summary.medianToResolveMs).toBeGreaterThan(0);
  });

  test('is closed by an evaluation run only where that run passed, after it was opened', async () => {
    const { id } = await opened();
    const { pool } = database.current;
    const run = (runId: string, verdict: string, at: Date) =>
      pool.query(
        `insert into evaluation_run (id, title, dataset_sha256, origin, target, model, state, items, requested_at, requested_by, verdict, results_sha256)
         values ($1, 'Answers', 'ab', 'run', '{}', 'm', 'finished', 1, $3, 'service:assay', $2, 'cd')`,
        [runId, verdict, at],
      );
    const later = new Date(started.current.clock.nowMs + 1_000);
    await run('evr_failed', 'fail', later);
    await run('evr_before', 'pass', new Date(started.current.clock.nowMs - minutes(90)));
    await run('evr_good', 'pass', later);
    for (const [ref, words] of [
      ['evr_none', /no evaluation run/],
      ['evr_failed', /did not pass/],
      ['evr_before', /before the incident/],
    ] as const) {
      const answer = await call('PATCH', `/${id}`, { retestRef: ref });
      expect(answer.statusCode).toBe(400);
      expect(answer.json().message).toMatch(words);
    }
    expect((await call('PATCH', `/${id}`, { ...REVIEW, retestRef: 'evr_good', state: 'closed' })).statusCode).toBe(200);
  });

  test('commits to the ledger what was said, never as words', async () => {
    const { id } = await opened('Quiet words');
    await call('PATCH', `/${id}`, { rootCause: 'Somebody by name did it.' });
    await started.current.services.ledger.integrate();
    const { items } = await started.current.services.ledger.entries({ limit: 10 });
    const text = items.map((entry) => Buffer.from(entry.bytes).toString('utf8')).join('\n');
    expect(text).toContain('incident.changed');
    expect(text).not.toContain('Somebody by name');
  });

  test('is neither opened nor changed by whoever may only read, and an unknown one is not found', async () => {
    const { auditor } = started.current.people;
    const { id } = await opened();
    expect((await call('GET', '', undefined, auditor)).statusCode).toBe(200);
    expect((await call('POST', '', { title: 'x', severity: 'low' }, auditor)).statusCode).toBe(403);
    expect((await call('PATCH', `/${id}`, { note: 'x' }, auditor)).statusCode).toBe(403);
    expect((await call('GET', '/inc_none')).statusCode).toBe(404);
    expect((await call('PATCH', `/${id}`, {})).statusCode).toBe(400);
    expect((await call('PATCH', `/${id}`, { closedAt: '2026-01-01T00:00:00.000Z' })).statusCode).toBe(400);
  });
});

test('an incident that the product opened itself is taken up only when somebody acknowledges', () => {
  const at = new Date('2026-11-23T09:00:00Z');
  const row = { openedAt: at, openedBy: 'service:assay', closedAt: null };
  expect(timesOf(row, [])).toMatchObject({ acknowledgedAt: null, toAcknowledgeMs: null, toResolveMs: null });
  expect(timesOf({ ...row, openedBy: 'user:usr_1' }, [])).toMatchObject({ toDetectMs: 0, toAcknowledgeMs: 0 });
});
