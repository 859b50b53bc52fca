import * as z from 'zod';
import { gatewayNameSchema, modelNameSchema } from '#src/features/gateway-providers/model.ts';
import { limitsSchema } from '#src/features/gateway-tenants/model.ts';
import { Who } from '#src/features/records/model.ts';
import { CompiledPolicy, PolicyDetector, PolicyRule, ToolRule } from '#src/gateway/snapshot.ts';

const policyShape = CompiledPolicy.shape;

/** Shares from 0 to 1: of the attacks, those the gateway itself stopped; of the harmless questions, those it stopped. */
export const testRunLimitsSchema = z.strictObject({
  stoppedShareMin: z.number().gt(0).max(1),
  falseAlarmShareMax: z.number().min(0).lt(1),
});
export type TestRunLimits = z.infer<typeof testRunLimitsSchema>;
/** What counts where a policy declares no limits of its own. The control test `gateway-attacks-stopped` asks for the same. */
export const USUAL_LIMITS: TestRunLimits = { stoppedShareMin: 0.8, falseAlarmShareMax: 0.1 };
/** A share of a test run, or a limit of it, as people read it. */
export const percent = (share: number) => `${Number((100 * share).toFixed(2))} %`;

/**
 * What a policy says, as people write it. The members are those the gateway runs on; a member it does not know is
 * refused, since a misspelled threshold must not pass for one that was left out.
 */
export const policyDocumentSchema = z
  .strictObject({
    detectors: z.array(PolicyDetector.strict()).max(64),
    /** What happens when a check cannot be made: open lets the call through and says so, closed refuses it. */
    onFailure: policyShape.onFailure,
    streamMode: policyShape.streamMode,
    rules: z.array(PolicyRule.strict()).max(64).refine(distinctIds, 'must not use the same id twice'),
    output: z.strictObject({
      jsonSchema: policyShape.output.shape.jsonSchema,
      maxOutputTokens: policyShape.output.shape.maxOutputTokens,
      tools: z.array(ToolRule.strict()).max(256).refine(distinctNames, 'must not name the same tool twice').nullable(),
      grounding: policyShape.output.shape.grounding,
      groundingThreshold: policyShape.output.shape.groundingThreshold,
      probabilities: policyShape.output.shape.probabilities,
    }),
    terms: policyShape.terms,
    patterns: z
      .array(policyShape.patterns.element.strict())
      .max(256)
      .refine(distinctIds, 'must not use the same id twice'),
    secondOpinion: policyShape.secondOpinion,
    /** What a run of the attack suites under a version has to show before it is approved; the usual limits when left out. */
    testRun: testRunLimitsSchema.optional(),
    storedObjects: policyShape.storedObjects,
  })
  .meta({ id: 'GatewayPolicyDocument' });
export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
export type Detector = PolicyDocument['detectors'][number];

function distinctIds(list: readonly { id: string }[]): boolean {
  return new Set(list.map(({ id }) => id)).size === list.length;
}
function distinctNames(list: readonly { name: string }[]): boolean {
  return new Set(list.map(({ name }) => name)).size === list.length;
}

export const VERSION_STATES = ['draft', 'submitted', 'approved', 'refused', 'withdrawn'] as const;
export type VersionState = (typeof VERSION_STATES)[number];

const noteSchema = z.string().trim().min(1, 'must say what changes and why').max(2000);
export const newPolicySchema = z.strictObject({
  name: gatewayNameSchema,
  description: z.string().trim().max(2000).optional(),
  /** Left out: what the starter policy says. */
  document: policyDocumentSchema.optional(),
  note: noteSchema,
});
export type NewPolicy = z.infer<typeof newPolicySchema>;
/** Starts a new version, or changes the one that is being worked on. */
export const draftSchema = z.strictObject({ document: policyDocumentSchema, note: noteSchema });
export type Draft = z.infer<typeof draftSchema>;

