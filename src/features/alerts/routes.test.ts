import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { incidentRoutes } from '#src/features/incidents/index.ts';
import type { Role } from '#src/features/users/model.ts';
import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Person, type Product, testProduct } from '../../../tests/support/product.ts';
import { alertRoutes, alertSettingsRoutes, type NewAlert, sweepAlerts } from './index.ts';
import type { Alert, AlertDetail, AlertMute } from './model.ts';
import { DEFAULT_SETTINGS } from './settings-model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, secrets, log } = services;
  const { namesOf } = users;
  return [
    alertRoutes({ records, namesOf }),
    alertSettingsRoutes({ records, namesOf, secrets, baseUrl: () => 'https://assay.example', log }),
    incidentRoutes({ records, namesOf }),
  ];
});
let product: Product;
let made = 0;
const keys = new Map<Person, string>();

beforeAll(async () => {
  product = started.current;
  const { people, colleague } = product;
  // Clocks move by hours here, and a browser's session would end.
  const makeKey = async (person: Person, role: Role) => {
    const body = { name: role, role, expiresOn: '2027-02-28' };
    const key = await product.call('POST', 'keys', { cookie: person.cookie, body });
    return key.json().secret as string;
  };
  keys.set(people.engineer, await makeKey(people.engineer, 'engineer'));
  keys.set(people.compliance, await makeKey(people.compliance, 'compliance'));
  keys.set(colleague, await makeKey(colleague, 'compliance'));
  // These may not make keys of their own.
  keys.set(people.auditor, await makeKey(people.owner, 'auditor'));
  keys.set(people.viewer, await makeKey(people.owner, 'viewer'));
});
beforeEach(async () => {
  await database.current.pool.query(
    "update alert set state = 'resolved', resolved_at = now(), resolution = 'duplicate' where state <> 'resolved'",
  );
});

const NEW: NewAlert = {
  source: 'monitor',
  sourceId: 'mon_1',
  subject: { kind: 'ai-system', id: 'sys_1', title: 'Support assistant' },
  severity: 'high',
  title: 'Drift of answer length',
  reasons: ['PSI is 0.31, above 0.25.'],
  dedupeKey: 'key',
  occurredAt: '2026-11-23T08:00:00.000Z',
};
const open = (change: Partial<NewAlert> = {}) =>
  database.current.transaction((tx) =>
    product.services.alerts.openAlert(tx, { ...NEW, dedupeKey: `key-${made++}`, ...change }),
  );
const call = (method: string, path: string, body?: object, as: Person = product.people.engineer) =>
  product.call(method, path, { key: keys.get(as) ?? '', body });
const detail = async (id: string): Promise<AlertDetail> => (await call('GET', `alerts/${id}`)).json();
const kinds = async (id: string) => (await detail(id)).steps.map((step) => step.kind);
const sweep = () => {
  const { database: db, clock, records } = product.services;
  return sweepAlerts({ database: db, clock, append: records.append });
};
const entriesAbout = async (id: string) => {
  await product.services.ledger.integrate();
  const { items } = await product.services.ledger.entries({ limit: 500 });
  return items
    .map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')))
    .filter((leaf) => leaf.subject.id === id);
};

