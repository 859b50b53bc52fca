import * as z from 'zod';
import type { JudgePlace } from '#src/features/evaluations/model.ts';

export const CHECK_LIMITS = {
  /** UTF-16 units. What is longer is recorded as not judged. */
  answerCharacters: 50_000,
  contextCharacters: 200_000,
  claims: 100,
  /** Of one delivery over HTTP. */
  items: 100,
  deliveryBytes: 4 * 1024 * 1024,
  contextParts: 200,
} as const;

export const CHECK_STATES = ['waiting', 'judged', 'not_judged'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** Why a sampled answer was not judged. */
export const NOT_JUDGED = [
  'queue_full',
  'too_large',
  'no_text',
  'timeout',
  'entailment_failed',
  'judge_failed',
  'judge_unreadable',
  'budget_spent',
  'error',
  'restarted',
] as const;
export type NotJudged = (typeof NOT_JUDGED)[number];

/** In words, after "not judged: ". */
export const NOT_JUDGED_WORDS: Record<NotJudged, string> = {
  queue_full: 'too many were waiting',
  too_large: 'answer or context too long',
  no_text: 'the text was not there',
  timeout: 'took too long',
  entailment_failed: 'the entailment model failed',
  judge_failed: 'the judge did not answer',
  judge_unreadable: 'the judge did not answer in the asked form',
  budget_spent: 'the budget of the judge was spent',
  error: 'ended with an error',
  restarted: 'lost with the process that held it',
};

export type JudgeRule = JudgePlace & { model: string; callsPerHour: number; tokensPerHour: number };

/** One approved rule of a monitor: whose answers are judged, and by whom. */
export type CheckRule = {
  systemId: string;
  /** SHA-256 over sampling and judge. */
  digest: string;
  sampling: { salt: string; rate: number; strata: { key: string; value: string; rate: number }[] };
  judge: JudgeRule | null;
  /** Share of the decided answers that people are asked about. */
  labelRate: number;
};

const characters = (max: number) => z.string().min(1).max(max);

/** An answer with what it was given, for its groundedness to be judged. The texts are judged and not kept. */
export const NewGroundednessCheck = z.strictObject({
  /** Of the event of the answer. Where it was not sent before, it is recorded as an operation with `groundable`: true. */
  eventId: characters(200),
  systemId: characters(200),
  occurredAt: z.union([z.string().max(40), z.number()]),
  modelVersion: characters(200).optional(),
  segment: z.record(z.string(), z.string()).optional(),
  answer: z.string(),
  /** Documents, tool results or whatever the answer must follow from. */
  context: z.array(z.string()).min(1).max(CHECK_LIMITS.contextParts),
  /**
   * Lets two people read the texts, where the rule chooses this answer for labels: they are then kept encrypted until both have
   * labeled it, at most 30 days. `question` is shown to them.
   */
  offerForLabels: z.boolean().optional(),
  question: z.string().max(CHECK_LIMITS.answerCharacters).optional(),
});
export type NewGroundednessCheck = z.infer<typeof NewGroundednessCheck>;
export const NewGroundednessChecks = z.strictObject({
  items: z.array(NewGroundednessCheck).min(1).max(CHECK_LIMITS.items),
});

/**
 * What became of one item. `not_sampled`: the rule did not choose it, and its text was dropped. `known`: sent before. `refused`:
 * nothing of it was taken.
 */
export const CheckOutcome = z
  .object({
    eventId: z.string(),
    state: z.enum(['waiting', 'not_judged', 'not_sampled', 'known', 'refused']),
    reason: z.string().nullable(),
    checkIds: z.array(z.string()),
  })
  .meta({ id: 'GroundednessCheckOutcome' });
export type CheckOutcome = z.infer<typeof CheckOutcome>;
export const CheckOutcomes = z.object({ items: z.array(CheckOutcome) }).meta({ id: 'GroundednessCheckOutcomes' });

export const GroundednessCheck = z
  .object({
    id: z.string(),
    eventId: z.string(),
    systemId: z.string(),
    modelVersion: z.string().nullable(),
    occurredAt: z.iso.datetime(),
    admittedAt: z.iso.datetime(),
    /** SHA-256 of the rule it was chosen by. */
    sampling: z.string(),
    state: z.enum(CHECK_STATES),
    reason: z.enum(NOT_JUDGED).nullable(),
    /** What judged, with versions. */
    method: z.string().nullable(),
    /** Null unless judged. */
    counts: z
      .object({
        claims: z.int(),
        supported: z.int(),
        unsupported: z.int(),
        contradicted: z.int(),
        notChecked: z.int(),
        byWords: z.int(),
        byEntailment: z.int(),
        byJudge: z.int(),
      })
      .nullable(),
    /** SHA-256 of the canonical JSON of answer and context. */
    textsSha256: z.string().nullable(),
    answerCharacters: z.int(),
    contextCharacters: z.int(),
    tookMs: z.int().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'GroundednessCheck' });
export type GroundednessCheck = z.infer<typeof GroundednessCheck>;

export const CheckQuery = z.object({
  systemId: z.string().max(64),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  state: z.enum(CHECK_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
});
export const CheckPage = z
  .object({ items: z.array(GroundednessCheck), next: z.string().nullable() })
  .meta({ id: 'GroundednessCheckPage' });