export const decisionSchema = z
  .strictObject({
    decision: z.enum(['approved', 'refused']),
    /** Of what was read, so that nothing else is approved. */
    digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be the digest of the version that was read'),
    /** Needed to refuse. */
    reason: z.string().trim().min(1).max(2000).optional(),
    /** When it comes into force; at once when left out. */
    inForceFrom: z.iso.datetime('must be an instant in UTC, like 2027-01-31T08:00:00Z').optional(),
    /** To approve without a run that passes: why it cannot wait. The version is then reviewed later. */
    emergency: z.string().trim().min(1).max(2000).optional(),
  })
  .refine(({ decision, reason }) => decision === 'approved' || reason !== undefined, {
    path: ['reason'],
    message: 'must say why the version is refused',
  });
export type VersionDecision = z.infer<typeof decisionSchema>;

/** What another person found who looked at a version that was approved in an emergency. */
export const emergencyReviewSchema = z.strictObject({
  /** Of what was read. */
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be the digest of the version that was read'),
  note: z.string().trim().min(1, 'must say what was found').max(2000),
});
export type EmergencyReview = z.infer<typeof emergencyReviewSchema>;

/** A run of the attack suites under one version, held against the limits that count for it. */
export const testRunSchema = z
  .object({
    runId: z.string(),
    evidenceId: z.string().nullable(),
    ranAt: z.iso.datetime(),
    /** Of the route it went through. */
    path: z.string(),
    attacks: z.int(),
    /** By the gateway itself, before or after the model. */
    stoppedByGateway: z.int(),
    harmless: z.int(),
    falseAlarms: z.int(),
    unevaluated: z.int(),
    limits: testRunLimitsSchema,
    verdict: z.enum(['pass', 'fail', 'no_data']),
    /** One sentence. */
    because: z.string(),
  })
  .meta({ id: 'GatewayPolicyTestRun' });
export type TestRun = z.infer<typeof testRunSchema>;

/** One difference between two versions, and what it does to the protection. */
export const policyChangeSchema = z
  .object({
    /** What changed, in words: `personal_data in answers (email)`. */
    what: z.string(),
    before: z.string(),
    after: z.string(),
    /** loosened: something that was stopped or seen may now pass. */
    effect: z.enum(['loosened', 'tightened', 'changed']),
  })
  .meta({ id: 'GatewayPolicyChange' });
export type PolicyChange = z.infer<typeof policyChangeSchema>;

export const MOVE_STATES = ['waiting', 'approved', 'refused', 'withdrawn'] as const;
export type MoveState = (typeof MOVE_STATES)[number];
const named = z.object({ id: z.string(), name: z.string() });
/** A route or a tenant that is to leave its policy for a milder one, or for none. */
export const policyMoveSchema = z
  .object({
    id: z.string(),
    target: named.extend({ kind: z.enum(['route', 'tenant']) }),
    /** Null is none: a tenant is then under the policies of the routes, and a route refuses every call. */
    from: named.nullable(),
    to: named.nullable(),
    changes: z.array(policyChangeSchema),
    digest: z.string(),
    state: z.enum(MOVE_STATES),
    requestedAt: z.iso.datetime(),
    requestedBy: Who,
    decidedAt: z.iso.datetime().nullable(),
    decidedBy: Who.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'GatewayPolicyMove' });
export type PolicyMove = z.infer<typeof policyMoveSchema>;
export const policyMovePageSchema = z
  .object({ items: z.array(policyMoveSchema) })
  .meta({ id: 'GatewayPolicyMovePage' });
export const policyMoveDecisionSchema = z
  .strictObject({
    decision: z.enum(['approved', 'refused']),
    /** Of what was read, so that nothing else is approved. */
    digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be the digest of the move that was read'),
    /** Needed to refuse. */
    reason: z.string().trim().min(1).max(2000).optional(),
  })
  .refine(({ decision, reason }) => decision === 'approved' || reason !== undefined, {
    path: ['reason'],
    message: 'must say why the move is refused',
  });
export type PolicyMoveDecision = z.infer<typeof policyMoveDecisionSchema>;