describe('an alert', () => {
  test('opens with the clocks of its severity and a first entry in the ledger', async () => {
    const { alertId, isNew } = await open();
    expect(isNew).toBe(true);
    const { alert, steps } = await detail(alertId);
    expect(alert).toMatchObject({
      state: 'open',
      severity: 'high',
      owner: null,
      acknowledge: { dueAt: '2026-11-23T10:00:00.000Z', clock: 'running', at: null },
      resolve: { dueAt: '2026-11-24T09:00:00.000Z', clock: 'running' },
    });
    expect(steps).toMatchObject([{ kind: 'opened', by: { kind: 'service', name: 'Assay' } }]);
    const entries = await entriesAbout(alertId);
    expect(entries).toMatchObject([
      { type: 'alert.opened', body: { severity: 'high', source: 'monitor', about: { id: 'sys_1' } } },
    ]);
    // Words stay in the product: the leaf holds their digests.
    expect(JSON.stringify(entries)).not.toContain('Drift of');
  });

  test('that comes back is noted on the one that stands, and raises it where it is graver', async () => {
    const first = await open({ dedupeKey: 'same', severity: 'medium' });
    const second = await open({ dedupeKey: 'same', severity: 'critical' });
    const third = await open({ dedupeKey: 'same', severity: 'low' });
    expect([second.alertId, third.alertId, second.isNew]).toEqual([first.alertId, first.alertId, false]);
    const { alert } = await detail(first.alertId);
    expect(alert).toMatchObject({ occurrences: 3, severity: 'critical' });
    expect(alert.acknowledge.dueAt).toBe('2026-11-23T09:15:00.000Z');
    expect(await kinds(first.alertId)).toEqual(['opened', 'recurred', 'recurred']);
  });

  test('raised twice at one moment is one alert', async () => {
    const both = await Promise.all([open({ dedupeKey: 'race' }), open({ dedupeKey: 'race' })]);
    expect(new Set(both.map((one) => one.alertId)).size).toBe(1);
    expect(both.filter((one) => one.isNew)).toHaveLength(1);
  });

  test('is acknowledged in bulk, by whoever takes it up, and only once', async () => {
    const ids = [(await open()).alertId, (await open()).alertId];
    const answer = await call('POST', 'alerts/acknowledge', { ids, comment: 'looking' });
    expect(answer.json()).toEqual({ acknowledgedIds: [...ids].sort(), unchangedIds: [] });
    const again = await call('POST', 'alerts/acknowledge', { ids });
    expect(again.json()).toEqual({ acknowledgedIds: [], unchangedIds: [...ids].sort() });
    const { alert } = await detail(ids[0] ?? '');
    expect(alert.owner?.name).toBe('The engineer');
    expect(alert.acknowledge).toMatchObject({ clock: 'met', by: { name: 'The engineer (API key)' } });
  });

  test('lives through assignment, comment, incident, repetition and resolution, each its own step and entry', async () => {
    const { alertId } = await open({ dedupeKey: 'whole-life' });
    const { compliance } = product.people;
    await call('POST', `alerts/${alertId}/assign`, { ownerId: compliance.id });
    await call('POST', `alerts/${alertId}/comments`, { text: 'A new prompt went out at seven.' });
    const incident = await call('POST', `alerts/${alertId}/incident`, {});
    expect(incident.statusCode).toBe(201);
    expect((await call('POST', `alerts/${alertId}/incident`, {})).statusCode).toBe(409);
    await database.current.transaction((tx) =>
      product.services.alerts.recordRetest(tx, {
        dedupeKey: 'whole-life',
        passed: true,
        ref: 'win_2',
        at: '2026-11-23T09:00:00.000Z',
      }),
    );
    const resolved = await call('POST', `alerts/${alertId}/resolve`, {
      resolution: 'fixed',
      reason: 'Prompt put back.',
    });
    expect(resolved.statusCode).toBe(200);
    const { alert, steps, incident: linked } = resolved.json() as AlertDetail;
    expect(alert).toMatchObject({ state: 'resolved', resolution: 'fixed', retest: { passed: true } });
    expect(linked?.state).toBe('open');
    expect(steps.map((step) => step.kind)).toEqual([
      'opened',
      'assigned',
      'commented',
      'incident_opened',
      'retested',
      'acknowledged',
      'resolved',
    ]);
    expect(steps[1]?.detail.to).toBe('The compliance');
    const entries = await entriesAbout(alertId);
    expect(entries.map((entry) => entry.type)).toEqual(
      expect.arrayContaining(['alert.opened', 'alert.assigned', 'alert.commented', 'alert.resolved', 'alert.retested']),
    );
    expect(JSON.stringify(entries)).not.toContain('Prompt put back');

    const incidentId = linked?.id ?? '';
    const early = await call('PATCH', `incidents/${incidentId}`, { state: 'closed' });
    expect(early.statusCode).toBe(400);
    expect(early.json().message).toMatch(/rootCause.*lessons.*retestRef/);
    const closed = await call('PATCH', `incidents/${incidentId}`, {
      state: 'closed',
      rootCause: 'A prompt was changed without a test.',
      lessons: 'Prompts go through the evaluation gate.',
      changeRef: 'commit 5f0b02c',
      retestRef: 'win_2',
    });
    expect(closed.json().incident).toMatchObject({
      state: 'closed',
      retestRef: 'win_2',
      closedBy: { name: 'The engineer (API key)' },
    });
    expect((await call('PATCH', `incidents/${incidentId}`, { rootCause: 'other' })).statusCode).toBe(409);
  });

  test('that fires again after it was resolved is a new one, linked to the old', async () => {
    const first = await open({ dedupeKey: 'again' });
    await call('POST', `alerts/${first.alertId}/resolve`, { resolution: 'false_positive', reason: 'Noise.' });
    const second = await open({ dedupeKey: 'again' });
    expect(second.isNew).toBe(true);
    expect((await detail(second.alertId)).alert.reopensId).toBe(first.alertId);
    expect((await call('POST', `alerts/${first.alertId}/comments`, { text: 'Late word.' })).statusCode).toBe(200);
    const refused = await call('POST', `alerts/${first.alertId}/resolve`, { resolution: 'fixed', reason: 'x' });
    expect(refused.statusCode).toBe(409);
  });

  test('is accepted as a risk only for a time and not by its owner', async () => {
    const { alertId } = await open({ ownerId: product.people.engineer.id });
    const accept = { resolution: 'accepted_risk', reason: 'Rare.' };
    const path = `alerts/${alertId}/resolve`;
    expect((await call('POST', path, accept)).json().message).toContain('acceptedUntil');
    const dated = { ...accept, acceptedUntil: '2026-12-31' };
    expect((await call('POST', path, { ...dated, acceptedUntil: '2028-12-31' })).statusCode).toBe(400);
    expect((await call('POST', path, dated)).statusCode).toBe(403);
    const answer = await call('POST', path, dated, product.people.compliance);
    expect(answer.json().alert).toMatchObject({ acceptedUntil: '2026-12-31T23:59:59.999Z', state: 'resolved' });
  });

  test('cannot lose a step of its life', async () => {
    await expect(database.current.pool.query('delete from alert_step')).rejects.toThrow(/append-only/);
    await expect(database.current.pool.query("update alert_step set kind = 'opened'")).rejects.toThrow(/append-only/);
  });

  test('that is not well formed is refused, and nothing is stored', async () => {
    await expect(open({ title: 'x'.repeat(201) })).rejects.toThrow(/not well formed/);
    await expect(open({ link: '//evil.example' })).rejects.toThrow(/not well formed/);
    await expect(open({ evidence: { text: 'x'.repeat(20_000) } })).rejects.toThrow(/longer than/);
  });
});

