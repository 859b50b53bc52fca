import * as z from 'zod';
import { defineFact, Known, Place } from './fact.ts';

/** How the product's own AI gateway is set up. The gateway's traffic is told by other kinds. */

const action = z.enum(['none', 'observe', 'flag', 'redact', 'block']);

export const gatewayProvider = defineFact(
  'gateway-provider',
  'Provider behind the AI gateway',
  z.object({
    name: z.string(),
    providerKind: z.string(),
    host: z.string(),
    /** Whether calls to it are encrypted on their way. */
    encrypted: z.boolean(),
    privateAddressAllowed: z.boolean(),
    key: z.enum(['in_secret_store', 'missing', 'not_needed']),
    keySetAt: z.string().nullable(),
    /** Null allows any. */
    models: z.array(z.string()).nullable(),
  }),
);

export const gatewayTenant = defineFact(
  'gateway-tenant',
  'Tenant of the AI gateway',
  z.object({
    audience: z.enum(['customer', 'internal']),
    state: z.enum(['active', 'suspended']),
    /** Whether requests and tokens both have a finite limit. */
    limited: z.boolean(),
    spendLimited: z.boolean(),
    policyId: z.string().nullable(),
    captureDays: z.number().int(),
  }),
);

export const gatewayKey = defineFact(
  'gateway-key',
  'Key of the AI gateway',
  z.object({
    prefix: z.string(),
    tenantId: z.string(),
    audience: z.enum(['customer', 'internal']),
    /** `suspended` also where its tenant is. Revoked keys are no facts. */
    state: z.enum(['active', 'suspended']),
    scopes: z.array(z.string()),
    /** Whether requests and tokens both have a finite limit, its own or its tenant's. */
    limited: z.boolean(),
    createdAt: z.string(),
    expiresAt: z.string().nullable(),
    /** The day; null when it was never used. */
    lastUsedOn: z.string().nullable(),
  }),
);

export const gatewayRoute = defineFact(
  'gateway-route',
  'Route of the AI gateway',
  z.object({
    path: z.string(),
    provider: z.string(),
    policyId: z.string().nullable(),
    /** Null where no version of its policy is in force. */
    policyVersion: z.number().int().nullable(),
    /** The strictest thing the policy does with prompts, and with answers. */
    input: action,
    output: action,
    onFailure: z.enum(['open', 'closed']).nullable(),
    /** Whether answers or tool calls are held against a schema, a rule or a list. */
    validatesOutput: z.boolean(),
    /** Whether calls may ask for log-probabilities or logits; null where no version is in force. */
    probabilities: z
      .object({
        calls: z.enum(['refuse', 'pass', 'undecided']),
        /** The last day of an exception. */
        untilOn: z.string().nullable(),
        decidedAt: z.string(),
        /** Whether somebody other than the authors of the version approved it. */
        secondPerson: Known,
      })
      .nullable(),
  }),
);

export const gatewayPolicy = defineFact(
  'gateway-policy',
  'Policy of the AI gateway in force',
  z.object({
    name: z.string(),
    version: z.number().int(),
    digest: z.string(),
    inForceFrom: z.string(),
    /** Whether somebody other than its authors approved it. */
    secondPerson: Known,
    onFailure: z.enum(['open', 'closed']),
    /** `nothing`: it comes with the product, or was approved before a run was asked for. */
    approvedOn: z.enum(['test_run', 'emergency', 'nothing']),
    /** The run of the attack suites it was approved on; where there was none, the newest under it since. */
    testRun: z
      .object({
        ranAt: z.string(),
        path: z.string(),
        verdict: z.enum(['pass', 'fail', 'no_data']),
        because: z.string(),
      })
      .nullable(),
    emergency: z.object({ reviewDueAt: z.string(), reviewedAt: z.string().nullable() }).nullable(),
  }),
);

const said = z.object({
  state: Known,
  /** The plugin, policy or directive that says so, or what keeps it from being known. */
  by: z.string(),
});

export const otherGatewayRoute = defineFact(
  'other-gateway-route',
  'Route of another gateway',
  z.object({
    /** What people call the gateway. */
    name: z.string(),
    gateway: z.enum(['kong', 'envoy', 'nginx', 'litellm']),
    route: z.string(),
    place: Place,
    importedAt: z.string(),
    /** Refuses every call. */
    isClosed: z.boolean(),
    authenticated: said,
    /** For every caller, by a finite number. */
    requestsLimited: said,
    tokensLimited: said,
  }),
);
