import { expect, test } from 'vitest';
import { defineTest } from '#src/control-tests/define.ts';
import type { TestView } from '#src/features/controls/index.ts';
import { type NextStepInput, nextSteps } from './next-steps.ts';

const failing = (id: string, severity: 'critical' | 'high' | 'medium' | 'low', fail: number): TestView => ({
  test: defineTest({
    id,
    version: 1,
    title: id,
    asks: '',
    why: '',
    controls: ['AIG-01'],
    severity,
    uses: ['repository'],
    population: 'repository',
    fix: { summary: `Fix ${id}.`, steps: [] },
    judge: () => [],
  }),
  rule: null,
  result: 'fail',
  because: `${id} fails.`,
  counts: { pass: 0, fail, noData: 0, notApplicable: 0, error: 0 },
  since: null,
  judgedAt: null,
  staleSince: null,
  onlyStale: false,
  sources: [],
});
const calm: NextStepInput = {
  failing: [],
  regressions: new Set(),
  inventory: { proposed: 0, confirmed: 5, rejected: 0, gone: 0 },
  attestationsWaiting: 0,
  collectors: [],
  organization: 'Acme',
};

test('where nothing is wrong, there is nothing to do', () => {
  expect(nextSteps(calm)).toEqual([]);
});

test('the worst comes first, what broke before what never worked, then the larger', () => {
  const steps = nextSteps({
    ...calm,
    failing: [
      failing('low', 'low', 9),
      failing('few', 'high', 1),
      failing('many', 'high', 7),
      failing('broke', 'high', 1),
    ],
    regressions: new Set(['broke']),
  });
  expect(steps.map((step) => step.title)).toEqual(['Fix broke.', 'Fix many.', 'Fix few.', 'Fix low.']);
  expect(steps[1]).toEqual({
    title: 'Fix many.',
    why: 'many fails.',
    href: '/controls/tests/many?result=fail',
    action: 'See 7 findings',
    severity: 'high',
  });
});

test('what people have to decide is among the steps, each one page away', () => {
  const steps = nextSteps({
    ...calm,
    inventory: { ...calm.inventory, proposed: 3 },
    attestationsWaiting: 2,
    organization: null,
    collectors: [
      { key: 'a', title: 'acme/chat', kind: 'repository', lastReadAt: null, complete: true, stale: true, note: null },
    ],
  });
  expect(steps.map((step) => [step.title, step.href])).toEqual([
    ['Decide about 3 items found by scans.', '/inventory/items?state=proposed'],
    ['Read 1 source again.', '/inventory/scans'],
    ['Review 2 attestations.', '/evidence/attestations?state=waiting'],
    ['Say who the company is and what the report covers.', '/settings/company'],
  ]);
});

test('the list ends after eight', () => {
  const many = Array.from({ length: 20 }, (_, i) => failing(`t${i}`, 'medium', i + 1));
  expect(nextSteps({ ...calm, failing: many })).toHaveLength(8);
});
