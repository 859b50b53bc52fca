import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FactKindName, KnownFact } from '#src/facts/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import {
  changedFacts,
  countFacts,
  factsAt,
  factsOfSource,
  listSources,
  recordCollection,
  retireSource,
} from './index.ts';
import type { NewCollection } from './store.ts';

const database = testDatabase();
const START_MS = Date.UTC(2026, 10, 23, 8);
const KINDS: FactKindName[] = ['dataset-file', 'model-card'];

function dataset(key: string, sizeBytes = 1): KnownFact {
  const body = {
    place: { path: key, line: null },
    format: 'csv',
    sizeBytes,
    sha256: null,
    storedAs: 'file',
    licence: null,
  };
  return { kind: 'dataset-file', key, body } as KnownFact;
}

function card(key: string): KnownFact {
  return {
    kind: 'model-card',
    key,
    body: { place: { path: key, line: null }, modelId: null, licence: null, sections: [] },
  };
}

function reading(key: string, minute: number, facts: KnownFact[], more: Partial<NewCollection> = {}): NewCollection {
  return {
    source: { key, kind: 'repository', title: key },
    kinds: KINDS,
    facts,
    startedAt: toInstant(START_MS + minute * 60_000),
    finishedAt: toInstant(START_MS + minute * 60_000 + 1_000),
    complete: true,
    ...more,
  };
}

async function record(collection: NewCollection) {
  const clock = () => Date.parse(collection.finishedAt) + 500;
  return database.current.transaction((tx) => recordCollection(tx, collection, clock));
}

async function standing(sourceId: string, number: number): Promise<string[]> {
  const facts = await factsOfSource(database.current.drizzle, sourceId, number, KINDS);
  return [...facts.values()]
    .flat()
    .map((fact) => `${fact.key}:${fact.kind === 'dataset-file' ? fact.body.sizeBytes : ''}`);
}

async function rowsWritten(table: string): Promise<number> {
  const { rows } = await database.current.pool.query(`select count(*) as count from ${table}`);
  return rows[0].count;
}

test('a second reading that finds the same writes one row and no fact', async () => {
  const first = await record(reading('same', 0, [dataset('a'), dataset('b')]));
  expect(first).toMatchObject({ added: 2, changed: 0, removed: 0, unchanged: 0 });
  const before = [
    await rowsWritten('fact_span'),
    await rowsWritten('fact_content'),
    await rowsWritten('fact_collection'),
  ];
  const second = await record(reading('same', 1, [dataset('b'), dataset('a')]));
  expect(second).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 2, digest: first.digest });
  const after = [
    await rowsWritten('fact_span'),
    await rowsWritten('fact_content'),
    await rowsWritten('fact_collection'),
  ];
  expect(after).toEqual([before[0], before[1], (before[2] ?? 0) + 1]);
});

test('a complete reading closes what it no longer finds', async () => {
  const { sourceId } = await record(reading('closing', 0, [dataset('a'), dataset('b'), card('c')]));
  expect(await record(reading('closing', 1, [dataset('a', 2), card('d')]))).toMatchObject({
    added: 1,
    changed: 1,
    removed: 2,
    unchanged: 0,
  });
  expect(await standing(sourceId, 1)).toEqual(['a:1', 'b:1', 'c:']);
  expect(await standing(sourceId, 2)).toEqual(['a:2', 'd:']);
});

test('an incomplete reading adds and changes but takes nothing to be gone', async () => {
  const { sourceId } = await record(reading('partly', 0, [dataset('a'), dataset('b')]));
  expect(await record(reading('partly', 1, [dataset('a', 2), dataset('c')], { complete: false }))).toMatchObject({
    added: 1,
    changed: 1,
    removed: 0,
  });
  expect(await standing(sourceId, 2)).toEqual(['a:2', 'b:1', 'c:1']);
});

test('a kind that was not read keeps its facts', async () => {
  const { sourceId } = await record(reading('kinds', 0, [dataset('a'), card('c')]));
  await record(reading('kinds', 1, [], { kinds: ['model-card'] }));
  expect(await standing(sourceId, 2)).toEqual(['a:1']);
});

test('content that two sources share is stored once', async () => {
  const contents = await rowsWritten('fact_content');
  await record(reading('shared-1', 0, [dataset('shared', 777)]));
  await record(reading('shared-2', 0, [dataset('shared', 777)]));
  expect(await rowsWritten('fact_content')).toBe(contents + 1);
});

test('facts can be asked for as they were at any time', async () => {
  const { sourceId } = await record(reading('times', 0, [dataset('a')]));
  await record(reading('times', 10, [dataset('b')]));
  const keysAt = async (minute: number) => {
    const answers = await factsAt(database.current.drizzle, toInstant(START_MS + minute * 60_000), KINDS);
    return answers.find(({ source }) => source.id === sourceId)?.facts.map((fact) => fact.key);
  };
  expect(await keysAt(0)).toBeUndefined();
  expect(await keysAt(1)).toEqual(['a']);
  expect(await keysAt(9)).toEqual(['a']);
  expect(await keysAt(11)).toEqual(['b']);
});

test('a reading that ended before the last one recorded is refused', async () => {
  await record(reading('order', 5, [dataset('a')]));
  await expect(record(reading('order', 4, [dataset('b')]))).rejects.toMatchObject({ code: 'conflict' });
});

