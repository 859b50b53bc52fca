import { beforeEach, describe, expect, test } from 'vitest';
import { type ControlTest, defineTest, eachFact, type Verdict } from '#src/control-tests/define.ts';
import type { FactKindName, KnownFact } from '#src/facts/index.ts';
import { type NewCollection, recordCollection, retireSource } from '#src/features/facts/index.ts';
import { HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { type NewEntry, splitLeaf } from '#src/ledger/log/entry.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type JudgeOptions, judgeChanges } from './judge-changes.ts';
import { subjectPage } from './subjects.ts';
import { viewTests } from './verdict-views.ts';

const database = testDatabase();
let nowMs = 0;
const clock = () => nowMs;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 2, 1, 9);
  const tables =
    'verdict_span, test_source_span, test_span, judged_source, judge_run, fact_span, fact_source_kind, fact_collection, fact_source';
  await database.current.pool.query(`truncate ${tables} cascade`);
});

/** A rule that counts how often it is called: fails for datasets without a license. */
function licensed(more: Partial<ControlTest<'dataset-file'>> = {}): { rule: ControlTest; seen: string[] } {
  const seen: string[] = [];
  const rule = defineTest({
    id: 'dataset-licensed',
    version: 1,
    title: 'Datasets are licensed',
    asks: 'Is it?',
    why: 'Because.',
    controls: ['TDG-01'],
    severity: 'high',
    fix: { summary: 'License it.', steps: [] },
    uses: ['dataset-file'],
    population: 'dataset-file',
    judge: eachFact<'dataset-file'>(({ key, body }) => {
      seen.push(key);
      const result = body.licence === null ? 'fail' : 'pass';
      return { subject: key, result, because: `${key} has ${body.licence ?? 'no license'}.` };
    }),
    ...more,
  });
  return { rule, seen };
}

function dataset(key: string, licence: string | null = 'MIT'): KnownFact {
  const body = {
    place: { path: key, line: null },
    format: 'csv',
    sizeBytes: 1,
    sha256: null,
    storedAs: 'file' as const,
    licence,
  };
  return { kind: 'dataset-file', key, body };
}

async function read(facts: KnownFact[], more: Partial<NewCollection> & { key?: string } = {}) {
  nowMs += 60_000;
  const { key = '/home/ada/repository', ...rest } = more;
  const at = toInstant(nowMs);
  const kinds: FactKindName[] = ['dataset-file', 'model-card'];
  return database.current.transaction((tx) =>
    recordCollection(
      tx,
      {
        source: { key, kind: 'repository', title: key },
        kinds,
        facts,
        startedAt: at,
        finishedAt: at,
        complete: true,
        ...rest,
      },
      clock,
    ),
  );
}

async function judge(rules: ControlTest[], options: Partial<JudgeOptions> = {}) {
  nowMs += 60_000;
  return judgeChanges(database.current, { tests: rules, at: toInstant(nowMs), ...options });
}

const view = async (rule: ControlTest, atMs = nowMs) => {
  const [found] = await viewTests(database.current.drizzle, [rule], { at: toInstant(atMs), live: false });
  return {
    result: found?.result,
    because: found?.because,
    counts: found?.counts,
    sources: found?.sources.map(({ status }) => status),
  };
};

const rowsOf = async (table: string) =>
  (await database.current.pool.query(`select count(*) as count from ${table}`)).rows[0].count;