export const policyVersionSchema = z
  .object({
    policyId: z.string(),
    version: z.int(),
    state: z.enum(VERSION_STATES),
    /** True for the one version that counts now. */
    inForce: z.boolean(),
    digest: z.string(),
    note: z.string(),
    authors: z.array(Who),
    createdAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
    submittedAt: z.iso.datetime().nullable(),
    decidedAt: z.iso.datetime().nullable(),
    decidedBy: Who.nullable(),
    decisionReason: z.string().nullable(),
    inForceFrom: z.iso.datetime().nullable(),
    /** When the next version took its place. */
    inForceUntil: z.iso.datetime().nullable(),
    /** Against the version that was in force before it, or is now. */
    changes: z.array(policyChangeSchema),
    /** As it stood at the approval; for a version that was approved without one, or is not decided yet, the newest. */
    testRun: testRunSchema.nullable(),
    /** Set where it was approved without a run that passes. */
    emergency: z
      .object({
        reason: z.string(),
        reviewDueAt: z.iso.datetime(),
        reviewedAt: z.iso.datetime().nullable(),
        reviewedBy: Who.nullable(),
        reviewNote: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'GatewayPolicyVersion' });
export type PolicyVersion = z.infer<typeof policyVersionSchema>;

export const policySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    /** The version in force now; null where there is none, and calls under it are refused. */
    inForceVersion: z.int().nullable(),
    /** The version somebody works on or waits for. */
    openVersion: z.int().nullable(),
    openState: z.enum(VERSION_STATES).nullable(),
    routes: z.array(z.string()),
    /** Tenants whose calls go under it, whatever the route. */
    tenants: z.int(),
    createdAt: z.iso.datetime(),
    createdBy: Who,
  })
  .meta({ id: 'GatewayPolicy' });
export type Policy = z.infer<typeof policySchema>;
export const policyPageSchema = z
  .object({
    items: z.array(policySchema),
    /** True while the built-in starter policy can still be adopted. */
    starterOffered: z.boolean(),
  })
  .meta({ id: 'GatewayPolicyPage' });

export const policyDetailSchema = policySchema
  .extend({
    /** Newest first. */
    versions: z.array(policyVersionSchema),
    documents: z.record(z.string(), policyDocumentSchema),
  })
  .meta({ id: 'GatewayPolicyDetail' });
export type PolicyDetail = z.infer<typeof policyDetailSchema>;

export const policyProblemSchema = z
  .object({
    field: z.string(),
    message: z.string(),
    /** Where in an expression it is, from 1. */
    line: z.int().optional(),
    column: z.int().optional(),
  })
  .meta({ id: 'GatewayPolicyProblem' });
export type PolicyProblem = z.infer<typeof policyProblemSchema>;

/** What was in force at a moment of the past. */
export const policyAtSchema = z
  .object({ at: z.iso.datetime(), version: policyVersionSchema.nullable(), document: policyDocumentSchema.nullable() })
  .meta({ id: 'GatewayPolicyAt' });

export const dryRunRequestSchema = z
  .strictObject({
    version: z.int().min(1).optional(),
    /** In place of a version: what is not stored yet. */
    document: policyDocumentSchema.optional(),
    fromAt: z.iso.datetime().optional(),
    toAt: z.iso.datetime().optional(),
  })
  .refine(({ version, document }) => (version === undefined) !== (document === undefined), {
    path: ['version'],
    message: 'give either a version or a document',
  });
const dryRunOutcomes = z.object({ allowed: z.int(), changed: z.int(), refused: z.int(), not_evaluated: z.int() });
/** What a version would have done to calls that were recorded. */
export const dryRunSchema = z
  .object({
    fromAt: z.iso.datetime(),
    toAt: z.iso.datetime(),
    /** Calls looked at; `complete` is false when there were more than were read. */
    calls: z.int(),
    complete: z.boolean(),
    recorded: dryRunOutcomes,
    would: dryRunOutcomes,
    /** Calls that would end otherwise, by check and by what would change. */
    differences: z.array(
      z.object({
        detector: z.string(),
        direction: z.enum(['input', 'output']),
        from: z.string(),
        to: z.string(),
        calls: z.int(),
        /** A few of them, newest first. */
        decisionIds: z.array(z.string()),
      }),
    ),
    /** What the record cannot say: checks that were not made then, in words. */
    unknown: z.array(z.object({ what: z.string(), calls: z.int() })),
  })
  .meta({ id: 'GatewayDryRun' });
