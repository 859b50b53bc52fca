import * as z from 'zod';
import { modelsSchema } from '#src/features/gateway-providers/model.ts';
import { Who } from '#src/features/records/model.ts';

const LIMIT_MAX = 1_000_000_000_000;
const limit = z.int().min(1, 'must be at least 1, or null for no limit').max(LIMIT_MAX).nullable();

/** Most of each that may be used; null is no limit. Money is in millionths of a US dollar. */
export const limitsSchema = z
  .strictObject({
    requestsPerMinute: limit,
    tokensPerMinute: limit,
    tokensPerDay: limit,
    spendMicroUsdPerDay: limit,
    concurrent: limit,
  })
  .meta({ id: 'GatewayLimits' });
export type Limits = z.infer<typeof limitsSchema>;
export type LimitName = keyof Limits;

/** What a limit is called on screens; `factor` is how many of the stored unit make one of the shown. */
export const LIMIT_TITLES: Record<LimitName, { title: string; unit: string; factor: number }> = {
  requestsPerMinute: { title: 'Requests a minute', unit: 'requests/min', factor: 1 },
  tokensPerMinute: { title: 'Tokens a minute', unit: 'tokens/min', factor: 1 },
  tokensPerDay: { title: 'Tokens a day', unit: 'tokens/day', factor: 1 },
  spendMicroUsdPerDay: { title: 'US dollars a day', unit: 'USD/day', factor: 1_000_000 },
  concurrent: { title: 'Calls at once', unit: 'at once', factor: 1 },
};
export const LIMIT_NAMES = Object.keys(LIMIT_TITLES) as LimitName[];

export const NO_LIMITS: Limits = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  tokensPerDay: null,
  spendMicroUsdPerDay: null,
  concurrent: null,
};
/** What a new tenant is given where nothing else is said: enough to work with, little enough to notice abuse. */
export const DEFAULT_LIMITS: Limits = {
  requestsPerMinute: 120,
  tokensPerMinute: 200_000,
  tokensPerDay: 5_000_000,
  spendMicroUsdPerDay: 50_000_000,
  concurrent: 20,
};

/** Requests and tokens are the two that catalog control API-02 asks to be finite. */
export function isLimited(limits: Limits): boolean {
  const tokens = limits.tokensPerMinute !== null || limits.tokensPerDay !== null;
  return limits.requestsPerMinute !== null && tokens;
}

/** What holds where both are in force: of each limit the lower. */
export function stricter(one: Limits, other: Limits | null): Limits {
  const lower = (name: LimitName) => {
    const [a, b] = [one[name], other?.[name] ?? null];
    return a === null || b === null ? (a ?? b) : Math.min(a, b);
  };
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, lower(name)])) as Limits;
}

export const AUDIENCES = {
  customer: { title: 'Customer', meaning: 'A customer of the company, whose data must not reach another.' },
  internal: { title: 'Internal', meaning: 'An own team or service.' },
} as const;
export type Audience = keyof typeof AUDIENCES;
const audienceSchema = z.enum(Object.keys(AUDIENCES) as [Audience, ...Audience[]]);

/** Whose calls a tenant makes: those of programs, or the product's own, which are no traffic of an AI system. */
export const TENANT_PURPOSES = ['callers', 'judging', 'probing'] as const;
export type TenantPurpose = (typeof TENANT_PURPOSES)[number];

