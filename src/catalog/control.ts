import * as z from 'zod';
import { MapsTo } from './framework.ts';
import { idWith, SentenceText, Slug } from './text.ts';

export const ControlId = idWith(/^[A-Z]{3}-\d{2}$/, 'AIG-01');
export const EvidenceId = idWith(/^[A-Z]{3}-\d{2}\.E\d$/, 'AIG-01.E1');

export const Frequency = z.enum([
  'continuous',
  'per_event',
  'daily',
  'weekly',
  'monthly',
  'quarterly',
  'semiannual',
  'annual',
]);
export type Frequency = z.infer<typeof Frequency>;

export const Nature = z.enum(['preventive', 'detective', 'corrective']);
export type Nature = z.infer<typeof Nature>;

/** `automated`: the system does it and data proves it. `hybrid`: a person acts, data verifies. `manual`: a person acts and files. */
export const Execution = z.enum(['automated', 'hybrid', 'manual']);
export type Execution = z.infer<typeof Execution>;

export const ExpectedEvidence = z.strictObject({ id: EvidenceId, expect: SentenceText });
export type ExpectedEvidence = z.infer<typeof ExpectedEvidence>;

/** What a full automated test of the control would read and decide. The tests that exist are in `src/control-tests`. */
export const TestPlan = z.strictObject({
  id: idWith(/^T-[A-Z]{3}-\d{2}$/, 'T-AIG-01'),
  sourceKinds: z.array(Slug).min(1),
  dataNeeded: SentenceText,
  /** Defaults. A company may tighten them freely and loosen them only with an approved exception that expires. */
  parameters: z.record(z.string(), z.number()).default({}),
  passRule: SentenceText,
});
export type TestPlan = z.infer<typeof TestPlan>;

/** A control as its file holds it; the category is said once at the head of the file. */
export const ControlInFile = z.strictObject({
  id: ControlId,
  title: SentenceText,
  aiSpecific: z.boolean(),
  /** Whether the criteria it is mapped to lean on it most: what auditors of AI companies expect to find. */
  isKey: z.boolean().default(false),
  statement: SentenceText,
  /** Why it matters to a company that builds on AI. */
  whyForAi: SentenceText,
  ownerRole: Slug,
  frequency: Frequency,
  nature: Nature,
  execution: Execution,
  appliesTo: z.array(Slug).min(1),
  mapsTo: MapsTo,
  /** Every instance of the control in the window: what an auditor draws samples from. */
  population: SentenceText,
  evidence: z.array(ExpectedEvidence).min(1),
  test: TestPlan,
  /** What a person does where no source is connected. */
  manualFallback: SentenceText,
});

export type Control = z.infer<typeof ControlInFile> & { category: string };
