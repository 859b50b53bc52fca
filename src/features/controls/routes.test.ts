import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCatalog } from '#src/catalog/load.ts';
import { CONTROL_TESTS } from '#src/control-tests/index.ts';
import { type KnownFact, SOURCE_TREE_KINDS } from '#src/facts/index.ts';
import { recordCollection } from '#src/features/facts/index.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import { appendEntry } from '#src/ledger/store/append.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Door, openDoor } from '../../../tests/support/door.ts';
import { type ControlsService, controls } from './index.ts';
import type { ControlDetail, ControlHistory, ControlPage, FrameworkPage, SubjectPage, TestPage } from './model.ts';

const database = testDatabase();
let door: Door;
let owner: string;
let service: ControlsService;

/** One story, told in order: nothing is known; a repository is read and judged; it is fixed; it breaks; time passes. */
beforeAll(async () => {
  door = await openDoor(database.current, {
    startMs: Date.parse('2026-03-01T09:00:00Z'),
    mount: ({ clock }) => {
      const feature = controls({
        database: database.current,
        clock,
        catalog: loadCatalog('catalog'),
        tests: CONTROL_TESTS,
        appendEntry: (tx, entry) => appendEntry(tx, entry, clock),
      });
      service = feature.services;
      return [feature.routes];
    },
  });
  owner = await door.setUp();
});
afterAll(() => door.close());

async function get<Answer>(path: string, cookie = owner): Promise<Answer> {
  const answer = await door.call('GET', path, { cookie });
  expect([path, answer.statusCode]).toEqual([path, 200]);
  return answer.json();
}

const run = async (cookie = owner) => door.call('POST', 'controls/run', { cookie });

function reference(n: number, pinned: boolean): KnownFact {
  return {
    kind: 'model-reference',
    key: `serve.py#org/model-${n}`,
    body: {
      place: { path: 'serve.py', line: n },
      hub: 'huggingface',
      modelId: `org/model-${n}`,
      revision: pinned ? 'a'.repeat(40) : null,
      pin: pinned ? 'commit' : 'floating',
      trustsRemoteCode: 'no',
      through: 'AutoModel.from_pretrained',
    },
  };
}

async function read(references: KnownFact[]) {
  const at = toInstant(door.clock.nowMs);
  await database.current.transaction((tx) =>
    recordCollection(
      tx,
      {
        source: { key: 'https://git.example/company/product', kind: 'repository', title: 'product' },
        kinds: SOURCE_TREE_KINDS,
        facts: references,
        startedAt: at,
        finishedAt: at,
        complete: true,
      },
      () => door.clock.nowMs,
    ),
  );
}

/** Sessions end; whoever comes back days later signs in again. */
async function moveTo(atMs: number) {
  door.clock.nowMs = atMs;
  owner = await door.signIn('owner@example.com');
}

const TEST = 'model-revision-pinned';
const CONTROL = 'TPA-05';
const FIVE = [1, 2, 3, 4, 5];

describe('before anything was read', () => {
  test('every framework stands there, each criterion with its controls, and nothing is green', async () => {
    const { items, total } = await get<FrameworkPage>('frameworks');
    expect(total).toBe(items.length);
    const soc2 = items.find(({ id }) => id === 'soc2');
    const requirements = soc2?.groups.flatMap((group) => group.requirements) ?? [];
    expect(requirements).toHaveLength(61);
    expect(new Set(requirements.map(({ state }) => state))).toEqual(new Set(['no_data']));
    expect(soc2?.counts).toMatchObject({ passing: 0, partial: 0, noData: soc2?.counts.total });
  });

  test('every control says that it has no data, and what would give it some', async () => {
    const { items, counts } = await get<ControlPage>('controls');
    expect(items).toHaveLength(130);
    expect(counts).toMatchObject({ noData: 130, total: 130 });
    const detail = await get<ControlDetail>(`controls/${CONTROL}`);
    expect(detail.state).toBe('no_data');
    expect(detail.missing.map(({ kind }) => kind)).toContain('evidence');
    expect(detail.testStatus.find(({ id }) => id === TEST)).toMatchObject({
      result: 'no_data',
      because: 'Never read: no source has stated model reference yet.',
      judgedAt: null,
    });
  });
});

