import * as z from 'zod';
import { ControlId } from './control.ts';
import { FrameworkId, TrustCategory } from './framework.ts';
import { idWith, SentenceText, Slug } from './text.ts';

export const Phase = z.enum(['plan', 'build', 'operate', 'audit']);
export type Phase = z.infer<typeof Phase>;

export const ReadinessQuestion = z.strictObject({
  id: idWith(/^RQ-\d{3}$/, 'RQ-001'),
  question: SentenceText,
  /** 3: an audit fails without it. 1: good practice. */
  weight: z.number().int().min(1).max(3),
  controls: z.array(ControlId).min(1),
});
export type ReadinessQuestion = z.infer<typeof ReadinessQuestion>;

export const ReadinessSection = z.strictObject({
  id: Slug,
  title: SentenceText,
  questions: z.array(ReadinessQuestion).min(1),
});
export type ReadinessSection = z.infer<typeof ReadinessSection>;

/** `value` is null for an answer that leaves the denominator. */
export const ReadinessAnswer = z.strictObject({
  id: Slug,
  title: SentenceText,
  value: z.number().min(0).max(1).nullable(),
  means: SentenceText,
});
export type ReadinessAnswer = z.infer<typeof ReadinessAnswer>;

export const ReadinessScoring = z.strictObject({
  formula: SentenceText,
  answers: z.array(ReadinessAnswer).min(2),
  bands: z.array(
    z.strictObject({ id: Slug, title: SentenceText, from: z.number(), to: z.number(), advice: SentenceText }),
  ),
  gates: z.array(SentenceText),
  gapFields: z.array(Slug),
  gapSeverityRule: SentenceText,
});
export type ReadinessScoring = z.infer<typeof ReadinessScoring>;

export const ScopingQuestion = z.strictObject({
  id: idWith(/^SC-\d{2}$/, 'SC-01'),
  question: SentenceText,
  type: z.enum(['yes_no', 'single_choice', 'multi_choice', 'number', 'date']),
  options: z.array(z.strictObject({ id: Slug, title: SentenceText })).optional(),
  effect: SentenceText.optional(),
});
export type ScopingQuestion = z.infer<typeof ScopingQuestion>;

/** Facts a scoping rule may ask for that no question holds. */
export const ScopingFact = z.enum([
  'customer_contract_names_category',
  'no_category_beyond_security',
  'asset_handles_sensitive_data',
  'asset_automates_decisions',
  'asset_in_production',
  'asset_excluded',
  'no_report_exists',
  'no_agent_in_inventory',
]);
export type ScopingFact = z.infer<typeof ScopingFact>;

/** One condition. `is` compares a single answer, `hasAny` and `hasOtherThan` look into a multiple choice, `withinMonths` at a date. */
export const ScopingCondition = z.union([
  z.strictObject({ question: z.string(), is: z.string() }),
  z.strictObject({ question: z.string(), hasAny: z.array(z.string()).min(1) }),
  z.strictObject({ question: z.string(), hasOtherThan: z.array(z.string()).min(1) }),
  z.strictObject({ question: z.string(), withinMonths: z.number().positive() }),
  z.strictObject({ fact: ScopingFact }),
]);
export type ScopingCondition = z.infer<typeof ScopingCondition>;

/** A rule fires when every condition of `all` and at least one of `any` holds; without conditions it always fires. */
export const ScopingRule = z.strictObject({
  id: idWith(/^SR-\d{2}$/, 'SR-01'),
  /** The condition as a sentence. */
  when: SentenceText,
  all: z.array(ScopingCondition).optional(),
  any: z.array(ScopingCondition).optional(),
  effect: z.strictObject({
    pursueSoc2: z.boolean().optional(),
    category: z.union([TrustCategory, z.literal('named_category')]).optional(),
    level: z.enum(['required', 'recommended', 'required_by_customer', 'start_with_security']).optional(),
    asset: z.enum(['in_scope', 'needs_written_justification_and_approver']).optional(),
    report: z.enum(['type_1_now_then_type_2']).optional(),
    suggestFramework: FrameworkId.optional(),
    mayNotApply: z.array(ControlId).optional(),
  }),
  reason: SentenceText,
});
export type ScopingRule = z.infer<typeof ScopingRule>;

export const ChecklistItem = z.strictObject({
  id: idWith(/^CK-\d{2}$/, 'CK-01'),
  item: SentenceText,
  phase: Phase,
  controls: z.array(ControlId).min(1),
});
export type ChecklistItem = z.infer<typeof ChecklistItem>;

export const Readiness = z.strictObject({
  scoring: ReadinessScoring,
  sections: z.array(ReadinessSection).min(1),
  scoping: z.strictObject({
    questions: z.array(ScopingQuestion).min(1),
    rules: z.array(ScopingRule).min(1),
    companyTypesThatNeedSoc2: z.array(Slug),
  }),
  checklist: z.array(ChecklistItem).min(1),
});
export type Readiness = z.infer<typeof Readiness>;