describe('missing data is never a pass', () => {
  test('a kind that was never read', async () => {
    const { rule } = licensed();
    await judge([rule]);
    expect(await view(rule)).toMatchObject({
      result: 'no_data',
      because: 'Never read: no source has stated dataset file yet.',
    });
  });

  test('a reading that is too old, and the facts of it no longer count', async () => {
    const { rule } = licensed({ maxAgeHours: 24 });
    await read([dataset('a', null), dataset('b')]);
    await judge([rule]);
    expect(await view(rule)).toMatchObject({ result: 'fail', counts: { fail: 1, pass: 1 } });
    nowMs += 25 * HOUR_MS;
    await judge([rule]);
    const stale = await view(rule);
    expect(stale).toMatchObject({ result: 'no_data', counts: { fail: 0, pass: 0, noData: 1 }, sources: ['stale'] });
    expect(stale.because).toMatch(/^Stale since 2026-03-02 09:01 UTC/);
  });

  test('a reading that grows old while nobody judges', async () => {
    const { rule } = licensed({ maxAgeHours: 24 });
    await read([dataset('a')]);
    await judge([rule]);
    expect((await view(rule)).result).toBe('pass');
    expect((await view(rule, nowMs + 25 * HOUR_MS)).result).toBe('no_data');
  });

  test('an incomplete reading: what was seen to fail fails, and nothing passes as a whole', async () => {
    const { rule } = licensed();
    await read([dataset('a')], { complete: false, note: 'The limit of 1 GB was reached.' });
    await judge([rule]);
    const partly = await view(rule);
    expect(partly).toMatchObject({ result: 'no_data', counts: { pass: 1, noData: 1 }, sources: ['incomplete'] });
    expect(partly.because).toContain('The limit of 1 GB was reached.');
    await read([dataset('a', null)], { complete: false });
    await judge([rule]);
    expect((await view(rule)).result).toBe('fail');
  });

  test('an incomplete reading says nothing where a rule looks at all facts together', async () => {
    const rule = defineTest({
      ...licensed().rule,
      id: 'cards',
      uses: ['dataset-file', 'model-card'],
      population: 'dataset-file',
      partition: 'source',
      judge: ({ facts }) =>
        facts['dataset-file'].map((fact): Verdict => {
          const result = facts['model-card'].length > 0 ? 'pass' : 'fail';
          return { subject: fact.key, result, because: '' };
        }),
    }) as ControlTest;
    await read([dataset('a')], { complete: false });
    await judge([rule]);
    expect(await view(rule)).toMatchObject({ result: 'no_data', counts: { fail: 0, noData: 1 } });
  });

  test('an empty population is not applicable when the reading was complete, with that reading as proof', async () => {
    const { rule } = licensed();
    const { collectionId } = await read([]);
    await judge([rule]);
    expect(await view(rule)).toMatchObject({ result: 'not_applicable', sources: ['empty'] });
    const [found] = await viewTests(database.current.drizzle, [rule], { at: toInstant(nowMs), live: true });
    expect(found?.sources[0]?.readiness.used[0]?.reading).toMatchObject({ collectionId, complete: true });
  });

  test('an empty population is no data when the reading was not complete', async () => {
    const { rule } = licensed();
    await read([], { complete: false });
    await judge([rule]);
    expect((await view(rule)).result).toBe('no_data');
  });

  test('one source without data is enough, however many pass', async () => {
    const { rule } = licensed();
    await read([dataset('a'), dataset('b')], { key: 'one' });
    await read([dataset('c')], { key: 'two', complete: false });
    await judge([rule]);
    expect(await view(rule)).toMatchObject({ result: 'no_data', counts: { pass: 3, noData: 1 } });
  });
});

describe('only what changed is judged again', () => {
  test('facts that stayed as they were are not looked at', async () => {
    const { rule, seen } = licensed();
    await read([dataset('a'), dataset('b', null), dataset('c')]);
    await judge([rule]);
    seen.length = 0;
    await read([dataset('a'), dataset('b'), dataset('c'), dataset('d', null)]);
    const run = await judge([rule]);
    expect(seen).toEqual(['b', 'd']);
    expect(await view(rule)).toMatchObject({ result: 'fail', counts: { pass: 3, fail: 1 } });
    // One verdict closed and one opened; the standing of the source and of the test each replaced.
    expect(run).toMatchObject({ spansWritten: 6, judged: ['dataset-licensed'], changedTests: [] });
  });

  test('a run without changes judges nothing and writes only that it was', async () => {
    const { rule, seen } = licensed();
    await read([dataset('a', null)]);
    await judge([rule]);
    seen.length = 0;
    await read([dataset('a', null)]);
    const run = await judge([rule]);
    expect(seen).toEqual([]);
    expect(run).toMatchObject({ spansWritten: 0, judged: [], changedTests: [] });
    expect(await rowsOf('verdict_span')).toBe(1);
  });

  test('passing facts cost no rows', async () => {
    const { rule } = licensed();
    await read(Array.from({ length: 500 }, (_, n) => dataset(`d${n}`)));
    const run = await judge([rule]);
    expect(run.spansWritten).toBe(2);
    expect((await view(rule)).counts).toMatchObject({ pass: 500 });
  });

  test('another version of a rule judges everything again', async () => {
    const first = licensed();
    await read([dataset('a', null), dataset('b')]);
    await judge([first.rule]);
    const second = licensed({ version: 2 });
    const run = await judge([second.rule]);
    expect(second.seen).toEqual(['a', 'b']);
    expect(run.judged).toEqual(['dataset-licensed']);
  });

  test('a rule that depends on time is judged at every run', async () => {
    const { rule, seen } = licensed({ dependsOnTime: true });
    await read([dataset('a')]);
    await judge([rule]);
    const run = await judge([rule]);
    expect(seen).toEqual(['a', 'a']);
    expect(run.judged).toEqual([]);
  });

  test('a kind the source begins to state itself is no longer taken from others', async () => {
    const rule = defineTest({
      ...licensed().rule,
      id: 'cards-anywhere',
      uses: ['dataset-file', 'model-card'],
      population: 'dataset-file',
      partition: 'source',
      judge: ({ facts }) =>
        facts['dataset-file'].map((fact): Verdict => {
          const result = facts['model-card'].length > 0 ? 'pass' : 'fail';
          return { subject: fact.key, result, because: '' };
        }),
    }) as ControlTest;
    const card: KnownFact = {
      kind: 'model-card',
      key: 'c',
      body: { place: { path: 'c', line: null }, modelId: null, licence: null, sections: [] },
    };
    await read([card], { key: 'cards', kinds: ['model-card'] });
    await read([dataset('a')], { key: 'data', kinds: ['dataset-file'] });
    await judge([rule]);
    expect((await view(rule)).result).toBe('pass');
    await read([dataset('a')], { key: 'data', kinds: ['dataset-file', 'model-card'] });
    await judge([rule]);
    expect((await view(rule)).result).toBe('fail');
  });
});