describe('after a reading', () => {
  beforeAll(async () => {
    await read(FIVE.map((n) => reference(n, n > 2)));
    expect((await run()).statusCode).toBe(200);
  });

  test('the failing control says what fails, where, and how to fix it', async () => {
    const detail = await get<ControlDetail>(`controls/${CONTROL}`);
    expect(detail.state).toBe('failing');
    const status = detail.testStatus.find(({ id }) => id === TEST);
    expect(status).toMatchObject({ result: 'fail', counts: { fail: 2, pass: 3 }, because: '2 of 5 fail.' });
    expect(status?.failing).toHaveLength(2);
    expect(status?.failing[0]).toMatchObject({
      path: 'serve.py',
      line: 1,
      fact: { kind: 'model-reference', body: { pin: 'floating' } },
    });
    expect(status?.sources[0]).toMatchObject({
      title: 'product',
      status: 'read',
      population: 5,
      readAt: '2026-03-01T09:00:00.000Z',
    });
    expect(status?.fix.summary).not.toBe('');
    expect(detail.missing[0]).toMatchObject({ kind: 'test', id: TEST });
  });

  test('the number of failing subjects opens to exactly these subjects, page by page', async () => {
    const first = await get<SubjectPage>(`tests/${TEST}/subjects?result=fail&limit=1`);
    expect(first).toMatchObject({ total: 2, items: [{ subject: reference(1, false).key }] });
    const second = await get<SubjectPage>(`tests/${TEST}/subjects?result=fail&limit=1&cursor=${first.nextCursor}`);
    expect(second.items[0]?.subject).toBe(reference(2, false).key);
    expect(second.nextCursor).toBeUndefined();
    const passing = await get<SubjectPage>(`tests/${TEST}/subjects?result=pass`);
    expect(passing.items).toHaveLength(3);
    expect(passing.items[0]?.because).not.toBe('');
  });

  test('controls can be found by state, words, framework, requirement and kind', async () => {
    const found = async (query: string) => (await get<ControlPage>(`controls?${query}`)).items.map(({ id }) => id);
    expect(await found('state=failing')).toContain(CONTROL);
    const inScope = await found('scope=in');
    expect(inScope.length).toBeGreaterThan(0);
    expect(inScope.length).toBeLessThan((await found('')).length);
    const detail = await get<ControlDetail>(`controls/${CONTROL}`);
    const [criterion] = detail.requirements.soc2 ?? [];
    expect(await found(`framework=soc2&requirement=${criterion}`)).toContain(CONTROL);
    expect(await found(`requirement=${criterion}&state=passing`)).toEqual([]);
    expect(await found(`q=${CONTROL.toLowerCase()}`)).toContain(CONTROL);
    expect(await found('q=no+such+words+anywhere')).toEqual([]);
    const [ai, others] = [await found('ai=true'), await found('ai=false')];
    expect([ai.length, others.length]).toEqual([79, 51]);
  });

  test('the counts of a filtered list are over all its states', async () => {
    const page = await get<ControlPage>('controls?ai=true&state=failing');
    expect(page.counts.total).toBe(79);
    expect(page.counts.failing).toBe(page.total);
  });

  test('requirements carry the worst state of their controls', async () => {
    const { items } = await get<FrameworkPage>('frameworks');
    const touched = items
      .flatMap(({ groups }) => groups.flatMap((group) => group.requirements))
      .filter(({ controls: ids }) => ids.includes(CONTROL));
    expect(touched.length).toBeGreaterThan(3);
    expect(new Set(touched.map(({ state }) => state))).toEqual(new Set(['failing']));
  });

  test('each judged test has its entry in line for the ledger', async () => {
    const { rows } = await database.current.pool.query(
      "select count(*) as count from ledger_pending where type = 'test.result'",
    );
    expect(rows[0].count).toBe(CONTROL_TESTS.length);
  });
});

