import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';
import { DAY_MS } from '#src/kernel/time.ts';

export const FEEDBACK_LIMITS = {
  /** Of one delivery. */
  items: 200,
  /** UTF-16 units. */
  textCharacters: 4_000,
  textKeptDays: 90,
} as const;

export const THUMBS = ['up', 'down'] as const;
export type Thumb = (typeof THUMBS)[number];

/**
 * `noted`: praise, which nobody has to look at. `open`: waits for somebody to look. `triaged`: somebody did, and it is a problem.
 */
export const FEEDBACK_STATES = ['noted', 'open', 'triaged', 'closed'] as const;
export type FeedbackState = (typeof FEEDBACK_STATES)[number];

export const FEEDBACK_OUTCOMES = ['no_problem', 'added_to_evaluation', 'incident', 'fixed', 'accepted'] as const;
export type FeedbackOutcome = (typeof FEEDBACK_OUTCOMES)[number];
export const OUTCOME_WORDS: Record<FeedbackOutcome, string> = {
  no_problem: 'No problem',
  added_to_evaluation: 'Added to an evaluation',
  incident: 'Became an incident',
  fixed: 'Fixed',
  accepted: 'A problem that is accepted',
};

/** As the catalog states it for EVM-09. */
export const TRIAGE_BUSINESS_DAYS = 3;

/** By when feedback has to be looked at: three days later, Saturdays and Sundays in UTC aside. */
export function triageDueMs(receivedMs: number): number {
  let dueMs = receivedMs;
  for (let left = TRIAGE_BUSINESS_DAYS; left > 0; ) {
    dueMs += DAY_MS;
    const day = new Date(dueMs).getUTCDay();
    if (day !== 0 && day !== 6) left--;
  }
  return dueMs;
}

const externalText = z.string().min(1).max(200);

/** What a user said of one answer. At least one of `thumb`, `label` and `text`. */
export const NewFeedback = z
  .strictObject({
    /** The sender's own name for it: the same id again is the same feedback. */
    id: externalText,
    /** Of the event of the answer; for calls of the gateway that of the decision. */
    eventId: externalText,
    /** Needed where the event is not known here; by id or name. */
    systemId: externalText.optional(),
    occurredAt: z.union([z.string().max(40), z.number()]).optional(),
    thumb: z.enum(THUMBS).optional(),
    label: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'must be a short name in lower case, like wrong or not_helpful')
      .optional(),
    /** Kept encrypted until the feedback is closed, at most 90 days. */
    text: z.string().min(1).max(FEEDBACK_LIMITS.textCharacters).optional(),
  })
  .refine(
    ({ thumb, label, text }) => thumb !== undefined || label !== undefined || text !== undefined,
    'must hold a thumb, a label or a text',
  );
export type NewFeedback = z.infer<typeof NewFeedback>;
/** Items are read one by one, so that a wrong one costs only itself. */
export const NewFeedbackList = z.strictObject({ items: z.array(z.unknown()).min(1).max(FEEDBACK_LIMITS.items) });

/** What became of one item. `known`: sent before. `refused`: nothing of it was taken, with the field. */
export const FeedbackOutcomeOfItem = z
  .object({
    id: z.string().nullable(),
    state: z.enum(['taken', 'known', 'refused']),
    feedbackId: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'FeedbackDelivered' });
export type FeedbackOutcomeOfItem = z.infer<typeof FeedbackOutcomeOfItem>;
export const FeedbackDelivery = z.object({ items: z.array(FeedbackOutcomeOfItem) }).meta({ id: 'FeedbackDelivery' });

export const Feedback = z
  .object({
    id: z.string(),
    systemId: z.string(),
    eventId: z.string(),
    modelVersion: z.string().nullable(),
    thumb: z.enum(THUMBS).nullable(),
    label: z.string().nullable(),
    hasText: z.boolean(),
    /** Whether it can still be read. */
    textKept: z.boolean(),
    occurredAt: z.iso.datetime(),
    receivedAt: z.iso.datetime(),
    state: z.enum(FEEDBACK_STATES),
    /** Null for what nobody has to look at. */
    dueAt: z.iso.datetime().nullable(),
    /** Looked at too late, or not yet although it is due. */
    late: z.boolean(),
    triagedAt: z.iso.datetime().nullable(),
    triagedBy: Who.nullable(),
    outcome: z.enum(FEEDBACK_OUTCOMES).nullable(),
    reference: z.string().nullable(),
    closedAt: z.iso.datetime().nullable(),
    closedBy: Who.nullable(),
  })
  .meta({ id: 'Feedback' });
export type Feedback = z.infer<typeof Feedback>;

export const FeedbackQuery = z.object({
  systemId: z.string().max(64).optional(),
  state: z.enum(FEEDBACK_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
});
export const FeedbackPage = z
  .object({ items: z.array(Feedback), total: z.int(), nextCursor: z.string().optional() })
  .meta({ id: 'FeedbackPage' });

/** A problem is closed later, with what was done. What is none is closed at once. */
export const FeedbackDecision = z
  .discriminatedUnion('step', [
    z.strictObject({ step: z.literal('triage'), problem: z.boolean() }),
    z.strictObject({
      step: z.literal('close'),
      outcome: z.enum(FEEDBACK_OUTCOMES),
      /** The evaluation item, incident or change; a name and no words. */
      reference: z
        .string()
        .regex(/^[A-Za-z0-9._#/:-]{1,120}$/, 'must be a name without spaces, like inc_… or evs_…/item-7')
        .optional(),
    }),
  ])
  .meta({ id: 'FeedbackDecision' });
export type FeedbackDecision = z.infer<typeof FeedbackDecision>;
export const FeedbackText = z.object({ text: z.string() }).meta({ id: 'FeedbackText' });
