import { sampleNumber, stratumOf } from '#src/statistics/declared-sample.ts';
import type { CheckRule, NotJudged } from './model.ts';

/** An answer that could be held against what it was given. */
export type AnswerToCheck = {
  eventId: string;
  systemId: string;
  modelVersion: string | null;
  segment: Readonly<Record<string, string>>;
  occurredAtMs: number;
  /** Null where it was not kept to its end. */
  answer: string | null;
  context: readonly string[];
  /** Where people may read the texts: as the sender offers them, or as the captured payload of the event. Null: nowhere. */
  labels: { by: 'sender'; question: string | null } | { by: 'payload' } | null;
};

export type Admitted = { id: string; eventId: string; reason: NotJudged | null };

/** A sampled answer in the queue; without its texts where `reason` says why it is not judged. */
export type Held = {
  rule: CheckRule;
  answer: AnswerToCheck;
  answerCharacters: number;
  contextCharacters: number;
  reason: NotJudged | null;
};
/** One that is written down as waiting. */
export type Job = Held & { id: string; admittedMs: number; context: string };

/** The rules that choose this answer, by the hash of its event's id alone. */
export function choosingRules(
  rules: readonly CheckRule[],
  {
    systemId,
    eventId,
    segment,
    modelVersion,
  }: Pick<AnswerToCheck, 'systemId' | 'eventId' | 'segment' | 'modelVersion'>,
): CheckRule[] {
  const labelOf = (key: string) =>
    key === 'model_version' ? (modelVersion ?? undefined) : Object.hasOwn(segment, key) ? segment[key] : undefined;
  return rules.filter(
    (rule) =>
      rule.systemId === systemId && sampleNumber(eventId, rule.sampling.salt) < stratumOf(rule.sampling, labelOf).rate,
  );
}
