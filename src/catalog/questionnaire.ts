import * as z from 'zod';
import { ControlId } from './control.ts';
import { idWith, SentenceText, Slug } from './text.ts';

export const Topic = z.strictObject({ id: Slug, title: SentenceText });
export type Topic = z.infer<typeof Topic>;

/** A question that buyers of the company ask. */
export const InboundQuestion = z.strictObject({
  id: idWith(/^IQ-\d{3}$/, 'IQ-001'),
  topic: Slug,
  question: SentenceText,
  controls: z.array(ControlId).min(1),
  /** What a good answer holds. */
  answerShape: SentenceText,
  /** True where no draft may be made without a person, e.g. breach history. */
  requiresHumanApproval: z.boolean().default(false),
});
export type InboundQuestion = z.infer<typeof InboundQuestion>;

export const InboundQuestionnaire = z.strictObject({
  note: SentenceText,
  topics: z.array(Topic).min(1),
  commonSources: z.array(z.strictObject({ id: z.string().min(1), title: SentenceText })),
  answerTypes: z.array(Slug),
  answerStates: z.array(Slug),
  answerFields: z.array(Slug),
  draftRules: z.array(SentenceText),
  questions: z.array(InboundQuestion).min(1),
});
export type InboundQuestionnaire = z.infer<typeof InboundQuestionnaire>;

/** Whom a due-diligence question is asked of. */
export const AskedOf = z.enum(['all', 'tier_1', 'tier_2', 'dataset', 'labeling', 'open_model']);
export type AskedOf = z.infer<typeof AskedOf>;

/** A question the company asks its own AI suppliers. */
export const VendorQuestion = z.strictObject({
  id: idWith(/^VQ-\d{2}$/, 'VQ-01'),
  topic: Slug,
  question: SentenceText,
  askedOf: z.array(AskedOf).min(1),
  acceptable: SentenceText,
  controls: z.array(ControlId).min(1),
});
export type VendorQuestion = z.infer<typeof VendorQuestion>;

export const VendorQuestionnaire = z.strictObject({
  note: SentenceText,
  topics: z.array(Topic).min(1),
  questions: z.array(VendorQuestion).min(1),
});
export type VendorQuestionnaire = z.infer<typeof VendorQuestionnaire>;