export type DryRun = z.infer<typeof dryRunSchema>;

export const routePathSchema = z
  .string()
  .trim()
  .min(2)
  .max(200)
  .regex(
    /^(\/[a-zA-Z0-9._-]+)+$/,
    'must be a path without a slash at its end, like /v1 or /openai-eu/v1, of letters, digits and . _ -',
  );
const aliasesSchema = z
  .record(modelNameSchema, modelNameSchema)
  .refine((aliases) => Object.keys(aliases).length <= 200, 'must not hold more than 200 aliases');
export const newRouteSchema = z.strictObject({
  path: routePathSchema,
  providerId: z.string().max(64),
  policyId: z.string().max(64).nullable().optional(),
  /** A model that is asked for, and the one that is asked of the provider in its place. */
  modelAliases: aliasesSchema.optional(),
  limits: limitsSchema.nullable().optional(),
});
export type NewRoute = z.infer<typeof newRouteSchema>;
export const routeChangeSchema = z
  .strictObject({
    policyId: z.string().max(64).nullable().optional(),
    modelAliases: aliasesSchema.optional(),
    limits: limitsSchema.nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must name at least one change');
export type RouteChange = z.infer<typeof routeChangeSchema>;

export const PROTECTION_ACTIONS = ['none', 'observe', 'flag', 'redact', 'block'] as const;
export const gatewayRouteSchema = z
  .object({
    id: z.string(),
    path: z.string(),
    providerId: z.string(),
    providerName: z.string(),
    policyId: z.string().nullable(),
    policyName: z.string().nullable(),
    /** A move to a milder policy that waits for a second person. */
    policyMoveId: z.string().nullable(),
    /** Null where no version is in force: calls are refused. */
    policyVersion: z.int().nullable(),
    /** The strictest thing the policy does with prompts and with answers. */
    screening: z.object({ input: z.enum(PROTECTION_ACTIONS), output: z.enum(PROTECTION_ACTIONS) }),
    onFailure: z.enum(['open', 'closed']).nullable(),
    modelAliases: z.record(z.string(), z.string()),
    limits: limitsSchema.nullable(),
    createdAt: z.iso.datetime(),
    createdBy: Who,
  })
  .meta({ id: 'GatewayRoute' });
export type GatewayRoute = z.infer<typeof gatewayRouteSchema>;
export const gatewayRoutePageSchema = z
  .object({
    items: z.array(gatewayRouteSchema),
    /** Where applications reach the gateway of this server, without a slash at the end. */
    address: z.string(),
  })
  .meta({ id: 'GatewayRoutePage' });

const microUsd = z.int().min(0).max(1_000_000_000_000);
const priceFields = {
  /** Id of a provider, or a kind of providers. */
  provider: z.string().max(64),
  model: modelNameSchema,
  /** Millionths of a US dollar for a million tokens. */
  inputMicroUsdPerMTok: microUsd,
  outputMicroUsdPerMTok: microUsd,
};
export const setPriceSchema = z.strictObject(priceFields);
export type SetPrice = z.infer<typeof setPriceSchema>;
export const priceSchema = z
  .object({ ...priceFields, changedAt: z.iso.datetime(), changedBy: Who })
  .meta({ id: 'GatewayPrice' });
export type Price = z.infer<typeof priceSchema>;
export const pricePageSchema = z.object({ items: z.array(priceSchema) }).meta({ id: 'GatewayPricePage' });

export const setModelLimitSchema = z.strictObject({ model: modelNameSchema, limits: limitsSchema });
export const modelLimitSchema = z
  .object({ model: z.string(), limits: limitsSchema, changedAt: z.iso.datetime(), changedBy: Who })
  .meta({ id: 'GatewayModelLimit' });
export type ModelLimit = z.infer<typeof modelLimitSchema>;
export const modelLimitPageSchema = z
  .object({ items: z.array(modelLimitSchema) })
  .meta({ id: 'GatewayModelLimitPage' });
