import { compileDetector, type Detection, type Detector, type Finding, type Role } from '#src/detectors/detect.ts';
import { DOCUMENT_THRESHOLD, PROMPT_THRESHOLD } from '#src/detectors/injection/detect-injection.ts';
import { SHIPPED_MODEL } from '#src/detectors/injection/shipped-model.ts';
import type { LinearPattern } from '#src/detectors/terms/detect-terms.ts';
import type { CompiledPolicy, PolicyDetector, PolicyDetectorName } from '../snapshot.ts';
import { DEFAULT_TAIL, type HoldSettings } from './held-text.ts';
import { type CompiledRule, compilePattern, compileRule } from './rules.ts';

/** One finding as a policy sees it. Offsets are in the text that was judged. */
export type Hit = {
  /** Number of the detector in the screen. */
  detector: number;
  kind: string;
  start: number;
  end: number;
  score: number;
};

/** The checks of one policy for one direction, compiled. */
export type Screen = {
  direction: 'input' | 'output';
  detectors: readonly PolicyDetector[];
  /** Finds data: judges stretches of text in which there could be some. null: no such check is on. */
  data: ((text: string) => Hit[]) | null;
  /** Finds attempts to steer the model, in whole texts from a role that is judged. null: no such check is on. */
  injection: ((text: string, role: Role) => { hits: Hit[]; score: number | null }) | null;
  /** Numbers of the detectors that look at a text of a role. */
  looksAt(role: Role): readonly number[];
  hold: HoldSettings['hold'];
  tail: number;
  /** True when answers are compared with the instructions they must not repeat. */
  leak: number | null;
  /** True when personal data and secrets are taken out, or stop the call: what is left may be kept. */
  redacts: boolean;
  /** Least score of a text without a finding about which somebody else is asked. null: nobody is. */
  doubtFrom: number | null;
};

export type CompiledScreens = {
  policy: CompiledPolicy;
  input: Screen;
  output: Screen;
  rules: { id: string; action: 'observe' | 'flag' | 'block'; message: string; applies: CompiledRule }[];
  detectorVersion: string;
};

