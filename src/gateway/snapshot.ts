import * as z from 'zod';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';

// What the data plane runs on: plain JSON, swapped whole. It names secrets and never holds one, so its digest can stand
// in every decision.

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Most of each that may be used; null is no limit. Money is in millionths of a US dollar. */
export const Limits = z.object({
  requestsPerMinute: count.nullable(),
  tokensPerMinute: count.nullable(),
  tokensPerDay: count.nullable(),
  spendMicroUsdPerDay: count.nullable(),
  concurrent: count.nullable(),
});
export type Limits = z.infer<typeof Limits>;

export const NO_LIMITS: Limits = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  tokensPerDay: null,
  spendMicroUsdPerDay: null,
  concurrent: null,
};

const timeoutMs = z.number().int().min(1).max(3_600_000);

/** How long each phase of one call to a provider may take. */
export const ProviderTimeouts = z.object({
  connectMs: timeoutMs,
  firstByteMs: timeoutMs,
  betweenEventsMs: timeoutMs,
  wholeMs: timeoutMs,
});
export type ProviderTimeouts = z.infer<typeof ProviderTimeouts>;

export const DEFAULT_TIMEOUTS: ProviderTimeouts = {
  connectMs: 5_000,
  firstByteMs: 120_000,
  betweenEventsMs: 60_000,
  wholeMs: 1_800_000,
};

export const PROVIDER_KINDS = ['openai', 'anthropic', 'openai_compatible'] as const;

export const Provider = z.object({
  id: z.string().min(1),
  name: z.string(),
  kind: z.enum(PROVIDER_KINDS),
  /**
   * As the provider's own client takes it: `https://api.openai.com/v1`, `https://api.anthropic.com`,
   * `http://127.0.0.1:11434/v1`. No query, no credentials.
   */
  baseUrl: z.url({ protocol: /^https?$/ }),
  /** Where the key of the provider is kept; null when it wants none. */
  secretName: z.string().nullable(),
  authStyle: z.enum(['bearer', 'x-api-key', 'api-key', 'none']),
  /** Models that may be asked for; a name may end in `*`. null: any. */
  models: z.array(z.string()).nullable(),
  /** Lets this provider be on a private network or this machine; never on a link-local address. */
  allowPrivateAddress: z.boolean(),
  timeouts: ProviderTimeouts,
  /** Further tries after the first, before any byte has been passed on. */
  maxRetries: z.number().int().min(0).max(5),
});
export type Provider = z.infer<typeof Provider>;

export const Tenant = z.object({
  id: z.string().min(1),
  name: z.string(),
  state: z.enum(['active', 'suspended']),
  /** Takes the place of the policy of the route. */
  policyId: z.string().nullable(),
  limits: Limits,
  /** How long redacted payloads are kept; 0 keeps none. */
  captureDays: z.number().int().min(0).max(3_650),
});
export type Tenant = z.infer<typeof Tenant>;

export const SCOPES = ['chat', 'embeddings', 'models', 'other'] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

export const GatewayKey = z.object({
  id: z.string().min(1),
  tenantId: z.string(),
  name: z.string(),
  /** Of the whole key as it is presented, in hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The first signs of the key, to recognize it by. */
  prefix: z.string(),
  scopes: z.array(Scope),
  /** Models it may ask for; a name may end in `*`. null: any. */
  models: z.array(z.string()).nullable(),
  /** Unix milliseconds. */
  expiresAt: z.number().nullable(),
  state: z.enum(['active', 'suspended', 'revoked']),
  limits: Limits.nullable(),
});
export type GatewayKey = z.infer<typeof GatewayKey>;

export const JWT_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'EdDSA',
] as const;

export const JwtIssuer = z.object({
  id: z.string().min(1),
  issuer: z.string().min(1),
  audience: z.string().min(1),
  jwksUrl: z.url({ protocol: /^https?$/ }),
  /** The claim that names the tenant by its id. */
  tenantClaim: z.string().min(1),
  algorithms: z.array(z.enum(JWT_ALGORITHMS)).min(1),
});
export type JwtIssuer = z.infer<typeof JwtIssuer>;

