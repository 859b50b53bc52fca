import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ControlTest, defineTest, eachFact, type Verdict } from '#src/control-tests/define.ts';
import type { FactKindName, KnownFact } from '#src/facts/index.ts';
import { recordCollection, retireSource } from '#src/features/facts/index.ts';
import { HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { judgeChanges } from './judge-changes.ts';
import { subjectPage } from './subjects.ts';
import { runAt, viewTests } from './verdict-views.ts';

/*
 * The one property that matters: after any history of readings and runs, what the store says of any test at any run is what
 * a naive judge says that looks at every fact anew. The naive judge below shares no code with the real one.
 */

const database = testDatabase();
const START_MS = Date.UTC(2026, 0, 1);

const about = {
  title: 't',
  asks: 'a?',
  why: 'w',
  controls: ['AIG-01'],
  severity: 'low' as const,
  fix: { summary: 's', steps: [] },
};

/** Facts carry their whole behavior in `sizeBytes`, so that small numbers reach every branch. */
const RULES: ControlTest[] = [
  defineTest({
    ...about,
    id: 'even',
    version: 1,
    uses: ['dataset-file'],
    population: 'dataset-file',
    maxAgeHours: 5,
    judge: eachFact<'dataset-file'>(({ key, body }) => ({
      subject: key,
      result: body.sizeBytes % 2 === 0 ? 'pass' : 'fail',
      because: `size ${body.sizeBytes}`,
    })),
  }),
  defineTest({
    ...about,
    id: 'everything-a-rule-may-do',
    version: 1,
    uses: ['dataset-file'],
    population: 'dataset-file',
    maxAgeHours: 1000,
    judge: eachFact<'dataset-file'>(({ key, body }) => {
      if (body.sizeBytes === 0) return [];
      if (body.sizeBytes === 1) return { subject: 'elsewhere', result: 'pass', because: '1' };
      if (body.sizeBytes === 2) return { subject: key, result: 'not_applicable', because: '2' };
      if (body.sizeBytes === 3) throw new Error('secret words');
      return [
        { subject: key, result: 'pass', because: 'a' },
        { subject: `${key}#2`, result: body.sizeBytes === 4 ? 'no_data' : 'fail', because: 'b' },
      ];
    }),
  }),
  defineTest({
    ...about,
    id: 'with-cards-of-the-same-source',
    version: 1,
    uses: ['dataset-file', 'model-card'],
    population: 'dataset-file',
    maxAgeHours: 1000,
    judge: ({ facts }) =>
      facts['dataset-file'].flatMap((fact): Verdict[] => {
        if (fact.body.sizeBytes === 5) return [];
        const known = facts['model-card'].some((card) => card.key === fact.key);
        return [{ subject: fact.key, result: known ? 'pass' : 'fail', because: `${facts['model-card'].length}` }];
      }),
  }),
  defineTest({
    ...about,
    id: 'with-records-of-another-source',
    version: 1,
    uses: ['dataset-file', 'inventory-item'],
    population: 'dataset-file',
    maxAgeHours: 7,
    judge: ({ facts, source }) => {
      if (facts['inventory-item'].length === 3) throw new TypeError('three');
      const registered = new Set(facts['inventory-item'].map((item) => item.key));
      const verdicts: Verdict[] = facts['dataset-file'].map((fact) => ({
        subject: fact.key,
        result: registered.has(fact.key) ? 'pass' : 'fail',
        because: `${registered.size}`,
      }));
      return [...verdicts, { subject: `all of ${source}`, result: 'pass', because: '' }];
    },
  }),
  defineTest({
    ...about,
    id: 'grows-old',
    version: 1,
    uses: ['inventory-item'],
    population: 'inventory-item',
    maxAgeHours: 1000,
    dependsOnTime: true,
    judge: eachFact<'inventory-item'>(({ key, body }, at) => ({
      subject: key,
      result: Date.parse(at) - Date.parse(body.proposedAt) > 6 * HOUR_MS ? 'fail' : 'pass',
      because: body.proposedAt,
    })),
  }),
];

type Reading = { source: string; facts: { key: string; size: number }[]; cards: string[]; complete: boolean };
type Step =
  | ({ do: 'read' } & Reading)
  | { do: 'records'; keys: string[] }
  | { do: 'retire'; source: string }
  | { do: 'wait'; hours: number }
  | { do: 'judge'; version: number };

const key = fc.constantFrom('a', 'b', 'é/1');
const keys = fc.uniqueArray(key, { maxLength: 3, size: 'max' });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      source: fc.constantFrom('one', 'one', 'two'),
      facts: fc.uniqueArray(fc.record({ key, size: fc.nat(6) }), {
        selector: (fact) => fact.key,
        maxLength: 3,
        size: 'max',
      }),
      cards: keys,
      complete: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('records' as const), keys }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retire' as const), source: fc.constantFrom('one', 'two') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('judge' as const), version: fc.constantFrom(1, 1, 1, 1, 2) }) },
);

