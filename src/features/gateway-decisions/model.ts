import * as z from 'zod';

/*
 * Routes, all under /api/v1/gateway, all `gateway.read` unless said:
 *   GET  decisions                 DecisionQuery -> DecisionPage
 *   GET  decisions/:id             -> DecisionDetail
 *   GET  decisions/:id/proof       -> WindowProof (a file)
 *   GET  windows                   WindowQuery -> WindowPage
 *   GET  traffic                   TrafficQuery -> Traffic
 *   GET  record                    -> RecordState
 *   PUT  record/retention          Retention -> RecordState        gateway.write
 */

export const OUTCOME_TITLES = {
  allowed: 'Allowed',
  changed: 'Changed',
  refused: 'Refused',
  not_evaluated: 'Not evaluated',
} as const;
export const DecisionOutcome = z.enum(['allowed', 'changed', 'refused', 'not_evaluated']);
export type DecisionOutcome = z.infer<typeof DecisionOutcome>;

const instant = z.iso.datetime();
const count = z.number().int();
const counts = z.record(z.string(), count);

/** What a window holds, by group. `none` stands for calls that never came as far as a tenant or a route. */
export const WindowCounts = z.object({
  outcomes: counts,
  refusals: counts,
  tenants: counts,
  routes: counts,
  detectors: counts,
  failOpen: count,
});
export type WindowCounts = z.infer<typeof WindowCounts>;

export function emptyCounts(): WindowCounts {
  return { outcomes: {}, refusals: {}, tenants: {}, routes: {}, detectors: {}, failOpen: 0 };
}

export const DecisionSummary = z
  .object({
    id: z.string(),
    occurredAt: instant,
    tenantId: z.string().nullable(),
    keyId: z.string().nullable(),
    routeId: z.string().nullable(),
    providerId: z.string().nullable(),
    modelAsked: z.string().nullable(),
    outcome: DecisionOutcome,
    refusal: z.string().nullable(),
    ended: z.string(),
    httpStatus: count,
    failOpen: z.boolean(),
    found: z.array(z.string()),
    notEvaluated: z.array(z.string()),
    tokensInput: count,
    tokensOutput: count,
    costMicroUsd: count.nullable(),
    totalUs: count,
    addedUs: count,
  })
  .meta({ id: 'GatewayDecisionSummary' });
export type DecisionSummary = z.infer<typeof DecisionSummary>;