export const GatewayRoute = z.object({
  id: z.string().min(1),
  /**
   * Prefix of the path, ending at a slash or the end: `/v1/chat/completions`, `/openai/v1`. The longest match wins. What
   * stands before its segment `/v1`, or all of it where it has none, is not sent to the provider.
   */
  path: z.string().regex(/^\/[A-Za-z0-9._~/-]*$/, 'a path begins with / and holds letters, digits and . _ ~ - only'),
  providerId: z.string(),
  /** A model that is asked for, and the one that is asked of the provider in its place. */
  modelAliases: z.record(z.string(), z.string()).optional(),
  policyId: z.string(),
  limits: Limits.nullable(),
  /** How long redacted payloads of every caller are kept where the tenant's own setting keeps none. */
  captureDays: z.number().int().min(0).max(3_650).optional(),
});
export type GatewayRoute = z.infer<typeof GatewayRoute>;

export const DETECTOR_NAMES = [
  'injection_user',
  'injection_document',
  'personal_data',
  'secret',
  'custom_terms',
  'custom_pattern',
  'prompt_leak',
  'canary',
] as const;
export type PolicyDetectorName = (typeof DETECTOR_NAMES)[number];

/** From the mildest to the strictest. */
export const ACTIONS = ['observe', 'flag', 'redact', 'block'] as const;
export const Action = z.enum(ACTIONS);
export type Action = z.infer<typeof Action>;

export const PolicyDetector = z.object({
  detector: z.enum(DETECTOR_NAMES),
  direction: z.enum(['input', 'output', 'both']),
  action: Action,
  /** Least confidence of a finding that counts, between 0 and 1; null is the detector's own. */
  threshold: z.number().gt(0).lt(1).nullable(),
  /** Kinds of findings that count; null: all. */
  kinds: z.array(z.string()).nullable(),
});
export type PolicyDetector = z.infer<typeof PolicyDetector>;

const APPROVAL_MINUTES_MAX = 7 * 24 * 60;

export const ToolRule = z.object({
  name: z.string().min(1).max(128),
  /** JSON Schema (2020-12 or draft-07) of the arguments; null accepts any. */
  argumentsSchema: z.record(z.string(), z.unknown()).nullable(),
  approval: z.enum(['none', 'human']),
  /** How long a question about a call waits for a person; an hour when left out. */
  decideWithinMinutes: z.number().int().min(1).max(APPROVAL_MINUTES_MAX).optional(),
  /** How long a person's word counts, from when it was given; an hour when left out. */
  useWithinMinutes: z.number().int().min(1).max(APPROVAL_MINUTES_MAX).optional(),
});
export type ToolRule = z.infer<typeof ToolRule>;

export const PolicyRule = z.object({
  id: z.string().min(1).max(64),
  /** A CEL expression that gives a boolean; true means the rule applies. */
  cel: z.string().min(1).max(4_096),
  action: z.enum(['observe', 'flag', 'block']),
  /** What the caller is told when it blocks. */
  message: z.string().max(500),
});
export type PolicyRule = z.infer<typeof PolicyRule>;

const probability = z.number().gt(0).lt(1);

/**
 * What becomes of calls that ask for log-probabilities or logits: the numbers a model is copied from (Carlini et al., "Stealing
 * Part of a Production Language Model", 2024). Passing them on is an exception with a reason and an end.
 */
export const ProbabilitiesRule = z.discriminatedUnion('calls', [
  z.strictObject({ calls: z.literal('refuse') }),
  z.strictObject({
    calls: z.literal('pass'),
    because: z.string().trim().min(1).max(500),
    /** The last day, in UTC; from the next on these calls are refused. */
    untilOn: z.iso.date(),
  }),
]);
export type ProbabilitiesRule = z.infer<typeof ProbabilitiesRule>;

/** Whom to ask about texts that the detectors of injection are not sure of. It adds findings and never takes one away. */
export const SecondOpinionRule = z.discriminatedUnion('by', [
  z.strictObject({
    /** The classifier whose weights the operator supplies. */
    by: z.literal('model'),
    /** Least score of a text that is asked about; 0 asks about every text that is judged. */
    from: z.number().min(0).lt(1),
    /** Least probability of an attack that counts as a finding. */
    threshold: probability,
  }),
  z.strictObject({
    /** A language model of a provider. It reads the text as it goes out, after redaction. */
    by: z.literal('judge'),
    from: z.number().min(0).lt(1),
    providerId: z.string().min(1),
    model: z.string().min(1).max(200),
  }),
]);
export type SecondOpinionRule = z.infer<typeof SecondOpinionRule>;