describe('over time', () => {
  beforeAll(async () => {
    // Fixed on 3 March, broken again on 5 March.
    await moveTo(Date.parse('2026-03-03T09:00:00Z'));
    await read(FIVE.map((n) => reference(n, true)));
    await run();
    await moveTo(Date.parse('2026-03-05T09:00:00Z'));
    await read(FIVE.map((n) => reference(n, n !== 4)));
    await run();
  });

  test('the history of the control shows each change with its dates', async () => {
    const history = await get<ControlHistory>(`controls/${CONTROL}/history`);
    expect(history.states.map(({ state, fromAt }) => [state, fromAt.slice(0, 10)])).toEqual([
      ['failing', '2026-03-01'],
      ['partial', '2026-03-03'],
      ['failing', '2026-03-05'],
    ]);
    const spans = history.tests
      .find(({ id }) => id === TEST)
      ?.spans.map(({ result, toAt }) => [result, toAt?.slice(0, 10)]);
    expect(spans).toEqual([
      ['fail', '2026-03-03'],
      ['pass', '2026-03-05'],
      ['fail', undefined],
    ]);
  });

  test('what did this look like on 3 March', async () => {
    const on = (at: string) => get<ControlHistory>(`controls/${CONTROL}/history?at=${at}`);
    expect((await on('2026-03-02T12:00:00Z')).asOf.state).toBe('failing');
    expect((await on('2026-03-03T12:00:00Z')).asOf).toMatchObject({ at: '2026-03-03T12:00:00.000Z', state: 'partial' });
    expect((await on('2026-02-01T12:00:00Z')).asOf.state).toBe('no_data');
    const then = await get<SubjectPage>(`tests/${TEST}/subjects?at=2026-03-02T12:00:00Z&result=fail`);
    expect(then.items.map(({ subject }) => subject)).toEqual([reference(1, false).key, reference(2, false).key]);
  });

  test('moments that cannot be are answered like the nearest that can', async () => {
    for (const at of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00', '0000-01-01T00:00:00%2B14:00'])
      await get<ControlHistory>(`controls/${CONTROL}/history?at=${at}&from=${at}`);
  });

  test('a test that passed lately and fails now is a regression', async () => {
    const failures = await service.recentFailures(30);
    expect(failures.find(({ testId }) => testId === TEST)).toEqual({
      testId: TEST,
      from: 'pass',
      at: '2026-03-05T09:00:00.000Z',
      failing: 1,
      kind: 'regression',
    });
    const { bySource, byTest } = await service.regressions();
    const [condition, ...others] = bySource.conditions;
    expect(others).toEqual([]);
    expect(condition).toMatchObject({
      subject: { kind: 'fact-source', title: 'product' },
      since: new Date('2026-03-05T09:00:00.000Z'),
      link: `/controls/tests/${TEST}`,
      reasons: [expect.stringContaining(CONTROL)],
    });
    expect(bySource.watchedIds).toEqual([condition?.subject.id]);
    expect(byTest).toMatchObject({ conditions: [], unknownIds: [TEST] });
    expect((await service.overdueSources()).conditions).toEqual([]);
  });

  test('what nobody read again becomes stale by itself', async () => {
    await moveTo(door.clock.nowMs + 10 * DAY_MS);
    const detail = await get<ControlDetail>(`controls/${CONTROL}`);
    expect(detail.state).toBe('stale');
    expect(detail.testStatus.find(({ id }) => id === TEST)).toMatchObject({
      result: 'no_data',
      staleSince: '2026-03-12T09:00:00.000Z',
      counts: { fail: 0, noData: 1 },
    });
    expect(await service.recentFailures(30)).toEqual([]);
    // Nobody knows whether it is well again.
    const { bySource, byTest } = await service.regressions();
    expect(bySource.conditions).toEqual([]);
    expect(bySource.unknownIds).toEqual(bySource.watchedIds);
    expect(byTest.unknownIds).toEqual([TEST]);
    await service.judgeNow('schedule');
    const { conditions: overdue } = await service.overdueSources();
    expect(overdue.length).toBeGreaterThan(0);
    for (const { subject, reasons } of overdue) {
      expect(subject.kind).toBe('fact-source');
      expect(reasons[0]).toMatch(/^Stale since/);
    }
    const { items } = await get<TestPage>('tests');
    expect(items).toHaveLength(CONTROL_TESTS.length);
    expect(items.filter(({ result }) => result === 'pass' || result === 'fail')).toEqual([]);
  });
});

describe('at the door', () => {
  test('who may read and who may run', async () => {
    const viewer = await door.join(owner, 'viewer');
    const auditor = await door.join(owner, 'auditor');
    const engineer = await door.join(owner, 'engineer');
    for (const { cookie } of [viewer, auditor, engineer]) await get('controls', cookie);
    expect((await run(viewer.cookie)).statusCode).toBe(403);
    expect((await run(auditor.cookie)).statusCode).toBe(403);
    expect((await run(engineer.cookie)).statusCode).toBe(200);
    expect((await door.call('GET', 'controls')).statusCode).toBe(401);
  });

  test.each([
    ['controls/XXX-99', 404, 'not_found'],
    ['controls/XXX-99/history', 404, 'not_found'],
    ['tests/no-such-test/subjects', 404, 'not_found'],
    ['controls?state=green', 400, 'invalid_input'],
    ['controls?framework=soc3', 400, 'invalid_input'],
    [`controls/${CONTROL}/history?at=yesterday`, 400, 'invalid_input'],
    [`tests/${TEST}/subjects?limit=100000`, 400, 'invalid_input'],
    [`tests/${TEST}/subjects?cursor=forged`, 400, 'invalid_input'],
  ])('%s is answered with %i', async (path, status, code) => {
    const answer = await door.call('GET', path, { cookie: owner });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });
});