export const TENANT_STATES = ['active', 'suspended'] as const;
export type TenantState = (typeof TENANT_STATES)[number];
export const KEY_STATES = ['active', 'suspended', 'revoked'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** What a key may be used for. */
export const SCOPES = {
  chat: 'Chat, messages and completions',
  embeddings: 'Embeddings',
  models: 'List of models',
  other: 'Everything else on the route',
} as const;
export type Scope = keyof typeof SCOPES;
export const scopesSchema = z
  .array(z.enum(Object.keys(SCOPES) as [Scope, ...Scope[]]))
  .min(1, 'must name at least one scope')
  .refine((scopes) => new Set(scopes).size === scopes.length, 'must not name the same scope twice');
export const DEFAULT_SCOPES: Scope[] = ['chat', 'embeddings', 'models'];

const nameSchema = z.string().trim().min(1, 'must not be empty').max(120);
const reasonSchema = z.string().trim().min(1, 'must say why: it is kept with the change').max(1000);

export const newTenantSchema = z.strictObject({
  name: nameSchema,
  audience: audienceSchema.optional(),
  limits: limitsSchema.optional(),
  /** Takes the place of the policy of the route. */
  policyId: z.string().max(64).nullable().optional(),
});
export type NewTenant = z.infer<typeof newTenantSchema>;

export const tenantChangeSchema = z
  .strictObject({
    name: nameSchema.optional(),
    audience: audienceSchema.optional(),
    limits: limitsSchema.optional(),
    policyId: z.string().max(64).nullable().optional(),
    state: z.enum(TENANT_STATES).optional(),
    /** Needed to suspend. */
    reason: reasonSchema.optional(),
  })
  .refine(({ reason: _, ...change }) => Object.keys(change).length > 0, 'must name at least one change');
export type TenantChange = z.infer<typeof tenantChangeSchema>;

/** Every key of the gateway starts with this, so that scanners of leaked secrets can know one. */
export const KEY_PREFIX = 'agk_';
export const KEY_DAYS_MAX = 366;
/** Longest time for which a key and the one that takes its place both work. */
export const OVERLAP_HOURS_MAX = 30 * 24;
export const DEFAULT_OVERLAP_HOURS = 24;
/** Oldest a key may get, in days; catalog control API-03. */
export const KEY_AGE_DAYS: Record<Audience, number> = { customer: 365, internal: 90 };

export const newKeySchema = z.strictObject({
  tenantId: z.string().max(64),
  name: nameSchema,
  scopes: scopesSchema.optional(),
  models: modelsSchema.optional(),
  /** Left out: as long as a key of this tenant may get. */
  expiresAt: z.iso.datetime('must be an instant in UTC, like 2027-01-31T00:00:00Z').optional(),
  /** Its own, besides those of the tenant: the stricter one counts. */
  limits: limitsSchema.nullable().optional(),
});
export type NewKey = z.infer<typeof newKeySchema>;

export const keyStateChangeSchema = z.strictObject({ state: z.enum(KEY_STATES), reason: reasonSchema });
export const keyLimitsChangeSchema = z.strictObject({ limits: limitsSchema.nullable(), reason: reasonSchema });
export const rotateKeySchema = z.strictObject({
  /** How long the old key goes on working; 0 revokes it at once. */
  overlapHours: z.int().min(0).max(OVERLAP_HOURS_MAX).optional(),
});

export const gatewayKeySchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    tenantName: z.string(),
    name: z.string(),
    /** The first characters, to recognize it by. */
    prefix: z.string(),
    scopes: z.array(z.enum(Object.keys(SCOPES) as [Scope, ...Scope[]])),
    models: z.array(z.string()).nullable(),
    /** `expired` follows from `expiresAt`; the others were decided. */
    state: z.enum([...KEY_STATES, 'expired']),
    stateReason: z.string().nullable(),
    expiresAt: z.iso.datetime().nullable(),
    /** Precise to the hour; null when it was never used. */
    lastUsedAt: z.iso.datetime().nullable(),
    /** Its own; those of its tenant hold, too. */
    limits: limitsSchema.nullable(),
    rotatedFromId: z.string().nullable(),
    createdAt: z.iso.datetime(),
    createdBy: Who,
  })
  .meta({ id: 'GatewayKey' });
export type GatewayKey = z.infer<typeof gatewayKeySchema>;
export const gatewayKeyPageSchema = z.object({ items: z.array(gatewayKeySchema) }).meta({ id: 'GatewayKeyPage' });
/** The only answer that holds a key. */
export const keyMadeSchema = z.object({ key: gatewayKeySchema, secret: z.string() }).meta({ id: 'GatewayKeyMade' });
export type KeyMade = z.infer<typeof keyMadeSchema>;

export const tenantSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    purpose: z.enum(TENANT_PURPOSES),
    audience: audienceSchema,
    state: z.enum(TENANT_STATES),
    stateReason: z.string().nullable(),
    policyId: z.string().nullable(),
    /** A move to a milder policy that waits for a second person. */
    policyMoveId: z.string().nullable(),
    limits: limitsSchema,
    /** Days for which redacted payloads are kept; 0 keeps none. */
    captureDays: z.int(),
    /** Keys that work now, and all that were ever made. */
    keys: z.object({ active: z.int(), all: z.int() }),
    createdAt: z.iso.datetime(),
    createdBy: Who,
  })
  .meta({ id: 'GatewayTenant' });
export type Tenant = z.infer<typeof tenantSchema>;
export const tenantPageSchema = z.object({ items: z.array(tenantSchema) }).meta({ id: 'GatewayTenantPage' });

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
const issuerFields = {
  /** As it stands in the claim `iss`. */
  issuer: z.string().trim().min(1).max(500),
  audience: z.string().trim().min(1).max(500),
  jwksUrl: z.url({ protocol: /^https$/, error: 'must be an https address' }).max(500),
  /** The claim that names the tenant by its id. */
  tenantClaim: z.string().trim().min(1).max(200),
  algorithms: z.array(z.enum(JWT_ALGORITHMS)).min(1).max(JWT_ALGORITHMS.length),
};
export const newIssuerSchema = z.strictObject({ ...issuerFields, algorithms: issuerFields.algorithms.optional() });
export type NewIssuer = z.infer<typeof newIssuerSchema>;
export const issuerSchema = z
  .object({ id: z.string(), ...issuerFields, createdAt: z.iso.datetime(), createdBy: Who })
  .meta({ id: 'GatewayIssuer' });
export type Issuer = z.infer<typeof issuerSchema>;
export const issuerPageSchema = z.object({ items: z.array(issuerSchema) }).meta({ id: 'GatewayIssuerPage' });