/**
 * What becomes of calls that name a file, batch, answer or other object of the provider that no answer through this gateway
 * has named. What is known to be another tenant's is always refused.
 */
export const StoredObjectsRule = z.strictObject({ unseen: z.enum(['refuse', 'pass']) });
export type StoredObjectsRule = z.infer<typeof StoredObjectsRule>;

export const CompiledPolicy = z.object({
  id: z.string().min(1),
  version: z.number().int().min(1),
  digest: z.string(),
  name: z.string(),
  detectors: z.array(PolicyDetector).max(64),
  /** What happens when a check cannot be made: open lets the call through and says so, closed refuses it. */
  onFailure: z.enum(['open', 'closed']),
  /** hold_back releases what is certain to be harmless as it comes; hold_all waits for the whole answer. */
  streamMode: z.enum(['hold_back', 'hold_all']),
  rules: z.array(PolicyRule).max(64),
  output: z.object({
    jsonSchema: z.record(z.string(), z.unknown()).nullable(),
    maxOutputTokens: z.number().int().min(1).nullable(),
    /** Tools the model may call; null: any. */
    tools: z.array(ToolRule).max(256).nullable(),
    grounding: z.enum(['off', 'observe', 'flag', 'block']),
    /** Least share of the statements that the documents must bear out; 0.5 when left out. */
    groundingThreshold: z.number().gt(0).max(1).nullable().optional(),
    /** Absent: passed on, and nobody decided that. */
    probabilities: ProbabilitiesRule.optional(),
  }),
  terms: z.array(z.string().min(1).max(500)).max(10_000),
  /** RE2 syntax. */
  patterns: z.array(z.object({ id: z.string().min(1).max(64), pattern: z.string().min(1).max(1_024) })).max(256),
  /** Absent or null: nobody. */
  secondOpinion: SecondOpinionRule.nullish(),
  /** Absent: what no answer of the provider has named is refused. */
  storedObjects: StoredObjectsRule.optional(),
});
export type CompiledPolicy = z.infer<typeof CompiledPolicy>;

export const Price = z.object({
  /** Id or kind of a provider. */
  provider: z.string(),
  /** Whole, or a prefix that ends in `*`. */
  model: z.string(),
  /** Millionths of a US dollar for a million tokens. */
  inputMicroUsdPerMTok: count,
  outputMicroUsdPerMTok: count,
});
export type Price = z.infer<typeof Price>;

/** A limit on all use of a model, whoever asks. */
export const ModelLimit = z.object({ model: z.string(), limits: Limits });
export type ModelLimit = z.infer<typeof ModelLimit>;

/** A value planted with one tenant. Seen in the traffic of another, it has leaked. */
export const Canary = z.object({ tenantId: z.string(), value: z.string().min(8).max(200) });
export type Canary = z.infer<typeof Canary>;

export const GatewaySnapshot = z.object({
  /** Grows with each change. */
  version: z.number().int().min(0),
  providers: z.array(Provider),
  tenants: z.array(Tenant),
  keys: z.array(GatewayKey),
  jwtIssuers: z.array(JwtIssuer),
  routes: z.array(GatewayRoute),
  /** Only the approved versions in force. A route whose policy is not here is refused. */
  policies: z.array(CompiledPolicy),
  prices: z.array(Price),
  modelLimits: z.array(ModelLimit).default([]),
  canaries: z.array(Canary),
});
export type GatewaySnapshot = z.infer<typeof GatewaySnapshot>;

export const EMPTY_SNAPSHOT: GatewaySnapshot = {
  version: 0,
  providers: [],
  tenants: [],
  keys: [],
  jwtIssuers: [],
  routes: [],
  policies: [],
  prices: [],
  modelLimits: [],
  canaries: [],
};

/** SHA-256 over the canonical JSON (RFC 8785), in hexadecimal. */
export function snapshotDigest(snapshot: GatewaySnapshot): string {
  return sha256Hex(canonicalJson(snapshot));
}

/** True when `name` is in the list; an entry that ends in `*` stands for every name that begins so. */
export function matchesModel(list: readonly string[] | null, name: string): boolean {
  if (list === null) return true;
  return list.some((entry) => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : entry === name));
}