describe('what ends', () => {
  test('a test that is no more keeps its history', async () => {
    const { rule } = licensed();
    await read([dataset('a', null)]);
    await judge([rule]);
    const thenMs = nowMs;
    const run = await judge([]);
    expect(run.changedTests).toEqual([{ id: rule.id, from: 'fail', to: null }]);
    expect((await view(rule)).because).toBe('Not judged yet. Run the tests.');
    expect((await view(rule, thenMs)).result).toBe('fail');
  });

  test('a retired source no longer counts', async () => {
    const { rule } = licensed();
    await read([dataset('a')], { key: 'good' });
    const { sourceId } = await read([dataset('b', null)], { key: 'bad' });
    await judge([rule]);
    expect((await view(rule)).result).toBe('fail');
    await database.current.transaction((tx) => retireSource(tx, sourceId, clock));
    const run = await judge([rule]);
    expect(run.changedTests).toEqual([{ id: rule.id, from: 'fail', to: 'pass' }]);
    const { rows } = await database.current.pool.query('select * from verdict_span where to_run is null');
    expect(rows).toEqual([]);
  });
});

test('what it looked like on 3 March can still be seen in May, subject by subject', async () => {
  const { rule } = licensed();
  const day = async (month: number, date: number, licence: string | null) => {
    nowMs = Date.UTC(2026, month - 1, date, 9);
    await read([dataset('a'), dataset('b', licence)]);
    await judge([rule]);
  };
  await day(3, 1, 'MIT');
  await day(3, 3, null);
  await day(3, 5, 'MIT');
  await day(5, 1, 'MIT');
  const on = async (month: number, date: number) => {
    const at = toInstant(Date.UTC(2026, month - 1, date, 12));
    const page = await subjectPage(database.current.drizzle, rule, { at, live: false }, { limit: 10 });
    return page.items.map((item) => `${item.subject} ${item.result}: ${item.because}`);
  };
  expect(await on(3, 2)).toEqual(['a pass: a has MIT.', 'b pass: b has MIT.']);
  expect(await on(3, 3)).toEqual(['b fail: b has no license.', 'a pass: a has MIT.']);
  expect(await on(3, 6)).toEqual(['a pass: a has MIT.', 'b pass: b has MIT.']);
  // Nobody read anything for more than a week.
  expect(await on(4, 1)).toEqual([expect.stringMatching(/no_data: Stale since 2026-03-12/)]);
  expect(await on(2, 28)).toEqual([]);
});

describe('entries in the ledger', () => {
  test('one for each test that was computed anew, and none for the others', async () => {
    const entries: NewEntry[] = [];
    const appendEntry = async (_tx: unknown, entry: NewEntry) => entries.push(entry);
    const { rule } = licensed();
    const other = {
      ...licensed().rule,
      id: 'cards-only',
      uses: ['model-card'],
      population: 'model-card',
    } as ControlTest;
    await read([dataset('a', null)]);
    await judge([rule, other], { appendEntry });
    expect(entries.map(({ subject }) => subject.id)).toEqual(['dataset-licensed', 'cards-only']);
    entries.length = 0;
    const { collectionId, digest } = await read([dataset('a')]);
    await judge([rule, other], { appendEntry });
    expect(entries).toEqual([
      {
        type: 'test.result',
        actor: { kind: 'service', id: 'judge' },
        subject: { kind: 'test', id: 'dataset-licensed', version: '1' },
        series: 'dataset-licensed',
        body: expect.objectContaining({
          result: 'pass',
          counts: { pass: 1, fail: 0, noData: 0, notApplicable: 0, error: 0 },
          asOf: toInstant(nowMs),
          readings: [expect.objectContaining({ collection: collectionId, digest })],
        }),
        dedupeKey: 'test.result:dataset-licensed:2',
      },
    ]);
    entries.length = 0;
    await judge([rule, other], { appendEntry });
    expect(entries).toEqual([]);
  });

  test('fit the ledger, stay small, and hold no name, path or sentence', async () => {
    const entries: NewEntry[] = [];
    const { rule } = licensed();
    for (let n = 0; n < 60; n++)
      await read([dataset('secrets/ada@example.com', null)], { key: `/home/ada/repository-${n}` });
    await judge([rule], { appendEntry: async (_tx, entry) => entries.push(entry) });
    const [entry] = entries;
    if (!entry) throw new Error('no entry was appended');
    const { before, after } = splitLeaf(entry, 'ent_1', toInstant(nowMs));
    expect(before + after).not.toMatch(/ada@|\/home|secrets|no license/);
    expect(entry.body).toMatchObject({ readingCount: 60, window: { to: toInstant(nowMs) } });
  });
});