describe('the clock', () => {
  test('that runs out escalates once for each level, and the report lists who was never acknowledged', async () => {
    product.clock.nowMs += 60_000;
    const from = new Date(product.clock.nowMs).toISOString();
    const { alertId } = await open({ severity: 'critical' });
    product.clock.nowMs += 16 * 60_000;
    expect(await sweep()).toMatchObject({ escalated: 1 });
    expect(await sweep()).toMatchObject({ escalated: 0 });
    product.clock.nowMs += 4 * HOUR_MS;
    expect(await sweep()).toMatchObject({ escalated: 1 });
    const { alert, steps } = await detail(alertId);
    expect(alert).toMatchObject({ escalationLevel: 2, acknowledge: { clock: 'breached' } });
    expect(steps.map((step) => step.detail.because)).toEqual([undefined, 'not_acknowledged', 'not_resolved']);
    const overdue = (await call('GET', 'alerts?clock=never_acknowledged')).json();
    expect(overdue.items.map((one: Alert) => one.id)).toEqual([alertId]);
    const report = (await call('GET', `alerts/report?from=${from}`)).json();
    expect(report.bySeverity[0]).toMatchObject({ severity: 'critical', fired: 1, neverAcknowledged: 1, escalated: 1 });
    expect(report.neverAcknowledged.map((one: Alert) => one.id)).toEqual([alertId]);
    await call('POST', 'alerts/acknowledge', { ids: [alertId] });
    const after = (await call('GET', `alerts/report?from=${from}`)).json();
    expect(after.bySeverity[0]).toMatchObject({ acknowledgedLate: 1, neverAcknowledged: 0 });
  });

  test('is changed by a new version that says who loosened what', async () => {
    const { compliance } = product.people;
    const settings = structuredClone(DEFAULT_SETTINGS);
    settings.clocks.high.acknowledgeMinutes = 240;
    settings.owners.high = compliance.id;
    const body = { settings, version: 0, reason: 'A small team.' };
    expect((await call('PUT', 'alerts/settings', body)).statusCode).toBe(403);
    const saved = await call('PUT', 'alerts/settings', body, compliance);
    expect(saved.json()).toMatchObject({
      version: 1,
      history: [{ version: 1, loosened: ['high.acknowledgeMinutes'], reason: 'A small team.' }],
    });
    expect((await call('PUT', 'alerts/settings', body, compliance)).statusCode).toBe(409);
    const [entry] = await entriesAbout('alert-settings');
    expect(entry).toMatchObject({ type: 'threshold.changed', body: { loosened: ['high.acknowledgeMinutes'] } });
    const { alert } = await detail((await open()).alertId);
    expect(alert.owner?.id).toBe(compliance.id);
  });

  test.each([
    ['a zone that does not exist', { timeZone: 'Mars/Olympus' }, 'settings.calendar.timeZone'],
    ['no day', { days: [] }, 'settings.calendar.days'],
    [
      'a day that closes before it opens',
      { days: [{ weekday: 1, opensAt: '17:00', closesAt: '09:00' }] },
      'settings.calendar.days',
    ],
  ])('with %s is refused, naming the field', async (_what, change, field) => {
    const settings = { ...DEFAULT_SETTINGS, calendar: { ...DEFAULT_SETTINGS.calendar, ...change } };
    const body = { settings, version: 1, reason: 'x' };
    const answer = await call('PUT', 'alerts/settings', body, product.people.compliance);
    expect(answer.statusCode).toBe(400);
    expect(Object.keys(answer.json().fields)).toContain(field);
  });
});

