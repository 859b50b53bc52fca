import * as z from 'zod';

export const LABEL_VERDICTS = ['supported', 'unsupported', 'unsure'] as const;
export type LabelVerdict = (typeof LABEL_VERDICTS)[number];

export const LABELERS = 2;

export const LabelItem = z
  .object({
    id: z.string(),
    /** Null for an answer of live traffic. */
    runId: z.string().nullable(),
    itemId: z.string(),
    input: z.string(),
    context: z.string().nullable(),
    answer: z.string(),
    /** How many labels it has; it needs two, by two persons. */
    labels: z.int(),
  })
  .meta({ id: 'LabelItem' });
export type LabelItem = z.infer<typeof LabelItem>;
export const NextLabel = z
  .object({ item: LabelItem.nullable(), waitingForMe: z.int(), waitingForOthers: z.int() })
  .meta({ id: 'NextLabel' });
export type NextLabel = z.infer<typeof NextLabel>;
export const PutLabel = z.strictObject({
  verdict: z.enum(LABEL_VERDICTS),
  comment: z.string().trim().min(1).max(1_000).optional(),
});
export const NewSample = z.strictObject({
  runId: z.string().max(64),
  /** The scorer whose word on each item is compared with people: a judge, or groundedness from words alone. */
  scorer: z.string().max(40),
  rate: z.number().gt(0).max(1),
});
export type NewSample = z.infer<typeof NewSample>;
export const SampleOutcome = z
  .object({
    eligible: z.int(),
    sampled: z.int(),
    /** Drawn here: whoever asks cannot try seeds until the sample suits. */
    seed: z.int(),
  })
  .meta({ id: 'SampleOutcome' });

const Interval = z.object({ low: z.number(), high: z.number() });
/** What people said, how much they agree, and what that makes of the judge's number. */
export const LabelReport = z
  .object({
    id: z.string(),
    /** Null for answers of live traffic, which belong to `systemId`. */
    runId: z.string().nullable(),
    systemId: z.string().nullable(),
    scorer: z.string(),
    rate: z.number(),
    seed: z.int(),
    sampled: z.int(),
    labeledTwice: z.int(),
    agreement: z.object({ raw: z.number().nullable(), kappa: z.number().nullable() }),
    /** Items on which both labelers agree, against the scorer. Positive is `unsupported`. */
    gold: z.object({ positives: z.int(), truePositives: z.int(), negatives: z.int(), trueNegatives: z.int() }),
    sensitivity: z.number().nullable(),
    specificity: z.number().nullable(),
    /** Share of unsupported answers as the scorer counts it, over all items of the run, or the sampled ones of live traffic. */
    measured: z.object({ flagged: z.int(), n: z.int(), rate: z.number().nullable(), interval95: Interval.nullable() }),
    /** The same, corrected by how the scorer did on the gold items (Rogan-Gladen). */
    corrected: z.object({
      status: z.enum(['ok', 'insufficient_data']),
      reason: z.string().nullable(),
      rate: z.number().nullable(),
      interval95: Interval.nullable(),
    }),
  })
  .meta({ id: 'LabelReport' });
export type LabelReport = z.infer<typeof LabelReport>;
export const LabelReports = z.object({ items: z.array(LabelReport) }).meta({ id: 'LabelReports' });
