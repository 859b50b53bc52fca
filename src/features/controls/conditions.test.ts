import { expect, test } from 'vitest';
import type { ControlTest } from '#src/control-tests/define.ts';
import type { Severity } from '#src/features/alerts/model.ts';
import { regressions } from './conditions.ts';
import { noResults } from './control-state.ts';
import type { Failure } from './verdict-history.ts';
import type { SourceView, TestView } from './verdict-views.ts';

const AT = '2026-11-28T09:00:00.000Z' as Failure['at'];

function view(id: string, severity: Severity, sources: [source: string, fail: number, noData?: number][]): TestView {
  const test = { id, title: `Test ${id}`, severity, controls: ['AIG-01'] } as unknown as ControlTest;
  return {
    test,
    result: sources.some(([, fail]) => fail > 0) ? 'fail' : sources.some(([, , none]) => none) ? 'no_data' : 'pass',
    because: `${id} is so.`,
    counts: noResults(),
    sources: sources.map(
      ([source, fail, noData = 0]) =>
        ({
          source: { id: source, kind: source === 'records' ? 'records' : 'repository', title: `Folder ${source}` },
          counts: { ...noResults(), fail, noData },
        }) as unknown as SourceView,
    ),
  } as unknown as TestView;
}
const failed = (testId: string, at = AT): Failure => ({ testId, from: 'pass', at, failing: 1, kind: 'regression' });

test('what fails for one source is one condition, the gravest first, with every test in it', () => {
  const views = [
    view('a', 'low', [['s1', 3]]),
    view('b', 'high', [
      ['s1', 1],
      ['s2', 2],
    ]),
    view('c', 'medium', [['s1', 0]]),
  ];
  const { bySource, byTest } = regressions([failed('a'), failed('b')], views, new Set(), ['s1', 's2']);
  expect(bySource.conditions).toMatchObject([
    {
      subject: { id: 's1', title: 'Folder s1' },
      severity: 'high',
      title: 'Passed before and fails now in Folder s1: 2 control tests',
      reasons: ['Test b: 1 fails (high). Controls: AIG-01.', 'Test a: 3 fail (low). Controls: AIG-01.'],
    },
    { subject: { id: 's2' }, title: 'Passed before and fails now in Folder s2: Test b', link: '/controls/tests/b' },
  ]);
  expect(byTest.conditions).toEqual([]);
});

test('more tests than an alert holds reasons for are counted', () => {
  const views = Array.from({ length: 40 }, (_, i) => view(`t${i}`, 'low', [['s1', 1]]));
  const { bySource } = regressions(
    views.map(({ test }) => failed(test.id)),
    views,
    new Set(),
    ['s1'],
  );
  expect(bySource.conditions).toHaveLength(1);
  expect(bySource.conditions[0]?.reasons).toHaveLength(20);
  expect(bySource.conditions[0]?.reasons.at(-1)).toBe('And 21 more.');
});

test("a test over the product's own records has a condition of its own", () => {
  const views = [view('a', 'low', [['records', 1]]), view('b', 'high', [['records', 1]])];
  const { bySource, byTest } = regressions([failed('a'), failed('b')], views, new Set(), []);
  expect(bySource.conditions).toEqual([]);
  expect(byTest.conditions.map(({ subject }) => subject.id)).toEqual(['a', 'b']);
});

test('a source is unknown only while a test that failed there last has no data of it', () => {
  const views = [view('a', 'low', [['s1', 0, 1]]), view('b', 'low', [['s2', 0, 1]])];
  expect(regressions([], views, new Set(['a']), ['s1', 's2']).bySource.unknownIds).toEqual(['s1']);
});
