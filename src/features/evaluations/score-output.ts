import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { checkGroundedness, decideOpen } from '#src/detectors/groundedness/check-groundedness.ts';
import { judgePrompt, readJudgeAnswer } from '#src/detectors/groundedness/judge-prompt.ts';
import { AppError } from '#src/kernel/errors.ts';
import { givesBack } from './memorization.ts';
import type { Scorer, SuiteContent, SuiteItem } from './model.ts';

/** `score` null: it could not be scored, which is neither right nor wrong. */
export type ItemScore = { score: number | null; passed: boolean | null; reason: string | null };
/** Asks the model of a `judge` scorer. */
export type AskJudge = (
  scorer: Extract<Scorer, { kind: 'judge' }>,
  prompt: { system: string; user: string },
) => Promise<string>;
/** `probability`: the geometric mean of that of the tokens of the answer, where the endpoint tells it. */
export type ScoredAnswer = { text: string; probability: number | null };
export type ScoreOutput = (item: SuiteItem, answer: ScoredAnswer, nonce: string) => Promise<Record<string, ItemScore>>;

const PATTERN_INPUT_MAX = 65_536;

/** Compiles the scorers of a suite once. Throws `invalid_input`, naming the scorer, for a pattern or schema that is none. */
export function compileScorers(content: Pick<SuiteContent, 'scorers'>, askJudge: AskJudge | null): ScoreOutput {
  const compiled = content.scorers.map((scorer) => ({ scorer, score: compile(scorer, askJudge) }));
  return async (item, answer, nonce) => {
    const scores: Record<string, ItemScore> = {};
    for (const { scorer, score } of compiled)
      if (isAbout(scorer, item)) scores[scorer.name] = await score(item, answer, nonce);
    return scores;
  };
}

type ScoreOne = (item: SuiteItem, answer: ScoredAnswer, nonce: string) => ItemScore | Promise<ItemScore>;

/** Whether a scorer says anything about an item: of a memorization suite each speaks of its own kind of items. */
export function isAbout(scorer: Pick<Scorer, 'kind'> & { of?: string }, item: Pick<SuiteItem, 'membership'>): boolean {
  if (scorer.kind === 'recall') return item.membership === scorer.of;
  if (scorer.kind === 'membership') return item.membership === 'member' || item.membership === 'non_member';
  return true;
}

function compile(scorer: Scorer, askJudge: AskJudge | null): ScoreOne {
  switch (scorer.kind) {
    case 'exact':
      return (item, { text }) => exact(item, text, scorer.ignoreCase);
    case 'numeric':
      return (item, { text }) => numeric(item, text, scorer.tolerance);
    case 'similarity':
      return (item, { text }) => similarity(item, text, scorer.passAt);
    case 'groundedness':
      return (item, { text }) => grounded(item, text);
    case 'regex': {
      const pattern = compilePattern(scorer.name, scorer.pattern);
      return (_item, { text }) => binary(pattern.matcher(text.slice(0, PATTERN_INPUT_MAX)).find());
    }
    case 'json_schema': {
      const validate = compileSchema(scorer.name, scorer.schema);
      return (_item, { text }) => validate(text);
    }
    case 'judge':
      return (item, { text }, nonce) => judged(scorer, item, text, nonce, askJudge);
    case 'recall':
      return (item, { text }) => recalled(item, text, scorer.words);
    case 'membership':
      return (item, answer) => likelyMember(item, answer, scorer.signal);
  }
}

function recalled(item: SuiteItem, output: string, words: number): ItemScore {
  const isBack = givesBack(output, String(item.expected ?? ''), words);
  return binary(!isBack, isBack ? 'The answer gives it back.' : null);
}

// Alone it says neither right nor wrong: only members and others together do.
function likelyMember(item: SuiteItem, answer: ScoredAnswer, signal: 'continuation' | 'probability'): ItemScore {
  if (signal === 'continuation')
    return { score: tokenF1(answer.text, String(item.expected ?? '')), passed: null, reason: null };
  if (answer.probability === null) return unscored('The endpoint tells no probability of its tokens.');
  return { score: answer.probability, passed: null, reason: null };
}

const binary = (passed: boolean, reason: string | null = null): ItemScore => ({
  score: passed ? 1 : 0,
  passed,
  reason,
});
const unscored = (reason: string): ItemScore => ({ score: null, passed: null, reason });

function exact(item: SuiteItem, output: string, ignoreCase: boolean): ItemScore {
  if (item.expected === undefined) return unscored('The item names no expected answer.');
  const plain = (text: string) => {
    const trimmed = text.normalize('NFC').trim().replace(/\s+/g, ' ');
    return ignoreCase ? trimmed.toLowerCase() : trimmed;
  };
  return binary(plain(output) === plain(String(item.expected)));
}