describe('all or nothing', () => {
  test('a failing ledger leaves no verdict behind', async () => {
    const { rule } = licensed();
    await read([dataset('a', null)]);
    const appendEntry = async () => {
      throw new Error('the disk is full');
    };
    await expect(judge([rule], { appendEntry })).rejects.toThrow('the disk is full');
    expect(await rowsOf('judge_run')).toBe(0);
    expect(await rowsOf('verdict_span')).toBe(0);
    await judge([rule]);
    expect((await view(rule)).result).toBe('fail');
  });

  test('runs at once wait for one another and count without gaps', async () => {
    const { rule } = licensed();
    await read([dataset('a', null)], { key: 'one' });
    nowMs += 60_000;
    const at = toInstant(nowMs);
    const both = (key: string, licence: string | null) =>
      database.current.transaction(async (tx) => {
        const source = { key, kind: 'repository' as const, title: key };
        await recordCollection(
          tx,
          {
            source,
            kinds: ['dataset-file'],
            facts: [dataset('x', licence)],
            startedAt: at,
            finishedAt: at,
            complete: true,
          },
          clock,
        );
        return judgeChanges(tx, { tests: [rule], at });
      });
    const runs = await Promise.all([both('one', 'MIT'), both('two', null), both('three', null), both('two', 'MIT')]);
    expect(runs.map(({ run }) => run).sort()).toEqual([1, 2, 3, 4]);
    await judge([rule]);
    const { counts } = await view(rule);
    expect((counts?.pass ?? 0) + (counts?.fail ?? 0)).toBe(3);
    const page = await subjectPage(database.current.drizzle, rule, { at: toInstant(nowMs), live: true }, { limit: 10 });
    expect(page.items.filter(({ result }) => result === 'fail')).toHaveLength(counts?.fail ?? -1);
  });

  test('two tests of one id are refused', async () => {
    await expect(judge([licensed().rule, licensed().rule])).rejects.toThrow(/Two control tests have the id/);
  });
});

test('pages of subjects come in one order, without gaps and doubles, and refuse a foreign cursor', async () => {
  const { rule } = licensed();
  const facts = Array.from({ length: 25 }, (_, n) =>
    dataset(`d${String(n).padStart(2, '0')}`, n % 5 === 0 ? null : 'MIT'),
  );
  await read(facts, { key: 'one' });
  await read(facts.slice(0, 7), { key: 'two' });
  await judge([rule]);
  const wanted = { at: toInstant(nowMs), live: true };
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await subjectPage(database.current.drizzle, rule, wanted, { limit: 4, cursor });
    expect(page.total).toBe(32);
    seen.push(...page.items.map((item) => `${item.source.title} ${item.result} ${item.subject}`));
    cursor = page.nextCursor;
  } while (cursor);
  const whole = await subjectPage(database.current.drizzle, rule, wanted, { limit: 200 });
  expect(seen).toEqual(whole.items.map((item) => `${item.source.title} ${item.result} ${item.subject}`));
  expect(new Set(seen).size).toBe(32);
  const [one] = whole.items;
  const ofOne = await subjectPage(database.current.drizzle, rule, wanted, {
    limit: 200,
    result: 'fail',
    source: one?.source.id,
  });
  expect(ofOne.total).toBe(ofOne.items.length);
  expect(ofOne.items[0]).toMatchObject({
    result: 'fail',
    fact: { kind: 'dataset-file', key: 'd00', body: { format: 'csv' } },
  });
  for (const bad of [
    'x',
    Buffer.from('["fail","s"]').toString('base64url'),
    Buffer.from('["silent","a","b","c"]').toString('base64url'),
  ])
    await expect(subjectPage(database.current.drizzle, rule, wanted, { limit: 4, cursor: bad })).rejects.toMatchObject({
      code: 'invalid_input',
    });
});
