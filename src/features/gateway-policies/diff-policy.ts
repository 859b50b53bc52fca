import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { type Detector, type PolicyChange, type PolicyDocument, USUAL_LIMITS } from './model.ts';

type Effect = PolicyChange['effect'];
type Direction = 'input' | 'output';
type Action = Detector['action'];

const STRENGTH: Record<Action | 'off', number> = { off: 0, observe: 1, flag: 2, redact: 3, block: 4 };
const IN_WORDS: Record<Direction, string> = { input: 'in prompts', output: 'in answers' };
const ALL_KINDS = '*';
const TEXT_MAX = 300;

/**
 * What differs between two versions of a policy, and what each difference does to the protection. `before` is null for
 * the first version. Where one part of a change loosens and another tightens, it counts as loosened: an auditor has to see it.
 */
export function diffPolicy(before: PolicyDocument | null, after: PolicyDocument): PolicyChange[] {
  const old = before ?? NOTHING;
  return [
    ...detectorChanges(old.detectors, after.detectors),
    ...ordered('When a check fails', old.onFailure, after.onFailure, ['open', 'closed']),
    ...ordered('Streamed answers', old.streamMode, after.streamMode, ['hold_back', 'hold_all']),
    ...ruleChanges(old, after),
    ...secondOpinionChange(old.secondOpinion, after.secondOpinion),
    ...ordered('Stored objects never seen', unseenObjects(old), unseenObjects(after), ['pass', 'refuse']),
    ...outputChanges(old.output, after.output),
    ...setChanges('Terms', old.terms, after.terms),
    ...patternChanges(old, after),
    ...testRunChanges(before, after),
  ];
}

/** The bar that the next version has to take. Without a policy before it there was none. */
function testRunChanges(before: PolicyDocument | null, after: PolicyDocument): PolicyChange[] {
  if (before === null) return [];
  const [old, fresh] = [before.testRun ?? USUAL_LIMITS, after.testRun ?? USUAL_LIMITS];
  const line = (what: string, from: number, to: number, isLoosened: boolean): PolicyChange[] =>
    from === to ? [] : [{ what, before: `${from}`, after: `${to}`, effect: isLoosened ? 'loosened' : 'tightened' }];
  return [
    ...line(
      'Test run, least share of attacks stopped',
      old.stoppedShareMin,
      fresh.stoppedShareMin,
      fresh.stoppedShareMin < old.stoppedShareMin,
    ),
    ...line(
      'Test run, most false alarms',
      old.falseAlarmShareMax,
      fresh.falseAlarmShareMax,
      fresh.falseAlarmShareMax > old.falseAlarmShareMax,
    ),
  ];
}

/** What holds without a policy, as the start of the first diff. */
const NOTHING: PolicyDocument = {
  detectors: [],
  onFailure: 'open',
  streamMode: 'hold_back',
  rules: [],
  output: { jsonSchema: null, maxOutputTokens: null, tools: null, grounding: 'off' },
  terms: [],
  patterns: [],
};

type Effective = { action: Action | 'off'; threshold: number | null };

/** What a policy does with a kind of finding: of all entries that apply the strictest, and of equal ones the keenest. */
export function effectiveOn(
  detectors: readonly Detector[],
  detector: string,
  direction: Direction,
  kind: string,
): Effective {
  let found: Effective = { action: 'off', threshold: null };
  for (const entry of detectors) {
    if (entry.detector !== detector || (entry.direction !== direction && entry.direction !== 'both')) continue;
    if (entry.kinds !== null && !entry.kinds.includes(kind)) continue;
    const stronger = STRENGTH[entry.action] - STRENGTH[found.action];
    const keener = entry.threshold !== null && found.threshold !== null && entry.threshold < found.threshold;
    if (stronger > 0 || (stronger === 0 && keener)) found = { action: entry.action, threshold: entry.threshold };
  }
  return found;
}

function detectorChanges(before: readonly Detector[], after: readonly Detector[]): PolicyChange[] {
  const both = [...before, ...after];
  const names = [...new Set(both.map(({ detector }) => detector))];
  return names.flatMap((name) => {
    const named = both.filter(({ detector }) => detector === name).flatMap(({ kinds }) => kinds ?? []);
    const kinds = [ALL_KINDS, ...[...new Set(named)].sort()];
    return (['input', 'output'] as const).flatMap((direction) => {
      const changes = kinds.map((kind) => ({
        kind,
        from: effectiveOn(before, name, direction, kind),
        to: effectiveOn(after, name, direction, kind),
      }));
      return mergeKinds(
        name,
        direction,
        changes.filter(({ from, to }) => !isSame(from, to)),
      );
    });
  });
}