const KINDS: Record<string, FactKindName[]> = {
  repository: ['dataset-file', 'model-card'],
  records: ['inventory-item'],
};

function factsOf(reading: Reading): KnownFact[] {
  return [
    ...reading.facts.map(
      ({ key, size }): KnownFact => ({
        kind: 'dataset-file',
        key,
        body: {
          place: { path: key, line: null },
          format: 'csv',
          sizeBytes: size,
          sha256: null,
          storedAs: 'file',
          licence: null,
        },
      }),
    ),
    ...reading.cards.map(
      (card): KnownFact => ({
        kind: 'model-card',
        key: card,
        body: { place: { path: card, line: null }, modelId: null, licence: null, sections: [] },
      }),
    ),
  ];
}

function itemOf(item: string, nowMs: number): KnownFact {
  const proposedAt = toInstant(nowMs);
  return {
    kind: 'inventory-item',
    key: item,
    body: {
      itemKind: 'dataset',
      title: item,
      state: 'proposed',
      systemId: null,
      proposedAt,
      decidedAt: null,
      source: null,
      provider: null,
    },
  };
}

/** The naive judge: keeps everything in memory, and judges everything whenever it is asked. */
type NaiveSource = { kind: string; facts: Map<string, KnownFact>; readAtMs: number; complete: boolean };

function naiveVerdicts(
  rule: ControlTest,
  sources: ReadonlyMap<string, NaiveSource>,
  nowMs: number,
): { said: string[]; population: number } {
  const stating = (kind: FactKindName) => [...sources].filter(([, source]) => KINDS[source.kind]?.includes(kind));
  const said: string[] = [];
  let populationSize = 0;
  for (const [name, source] of stating(rule.population)) {
    const lists: Partial<Record<FactKindName, KnownFact[]>> = {};
    const seen: NaiveSource[] = [];
    let readable = true;
    for (const kind of rule.uses) {
      const from = KINDS[source.kind]?.includes(kind) ? [source] : stating(kind).map(([, other]) => other);
      if (from.length === 0) readable = false;
      seen.push(...from);
      lists[kind] = from.flatMap((other) => [...other.facts.values()].filter((fact) => fact.kind === kind));
    }
    const tooOld = seen.some((other) => other.readAtMs + rule.maxAgeHours * HOUR_MS <= nowMs);
    const partly = seen.some((other) => !other.complete);
    if (!readable || tooOld || partly) said.push(`no_data ${name}`);
    if (!readable || tooOld || (partly && rule.partition === 'source')) continue;
    const population = lists[rule.population] ?? [];
    if (population.length === 0) continue;
    populationSize += population.length;
    const parts = rule.partition === 'fact' ? population.map((fact) => ({ [fact.kind]: [fact] })) : [lists];
    for (const facts of parts) {
      try {
        const verdicts = rule.judge({ facts: facts as never, source: name, at: toInstant(nowMs) });
        said.push(...verdicts.map((verdict) => `${verdict.result} ${verdict.subject}`));
      } catch {
        said.push(`error ${rule.partition === 'fact' ? Object.values(facts)[0]?.[0]?.key : name}`);
      }
    }
  }
  return { said: said.sort(), population: populationSize };
}

function naiveResult(said: readonly string[], anySource: boolean): string {
  if (!anySource) return 'no_data';
  return (
    ['fail', 'error', 'no_data', 'pass'].find((result) => said.some((line) => line.startsWith(`${result} `))) ??
    'not_applicable'
  );
}