test.each<[string, Partial<NewCollection>]>([
  ['ended before it began', { finishedAt: toInstant(START_MS - 60_000) }],
  ['has no times', { startedAt: 'yesterday' }],
])('a reading that %s is refused', async (_what, times) => {
  await expect(record(reading('clock', 0, [], times))).rejects.toMatchObject({ code: 'invalid_input' });
});

test('a reading from the future is refused', async () => {
  const collection = reading('future', 60, []);
  await expect(database.current.transaction((tx) => recordCollection(tx, collection, () => START_MS))).rejects.toThrow(
    /finished in the future/,
  );
});

test('a source with a hostile name is recorded all the same, and is one source', async () => {
  const source = { key: `evil\u0000${'x'.repeat(5_000)}`, kind: 'repository' as const, title: 't\u0000\ud800' };
  const first = await record(reading('evil', 0, [dataset('a')], { source, note: 'n\u0000\ud800' }));
  const second = await record(reading('evil', 1, [dataset('a')], { source }));
  expect(second).toMatchObject({ sourceId: first.sourceId, unchanged: 1 });
});

test('an invalid fact leaves nothing behind', async () => {
  const bad = { kind: 'dataset-file', key: 'bad', body: {} } as unknown as KnownFact;
  await expect(record(reading('half', 0, [dataset('good'), bad]))).rejects.toThrow(/key "bad".*field place/);
  expect((await listSources(database.current.drizzle)).some((source) => source.key === 'half')).toBe(false);
});

test('two recorders at once on one source: the second waits, and nothing is half-written', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, (_, n) => record(reading('both', 3, [dataset(`only-${n}`), dataset('common', n)]))),
  );
  const sourceId = outcomes[0]?.sourceId ?? '';
  const { rows } = await database.current.pool.query(
    'select number, added + changed + unchanged as found from fact_collection where source_id = $1 order by number',
    [sourceId],
  );
  expect(rows).toEqual(Array.from({ length: 6 }, (_, n) => ({ number: n + 1, found: 2 })));
  const left = await standing(sourceId, 6);
  expect(left).toHaveLength(2);
  // Whoever came last decides both facts together.
  expect(left[1]).toBe(`only-${left[0]?.split(':')[1]}:1`);
});

test('the second of two recorders gets a conflict when its reading is the older one', async () => {
  const attempts = await Promise.allSettled([
    record(reading('late', 8, [dataset('new')])),
    record(reading('late', 7, [dataset('old')])),
  ]);
  const sources = await listSources(database.current.drizzle);
  const sourceId = sources.find((source) => source.key === 'late')?.id ?? '';
  const refused = attempts.filter((attempt) => attempt.status === 'rejected');
  // Either order of arrival is possible; in both the newer reading is the one that stands.
  expect(refused.length).toBeLessThanOrEqual(1);
  expect(await standing(sourceId, 2 - refused.length)).toEqual(['new:1']);
});

test('a retired source stands for nothing, keeps its history, and comes back when it is read again', async () => {
  const { sourceId } = await record(reading('retired', 0, [dataset('a')]));
  await database.current.transaction((tx) => retireSource(tx, sourceId, () => START_MS + 120_000));
  const inUse = async () => (await listSources(database.current.drizzle)).some((source) => source.id === sourceId);
  expect(await inUse()).toBe(false);
  expect(await standing(sourceId, 1)).toEqual(['a:1']);
  await expect(
    database.current.transaction((tx) => retireSource(tx, sourceId, () => START_MS + 180_000)),
  ).rejects.toMatchObject({ code: 'not_found' });
  await record(reading('retired', 5, [dataset('a')]));
  expect(await inUse()).toBe(true);
});

test('any history can be read back: facts at every reading and changes between any two', async () => {
  const step = fc.record({
    facts: fc.uniqueArray(fc.record({ key: fc.constantFrom('a', 'b', 'é', '😀', 'z/1'), size: fc.nat(2) }), {
      selector: (fact) => fact.key,
    }),
    complete: fc.boolean(),
  });
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const source = `history-${made++}`;
      const states: Map<string, number>[] = [new Map()];
      let sourceId = '';
      for (const [minute, { facts, complete }] of steps.entries()) {
        const found = facts.map(({ key, size }) => dataset(key, size));
        ({ sourceId } = await record(reading(source, minute, found, { complete })));
        const state = new Map(complete ? [] : states.at(-1));
        for (const { key, size } of facts) state.set(key, size);
        states.push(state);
      }
      for (const [number, state] of states.entries()) {
        const expected = [...state].map(([key, size]) => `${key}:${size}`);
        expect((await standing(sourceId, number)).sort()).toEqual(expected.sort());
        expect(await countFacts(database.current.drizzle, sourceId, number, 'dataset-file')).toBe(state.size);
        for (let from = 0; from < number; from++) {
          const changes = await changedFacts(database.current.drizzle, sourceId, { from, to: number }, KINDS);
          const got = changes.map(
            ({ key, before, after }) =>
              `${key} ${before} ${after?.kind === 'dataset-file' ? after.body.sizeBytes : null}`,
          );
          const earlier = states[from] ?? new Map<string, number>();
          const keys = new Set([...earlier.keys(), ...state.keys()]);
          const wanted = [...keys]
            .filter((key) => earlier.get(key) !== state.get(key))
            .map((key) => `${key} ${earlier.has(key)} ${state.get(key) ?? null}`);
          expect(got.sort()).toEqual(wanted.sort());
        }
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);
