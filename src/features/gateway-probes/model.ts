import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

/*
 * Routes, all under /api/v1/gateway:
 *   GET  probes          ProbeQuery -> ProbePage           gateway.read
 *   GET  probes/:id      -> ProbeRun                       gateway.read
 *   POST probes          NewProbe -> ProbeRun (202)        gateway.write
 */

/** Tenants of the product's own that probes and attacks go by. */
export const PROBE_TENANTS = {
  planting: 'Isolation probe A',
  looking: 'Isolation probe B',
  attacking: 'Attack suites',
  trying: 'Policy trials',
} as const;

export const PROBE_KINDS = ['isolation', 'attack'] as const;
export const ProbeKind = z.enum(PROBE_KINDS);
export type ProbeKind = z.infer<typeof ProbeKind>;
export const PROBE_STATES = ['queued', 'running', 'clean', 'found', 'incomplete', 'failed'] as const;
export const ProbeState = z.enum(PROBE_STATES);
export type ProbeState = z.infer<typeof ProbeState>;

const count = z.number().int();
const instant = z.iso.datetime();

export const IsolationRoute = z.object({
  routeId: z.string(),
  path: z.string(),
  /** Calls with which the canary was planted, of two. */
  planted: count,
  asked: count,
  answered: count,
  leaks: z.array(
    z.object({ way: z.string(), stream: z.boolean(), form: z.string(), requestId: z.string().nullable() }),
  ),
  /** Each way that was tried. closed: neither the gateway nor the provider serves it to these keys. Empty in older runs. */
  ways: z
    .array(z.object({ way: z.string(), outcome: z.enum(['clean', 'closed', 'leaked', 'unanswered']) }))
    .default([]),
  /** HTTP status of a call without a key, and with one that does not exist. */
  withoutKey: count.nullable(),
  wrongKey: count.nullable(),
  /** Whether an answer held log-probabilities when they were asked for; null where there was no answer, and in older runs. */
  showsProbabilities: z.boolean().nullable().default(null),
  /** Why the probe of this route does not say anything; null when it does. */
  failure: z.string().nullable(),
});
export type IsolationRoute = z.infer<typeof IsolationRoute>;
export const IsolationResult = z.object({ kind: z.literal('isolation'), routes: z.array(IsolationRoute) });
export type IsolationResult = z.infer<typeof IsolationResult>;

/** Where an attempt ended. `output` and `model` were let through by what stands before them. */
export const LAYERS = ['input', 'model', 'output', 'passed', 'failed', 'unrecorded'] as const;
export const Layer = z.enum(LAYERS);
export type Layer = z.infer<typeof Layer>;

export const AttackClass = z.object({
  class: z.string(),
  expects: z.enum(['attack', 'harmless']),
  attempts: count,
  /** Attempts by where they ended, and those that some check noticed although it let them pass. */
  layers: z.object({ input: count, model: count, output: count, passed: count, failed: count, unrecorded: count }),
  noticed: count,
});
export type AttackClass = z.infer<typeof AttackClass>;
export const AttackResult = z.object({
  kind: z.literal('attack'),
  suites: z.array(z.string()),
  routeId: z.string(),
  path: z.string(),
  policyId: z.string().nullable(),
  policyVersion: count.nullable(),
  attacks: count,
  stopped: count,
  /** By the gateway itself, before or after the model. */
  stoppedByGateway: count,
  harmless: count,
  falseAlarms: count,
  unevaluated: count,
  classes: z.array(AttackClass),
  /** Attacks that passed, for a look: ids of attempts and decisions, no text. */
  passed: z.array(z.object({ attempt: z.string(), decisionId: z.string().nullable() })),
});
export type AttackResult = z.infer<typeof AttackResult>;

export const ProbeRun = z
  .object({
    id: z.string(),
    kind: ProbeKind,
    state: ProbeState,
    suites: z.array(z.string()),
    routeId: z.string().nullable(),
    /** The policy version the suites were played under, where it was asked for by name. */
    policy: z.object({ id: z.string(), version: count }).nullable(),
    requestedBy: Who,
    requestedAt: instant,
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    /** One sentence with the next step; set when the state is `failed` or `incomplete`. */
    problem: z.string().nullable(),
    result: z.discriminatedUnion('kind', [IsolationResult, AttackResult]).nullable(),
    evidenceId: z.string().nullable(),
  })
  .meta({ id: 'GatewayProbeRun' });
export type ProbeRun = z.infer<typeof ProbeRun>;

export const SUITE_NAMES = [
  'injection',
  'jailbreak',
  'indirect',
  'encoding',
  'multilingual',
  'leak',
  'harmless',
] as const;
export const NewProbe = z
  .strictObject({
    kind: ProbeKind,
    /** For an attack: which suites; all when left out. */
    suites: z.array(z.enum(SUITE_NAMES)).min(1).max(SUITE_NAMES.length).optional(),
    /** For an attack: through which route. */
    routeId: z.string().max(80).optional(),
    model: z.string().max(200).optional(),
    /** For an attack: under which version, in force or not, in place of what counts on the route. */
    policy: z.strictObject({ id: z.string().max(64), version: count.min(1).max(1_000_000) }).optional(),
  })
  .refine(({ kind, policy }) => kind === 'attack' || policy === undefined, {
    path: ['policy'],
    message: 'only attack suites are played under a version',
  })
  .refine(({ kind, routeId }) => kind !== 'attack' || routeId !== undefined, {
    path: ['routeId'],
    message: 'say through which route the attack goes',
  });
export type NewProbe = z.infer<typeof NewProbe>;
export const ProbeQuery = z.object({
  kind: ProbeKind.optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ProbeQuery = z.infer<typeof ProbeQuery>;
export const ProbePage = z.object({
  items: z.array(ProbeRun),
  total: count,
  routes: z.array(z.object({ id: z.string(), path: z.string() })),
  nextCursor: z.string().optional(),
});
export type ProbePage = z.infer<typeof ProbePage>;
