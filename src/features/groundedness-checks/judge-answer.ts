import { randomBytes } from 'node:crypto';
import { decideOpen, GROUNDEDNESS_VERSION, type Groundedness } from '#src/detectors/groundedness/check-groundedness.ts';
import { JUDGE_PROMPT_VERSION, judgePrompt, readJudgeAnswer } from '#src/detectors/groundedness/judge-prompt.ts';
import type { AskJudge } from './ask-judge.ts';
import type { Entailment } from './entailment.ts';
import { CHECK_LIMITS, type CheckRule, type NotJudged } from './model.ts';

/** What can judge here. Without a model or a judge, claims that words leave open stay open. */
export type JudgingMeans = {
  compareWords(answer: string, context: string): Promise<Groundedness>;
  entailment: Entailment | null;
  askJudge: AskJudge;
};

export type Judged =
  | { state: 'judged'; method: string; checked: Groundedness }
  | { state: 'not_judged'; method: string; reason: NotJudged; cause?: unknown };

// What a judge is shown: judging against the beginning of a context would call the rest unsupported.
const JUDGE_CONTEXT_CHARACTERS = 60_000;
// Over all claims of an answer.
const ENTAILMENT_MS = 120_000;
const ANSWER_TOKENS_A_CLAIM = 60;
const ANSWER_TOKENS_BESIDE = 100;

/**
 * Judges one answer against its context: by words, then by the entailment model, then by the judge of the rule, each asked only
 * about what is still open. Where one that is configured cannot answer, nothing of the answer counts as judged: a rate over
 * what happened to be easy would be another rate. Never throws.
 */
export async function judgeAnswer(
  means: JudgingMeans,
  rule: Pick<CheckRule, 'digest' | 'judge'>,
  { answer, context }: { answer: string; context: string },
): Promise<Judged> {
  const method = methodOf(means, rule);
  const not = (reason: NotJudged, cause?: unknown): Judged => ({ state: 'not_judged', method, reason, cause });
  if (answer.length > CHECK_LIMITS.answerCharacters || context.length > CHECK_LIMITS.contextCharacters)
    return not('too_large');
  let checked: Groundedness;
  try {
    checked = await means.compareWords(answer, context);
  } catch (error) {
    return not(isTooLate(error) ? 'timeout' : 'error', error);
  }
  if (!checked.complete) return not('too_large');
  const { entailment } = means;
  if (entailment && openClaims(checked).length > 0) {
    try {
      const signal = AbortSignal.timeout(ENTAILMENT_MS);
      checked = decideOpen(checked, 'entailment', await entailment.decide(context, openClaims(checked), signal));
    } catch (error) {
      return not('entailment_failed', error);
    }
  }
  const open = openClaims(checked);
  if (rule.judge === null || open.length === 0) return { state: 'judged', method, checked };
  if (context.length > JUDGE_CONTEXT_CHARACTERS) return not('too_large');
  try {
    const prompt = judgePrompt(context.toWellFormed(), open, randomBytes(12).toString('hex'));
    const maxTokens = ANSWER_TOKENS_BESIDE + ANSWER_TOKENS_A_CLAIM * open.length;
    const said = await means.askJudge(rule, { ...prompt, maxTokens });
    if (said === null) return not('budget_spent');
    const verdicts = readJudgeAnswer(said, open.length);
    if (verdicts === null) return not('judge_unreadable');
    return { state: 'judged', method, checked: decideOpen(checked, 'judge', verdicts) };
  } catch (error) {
    return not('judge_failed', error);
  }
}

/** All that may have a say, with versions: checks of different methods are different series. */
function methodOf({ entailment }: JudgingMeans, { judge }: Pick<CheckRule, 'judge'>): string {
  return [
    GROUNDEDNESS_VERSION,
    ...(entailment ? [entailment.version] : []),
    ...(judge ? [`${JUDGE_PROMPT_VERSION}:${judge.model}`] : []),
  ].join('+');
}

function openClaims(checked: Groundedness): string[] {
  return checked.claims.flatMap(({ verdict, text }) => (verdict === 'not_checked' ? [text.toWellFormed()] : []));
}

function isTooLate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'unavailable';
}
