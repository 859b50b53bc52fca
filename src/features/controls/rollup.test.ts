import { describe, expect, test } from 'vitest';
import { type ControlState, countStates } from './control-state.ts';
import {
  type AttestationForRollup,
  type ControlInput,
  controlStanding,
  requirementState,
  type TestForRollup,
} from './rollup.ts';

const ONE = { id: 'AIG-01.E1', expect: 'an export' };
const TWO = { id: 'AIG-01.E2', expect: 'a record' };

function ran(result: TestForRollup['result'], more: Partial<TestForRollup> = {}): TestForRollup {
  return {
    id: result,
    title: `T ${result}`,
    result,
    because: 'B.',
    staleSince: null,
    evidence: [],
    fix: 'Fix it.',
    ...more,
  };
}
const stale = ran('no_data', { id: 'stale', title: 'T stale', staleSince: '2026-11-01T00:00:00.000Z' });

function attested(
  state: AttestationForRollup['state'],
  expectedEvidenceId: string | null = ONE.id,
): AttestationForRollup {
  return { id: `att-${state}`, title: `A ${state}`, expectedEvidenceId, state, expiresOn: '2026-10-01' };
}

const standing = (input: Partial<ControlInput>) =>
  controlStanding({ tests: [], expected: [ONE], attestations: [], ...input });

describe('the state of a control', () => {
  test.each<[string, Partial<ControlInput>, ControlState]>([
    ['one failing test among passing ones', { tests: [ran('pass', { evidence: [ONE.id] }), ran('fail')] }, 'failing'],
    ['a failing test beside one without data', { tests: [ran('no_data'), ran('fail'), ran('error')] }, 'failing'],
    [
      'a failing test and an accepted attestation',
      { tests: [ran('fail')], attestations: [attested('accepted')] },
      'failing',
    ],
    ['a test that broke', { tests: [ran('pass'), ran('error'), ran('no_data')] }, 'error'],
    ['a test without data', { tests: [ran('pass', { evidence: [ONE.id] }), ran('no_data')] }, 'no_data'],
    [
      'a test without data, although all is attested',
      { tests: [ran('no_data')], attestations: [attested('accepted')] },
      'no_data',
    ],
    ['a test without data beside a stale one', { tests: [stale, ran('no_data')] }, 'no_data'],
    ['nothing run and nothing attested', {}, 'no_data'],
    ['nothing but an attestation that waits', { attestations: [attested('waiting')] }, 'no_data'],
    ['nothing but a rejected attestation', { attestations: [attested('rejected')] }, 'no_data'],
    ['nothing but a withdrawn attestation', { attestations: [attested('withdrawn')] }, 'no_data'],
    ['a stale test', { tests: [ran('pass', { evidence: [ONE.id] }), stale] }, 'stale'],
    ['an expired attestation', { attestations: [attested('expired')] }, 'stale'],
    [
      'an expired attestation beside a passing test for something else',
      { tests: [ran('pass')], attestations: [attested('expired')] },
      'stale',
    ],
    [
      'an expired attestation that was renewed',
      { attestations: [attested('expired'), attested('accepted')] },
      'passing',
    ],
    [
      'an expired attestation that a test stands for now',
      { tests: [ran('pass', { evidence: [ONE.id] })], attestations: [attested('expired')] },
      'passing',
    ],
    ['an expired statement on the whole control', { attestations: [attested('expired', null)] }, 'stale'],
    [
      'an expired statement on the whole control, renewed',
      { attestations: [attested('expired', null), attested('accepted', null)] },
      'partial',
    ],
    ['passing tests that are no expected evidence', { tests: [ran('pass')] }, 'partial'],
    ['one of two items covered', { expected: [ONE, TWO], tests: [ran('pass', { evidence: [ONE.id] })] }, 'partial'],
    ['an attestation of one of two items', { expected: [ONE, TWO], attestations: [attested('accepted')] }, 'partial'],
    ['a statement on the whole control alone', { attestations: [attested('accepted', null)] }, 'partial'],
    ['all covered by a test', { tests: [ran('pass', { evidence: [ONE.id] })] }, 'passing'],
    ['all covered by an attestation', { attestations: [attested('accepted')] }, 'passing'],
    [
      'all covered by both together',
      { expected: [ONE, TWO], tests: [ran('pass', { evidence: [TWO.id] })], attestations: [attested('accepted')] },
      'passing',
    ],
    [
      'an item that a test proved to be not needed, beside a passing test',
      { tests: [ran('not_applicable', { evidence: [ONE.id] }), ran('pass')] },
      'passing',
    ],
    [
      'an item with one test that does not apply and one that passes',
      { tests: [ran('not_applicable', { evidence: [ONE.id] }), ran('pass', { evidence: [ONE.id] })] },
      'passing',
    ],
    [
      'tests that found nothing they apply to',
      { tests: [ran('not_applicable', { evidence: [ONE.id] })] },
      'not_applicable',
    ],
    [
      'tests that found nothing, while people are expected to do something',
      { expected: [ONE, TWO], tests: [ran('not_applicable', { evidence: [ONE.id] })] },
      'no_data',
    ],
  ])('%s', (_what, input, state) => {
    expect(standing(input).state).toBe(state);
  });

  test('never passes while anything expected is missing', () => {
    const results = ['pass', 'fail', 'no_data', 'not_applicable', 'error'] as const;
    for (const first of results)
      for (const second of results)
        expect(
          standing({ expected: [ONE, TWO], tests: [ran(first, { evidence: [ONE.id] }), ran(second)] }).state,
        ).not.toBe('passing');
  });
});

test('what is missing is named with the next step', () => {
  const { missing } = standing({
    expected: [ONE, TWO],
    tests: [ran('fail'), stale, ran('pass')],
    attestations: [attested('waiting', TWO.id)],
  });
  expect(missing).toEqual([
    { kind: 'test', id: 'fail', what: 'T fail: B.', next: 'Fix it.' },
    { kind: 'reading', id: 'stale', what: 'T stale: B.', next: 'Read the source again.' },
    {
      kind: 'evidence',
      id: ONE.id,
      what: 'an export',
      next: 'Upload it or write a statement, and let a second person review it.',
    },
    {
      kind: 'evidence',
      id: TWO.id,
      what: 'a record',
      next: 'Ask a second person to review the attestation that waits.',
    },
  ]);
});

test('the sentence names the first test that decides', () => {
  expect(standing({ tests: [ran('pass'), ran('fail')] }).because).toBe('1 of 2 tests fails: T fail. B.');
  expect(standing({ tests: [ran('fail'), ran('fail')] }).because).toBe('2 of 2 tests fail, first: T fail. B.');
});

test.each<[ControlState[], ControlState | null]>([
  [[], null],
  [['not_applicable', 'not_applicable'], 'not_applicable'],
  [['not_applicable', 'passing'], 'passing'],
  [['passing', 'partial'], 'partial'],
  [['partial', 'stale', 'passing'], 'stale'],
  [['stale', 'no_data'], 'no_data'],
  [['no_data', 'error'], 'error'],
  [['error', 'failing', 'passing'], 'failing'],
])('a requirement with controls %j is %s', (states, expected) => {
  expect(requirementState(states)).toBe(expected);
});

test('states are counted apart, without a score', () => {
  expect(countStates(['failing', 'no_data', 'no_data', 'passing', 'not_applicable'])).toEqual({
    failing: 1,
    error: 0,
    noData: 2,
    stale: 0,
    partial: 0,
    passing: 1,
    notApplicable: 1,
    total: 5,
  });
});