describe('a mute', () => {
  const ask = (change: object = {}) =>
    call('POST', 'alerts/mutes', {
      sourceId: 'mon_quiet',
      severityMax: 'high',
      reason: 'Planned load test.',
      expiresAt: new Date(product.clock.nowMs + 2 * HOUR_MS).toISOString(),
      ...change,
    });

  test('counts once a second person approved it; what fires meanwhile is kept and heard afterwards', async () => {
    const { id } = (await ask()).json().items[0];
    expect((await open({ sourceId: 'mon_quiet' })).muted).toBe(false);
    const review = { decision: 'approved' };
    // An engineer may not approve, and nobody approves their own.
    expect((await call('POST', `alerts/mutes/${id}/review`, review)).statusCode).toBe(403);
    const approved = await call('POST', `alerts/mutes/${id}/review`, review, product.people.compliance);
    expect(approved.json().items[0]).toMatchObject({
      state: 'in_force',
      reviewedBy: { name: 'The compliance (API key)' },
    });

    const quiet = await open({ sourceId: 'mon_quiet' });
    expect(quiet.muted).toBe(true);
    expect((await open({ sourceId: 'mon_quiet', severity: 'critical' })).muted).toBe(false);
    expect((await detail(quiet.alertId)).alert.acknowledge.clock).toBe('muted');
    expect((await call('GET', 'alerts?muted=yes')).json().total).toBe(1);
    expect((await call('GET', 'alerts/mutes')).json().items[0].fired).toBe(1);

    product.clock.nowMs += 3 * HOUR_MS;
    expect(await sweep()).toMatchObject({ unmuted: 1 });
    const { alert } = await detail(quiet.alertId);
    expect(alert.acknowledge).toMatchObject({ clock: 'running' });
    expect(Date.parse(alert.acknowledge.dueAt)).toBeGreaterThan(product.clock.nowMs);
    expect(alert.muteId).toBe(id);
    expect(await kinds(quiet.alertId)).toEqual(['opened', 'muted', 'unmuted']);
    expect((await entriesAbout(id)).map((entry) => entry.type)).toEqual(['approval.granted', 'approval.requested']);
  });

  test('of a person who may approve needs another person all the same', async () => {
    const asked = await call(
      'POST',
      'alerts/mutes',
      {
        source: 'control',
        severityMax: 'low',
        reason: 'x',
        expiresAt: new Date(product.clock.nowMs + DAY_MS).toISOString(),
      },
      product.people.compliance,
    );
    const { id } = asked.json().items[0];
    const path = `alerts/mutes/${id}/review`;
    const own = await call('POST', path, { decision: 'approved' }, product.people.compliance);
    expect(own.statusCode).toBe(403);
    expect((await call('POST', path, { decision: 'refused' }, product.colleague)).statusCode).toBe(400);
    const refused = await call('POST', path, { decision: 'refused', comment: 'No.' }, product.colleague);
    expect(refused.json().items[0].state).toBe('refused');
  });

  test('can be ended early by anybody who may ask for one', async () => {
    const early = (answer: { json(): { items: AlertMute[] } }) =>
      answer.json().items.find((one) => one.sourceId === 'mon_early');
    const id = early(await ask({ sourceId: 'mon_early' }))?.id;
    expect(early(await call('POST', `alerts/mutes/${id}/end`))?.state).toBe('ended');
    expect((await call('POST', `alerts/mutes/${id}/end`)).statusCode).toBe(409);
  });

  test.each([
    ['nothing named', { sourceId: null }],
    ['an end in the past', { expiresAt: '2026-11-01T00:00:00.000Z' }],
    ['more than 30 days', { expiresAt: '2027-03-01T00:00:00.000Z' }],
    ['a beginning in the past', { startsAt: '2026-11-01T00:00:00.000Z' }],
    ['no reason', { reason: ' ' }],
  ])('with %s is refused', async (_what, change) => {
    expect((await ask(change)).statusCode).toBe(400);
  });
});

