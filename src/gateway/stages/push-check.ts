import type { Call } from '../call.ts';
import { SPANS_MAX, type Verdict } from '../decision.ts';

export function pushCheck(
  call: Call,
  detector: `check:${string}`,
  outcome: Verdict['outcome'],
  reason: string | null,
  more: Partial<Verdict> = {},
): void {
  if (call.checks.length >= SPANS_MAX) return;
  call.checks.push({
    detector,
    direction: 'output',
    action: outcome === 'flagged' ? 'observe' : 'block',
    outcome,
    score: null,
    threshold: null,
    kinds: [],
    spans: [],
    charactersScanned: 0,
    fieldsScanned: 1,
    detectorVersion: '1',
    tookUs: 0,
    reason,
    ...more,
  });
}
