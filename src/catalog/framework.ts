import * as z from 'zod';
import { SentenceText, Slug } from './text.ts';

/** The frameworks of the catalog. The order is the order of screens. */
export const FRAMEWORK_IDS = [
  'soc2',
  'iso-27001',
  'iso-42001',
  'nist-ai-rmf',
  'eu-ai-act',
  'owasp-llm',
  'owasp-agentic',
  'mitre-atlas',
] as const;
export const FrameworkId = z.enum(FRAMEWORK_IDS);
export type FrameworkId = z.infer<typeof FrameworkId>;

/** The five categories of the Trust Services Criteria. Security is part of every SOC 2 scope. */
export const TRUST_CATEGORIES = [
  'security',
  'availability',
  'processing_integrity',
  'confidentiality',
  'privacy',
] as const;
export const TrustCategory = z.enum(TRUST_CATEGORIES);
export type TrustCategory = z.infer<typeof TrustCategory>;

/** One thing a framework asks for. The identifier is the framework's; every word is ours. */
export const Requirement = z.strictObject({
  id: z.string().min(1),
  title: SentenceText,
  /** What it asks, in our own words. */
  meaning: SentenceText.optional(),
  /** What it means where the system learns or generates. */
  forAiSystems: SentenceText.optional(),
  /** Why no control of the catalog covers it. Every requirement has a control or such a reason. */
  notCovered: SentenceText.optional(),
  cosoPrinciple: z.number().int().min(1).max(17).optional(),
});
export type Requirement = z.infer<typeof Requirement>;

export const RequirementGroup = z.strictObject({
  id: z.string().min(1),
  title: SentenceText,
  /** Only in SOC 2: the category whose scope decision switches the group on or off. */
  category: TrustCategory.optional(),
  requirements: z.array(Requirement).min(1),
});
export type RequirementGroup = z.infer<typeof RequirementGroup>;

export const Framework = z.strictObject({
  id: FrameworkId,
  /** As a heading, e.g. `SOC 2`. */
  title: SentenceText,
  fullTitle: SentenceText,
  version: z.string().min(1),
  publisher: SentenceText,
  /** What mapping to this framework does and does not show. */
  note: SentenceText,
  attribution: SentenceText.optional(),
  /** What is needed beyond the requirements below, e.g. the management-system clauses of an ISO standard. */
  alsoNeeded: z
    .array(z.strictObject({ id: z.string().min(1), title: SentenceText, meaning: SentenceText }))
    .default([]),
  groups: z.array(RequirementGroup).min(1),
});
export type Framework = z.infer<typeof Framework>;

/** A requirement of SOC 2, with what every criterion has. */
export type Criterion = Requirement & {
  category: TrustCategory;
  /** Title of its group, e.g. `Risk assessment`. */
  series: string;
  meaning: string;
  forAiSystems: string;
};

/** Requirement ids by framework; a framework that is left out is not mapped. */
export const MapsTo = z.partialRecord(FrameworkId, z.array(z.string().min(1)).min(1));
export type MapsTo = z.infer<typeof MapsTo>;

export const RelationStrength = z.enum(['strong', 'partial', 'touching']);
export type RelationStrength = z.infer<typeof RelationStrength>;

/** How the cross-map is made. The relations themselves are computed from the controls, see `relations.ts`. */
export const CrossMap = z.strictObject({
  method: SentenceText,
  display: SentenceText,
  strengths: z.array(
    z.strictObject({ id: RelationStrength, sharedControlsMin: z.number().int().min(1), means: SentenceText }),
  ),
  /** Pairs that an openly published crosswalk lists too, at criterion level. */
  published: z.strictObject({
    source: SentenceText,
    from: FrameworkId,
    to: FrameworkId,
    pairs: z.array(z.strictObject({ from: z.string().min(1), to: z.array(z.string().min(1)).min(1) })),
  }),
});
export type CrossMap = z.infer<typeof CrossMap>;

/** Two requirements of different frameworks that the same controls help with. It does not say that one meets the other. */
export type Mapping = {
  from: { framework: FrameworkId; requirement: string };
  to: { framework: FrameworkId; requirement: string };
  controls: string[];
  strength: RelationStrength;
  publishedAgrees: boolean;
};

export const ControlCategory = z.strictObject({ id: Slug, title: SentenceText });
export type ControlCategory = z.infer<typeof ControlCategory>;
