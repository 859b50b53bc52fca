import type { Instant } from '#src/kernel/time.ts';
import { CONTROL_STATES, type ControlState, type TestResult } from './control-state.ts';
import type { Coverage, ExpectedEvidenceStatus, Missing } from './model.ts';

/*
 * From tests, expected evidence and attestations to the state of a control, and from controls to requirements. Pure: the
 * only place where a state comes from.
 */

export type TestForRollup = {
  id: string;
  title: string;
  result: TestResult;
  because: string;
  /** Set where it has no data because what was read is too old. */
  staleSince: Instant | null;
  /** Expected evidence that a passing run is. */
  evidence: readonly string[];
  fix: string;
};

export type AttestationForRollup = {
  id: string;
  title: string;
  /** Null where it speaks for the control as a whole: then it covers no single item of expected evidence. */
  expectedEvidenceId: string | null;
  state: 'waiting' | 'accepted' | 'rejected' | 'expired' | 'withdrawn';
  expiresOn: string;
};

export type ControlInput = {
  tests: readonly TestForRollup[];
  expected: readonly { id: string; expect: string }[];
  attestations: readonly AttestationForRollup[];
};

export type ControlStanding = {
  state: ControlState;
  because: string;
  expectedEvidence: ExpectedEvidenceStatus[];
  missing: Missing[];
};

/**
 * The state of a control. In this order: `failing` when any test fails; `error` when any could not be run; `no_data` when
 * any has no data, or nothing has been run and nothing attested; `stale` when what a test read, or an attestation nothing
 * has replaced, is too old; `not_applicable` when tests proved that there is nothing to control and nothing else is
 * expected; `partial` when something expected is not covered; else `passing`.
 */
export function controlStanding(input: ControlInput): ControlStanding {
  const expectedEvidence = input.expected.map((item) => coverItem(item, input));
  const { state, because } = decide(input, expectedEvidence);
  return { state, because, expectedEvidence, missing: missingOf(input, expectedEvidence) };
}

function decide(
  { tests, attestations }: ControlInput,
  expectedEvidence: readonly ExpectedEvidenceStatus[],
): { state: ControlState; because: string } {
  const failing = tests.filter(({ result }) => result === 'fail');
  if (failing.length > 0) return { state: 'failing', because: sentenceOf(failing, tests, 'fails', 'fail') };
  const broken = tests.filter(({ result }) => result === 'error');
  if (broken.length > 0)
    return { state: 'error', because: sentenceOf(broken, tests, 'could not be run', 'could not be run') };
  const withoutData = tests.filter(({ result, staleSince }) => result === 'no_data' && staleSince === null);
  if (withoutData.length > 0)
    return { state: 'no_data', because: sentenceOf(withoutData, tests, 'has no data', 'have no data') };

  const accepted = attestations.filter(({ state }) => state === 'accepted');
  const expired = attestations.filter(
    (each) => each.state === 'expired' && !isReplaced(each, accepted, expectedEvidence),
  );
  const stale = tests.filter(({ staleSince, result }) => result === 'no_data' && staleSince !== null);
  if (tests.length === 0 && accepted.length === 0 && expired.length === 0) {
    const waiting = attestations.some(({ state }) => state === 'waiting');
    const what = 'No test looks at this control and nothing is attested';
    return { state: 'no_data', because: waiting ? `${what}; an attestation waits for review.` : `${what}.` };
  }
  if (stale.length > 0) return { state: 'stale', because: sentenceOf(stale, tests, 'is stale', 'are stale') };
  const [old] = expired;
  if (old) return { state: 'stale', because: `The attestation "${old.title}" expired on ${old.expiresOn}.` };

  const uncovered = expectedEvidence.filter(({ covered }) => !covered).length;
  const shown = accepted.length > 0 || tests.some(({ result }) => result === 'pass');
  const missing = `${uncovered} of ${expectedEvidence.length} pieces of expected evidence ${uncovered === 1 ? 'is' : 'are'} missing`;
  if (!shown && uncovered === 0)
    return { state: 'not_applicable', because: 'The tests found nothing that this control applies to.' };
  // Proof that there is nothing to test is no proof of what people are expected to do.
  if (!shown) return { state: 'no_data', because: `The tests found nothing that they apply to, and ${missing}.` };
  if (uncovered > 0) {
    const start = tests.some(({ result }) => result === 'pass') ? 'The tests pass, but' : 'Attested, but';
    return { state: 'partial', because: `${start} ${missing}.` };
  }
  return { state: 'passing', because: 'All that is expected is covered.' };
}