async function storedVerdicts(rule: ControlTest, nowMs: number, limit: number): Promise<string[]> {
  const said: string[] = [];
  let cursor: string | undefined;
  let total = 0;
  do {
    const page = await subjectPage(
      database.current.drizzle,
      rule,
      { at: toInstant(nowMs), live: false },
      { cursor, limit },
    );
    said.push(...page.items.map((item) => `${item.result} ${item.subject}`));
    expect(page.items.length).toBeLessThanOrEqual(limit);
    total = page.total;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(said).toHaveLength(total);
  return said.sort();
}

const tables = [
  'verdict_span',
  'test_source_span',
  'test_span',
  'judged_source',
  'judge_run',
  'fact_span',
  'fact_source_kind',
  'fact_collection',
  'fact_source',
];

test('after any history the stored verdicts of every run are those of judging everything anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 20, size: 'max' }), async (steps) => {
      for (const table of tables) await database.current.pool.query(`delete from ${table}`);
      const sources = new Map<string, NaiveSource>();
      const ids = new Map<string, string>();
      const expected: { atMs: number; rule: ControlTest; said: string[]; population: number; result: string }[] = [];
      let nowMs = START_MS;
      for (const action of [...steps, { do: 'judge', version: 1 } as const]) {
        nowMs += 60_000;
        const clock = () => nowMs;
        const at = toInstant(nowMs);
        if (action.do === 'wait') nowMs += action.hours * HOUR_MS;
        if (action.do === 'retire') {
          const id = ids.get(action.source);
          if (id && sources.delete(action.source))
            await database.current.transaction((tx) => retireSource(tx, id, clock));
        }
        if (action.do === 'read' || action.do === 'records') {
          const records = action.do === 'records';
          const name = records ? 'records' : action.source;
          const facts = records ? action.keys.map((item) => itemOf(item, nowMs)) : factsOf(action);
          const complete = records || action.complete;
          const kind = records ? 'records' : 'repository';
          const recorded = await database.current.transaction((tx) =>
            recordCollection(
              tx,
              {
                source: { key: name, kind, title: name },
                kinds: KINDS[kind] ?? [],
                facts,
                startedAt: at,
                finishedAt: at,
                complete,
                note: 'limit',
              },
              clock,
            ),
          );
          ids.set(name, recorded.sourceId);
          const standing = complete ? new Map<string, KnownFact>() : new Map(sources.get(name)?.facts);
          for (const fact of facts) standing.set(`${fact.kind} ${fact.key}`, fact);
          sources.set(name, { kind, facts: standing, readAtMs: nowMs, complete });
        }
        if (action.do === 'judge') {
          const rules = RULES.map((rule) => ({ ...rule, version: action.version }));
          const outcome = await judgeChanges(database.current, { tests: rules, at });
          for (const rule of rules) {
            const { said, population } = naiveVerdicts(rule, sources, nowMs);
            const any = [...sources.values()].some((source) => KINDS[source.kind]?.includes(rule.population));
            const result = naiveResult(said, any);
            expected.push({ atMs: nowMs, rule, said, population, result });
            expect(outcome.tests.find(({ id }) => id === rule.id)?.result).toBe(result);
          }
        }
      }
      for (const { atMs, rule, said, population, result } of expected) {
        const [view] = await viewTests(database.current.drizzle, [rule], { at: toInstant(atMs), live: false });
        expect(`${rule.id}: ${view?.result}`).toBe(`${rule.id}: ${result}`);
        const counted = Object.values(view?.counts ?? {}).reduce((sum, count) => sum + count, 0);
        expect(counted).toBe(said.length);
        // The population of a source where the rule itself broke is known, but nothing of it counts.
        const judged = view?.sources.filter((source) => source.counted || source.status === 'error') ?? [];
        expect(judged.reduce((sum, source) => sum + source.population, 0)).toBe(population);
        expect(await storedVerdicts(rule, atMs, 3)).toEqual(said);
      }
      // Nobody came to judge again: what was read grows old all the same.
      const laterMs = nowMs + 6 * HOUR_MS;
      for (const rule of RULES.filter((each) => !each.dependsOnTime))
        expect(await storedVerdicts(rule, laterMs, 50)).toEqual(naiveVerdicts(rule, sources, laterMs).said);
      expect((await runAt(database.current.drizzle, { at: toInstant(nowMs), live: true }))?.number).toBe(
        expected.length / RULES.length,
      );
    }),
    { numRuns: Number(process.env.ASSAY_HISTORY_RUNS ?? 12) },
  );
}, 120_000);
