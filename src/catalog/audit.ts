import * as z from 'zod';
import { ControlId, Frequency } from './control.ts';
import { idWith, SentenceText, Slug } from './text.ts';

export const RequestForm = z.enum(['document', 'population', 'configuration', 'record']);
export type RequestForm = z.infer<typeof RequestForm>;

/** One item of the auditor's request list. */
export const AuditRequest = z.strictObject({
  id: idWith(/^PBC-\d{2}$/, 'PBC-01'),
  request: SentenceText,
  form: RequestForm,
  controls: z.array(ControlId).min(1),
  answeredBy: SentenceText,
});
export type AuditRequest = z.infer<typeof AuditRequest>;

export const Requests = z.strictObject({ states: z.array(Slug).min(1), requests: z.array(AuditRequest).min(1) });

const Count = z.number().int().min(0);

export const Sampling = z.strictObject({
  note: SentenceText,
  byFrequency: z.array(
    z.strictObject({ frequency: Frequency, instancesPerYear: Count, sampleMin: Count, sampleMax: Count }),
  ),
  perEvent: z.array(
    z.strictObject({
      populationFrom: Count,
      /** Null: no upper end. */
      populationTo: Count.nullable(),
      /** `none` keeps proof of emptiness, `all` takes every instance, `share` a percentage within the limits. */
      take: z.enum(['none', 'all', 'fixed', 'share', 'range']),
      sampleDefault: Count.optional(),
      samplePercent: z.number().positive().optional(),
      sampleMin: Count.optional(),
      sampleMax: Count.optional(),
    }),
  ),
  continuousAutomated: SentenceText,
  expectedDeviations: Count,
  selectionMethods: z.array(z.strictObject({ id: Slug, means: SentenceText })),
  storedWithSample: z.array(Slug),
  shorterWindow: SentenceText,
  aiPopulations: z.array(SentenceText),
});
export type Sampling = z.infer<typeof Sampling>;

const Range = z.tuple([z.number(), z.number()]);

export const Timeline = z.strictObject({
  /** In months. */
  anchors: z.array(z.strictObject({ id: Slug, title: SentenceText, months: Range })),
  source: SentenceText,
  phases: z.array(
    z.strictObject({
      id: Slug,
      title: SentenceText,
      work: SentenceText,
      /** In weeks, for a company without AI; null where the phase is optional. */
      weeks: Range.nullable(),
      aiAddsWeeks: Range,
      exit: SentenceText,
    }),
  ),
  notes: z.array(SentenceText),
});
export type Timeline = z.infer<typeof Timeline>;

export const Cost = z.strictObject({
  currency: z.literal('USD'),
  source: SentenceText,
  /** The only published figures. Everything else is an assumption and shown as one. */
  anchors: z.array(z.strictObject({ id: Slug, title: SentenceText, range: Range })),
  assumptionsNote: SentenceText,
  baseFees: z.array(z.strictObject({ id: Slug, title: SentenceText, range: Range })),
  /** Percent added to (or taken from) the fee. */
  feeFactors: z.array(z.strictObject({ id: Slug, title: SentenceText, percent: Range })),
  otherItems: z.array(z.strictObject({ id: Slug, title: SentenceText, range: Range })),
  laborHours: z.array(z.strictObject({ id: Slug, title: SentenceText, hours: Range })),
  raises: z.array(SentenceText),
  lowers: z.array(SentenceText),
});
export type Cost = z.infer<typeof Cost>;

export const CommonFinding = z.strictObject({
  id: idWith(/^CF-\d{2}$/, 'CF-01'),
  finding: SentenceText,
  criteria: z.array(z.string()),
  cause: SentenceText,
  prevention: SentenceText,
  controls: z.array(ControlId),
});
export type CommonFinding = z.infer<typeof CommonFinding>;

export const Findings = z.strictObject({
  handling: z.array(SentenceText),
  ratingAid: SentenceText,
  findings: z.array(CommonFinding).min(1),
});

export const AuditorQuestion = z.strictObject({
  id: idWith(/^AQ-\d{2}$/, 'AQ-01'),
  /** A gate rejects the firm at a low score, whatever the rest. */
  gate: z.boolean(),
  weight: z.number().int().positive().optional(),
  question: SentenceText,
  goodAnswer: SentenceText,
  redFlag: SentenceText,
});
export type AuditorQuestion = z.infer<typeof AuditorQuestion>;

export const Auditors = z.strictObject({
  note: SentenceText,
  fields: z.array(
    z.strictObject({ id: Slug, title: SentenceText, holds: SentenceText, truth: SentenceText.optional() }),
  ),
  factFields: z.array(Slug),
  factStates: z.array(Slug),
  questions: z.array(AuditorQuestion).min(1),
  scoring: z.strictObject({
    scale: z.array(z.strictObject({ score: Count, means: SentenceText })),
    rule: SentenceText,
    gateRejectAtOrUnder: Count,
    preferFrom: z.number(),
    possibleFrom: z.number(),
    aiBlock: z.array(z.string()).min(1),
    aiBlockWarnUnder: z.number(),
  }),
  readinessPartner: z.array(z.strictObject({ topic: SentenceText, partner: SentenceText, auditor: SentenceText })),
  publicSources: z.array(SentenceText),
});
export type Auditors = z.infer<typeof Auditors>;

const Titled = z.array(z.strictObject({ id: Slug, title: SentenceText, means: SentenceText }));

export const Report = z.strictObject({
  basis: z.array(SentenceText),
  types: z.array(
    z.strictObject({
      id: Slug,
      title: SentenceText,
      answers: SentenceText,
      time: SentenceText,
      testing: SentenceText,
      use: SentenceText,
    }),
  ),
  sections: z.array(z.strictObject({ number: Count, title: SentenceText, writtenBy: SentenceText })),
  opinions: Titled,
  descriptionCriteria: z.array(
    z.strictObject({ id: idWith(/^DC-\d$/, 'DC-1'), title: SentenceText, forAiSystems: SentenceText }),
  ),
  descriptionTraps: z.array(SentenceText),
  processingIntegrity: SentenceText,
  userControls: z.array(SentenceText),
  subserviceMethods: z.array(
    z.strictObject({
      id: Slug,
      title: SentenceText,
      providerControls: SentenceText,
      needs: SentenceText,
      use: SentenceText,
    }),
  ),
  modelProvider: SentenceText,
  populationRecord: z.array(SentenceText),
  evidenceQualities: Titled,
  evidenceGrades: z.array(z.strictObject({ grade: z.enum(['A', 'B', 'C', 'D']), means: SentenceText })),
  weakEvidence: z.array(SentenceText),
});
export type Report = z.infer<typeof Report>;

export type Audit = {
  requests: AuditRequest[];
  requestStates: string[];
  sampling: Sampling;
  timeline: Timeline;
  cost: Cost;
  findings: z.infer<typeof Findings>;
  auditors: Auditors;
  report: Report;
};
