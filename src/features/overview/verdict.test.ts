import { expect, test } from 'vitest';
import type { ControlCounts } from './model.ts';
import { verdictOf } from './verdict.ts';

const counts = (change: Partial<ControlCounts>): ControlCounts => {
  const some = { failing: 0, error: 0, noData: 0, stale: 0, partial: 0, passing: 0, notApplicable: 0, ...change };
  return { ...some, total: Object.values(some).reduce((sum, count) => sum + count, 0) };
};
const none = { nothingRead: false, daysLeft: null };

test.each([
  [
    counts({ failing: 3, noData: 90, passing: 37 }),
    none,
    'bad',
    '3 controls fail and 90 have no data, of 130 controls in scope.',
  ],
  [counts({ failing: 1 }), none, 'bad', '1 control fails, of 1 control in scope.'],
  [counts({ error: 2, passing: 1 }), none, 'bad', '2 could not be tested, of 3 controls in scope.'],
  [counts({ noData: 1, passing: 9 }), none, 'unknown', '1 has no data, of 10 controls in scope.'],
  [counts({ stale: 2, passing: 1 }), none, 'unknown', '2 rest on data that is too old, of 3 controls in scope.'],
  [counts({ partial: 1, passing: 1 }), none, 'attention', '1 is covered in part, of 2 controls in scope.'],
  [counts({ passing: 4, notApplicable: 1 }), none, 'good', 'All 4 controls that apply pass, 1 in scope does not.'],
  [
    counts({ passing: 4 }),
    { nothingRead: false, daysLeft: 12 },
    'good',
    'All 4 controls in scope pass. 12 days left in the observation window.',
  ],
  [
    counts({ passing: 4 }),
    { nothingRead: false, daysLeft: 0 },
    'good',
    'All 4 controls in scope pass. The observation window closes today.',
  ],
  [
    counts({ passing: 4 }),
    { nothingRead: false, daysLeft: -1 },
    'good',
    'All 4 controls in scope pass. The observation window has closed.',
  ],
  [
    counts({ passing: 4 }),
    { nothingRead: true, daysLeft: 5 },
    'unknown',
    'No AI system has been read yet. From the records kept here something can be said about 4 controls of 4.',
  ],
  [
    counts({ noData: 3 }),
    { nothingRead: true, daysLeft: null },
    'unknown',
    'No AI system has been read yet. Nothing can be said about any control.',
  ],
  [
    counts({ noData: 3, failing: 1 }),
    { nothingRead: true, daysLeft: null },
    'unknown',
    'No AI system has been read yet. From the records kept here something can be said about 1 control of 4, and 1 control fails.',
  ],
  [counts({ notApplicable: 2 }), none, 'unknown', 'None of 2 controls in scope applies to what was read.'],
  [counts({}), none, 'unknown', 'No control is in scope. Choose frameworks and categories in the company profile.'],
])('%j with %j is %s', (given, options, tone, sentence) => {
  expect(verdictOf(given, options)).toEqual({ tone, sentence });
});

test('missing data is never green', () => {
  for (const wrong of ['failing', 'error', 'noData', 'stale', 'partial'] as const)
    expect(verdictOf(counts({ [wrong]: 1, passing: 129 }), none).tone).not.toBe('good');
});