/** Kinds that change in the same way are one line. */
function mergeKinds(
  name: string,
  direction: Direction,
  changes: readonly { kind: string; from: Effective; to: Effective }[],
): PolicyChange[] {
  const lines = new Map<string, { kinds: string[]; from: Effective; to: Effective }>();
  for (const { kind, from, to } of changes) {
    const key = `${say(from)} ${say(to)}`;
    const line = lines.get(key);
    if (line) line.kinds.push(kind);
    else lines.set(key, { kinds: [kind], from, to });
  }
  return [...lines.values()].map(({ kinds, from, to }) => ({
    what: `${name} ${IN_WORDS[direction]}${kinds.includes(ALL_KINDS) ? '' : ` (${short(kinds.join(', '))})`}`,
    before: say(from),
    after: say(to),
    effect: detectorEffect(from, to),
  }));
}

function detectorEffect(from: Effective, to: Effective): Effect {
  const stronger = STRENGTH[to.action] - STRENGTH[from.action];
  if (stronger < 0) return 'loosened';
  if (from.action === 'off') return 'tightened';
  // A detector's own threshold is not a number here, so that a change from or to it cannot be ordered.
  if (from.threshold !== null && to.threshold !== null) {
    if (to.threshold > from.threshold) return 'loosened';
    return 'tightened';
  }
  if (from.threshold === to.threshold) return stronger > 0 ? 'tightened' : 'changed';
  return 'changed';
}

function say({ action, threshold }: Effective): string {
  if (action === 'off') return 'off';
  return threshold === null ? action : `${action} from ${threshold}`;
}

function ruleChanges(before: PolicyDocument, after: PolicyDocument): PolicyChange[] {
  return keyed(
    before.rules,
    after.rules,
    ({ id }) => id,
    (rule) => `${rule.action}: ${rule.cel}`,
    'Rule',
    (from, to) => {
      if (STRENGTH[to.action] < STRENGTH[from.action]) return 'loosened';
      return from.cel === to.cel && from.action !== to.action ? 'tightened' : 'changed';
    },
  );
}

function patternChanges(before: PolicyDocument, after: PolicyDocument): PolicyChange[] {
  return keyed(
    before.patterns,
    after.patterns,
    ({ id }) => id,
    ({ pattern }) => pattern,
    'Pattern',
    () => 'changed',
  );
}

function outputChanges(before: PolicyDocument['output'], after: PolicyDocument['output']): PolicyChange[] {
  return [
    ...schemaChange('Schema of answers', before.jsonSchema, after.jsonSchema),
    ...tokenChange(before.maxOutputTokens, after.maxOutputTokens),
    ...toolChanges(before.tools, after.tools),
    ...ordered('Grounding check', before.grounding, after.grounding, ['off', 'observe', 'flag', 'block']),
    ...groundingThresholdChange(before, after),
    ...probabilitiesChange(before.probabilities, after.probabilities),
  ];
}

function unseenObjects({ storedObjects }: PolicyDocument): 'refuse' | 'pass' {
  return storedObjects?.unseen ?? 'refuse';
}

type SecondOpinion = PolicyDocument['secondOpinion'];

function secondOpinionChange(before: SecondOpinion, after: SecondOpinion): PolicyChange[] {
  if (isSame(before ?? null, after ?? null)) return [];
  return [
    {
      what: 'Second opinion on injection',
      before: saySecondOpinion(before),
      after: saySecondOpinion(after),
      effect: secondOpinionEffect(before, after),
    },
  ];
}

function secondOpinionEffect(before: SecondOpinion, after: SecondOpinion): Effect {
  if (!after) return 'loosened';
  if (!before) return 'tightened';
  if (before.by !== after.by) return 'changed';
  const least = (one: NonNullable<SecondOpinion>) => (one.by === 'model' ? one.threshold : 0);
  if (after.from > before.from || least(after) > least(before)) return 'loosened';
  return after.from < before.from || least(after) < least(before) ? 'tightened' : 'changed';
}

function saySecondOpinion(one: SecondOpinion): string {
  if (!one) return 'off';
  const whom = one.by === 'model' ? `the classifier, attack from ${one.threshold}` : `the judge ${one.model}`;
  return `${whom}, about texts from ${one.from}`;
}

function schemaChange(what: string, before: object | null, after: object | null): PolicyChange[] {
  if (isSame(before, after)) return [];
  const effect = before === null ? 'tightened' : after === null ? 'loosened' : 'changed';
  return [{ what, before: jsonOr(before, 'any'), after: jsonOr(after, 'any'), effect }];
}

function tokenChange(before: number | null, after: number | null): PolicyChange[] {
  if (before === after) return [];
  const effect = (after ?? Number.POSITIVE_INFINITY) > (before ?? Number.POSITIVE_INFINITY) ? 'loosened' : 'tightened';
  return [{ what: 'Tokens of an answer', before: `${before ?? 'any'}`, after: `${after ?? 'any'}`, effect }];
}

/** How much must be borne out; a lower share lets more pass. */
function groundingThresholdChange(before: PolicyDocument['output'], after: PolicyDocument['output']): PolicyChange[] {
  const [from, to] = [before.groundingThreshold ?? null, after.groundingThreshold ?? null];
  if (from === to || before.grounding === 'off' || after.grounding === 'off') return [];
  const effect = from === null || to === null ? 'changed' : to < from ? 'loosened' : 'tightened';
  return [{ what: 'Share of grounded statements', before: `${from ?? 'usual'}`, after: `${to ?? 'usual'}`, effect }];
}

