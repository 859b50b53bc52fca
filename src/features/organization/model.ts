import * as z from 'zod';
import type { Instant } from '#src/kernel/time.ts';

/** What best describes the product (readiness question SC-01). */
export const PROFILE_KINDS = [
  'ai_saas_platform',
  'mlops_provider',
  'ai_analytics_tool',
  'llm_api_provider',
  'copilot_or_agent_builder',
  'other',
] as const;
/** Sectors the customers belong to (SC-02). */
export const SECTORS = ['finance', 'healthcare', 'government_contracting', 'saas_infrastructure', 'other'] as const;
/** Regions the customers are in (SC-19). */
export const REGIONS = ['north_america', 'european_union', 'united_kingdom', 'asia_pacific', 'other'] as const;
/** The Trust Services categories. Security is part of every SOC 2 examination. */
export const CATEGORIES = ['security', 'availability', 'confidentiality', 'processing_integrity', 'privacy'] as const;
export const REPORT_TYPES = ['type_1', 'type_2'] as const;

export const CATEGORY_TITLES: Record<(typeof CATEGORIES)[number], string> = {
  security: 'Security',
  availability: 'Availability',
  confidentiality: 'Confidentiality',
  processing_integrity: 'Processing integrity',
  privacy: 'Privacy',
};
export const PROFILE_KIND_TITLES: Record<(typeof PROFILE_KINDS)[number], string> = {
  ai_saas_platform: 'AI SaaS platform',
  mlops_provider: 'MLOps provider',
  ai_analytics_tool: 'AI analytics tool',
  llm_api_provider: 'LLM API provider',
  copilot_or_agent_builder: 'Copilot or agent builder',
  other: 'Something else',
};
export const SECTOR_TITLES: Record<(typeof SECTORS)[number], string> = {
  finance: 'Finance',
  healthcare: 'Healthcare',
  government_contracting: 'Government contracting',
  saas_infrastructure: 'SaaS infrastructure',
  other: 'Other',
};
export const REGION_TITLES: Record<(typeof REGIONS)[number], string> = {
  north_america: 'North America',
  european_union: 'European Union',
  united_kingdom: 'United Kingdom',
  asia_pacific: 'Asia-Pacific',
  other: 'Other',
};

const distinct = (values: readonly string[]) => new Set(values).size === values.length;
const NO_REPEATS = 'must not name the same thing twice';
const shortText = z.string().trim().max(200);

export const observationWindowSchema = z
  .strictObject({
    startsOn: z.iso.date('must be a day, like 2027-01-01'),
    endsOn: z.iso.date('must be a day, like 2027-03-31'),
  })
  .refine(({ startsOn, endsOn }) => startsOn < endsOn, { path: ['endsOn'], message: 'must be after the first day' });

/** Who the company is and what the report covers. Everything a person can change about it. */
export const organizationProfileSchema = z
  .strictObject({
    companyName: shortText,
    /** The name in contracts and in the report, where it differs. */
    legalName: shortText,
    productName: shortText,
    productDescription: z.string().trim().max(4000),
    kind: z.enum(PROFILE_KINDS).nullable(),
    sectors: z.array(z.enum(SECTORS)).refine(distinct, NO_REPEATS),
    /** People who work in the company. */
    headcount: z.int().min(1).max(10_000_000).nullable(),
    regions: z.array(z.enum(REGIONS)).refine(distinct, NO_REPEATS),
    categories: z
      .array(z.enum(CATEGORIES))
      .refine(distinct, NO_REPEATS)
      .refine((categories) => categories.includes('security'), 'must include security: every SOC 2 report covers it'),
    /** Ids of the catalog's frameworks, `soc2` always among them. */
    frameworks: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'must be the id of a framework'))
      .max(40)
      .refine(distinct, NO_REPEATS)
      .refine((frameworks) => frameworks.includes('soc2'), 'must include soc2'),
    reportType: z.enum(REPORT_TYPES).nullable(),
    /** The days the Type 2 report covers, both included. */
    observationWindow: observationWindowSchema.nullable(),
  })
  .meta({ id: 'OrganizationProfile' });
export type OrganizationProfile = z.infer<typeof organizationProfileSchema>;

export const DEFAULT_PROFILE: OrganizationProfile = {
  companyName: '',
  legalName: '',
  productName: '',
  productDescription: '',
  kind: null,
  sectors: [],
  headcount: null,
  regions: [],
  categories: ['security'],
  frameworks: ['soc2'],
  reportType: null,
  observationWindow: null,
};

/** The fields that decide what is examined: a change of one is kept with who, when, before and after. */
export const SCOPE_FIELDS = ['categories', 'frameworks', 'reportType', 'observationWindow'] as const;
export type ScopeField = (typeof SCOPE_FIELDS)[number];

/** A value one of those fields can have. */
export const scopeValueSchema = z.union([
  z.array(z.string()),
  z.string(),
  z.object({ startsOn: z.string(), endsOn: z.string() }),
  z.null(),
]);
export type ScopeValue = z.infer<typeof scopeValueSchema>;

export const scopeChangeSchema = z
  .object({
    field: z.enum(SCOPE_FIELDS),
    before: scopeValueSchema,
    after: scopeValueSchema,
    changedAt: z.iso.datetime(),
    changedBy: z.object({ id: z.string(), name: z.string() }),
  })
  .meta({ id: 'ScopeChange' });
export type ScopeChange = z.infer<typeof scopeChangeSchema>;

export const organizationSchema = z
  .object({
    profile: organizationProfileSchema,
    /** Send it back with a change: a change of something already changed by somebody else is refused. */
    revision: z.int(),
    /** Null until somebody saved the profile for the first time. */
    updatedAt: z.iso.datetime().nullable(),
    scopeChanges: z.array(scopeChangeSchema),
  })
  .meta({ id: 'Organization' });
export type Organization = Omit<z.infer<typeof organizationSchema>, 'updatedAt'> & { updatedAt: Instant | null };

export const putOrganizationSchema = z.strictObject({ profile: organizationProfileSchema, revision: z.int().min(0) });
