import * as z from 'zod';
import { ControlId } from './control.ts';
import { SentenceText, Slug } from './text.ts';

export const VendorTier = z.number().int().min(1).max(3);

/** How third-party AI is tiered, what each tier owes, how the residual rating is made and what to watch. */
export const VendorRules = z.strictObject({
  controls: z.array(ControlId).min(1),
  dependencyKinds: z.array(
    z.strictObject({ id: Slug, title: SentenceText, examples: SentenceText, registerAs: z.array(Slug).min(1) }),
  ),
  tierFactors: z.array(
    z.strictObject({
      id: Slug,
      title: SentenceText,
      /** Meaning of 0, 1, 2 and 3 points. */ points: z.array(SentenceText).length(4),
    }),
  ),
  tiers: z.array(
    z.strictObject({ tier: VendorTier, title: SentenceText, fromScore: z.number().int(), toScore: z.number().int() }),
  ),
  tierOverrides: z.array(SentenceText),
  tierLowering: SentenceText,
  duties: z.array(
    z.strictObject({ id: Slug, title: SentenceText, tier1: SentenceText, tier2: SentenceText, tier3: SentenceText }),
  ),
  residual: z.strictObject({
    rule: SentenceText,
    answers: z.array(z.strictObject({ id: Slug, title: SentenceText, value: z.number().min(0).max(1) })),
    bands: z.array(z.strictObject({ id: Slug, fromShare: z.number().min(0).max(1), means: SentenceText })),
    hardStops: z.array(SentenceText),
  }),
  reportReview: z.array(SentenceText),
  contractClauses: z.array(SentenceText),
  signals: z.array(z.strictObject({ id: Slug, title: SentenceText, controls: z.array(ControlId) })),
  sharedResponsibility: z.array(
    z.strictObject({
      duty: SentenceText,
      hostedClosedModel: SentenceText,
      cloudHostedModel: SentenceText,
      ownServingOfOpenModel: SentenceText,
      ownTrainedModel: SentenceText,
    }),
  ),
});
export type VendorRules = z.infer<typeof VendorRules>;