const id = z.string().trim().min(1).max(200);
export const DECISION_SORTS = ['newest', 'oldest', 'slowest', 'dearest', 'largest'] as const;
export const DecisionQuery = z.object({
  /** Default: the last 24 hours. At most 31 days at once. */
  from: instant.optional(),
  to: instant.optional(),
  outcome: DecisionOutcome.optional(),
  tenant: id.optional(),
  key: id.optional(),
  route: id.optional(),
  model: id.optional(),
  detector: id.optional(),
  refusal: id.optional(),
  failOpen: z.enum(['true']).optional(),
  sort: z.enum(DECISION_SORTS).default('newest'),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type DecisionQuery = z.infer<typeof DecisionQuery>;
export const DecisionPage = z.object({
  items: z.array(DecisionSummary),
  /** Up to 10,000 are counted; `more` says that there are more than that. */
  total: count,
  more: z.boolean(),
  from: instant,
  to: instant,
  nextCursor: z.string().optional(),
});
export type DecisionPage = z.infer<typeof DecisionPage>;

const Span = z.object({ field: z.string(), start: count, end: count, kind: z.string(), sha256: z.string() });
export const DecisionVerdict = z.object({
  detector: z.string(),
  /** The control of the catalog that the check carries out. */
  control: z.string(),
  direction: z.string(),
  action: z.string(),
  outcome: z.string(),
  score: z.number().nullable(),
  threshold: z.number().nullable(),
  kinds: z.array(z.string()),
  spans: z.array(Span),
  charactersScanned: count,
  fieldsScanned: count,
  detectorVersion: z.string(),
  tookUs: z.number(),
  reason: z.string().nullable(),
});
export type DecisionVerdict = z.infer<typeof DecisionVerdict>;

export const Window = z
  .object({
    id: z.string(),
    from: instant,
    to: instant,
    part: count,
    supplement: z.boolean(),
    state: z.enum(['open', 'sealed']),
    decisions: count.nullable(),
    /** Hex. */
    root: z.string().nullable(),
    counts: WindowCounts.nullable(),
    sealedAt: instant.nullable(),
    ledgerIndex: count.nullable(),
  })
  .meta({ id: 'GatewayWindow' });
export type Window = z.infer<typeof Window>;
export const WindowPage = z.object({ items: z.array(Window), total: count, nextCursor: z.string().optional() });
export const WindowQuery = z.object({
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type WindowQuery = z.infer<typeof WindowQuery>;

export const DecisionDetail = z
  .object({
    summary: DecisionSummary,
    verdicts: z.array(DecisionVerdict),
    refusal: z.object({ stage: z.string(), code: z.string(), httpStatus: count }).nullable(),
    toolCalls: z.array(
      z.object({
        name: z.string(),
        allowed: z.boolean(),
        reason: z.string().nullable(),
        /** Where a person had to agree. */
        approvalId: z.string().optional(),
      }),
    ),
    timings: z.object({
      queueUs: z.number(),
      checksUs: z.number(),
      upstreamFirstByteUs: z.number().nullable(),
      totalUs: z.number(),
      addedUs: z.number(),
    }),
    request: z.object({
      requestId: z.string(),
      method: z.string(),
      pathPattern: z.string(),
      stream: z.boolean(),
      bytes: z.number(),
      sha256: z.string().nullable(),
    }),
    answer: z.object({
      modelAnswered: z.string().nullable(),
      upstreamStatus: count.nullable(),
      bytes: z.number(),
      sha256: z.string().nullable(),
      tries: count,
      /** Each of them, in order; empty for a decision of a version that did not keep them. */
      attempts: z.array(
        z.object({
          providerId: z.string(),
          startedUs: count,
          tookUs: count,
          status: count.nullable(),
          failure: z.string().nullable(),
          spanId: z.string(),
        }),
      ),
    }),
    policy: z.object({
      id: z.string().nullable(),
      name: z.string().nullable(),
      version: count.nullable(),
      snapshotDigest: z.string(),
    }),
    node: z.object({ id: z.string(), sequence: count }),
    traceId: z.string().nullable(),
    /** Canonical JSON, byte for byte as it was hashed. */
    record: z.string(),
    leafHash: z.string(),
    window: Window.nullable(),
  })
  .meta({ id: 'GatewayDecisionDetail' });
export type DecisionDetail = z.infer<typeof DecisionDetail>;

export const TRAFFIC_SPANS = { '1h': 60, '6h': 360, '24h': 1_440, '7d': 10_080, '30d': 43_200 } as const;
export type TrafficSpan = keyof typeof TRAFFIC_SPANS;
export const TrafficQuery = z.object({
  span: z.enum(['1h', '6h', '24h', '7d', '30d']).default('1h'),
  tenant: id.optional(),
  route: id.optional(),
});
export type TrafficQuery = z.infer<typeof TrafficQuery>;

export const TrafficPoint = z.object({
  at: instant,
  decisions: count,
  allowed: count,
  changed: count,
  refused: count,
  notEvaluated: count,
  tokensInput: count,
  tokensOutput: count,
  costMicroUsd: count,
  /** Calls that used tokens of a model without a price: what they cost is not in the sum. */
  unpriced: count,
  /** Milliseconds; null where nothing happened. */
  totalP50Ms: z.number().nullable(),
  totalP95Ms: z.number().nullable(),
  totalP99Ms: z.number().nullable(),
  addedP50Ms: z.number().nullable(),
  addedP99Ms: z.number().nullable(),
  found: counts,
});
export type TrafficPoint = z.infer<typeof TrafficPoint>;
export const TrafficTotals = TrafficPoint.omit({ at: true }).extend({
  failOpen: count,
  refusals: counts,
});
export type TrafficTotals = z.infer<typeof TrafficTotals>;
/** `name` is the tenant's name or the route's path; null where it was removed since, and for `none`. */
export const TrafficGroup = z.object({
  id: z.string(),
  name: z.string().nullable(),
  decisions: count,
  refused: count,
  costMicroUsd: count,
  unpriced: count,
});
/** A UTC day: requests that reached the checks, and those on which every due check came to a decision. */
export const DayOfChecks = z.object({ day: z.string(), requests: count, decided: count });
export type DayOfChecks = z.infer<typeof DayOfChecks>;
export const Traffic = z
  .object({
    span: z.string(),
    from: instant,
    to: instant,
    stepMinutes: count,
    points: z.array(TrafficPoint),
    totals: TrafficTotals,
    byRoute: z.array(TrafficGroup),
    byTenant: z.array(TrafficGroup),
    /** The last 14 days, whatever the span, newest first; days without a request are left out. */
    checksByDay: z.array(DayOfChecks),
    /** Up to which instant decisions are counted here. */
    upTo: instant.nullable(),
  })
  .meta({ id: 'GatewayTraffic' });
export type Traffic = z.infer<typeof Traffic>;

export const RETENTION_DAYS_DEFAULT = 90;
export const Retention = z.strictObject({ retentionDays: z.number().int().min(1).max(3_660) });
export const RecordState = z
  .object({
    decisions: count,
    days: z.array(z.string()),
    retentionDays: count,
    windows: z.object({ sealed: count, open: count, oldestOpenFrom: instant.nullable() }),
    nodes: z.array(
      z.object({
        id: z.string(),
        firstAt: instant,
        lastAt: instant,
        decisions: count,
        newest: count,
        missing: count,
        /** Both ends included; at most 20 are listed. */
        gaps: z.array(z.object({ from: count, to: count })),
      }),
    ),
    missing: count,
    dropped: z.array(z.object({ day: z.string(), droppedAt: instant, decisions: count })),
  })
  .meta({ id: 'GatewayRecordState' });
export type RecordState = z.infer<typeof RecordState>;
