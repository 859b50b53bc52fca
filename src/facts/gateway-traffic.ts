import * as z from 'zod';
import { defineFact, ShareInterval } from './fact.ts';

/** What the AI gateway saw and what was tried on it. How it is set up is told by other kinds. */

const count = z.number().int();

export const gatewayUse = defineFact(
  'gateway-use',
  'Model in use, as seen in traffic',
  z.object({
    providerId: z.string(),
    /** Null where the provider was removed since. */
    providerName: z.string().nullable(),
    providerKind: z.string().nullable(),
    host: z.string().nullable(),
    model: z.string(),
    firstSeenOn: z.string(),
    lastSeenOn: z.string(),
  }),
);

export const gatewayTraffic = defineFact(
  'gateway-traffic',
  'Traffic of a route of the AI gateway',
  z.object({
    /** How many days the counts cover. */
    days: count,
    calls: count,
    refused: count,
    notEvaluated: count,
    failOpen: count,
    /** By UTC day: requests that reached the checks, and those on which every due check came to a decision. */
    checksByDay: z.array(z.object({ day: z.string(), requests: count, decided: count })),
    lastCallAt: z.string(),
  }),
);

export const gatewayRecord = defineFact(
  'gateway-record',
  'Record of the AI gateway',
  z.object({
    decisions: count,
    nodes: count,
    /** Decisions that a node numbered and that did not arrive. */
    missing: count,
    windowsSealed: count,
    oldestOpenFrom: z.string().nullable(),
    retentionDays: count,
  }),
);

export const gatewayToolUse = defineFact(
  'gateway-tool-use',
  'Tool with high impact, as called through the AI gateway',
  z.object({
    /** Of the route; null where it was removed since. */
    path: z.string().nullable(),
    tool: z.string(),
    /** How many days the counts cover. */
    days: count,
    /** Calls that went through. */
    calls: count,
    /** Of these, those without an approval that a person gave before, for this call. */
    unapproved: count,
    /** Of these, those approved by whoever made the key they came with. */
    byRequester: count,
    asked: count,
    refused: count,
    /** Questions nobody decided in time. */
    expired: count,
    medianSecondsToDecide: count.nullable(),
    slowestSecondsToDecide: count.nullable(),
  }),
);

export const gatewayToolCall = defineFact(
  'gateway-tool-call',
  'Tool, as called through the AI gateway',
  z.object({
    /** Of the route; null where it was removed since. */
    path: z.string().nullable(),
    tool: z.string(),
    /** How many days the counts cover. */
    days: count,
    /** Calls that went through. */
    passed: count,
    /** Of these, those that the list of tools of their policy version does not name. */
    offList: count,
    /** Of these, those under a policy version without a list of tools. */
    unlisted: count,
    refused: count,
    /** Of those that went through, calls whose decision names the span of the caller that asked. */
    traced: count,
  }),
);

export const gatewayProbe = defineFact(
  'gateway-probe',
  'Isolation probe of a route of the AI gateway',
  z.object({
    path: z.string(),
    ranAt: z.string(),
    leaks: count,
    asked: count,
    answered: count,
    /** HTTP status of a call without a key, and with one that does not exist. */
    withoutKey: count.nullable(),
    wrongKey: count.nullable(),
    /** Why the probe says nothing; null when it does. */
    failure: z.string().nullable(),
    /** Whether an answer held log-probabilities when they were asked for; null where that was not answered. */
    showsProbabilities: z.boolean().nullable(),
    /** Ways between tenants that were tried. */
    ways: z.array(z.string()),
    routeMadeAt: z.string(),
    /** Months, as `2026-11`, in which a probe of the route came to a result; of the last thirteen. */
    monthsProbed: z.array(z.string()),
  }),
);

export const endpointProbe = defineFact(
  'endpoint-probe',
  'Probe of an inference endpoint beside the gateway',
  z.object({
    host: z.string(),
    encrypted: z.boolean(),
    probedAt: z.string(),
    /** HTTP status of a call without credentials, and with some that cannot be valid; null where none came. */
    withoutKey: count.nullable(),
    wrongKey: count.nullable(),
    problem: z.string().nullable(),
  }),
);

export const gatewayAttack = defineFact(
  'gateway-attack',
  'Attack suites played through a route of the AI gateway',
  z.object({
    path: z.string(),
    ranAt: z.string(),
    suites: z.array(z.string()),
    policyId: z.string().nullable(),
    policyVersion: count.nullable(),
    attacks: count,
    stoppedByGateway: count,
    stoppedInterval: ShareInterval,
    harmless: count,
    falseAlarms: count,
    falseAlarmsInterval: ShareInterval,
    unevaluated: count,
  }),
);