test('the list filters, counts and pages', async () => {
  for (const severity of ['low', 'critical', 'medium'] as const) await open({ severity, title: `Listed ${severity}` });
  const all = (await call('GET', 'alerts?state=unresolved&q=Listed')).json();
  expect(all.items.map((one: Alert) => one.severity)).toEqual(['critical', 'medium', 'low']);
  expect(all.facets.severity).toMatchObject({ critical: 1, medium: 1, low: 1 });
  const first = (await call('GET', 'alerts?state=open&q=Listed&limit=2')).json();
  expect(first.items).toHaveLength(2);
  const second = (await call('GET', `alerts?state=open&q=Listed&limit=2&cursor=${first.nextCursor}`)).json();
  expect(second.items.map((one: Alert) => one.severity)).toEqual(['low']);
  const newest = (await call('GET', 'alerts?state=open&q=Listed&sort=newest&limit=1')).json();
  const older = await call('GET', `alerts?state=open&q=Listed&sort=newest&limit=5&cursor=${newest.nextCursor}`);
  expect(older.json().items).toHaveLength(2);
  expect((await call('GET', 'alerts?cursor=nonsense')).statusCode).toBe(400);
  expect((await call('GET', 'alerts?owner=none&q=Listed')).json().total).toBe(3);
});

test('an auditor reads and changes nothing, a viewer sees nothing', async () => {
  const { auditor, viewer } = product.people;
  expect((await call('GET', 'alerts', undefined, auditor)).statusCode).toBe(200);
  expect((await call('POST', 'alerts/acknowledge', { ids: ['alt_x'] }, auditor)).statusCode).toBe(403);
  expect((await call('GET', 'alerts', undefined, viewer)).statusCode).toBe(403);
  expect((await call('GET', 'alerts/alt_x')).statusCode).toBe(404);
  expect((await call('POST', 'alerts/acknowledge', { ids: ['alt_x'] })).statusCode).toBe(404);
});