type Probabilities = PolicyDocument['output']['probabilities'];

function probabilitiesChange(before: Probabilities, after: Probabilities): PolicyChange[] {
  if (isSame(before ?? null, after ?? null)) return [];
  return [
    {
      what: 'Log-probabilities and logits',
      before: sayProbabilities(before),
      after: sayProbabilities(after),
      effect: probabilitiesEffect(before, after),
    },
  ];
}

function probabilitiesEffect(before: Probabilities, after: Probabilities): Effect {
  if (after?.calls === 'refuse') return 'tightened';
  if (before?.calls === 'refuse' || !after) return 'loosened';
  if (!before) return 'tightened';
  return after.untilOn > before.untilOn ? 'loosened' : after.untilOn < before.untilOn ? 'tightened' : 'changed';
}

function sayProbabilities(one: Probabilities): string {
  if (!one) return 'passed on, undecided';
  return one.calls === 'refuse' ? 'refused' : `passed on until ${one.untilOn}: ${short(one.because)}`;
}

type Tools = PolicyDocument['output']['tools'];

function toolChanges(before: Tools, after: Tools): PolicyChange[] {
  if (before === null || after === null) {
    if (before === after) return [];
    const list = (tools: Tools) => (tools === null ? 'any' : short(tools.map(({ name }) => name).join(', ')) || 'none');
    return [
      {
        what: 'Tools the model may call',
        before: list(before),
        after: list(after),
        effect: after === null ? 'loosened' : 'tightened',
      },
    ];
  }
  const changes = keyed(
    before,
    after,
    ({ name }) => name,
    sayTool,
    'Tool',
    (from, to) => {
      if (from.approval === 'human' && to.approval === 'none') return 'loosened';
      if (from.argumentsSchema !== null && to.argumentsSchema === null) return 'loosened';
      if (waits(to).some((minutes, at) => minutes > (waits(from)[at] ?? 0))) return 'loosened';
      if (!isSame(from.argumentsSchema, to.argumentsSchema) && from.argumentsSchema !== null) return 'changed';
      return 'tightened';
    },
  );
  // The list says what is allowed: one tool more is one more thing that can happen.
  return changes.map((change) => {
    if (change.before === 'not there') return { ...change, effect: 'loosened' };
    return change.after === 'not there' ? { ...change, effect: 'tightened' } : change;
  });
}

type Tool = NonNullable<Tools>[number];
const USUAL_MINUTES = 60;

function waits({ decideWithinMinutes, useWithinMinutes }: Tool): number[] {
  return [decideWithinMinutes ?? USUAL_MINUTES, useWithinMinutes ?? USUAL_MINUTES];
}

function sayTool({ approval, argumentsSchema, ...tool }: Tool): string {
  const [decide, use] = waits({ approval, argumentsSchema, ...tool });
  const asked =
    approval === 'human' ? `a person approves within ${decide} min, which counts for ${use} min` : 'no approval';
  return `${asked}, arguments ${jsonOr(argumentsSchema, 'any')}`;
}

/** Changes of a list whose members are known by a key: one more tightens, one less loosens, a change is judged. */
function keyed<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
  sayItem: (item: Item) => string,
  what: string,
  judge: (from: Item, to: Item) => Effect,
): PolicyChange[] {
  const old = new Map(before.map((item) => [keyOf(item), item]));
  const fresh = new Map(after.map((item) => [keyOf(item), item]));
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((key): PolicyChange[] => {
    const from = old.get(key);
    const to = fresh.get(key);
    if (from !== undefined && to !== undefined && isSame(from, to)) return [];
    return [
      {
        what: `${what} ${key}`,
        before: from === undefined ? 'not there' : short(sayItem(from)),
        after: to === undefined ? 'not there' : short(sayItem(to)),
        effect: from === undefined ? 'tightened' : to === undefined ? 'loosened' : judge(from, to),
      },
    ];
  });
}

function setChanges(what: string, before: readonly string[], after: readonly string[]): PolicyChange[] {
  const removed = before.filter((term) => !after.includes(term)).length;
  const added = after.filter((term) => !before.includes(term)).length;
  if (removed === 0 && added === 0) return [];
  const effect = removed > 0 ? 'loosened' : 'tightened';
  return [{ what, before: `${before.length}`, after: `${after.length} (${added} added, ${removed} removed)`, effect }];
}

function ordered<Word extends string>(what: string, before: Word, after: Word, order: readonly Word[]): PolicyChange[] {
  if (before === after) return [];
  return [{ what, before, after, effect: order.indexOf(after) < order.indexOf(before) ? 'loosened' : 'tightened' }];
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

function jsonOr(value: object | null, otherwise: string): string {
  return value === null ? otherwise : short(canonicalJson(value));
}

function short(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 1).toWellFormed()}…` : text;
}
