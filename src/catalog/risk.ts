import * as z from 'zod';
import { ControlId } from './control.ts';
import { MapsTo } from './framework.ts';
import { idWith, SentenceText, Slug } from './text.ts';

const Rating = z.number().int().min(1).max(5);

export const Risk = z.strictObject({
  id: idWith(/^R-\d{2}$/, 'R-01'),
  title: SentenceText,
  scenario: SentenceText,
  threat: SentenceText,
  appliesTo: z.array(Slug).min(1),
  mapsTo: MapsTo,
  suggestedControls: z.array(ControlId).min(1),
  defaultLikelihood: Rating,
  defaultImpact: Rating,
});
export type Risk = z.infer<typeof Risk>;

export const RiskLevel = z.enum(['low', 'medium', 'high', 'critical']);
export type RiskLevel = z.infer<typeof RiskLevel>;

export const RiskLibrary = z.strictObject({
  note: SentenceText,
  scale: z.strictObject({
    likelihood: z.array(z.strictObject({ value: Rating, means: SentenceText })).length(5),
    impact: z.array(z.strictObject({ value: Rating, means: SentenceText })).length(5),
  }),
  levels: z.array(z.strictObject({ id: RiskLevel, from: z.number().int(), to: z.number().int() })).length(4),
  residualRule: SentenceText,
  /** Risks that no assessment of an AI system may leave unrated, grouped by the scenario they stand for. */
  mandatoryScenarios: z.array(z.strictObject({ id: Slug, title: SentenceText, risks: z.array(z.string()).min(1) })),
  /** Which risk areas of the NIST generative AI profile are left to the company. */
  generativeAiProfileNote: SentenceText,
  risks: z.array(Risk).min(1),
});
export type RiskLibrary = z.infer<typeof RiskLibrary>;

/** Inherent score, 1 to 25: likelihood times impact, before any control. */
export function inherentScore(risk: Pick<Risk, 'defaultLikelihood' | 'defaultImpact'>): number {
  return risk.defaultLikelihood * risk.defaultImpact;
}