function coverItem(
  item: { id: string; expect: string },
  { tests, attestations }: ControlInput,
): ExpectedEvidenceStatus {
  const fromTests = tests
    .filter((test) => test.evidence.includes(item.id))
    .map(({ id, title, result }): Coverage => {
      const state = result === 'pass' ? 'covers' : result === 'not_applicable' ? 'not_needed' : 'not_passing';
      return { kind: 'test', id, title, state, expiresOn: null };
    });
  const fromPeople = attestations
    .filter((attestation) => attestation.expectedEvidenceId === item.id)
    .map(({ id, title, state, expiresOn }): Coverage => {
      return { kind: 'attestation', id, title, state: state === 'accepted' ? 'covers' : state, expiresOn };
    });
  const coverage = [...fromTests, ...fromPeople];
  const notNeeded = fromTests.length > 0 && fromTests.every(({ state }) => state === 'not_needed');
  return { ...item, covered: notNeeded || coverage.some(({ state }) => state === 'covers'), coverage };
}

/** Whether what an expired attestation stood for is covered by something else by now. */
function isReplaced(
  expired: AttestationForRollup,
  accepted: readonly AttestationForRollup[],
  expectedEvidence: readonly ExpectedEvidenceStatus[],
): boolean {
  const { expectedEvidenceId } = expired;
  if (expectedEvidenceId === null) return accepted.some((other) => other.expectedEvidenceId === null);
  return expectedEvidence.find(({ id }) => id === expectedEvidenceId)?.covered ?? true;
}

function sentenceOf(some: readonly TestForRollup[], all: readonly TestForRollup[], one: string, many: string): string {
  const [first] = some;
  if (!first) return '';
  return some.length === 1
    ? `${all.length === 1 ? 'Its test' : `1 of ${all.length} tests`} ${one}: ${first.title}. ${first.because}`
    : `${some.length} of ${all.length} tests ${many}, first: ${first.title}. ${first.because}`;
}

function missingOf({ tests }: ControlInput, expectedEvidence: readonly ExpectedEvidenceStatus[]): Missing[] {
  const fromTests = tests.flatMap((test): Missing[] => {
    const what = `${test.title}: ${test.because}`;
    if (test.result === 'fail') return [{ kind: 'test', id: test.id, what, next: test.fix }];
    if (test.result === 'error')
      return [
        {
          kind: 'test',
          id: test.id,
          what,
          next: 'Run the tests again; if it stays so, report the fault with the id of the test.',
        },
      ];
    if (test.result !== 'no_data') return [];
    const next = test.staleSince === null ? 'Read what the test needs, completely.' : 'Read the source again.';
    return [{ kind: 'reading', id: test.id, what, next }];
  });
  const fromEvidence = expectedEvidence
    .filter(({ covered }) => !covered)
    .map(({ id, expect, coverage }): Missing => ({ kind: 'evidence', id, what: expect, next: nextFor(coverage) }));
  return [...fromTests, ...fromEvidence];
}

function nextFor(coverage: readonly Coverage[]): string {
  const has = (state: Coverage['state']) => coverage.some((each) => each.state === state);
  if (has('waiting')) return 'Ask a second person to review the attestation that waits.';
  if (has('expired')) return 'It was attested and expired: attest to it again.';
  if (has('rejected')) return 'The attestation was rejected: answer the comment and submit a new one.';
  if (has('not_passing')) return 'Make the test pass, or attest to it.';
  return 'Upload it or write a statement, and let a second person review it.';
}

/**
 * The state of a requirement: the worst among its controls. Controls that do not apply count only when there are no
 * others. Null without controls: that is a gap of the catalog, not a state.
 */
export function requirementState(states: readonly ControlState[]): ControlState | null {
  const applicable: ControlState[] = states.filter((state) => state !== 'not_applicable');
  if (applicable.length === 0) return states.length === 0 ? null : 'not_applicable';
  return CONTROL_STATES.find((state) => applicable.includes(state)) ?? null;
}
