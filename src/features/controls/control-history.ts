import type { ControlTest } from '#src/control-tests/define.ts';
import type { Instant } from '#src/kernel/time.ts';
import { type AttestationSpan, attestationsAt } from './attestations.ts';
import type { ControlState } from './control-state.ts';
import { type ControlInput, controlStanding } from './rollup.ts';
import type { HistorySpan } from './verdict-history.ts';

/** Newest moments that are looked at; a control that changes more often than that is shown from there on. */
const MOMENTS_MAX = 2_000;

export type StateSpan = { fromAt: Instant; toAt: Instant | null; state: ControlState; because: string };

/**
 * How the state of a control went: it can only change when a test's span begins or ends, or an attestation comes, is
 * reviewed, goes or expires, so it is computed at each of these moments by the rule that computes it today.
 */
export function stateSpans(
  known: {
    tests: readonly ControlTest[];
    spans: ReadonlyMap<string, readonly HistorySpan[]>;
    attestations: readonly AttestationSpan[];
    expected: ControlInput['expected'];
    titles: ReadonlyMap<string, string>;
  },
  range: { from: Instant; to: Instant },
): StateSpan[] {
  const moments = new Set<Instant>();
  for (const spans of known.spans.values())
    for (const { fromAt, toAt } of spans) {
      moments.add(fromAt < range.from ? range.from : fromAt);
      if (toAt !== null) moments.add(toAt);
    }
  for (const { fromAt, toAt, expiresAt } of known.attestations) {
    moments.add(fromAt < range.from ? range.from : fromAt);
    if (toAt !== null) moments.add(toAt);
    // It counts through its last moment, so the state changes just after it.
    moments.add(new Date(Date.parse(expiresAt) + 1).toISOString());
  }
  const inRange = [...moments].filter((at) => at >= range.from && at <= range.to).sort();
  const states: StateSpan[] = [];
  for (const at of inRange.slice(-MOMENTS_MAX)) {
    const { state, because } = standingAt(known, at);
    const last = states.at(-1);
    if (last?.state === state) continue;
    if (last) last.toAt = at;
    states.push({ fromAt: at, toAt: null, state, because });
  }
  return states;
}

function standingAt(known: Parameters<typeof stateSpans>[0], at: Instant) {
  const tests = known.tests.flatMap((test) => {
    const span = known.spans
      .get(test.id)
      ?.findLast((each) => each.fromAt <= at && (each.toAt === null || each.toAt > at));
    if (!span) return [];
    const { result, because, onlyStale } = span;
    return [
      {
        id: test.id,
        title: test.title,
        result,
        because,
        staleSince: onlyStale ? span.fromAt : null,
        evidence: test.evidence,
        fix: test.fix.summary,
      },
    ];
  });
  const attestations = attestationsAt(known.attestations, at, known.titles);
  return controlStanding({ tests, expected: known.expected, attestations });
}
