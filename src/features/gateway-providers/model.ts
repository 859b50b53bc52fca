import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

export const PROVIDER_KINDS = {
  openai: { title: 'OpenAI', meaning: 'api.openai.com, or what speaks exactly its API.' },
  anthropic: { title: 'Anthropic', meaning: 'The Messages API.' },
  openai_compatible: {
    title: 'OpenAI-compatible',
    meaning: 'vLLM, Ollama, Azure OpenAI, Bedrock behind a compatible endpoint, and others.',
  },
} as const;
export type ProviderKind = keyof typeof PROVIDER_KINDS;
export const providerKindSchema = z.enum(Object.keys(PROVIDER_KINDS) as [ProviderKind, ...ProviderKind[]]);

/** In which header the provider wants its key. */
export const AUTH_STYLES = {
  bearer: 'Authorization: Bearer …',
  'x-api-key': 'x-api-key: …',
  'api-key': 'api-key: …',
  none: 'no key',
} as const;
export type AuthStyle = keyof typeof AUTH_STYLES;
export const authStyleSchema = z.enum(Object.keys(AUTH_STYLES) as [AuthStyle, ...AuthStyle[]]);

/** The address, as the provider's own client takes it, and the header of the providers that have but one. */
export const PROVIDER_DEFAULTS: Record<ProviderKind, { baseUrl: string | null; authStyle: AuthStyle }> = {
  openai: { baseUrl: 'https://api.openai.com/v1', authStyle: 'bearer' },
  anthropic: { baseUrl: 'https://api.anthropic.com', authStyle: 'x-api-key' },
  openai_compatible: { baseUrl: null, authStyle: 'bearer' },
};

/** A name that stands in a path: lower-case letters, digits and hyphens. */
export const gatewayNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 lower-case letters, digits or hyphens, like openai-eu');

const MODELS_MAX = 200;
export const modelNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[\w.:/@+-]+\*?$/, 'must be the name of a model as the provider spells it, or its start and a *');
/** Models that may be asked for; null allows any. */
export const modelsSchema = z
  .array(modelNameSchema)
  .min(1, 'must name at least one model, or be null for any')
  .max(MODELS_MAX)
  .refine((models) => new Set(models).size === models.length, 'must not name the same model twice')
  .nullable();

const BASE_URL_MAX = 500;
export const baseUrlSchema = z
  .string()
  .trim()
  .max(BASE_URL_MAX)
  .superRefine((text, context) => {
    const wrong = whyNoBaseUrl(text);
    if (wrong) context.addIssue({ code: 'custom', message: wrong });
  })
  .transform((text) => text.replace(/\/+$/, ''));

function whyNoBaseUrl(text: string): string | null {
  if (!URL.canParse(text)) return 'must be an address, like https://api.openai.com/v1';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https:// or http://';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password: give the key apart';
  if (url.search !== '' || url.hash !== '') return 'must end with the path: no question mark and no #';
  return null;
}

/** All in milliseconds. `betweenEventsMs` is the longest silence inside a stream. */
export const timeoutsSchema = z.strictObject({
  connectMs: z.int().min(100).max(60_000),
  firstByteMs: z.int().min(1_000).max(1_800_000),
  betweenEventsMs: z.int().min(1_000).max(600_000),
  wholeMs: z.int().min(1_000).max(3_600_000),
});
export type Timeouts = z.infer<typeof timeoutsSchema>;
export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 5_000,
  firstByteMs: 120_000,
  betweenEventsMs: 60_000,
  wholeMs: 1_800_000,
};
export const DEFAULT_RETRIES = 2;
const RETRIES_MAX = 5;

/** Printable ASCII, as it has to be to travel in a header. */
export const providerKeySchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(4096)
  .regex(/^[\x21-\x7e]+$/, 'must be one word of printable characters, as the provider gave it');

export const newProviderSchema = z.strictObject({
  name: gatewayNameSchema,
  kind: providerKindSchema,
  /** Left out: the provider's own, where it has but one. */
  baseUrl: baseUrlSchema.optional(),
  authStyle: authStyleSchema.optional(),
  /** Goes into the secret store and is never shown again. */
  key: providerKeySchema.optional(),
  models: modelsSchema.optional(),
  /** Lets the gateway reach this provider on a private network or on this machine. */
  allowPrivateAddress: z.boolean().optional(),
  timeouts: timeoutsSchema.optional(),
  maxRetries: z.int().min(0).max(RETRIES_MAX).optional(),
});
export type NewProvider = z.infer<typeof newProviderSchema>;

export const providerChangeSchema = z
  .strictObject({
    baseUrl: baseUrlSchema.optional(),
    authStyle: authStyleSchema.optional(),
    key: providerKeySchema.optional(),
    models: modelsSchema.optional(),
    allowPrivateAddress: z.boolean().optional(),
    timeouts: timeoutsSchema.optional(),
    maxRetries: z.int().min(0).max(RETRIES_MAX).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must name at least one change');
export type ProviderChange = z.infer<typeof providerChangeSchema>;

/** How a connection test ended. Closed, because screens and programs decide by it. */
export const TEST_OUTCOMES = {
  works: 'Works',
  key_refused: 'Key refused',
  not_found: 'Nothing at this address',
  unreachable: 'Not reachable',
  address_refused: 'Address not allowed',
  unexpected_answer: 'Unexpected answer',
  key_missing: 'No key stored',
} as const;
export type TestOutcome = keyof typeof TEST_OUTCOMES;
export const providerTestSchema = z
  .object({
    outcome: z.enum(Object.keys(TEST_OUTCOMES) as [TestOutcome, ...TestOutcome[]]),
    /** What was seen and what to do. Holds nothing the provider sent but a status. */
    message: z.string(),
    /** The first models the provider named. */
    models: z.array(z.string()),
    testedAt: z.iso.datetime(),
    testedBy: Who,
  })
  .meta({ id: 'GatewayProviderTest' });
export type ProviderTest = z.infer<typeof providerTestSchema>;

export const providerSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: providerKindSchema,
    baseUrl: z.string(),
    authStyle: authStyleSchema,
    /** Null while no key is stored. The key itself is in the secret store and in no answer. */
    keySetAt: z.iso.datetime().nullable(),
    keySetBy: Who.nullable(),
    models: z.array(z.string()).nullable(),
    allowPrivateAddress: z.boolean(),
    timeouts: timeoutsSchema,
    maxRetries: z.int(),
    /** Paths of the gateway that lead to it. */
    routes: z.array(z.string()),
    lastTest: providerTestSchema.nullable(),
    createdAt: z.iso.datetime(),
    createdBy: Who,
  })
  .meta({ id: 'GatewayProvider' });
export type Provider = z.infer<typeof providerSchema>;
export const providerPageSchema = z.object({ items: z.array(providerSchema) }).meta({ id: 'GatewayProviderPage' });