const DATA_DETECTORS: ReadonlySet<PolicyDetectorName> = new Set([
  'personal_data',
  'secret',
  'custom_terms',
  'custom_pattern',
]);
/** What must be taken out of a text before it is kept. */
const KEPT_OUT: readonly PolicyDetectorName[] = ['personal_data', 'secret'];
const GUESSED_KINDS = ['person', 'street_address'];
const PATTERN_TAIL = 512;
const ONE_WORD = /^[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*$/;

export const DETECTOR_VERSION = `injection.model@${SHIPPED_MODEL.head.version}`;

/** Compiles a policy once. Throws an `Error` naming the rule, term or pattern that is wrong. */
export function compileScreens(policy: CompiledPolicy): CompiledScreens {
  return {
    policy,
    input: compileScreen(policy, 'input'),
    output: compileScreen(policy, 'output'),
    rules: policy.rules.map((rule) => ({
      id: rule.id,
      action: rule.action,
      message: rule.message,
      applies: naming(`rule ${rule.id}`, () => compileRule(rule.cel)),
    })),
    detectorVersion: DETECTOR_VERSION,
  };
}

function naming<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : 'is wrong'}`, { cause });
  }
}

function compileScreen(policy: CompiledPolicy, direction: 'input' | 'output'): Screen {
  const detectors = policy.detectors.filter((one) => one.direction === direction || one.direction === 'both');
  const numbers = (name: PolicyDetectorName) =>
    detectors.flatMap((one, number) => (one.detector === name ? [number] : []));
  const isOn = (name: PolicyDetectorName) => numbers(name).length > 0;
  const guesses = detectors.some(
    (one) => one.detector === 'personal_data' && one.kinds?.some((kind) => GUESSED_KINDS.includes(kind)),
  );
  const hasData = detectors.some((one) => DATA_DETECTORS.has(one.detector));
  const user = numbers('injection_user');
  const read = numbers('injection_document');
  const always = detectors.flatMap((one, number) => (one.detector.startsWith('injection') ? [] : [number]));
  const ofUser = [...user, ...always];
  const ofRead = [...read, ...always];
  const everything =
    guesses ||
    (isOn('custom_terms') && policy.terms.length > 0) ||
    (isOn('custom_pattern') && policy.patterns.length > 0) ||
    (direction === 'output' && isOn('prompt_leak'));
  const longestTerm = policy.terms.reduce((most, term) => Math.max(most, term.length), 0);
  const wholeOnly =
    direction === 'output' &&
    (policy.streamMode === 'hold_all' || policy.output.jsonSchema !== null || policy.output.grounding === 'block');
  return {
    direction,
    detectors,
    data: hasData ? dataScan(policy, detectors, guesses) : null,
    injection: direction === 'input' && user.length + read.length > 0 ? injectionScan(detectors, user, read) : null,
    looksAt: (role) => {
      if (direction === 'output') return always;
      if (role === 'user') return ofUser;
      return role === 'document' || role === 'tool' ? ofRead : always;
    },
    hold: wholeOnly ? 'all' : everything ? 'everything' : 'risky',
    tail: Math.max(DEFAULT_TAIL, longestTerm * 2, isOn('custom_pattern') ? PATTERN_TAIL : 0),
    leak: direction === 'output' && isOn('prompt_leak') ? (numbers('prompt_leak')[0] ?? null) : null,
    redacts: KEPT_OUT.every((name) =>
      detectors.some((one) => one.detector === name && (one.action === 'redact' || one.action === 'block')),
    ),
    doubtFrom: direction === 'input' ? (policy.secondOpinion?.from ?? null) : null,
  };
}

function dataScan(
  policy: CompiledPolicy,
  detectors: readonly PolicyDetector[],
  guesses: boolean,
): (text: string) => Hit[] {
  const isOn = (name: PolicyDetectorName) => detectors.some((one) => one.detector === name);
  const least = (name: PolicyDetectorName) =>
    detectors
      .filter((one) => one.detector === name)
      .reduce<number>((low, one) => Math.min(low, one.threshold ?? 0.5), 0.5);
  const terms = isOn('custom_terms') ? policy.terms.map((text, number) => ({ name: `term_${number + 1}`, text })) : [];
  const patterns: LinearPattern[] = isOn('custom_pattern')
    ? policy.patterns.map((one) => ({
        name: one.id,
        find: naming(`pattern ${one.id}`, () => compilePattern(one.pattern)),
      }))
    : [];
  const detector: Detector = compileDetector({
    ...(isOn('personal_data') && {
      personalData: { namesAndAddresses: guesses, minConfidence: least('personal_data') },
    }),
    ...(isOn('secret') && { secrets: { minConfidence: least('secret') } }),
    ...(terms.length + patterns.length > 0 && { terms: { terms, patterns } }),
  });
  const byName = indexByName(detectors);
  return (text) => {
    const hits: Hit[] = [];
    for (const finding of requireComplete(detector(text, 'assistant')).findings)
      for (const number of byName.get(policyNameOf(finding)) ?? [])
        addHit(hits, detectors[number], number, finding, finding.confidence);
    return hits;
  };
}

function indexByName(detectors: readonly PolicyDetector[]): Map<PolicyDetectorName, number[]> {
  const index = new Map<PolicyDetectorName, number[]>();
  for (const [number, one] of detectors.entries())
    index.set(one.detector, [...(index.get(one.detector) ?? []), number]);
  return index;
}

function requireComplete(detection: Detection): Detection {
  if (!detection.complete) throw new Error('the text is longer than the detectors read');
  return detection;
}

function policyNameOf(finding: Finding): PolicyDetectorName {
  if (finding.detector === 'personal-data') return 'personal_data';
  if (finding.detector === 'secrets') return 'secret';
  return finding.rule.startsWith('patterns.') ? 'custom_pattern' : 'custom_terms';
}

function addHit(hits: Hit[], rule: PolicyDetector | undefined, number: number, finding: Finding, score: number): void {
  if (rule === undefined || score < (rule.threshold ?? 0)) return;
  if (rule.kinds !== null && !rule.kinds.includes(finding.kind)) return;
  hits.push({ detector: number, kind: finding.kind, start: finding.start, end: finding.end, score });
}

const logit = (probability: number) => Math.log(probability / (1 - probability));
const sigmoid = (odds: number) => 1 / (1 + Math.exp(-odds));

function injectionScan(
  detectors: readonly PolicyDetector[],
  user: readonly number[],
  read: readonly number[],
): NonNullable<Screen['injection']> {
  // The model's own threshold is where its probability is one half; a policy's is told in probabilities.
  const least = (numbers: readonly number[]) =>
    numbers.reduce<number>((low, number) => Math.min(low, detectors[number]?.threshold ?? 0.5), 0.5);
  const shifts = { user: logit(least(user)), read: logit(least(read)) };
  const detector = compileDetector({
    injection: {
      promptThreshold: PROMPT_THRESHOLD + shifts.user,
      documentThreshold: DOCUMENT_THRESHOLD + shifts.read,
    },
  });
  return (text, role) => {
    const numbers = role === 'user' ? user : read;
    if (numbers.length === 0) return { hits: [], score: null };
    const { findings, injectionScore } = requireComplete(detector(text, role));
    const score =
      injectionScore === null ? null : sigmoid(injectionScore + (role === 'user' ? shifts.user : shifts.read));
    const hits: Hit[] = [];
    for (const finding of findings) {
      const isModel = finding.rule.startsWith('injection.model');
      for (const number of numbers)
        addHit(hits, detectors[number], number, finding, isModel ? (score ?? 0) : finding.confidence);
    }
    return { hits, score };
  };
}

/** True when a value is caught without holding every word back. */
export function isOneWord(value: string): boolean {
  return ONE_WORD.test(value);
}
