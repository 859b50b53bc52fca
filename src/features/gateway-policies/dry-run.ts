import type { Decision, Outcome, Verdict } from '#src/gateway/decision.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { effectiveOn } from './diff-policy.ts';
import type { DryRun, PolicyDocument } from './model.ts';
import { ANSWER_REFUSALS } from './validators.ts';

type Result = Verdict['outcome'];
type Difference = DryRun['differences'][number];

const EXAMPLES_MAX = 10;
const ACTION_RESULT = { observe: 'flagged', flag: 'flagged', redact: 'redacted', block: 'blocked' } as const;
const IN_WORDS = { input: 'in prompts', output: 'in answers' } as const;
/** Refusals that a policy decides; all others happen before or beside it and stay as they were. */
const POLICY_REFUSALS = new Set(['content_blocked', 'rule_blocked', 'check_failed', 'canary_leak', ...ANSWER_REFUSALS]);

/**
 * What `draft` would have done to calls that were recorded under other versions (`documentOf` gives what such a version
 * says). Verdicts carry scores, thresholds and kinds, never text: a check that was not made then cannot be made now, and is
 * listed as unknown instead of being guessed.
 */
export function dryRun(
  draft: PolicyDocument,
  decisions: readonly Decision[],
  documentOf: (policyVersion: number | null) => PolicyDocument | null,
): Pick<DryRun, 'calls' | 'recorded' | 'would' | 'differences' | 'unknown'> {
  const recorded = { allowed: 0, changed: 0, refused: 0, not_evaluated: 0 };
  const would = { ...recorded };
  const differences = new Map<string, Difference>();
  const unknown = new Map<string, number>();
  for (const decision of decisions) {
    recorded[decision.outcome]++;
    const before = documentOf(decision.policyVersion);
    for (const what of unknownOf(draft, before, decision)) unknown.set(what, (unknown.get(what) ?? 0) + 1);
    const judged = decision.verdicts.map((verdict) => ({ verdict, result: judgeAgain(draft, before, verdict) }));
    would[
      outcomeOf(
        draft,
        decision,
        judged.map(({ result }) => result),
      )
    ]++;
    for (const { verdict, result } of judged)
      if (result !== verdict.outcome) note(differences, decision.id, verdict, result);
  }
  return {
    calls: decisions.length,
    recorded,
    would,
    differences: [...differences.values()].sort((a, b) => b.calls - a.calls),
    unknown: [...unknown].map(([what, calls]) => ({ what, calls })).sort((a, b) => b.calls - a.calls),
  };
}

function judgeAgain(draft: PolicyDocument, before: PolicyDocument | null, verdict: Verdict): Result {
  if (verdict.outcome === 'not_evaluated') return 'not_evaluated';
  if (verdict.detector.startsWith('cel:')) return judgeRule(draft, before, verdict);
  if (verdict.detector.startsWith('output:')) return isSame(draft.output, before?.output) ? verdict.outcome : 'clean';
  const kinds = verdict.kinds.length > 0 ? verdict.kinds : ['*'];
  let strongest: Result = 'clean';
  for (const kind of kinds) {
    const { action, threshold } = effectiveOn(draft.detectors, verdict.detector, verdict.direction, kind);
    if (action !== 'off' && isHit(verdict, threshold)) strongest = stronger(strongest, ACTION_RESULT[action]);
  }
  return strongest;
}

/** Without a threshold of its own a check goes by the detector's, which is the one the record was made with. */
function isHit({ outcome, score, threshold: applied }: Verdict, threshold: number | null): boolean {
  const least = threshold ?? applied;
  return score === null || least === null ? outcome !== 'clean' : score >= least;
}

function judgeRule(draft: PolicyDocument, before: PolicyDocument | null, verdict: Verdict): Result {
  const id = verdict.detector.slice('cel:'.length);
  const rule = draft.rules.find((one) => one.id === id);
  if (!rule) return 'clean';
  const isSameRule = before?.rules.find((one) => one.id === id)?.cel === rule.cel;
  return !isSameRule || verdict.outcome === 'clean' ? verdict.outcome : ACTION_RESULT[rule.action];
}

function outcomeOf(draft: PolicyDocument, decision: Decision, results: readonly Result[]): Outcome {
  if (decision.outcome === 'refused' && !POLICY_REFUSALS.has(decision.refusal?.code ?? '')) return 'refused';
  if (results.includes('blocked')) return 'refused';
  if (results.includes('not_evaluated') || decision.outcome === 'not_evaluated')
    return draft.onFailure === 'closed' ? 'refused' : 'not_evaluated';
  return results.includes('redacted') ? 'changed' : 'allowed';
}

/** Checks the draft makes that the record of this call says nothing about. */
function unknownOf(draft: PolicyDocument, before: PolicyDocument | null, decision: Decision): string[] {
  const found = new Set<string>();
  const made = new Set(decision.verdicts.map(({ detector, direction }) => `${detector} ${direction}`));
  for (const { detector, direction, kinds } of draft.detectors) {
    for (const each of direction === 'both' ? (['input', 'output'] as const) : [direction]) {
      // A call that was refused has no answer that could have been looked at.
      if (each === 'output' && decision.outcome === 'refused') continue;
      if (!made.has(`${detector} ${each}`)) found.add(`${detector} ${IN_WORDS[each]} was not checked then`);
      else if (looksFurther(before, detector, each, kinds))
        found.add(`${detector} ${IN_WORDS[each]} was checked for fewer kinds then`);
    }
  }
  for (const rule of draft.rules)
    if (before?.rules.find(({ id }) => id === rule.id)?.cel !== rule.cel)
      found.add(`the rule ${rule.id} is new or says something else`);
  if (before !== null && !isSame(draft.output, before.output)) found.add('the checks of the form of answers differ');
  if (decision.outcome === 'refused' && POLICY_REFUSALS.has(decision.refusal?.code ?? ''))
    found.add('what the model would have answered to calls that were refused then');
  return [...found];
}

function looksFurther(
  before: PolicyDocument | null,
  detector: string,
  direction: 'input' | 'output',
  kinds: readonly string[] | null,
): boolean {
  if (before === null) return false;
  return (kinds ?? ['*']).some((kind) => effectiveOn(before.detectors, detector, direction, kind).action === 'off');
}

function note(differences: Map<string, Difference>, id: string, verdict: Verdict, to: Result): void {
  const { detector, direction, outcome: from } = verdict;
  const key = `${detector} ${direction} ${from} ${to}`;
  const line = differences.get(key) ?? { detector, direction, from, to, calls: 0, decisionIds: [] };
  line.calls++;
  if (line.decisionIds.length < EXAMPLES_MAX) line.decisionIds.push(id);
  differences.set(key, line);
}

const ORDER: readonly Result[] = ['clean', 'flagged', 'redacted', 'blocked'];
function stronger(one: Result, other: Result): Result {
  return ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one;
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}
