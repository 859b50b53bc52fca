import * as z from 'zod';

/** What a control test may result in. `no_data` is never shown as less than a failure. */
export const TEST_RESULTS = ['pass', 'fail', 'no_data', 'not_applicable', 'error'] as const;
export const TestResult = z.enum(TEST_RESULTS);
export type TestResult = z.infer<typeof TestResult>;

/** Computed from tests, expected evidence and attestations; nothing sets it. The order is from worst to best. */
export const CONTROL_STATES = ['failing', 'error', 'no_data', 'stale', 'partial', 'passing', 'not_applicable'] as const;
export const ControlState = z.enum(CONTROL_STATES);
export type ControlState = z.infer<typeof ControlState>;

const Count = z.number().int().min(0);

/** How many subjects of a test have each result. `noData` counts every source that could not be judged as one more. */
export const ResultCounts = z.object({
  pass: Count,
  fail: Count,
  noData: Count,
  notApplicable: Count,
  error: Count,
});
export type ResultCounts = z.infer<typeof ResultCounts>;

/** How many controls (or requirements) are in each state. There is no single score on purpose. */
export const StateCounts = z.object({
  failing: Count,
  error: Count,
  noData: Count,
  stale: Count,
  partial: Count,
  passing: Count,
  notApplicable: Count,
  total: Count,
});
export type StateCounts = z.infer<typeof StateCounts>;

export function noResults(): ResultCounts {
  return { pass: 0, fail: 0, noData: 0, notApplicable: 0, error: 0 };
}

const MEMBER_OF_STATE: Record<ControlState, Exclude<keyof StateCounts, 'total'>> = {
  failing: 'failing',
  error: 'error',
  no_data: 'noData',
  stale: 'stale',
  partial: 'partial',
  passing: 'passing',
  not_applicable: 'notApplicable',
};

export function countStates(states: Iterable<ControlState>): StateCounts {
  const counts: StateCounts = {
    failing: 0,
    error: 0,
    noData: 0,
    stale: 0,
    partial: 0,
    passing: 0,
    notApplicable: 0,
    total: 0,
  };
  for (const state of states) {
    counts[MEMBER_OF_STATE[state]] += 1;
    counts.total += 1;
  }
  return counts;
}