function numeric(item: SuiteItem, output: string, tolerance: number): ItemScore {
  const expected = Number(item.expected);
  if (item.expected === undefined || !Number.isFinite(expected)) return unscored('The item names no expected number.');
  // The last number of an answer is its result; those before belong to the way there.
  const last = output.match(/[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?/g)?.at(-1);
  if (last === undefined) return binary(false, 'The answer holds no number.');
  const value = Number(last.replaceAll(',', ''));
  return binary(Math.abs(value - expected) <= tolerance, `The answer is ${value}.`);
}

function similarity(item: SuiteItem, output: string, passAt: number): ItemScore {
  if (item.expected === undefined) return unscored('The item names no expected answer.');
  const score = tokenF1(output, String(item.expected));
  return { score, passed: score >= passAt, reason: null };
}

/** F1 over words, as in SQuAD: 2PR / (P + R) of the bags of words. */
export function tokenF1(a: string, b: string): number {
  const words = (text: string) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const left = words(a);
  const right = words(b);
  if (left.length === 0 || right.length === 0) return left.length === right.length ? 1 : 0;
  const counts = new Map<string, number>();
  for (const word of right) counts.set(word, (counts.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of left) {
    const rest = counts.get(word) ?? 0;
    if (rest === 0) continue;
    counts.set(word, rest - 1);
    shared++;
  }
  return (2 * shared) / (left.length + right.length);
}

function grounded(item: SuiteItem, output: string): ItemScore {
  if (item.context === undefined) return unscored('The item names no context.');
  const { rate, counts } = checkGroundedness(output, item.context);
  if (rate === null)
    return unscored(counts.not_checked > 0 ? 'Words alone leave it open.' : 'The answer makes no claim.');
  return {
    score: rate,
    passed: counts.unsupported === 0,
    reason: `${counts.supported} claims supported, ${counts.unsupported} not, ${counts.not_checked} not checked.`,
  };
}

async function judged(
  scorer: Extract<Scorer, { kind: 'judge' }>,
  item: SuiteItem,
  output: string,
  nonce: string,
  askJudge: AskJudge | null,
): Promise<ItemScore> {
  if (item.context === undefined) return unscored('The item names no context.');
  if (askJudge === null) return unscored('Not checked: no judge is reachable here.');
  const checked = checkGroundedness(output, item.context);
  const open = checked.claims.filter((claim) => claim.verdict === 'not_checked');
  const texts = open.map((claim) => claim.text);
  const answer = open.length === 0 ? null : await askJudge(scorer, judgePrompt(item.context, texts, nonce));
  const verdicts = answer === null ? [] : readJudgeAnswer(answer, open.length);
  if (verdicts === null) return unscored('The answer of the judge could not be read.');
  const { rate, counts } = decideOpen(checked, 'judge', verdicts);
  if (rate === null || counts.not_checked > 0) return unscored('The judge left claims open, or there were none.');
  return { score: rate, passed: counts.unsupported === 0, reason: `${counts.unsupported} claims not supported.` };
}

function compilePattern(name: string, pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch {
    throw new AppError('invalid_input', `scorers: the pattern of "${name}" is not one (RE2 syntax, no look-around).`);
  }
}

function compileSchema(name: string, schema: Record<string, unknown>): (output: string) => ItemScore {
  // Patterns in a schema run on an engine that can be made to run for ever, over what a model wrote.
  if (/"(?:pattern|patternProperties)"\s*:/.test(JSON.stringify(schema)))
    throw new AppError('invalid_input', `scorers: the schema of "${name}" uses pattern. Add a regex scorer instead.`);
  let validate: ReturnType<Ajv2020['compile']>;
  try {
    // References lead nowhere: nothing is loaded from outside.
    validate = new Ajv2020({ strict: false, allErrors: false, validateFormats: false }).compile(schema);
  } catch {
    throw new AppError('invalid_input', `scorers: the schema of "${name}" is not a JSON Schema (2020-12).`);
  }
  return (output) => {
    let value: unknown;
    try {
      value = JSON.parse(
        output
          .trim()
          .replace(/^```(?:json)?/, '')
          .replace(/```$/, ''),
      );
    } catch {
      return binary(false, 'The answer is not JSON.');
    }
    if (validate(value)) return binary(true);
    const [first] = validate.errors ?? [];
    return binary(false, `${first?.instancePath || '/'} ${first?.message ?? 'does not fit'}`.slice(0, 300));
  };
}
