import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

const instant = z.iso.datetime();
const text = z.string().trim().min(1, 'must not be empty');

export const INCIDENT_SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type IncidentSeverity = (typeof INCIDENT_SEVERITIES)[number];

/**
 * When an incident began, was seen, taken up and ended. Computed from its alerts and steps; nobody types them. Durations in
 * milliseconds, null while the later instant is not there. Names as in the DORA metrics for restoring service.
 */
export const IncidentTimes = z.object({
  occurredAt: instant,
  detectedAt: instant,
  acknowledgedAt: instant.nullable(),
  resolvedAt: instant.nullable(),
  toDetectMs: z.number(),
  toAcknowledgeMs: z.number().nullable(),
  toResolveMs: z.number().nullable(),
});
export type IncidentTimes = z.infer<typeof IncidentTimes>;

/** An event that broke, or could have broken, a commitment: from an alert to its cause, the change and the proof that it helped. */
export const Incident = z
  .object({
    id: z.string(),
    title: z.string(),
    severity: z.enum(INCIDENT_SEVERITIES),
    state: z.enum(['open', 'closed']),
    openedAt: instant,
    openedBy: Who,
    rootCause: z.string().nullable(),
    /** What is done differently from now on. */
    lessons: z.string().nullable(),
    /** Where the change is: a pull request, a commit, a model version. */
    changeRef: z.string().nullable(),
    /** What shows that it helped: a window, an evaluation run. */
    retestRef: z.string().nullable(),
    closedAt: instant.nullable(),
    closedBy: Who.nullable(),
    times: IncidentTimes,
    alerts: z.array(z.object({ id: z.string(), title: z.string(), state: z.string() })),
    /** What is missing before it can be closed; empty when nothing is. */
    missing: z.array(z.string()),
  })
  .meta({ id: 'Incident' });
export type Incident = z.infer<typeof Incident>;

export const INCIDENT_STEPS = [
  'occurred',
  'detected',
  'acknowledged',
  'opened',
  'noted',
  'changed',
  'severity_changed',
  'alert_resolved',
  'closed',
] as const;
export const IncidentStep = z.object({
  at: instant,
  by: Who.nullable(),
  kind: z.enum(INCIDENT_STEPS),
  words: z.string().nullable(),
});
export type IncidentStep = z.infer<typeof IncidentStep>;
export const IncidentDetail = z
  .object({ incident: Incident, steps: z.array(IncidentStep) })
  .meta({ id: 'IncidentDetail' });
export type IncidentDetail = z.infer<typeof IncidentDetail>;

/** Over incidents opened in the last 90 days; medians of those that have the time. */
export const IncidentSummary = z.object({
  days: z.int(),
  opened: z.int(),
  stillOpen: z.int(),
  medianToDetectMs: z.number().nullable(),
  medianToAcknowledgeMs: z.number().nullable(),
  medianToResolveMs: z.number().nullable(),
});
export type IncidentSummary = z.infer<typeof IncidentSummary>;

export const IncidentPage = z
  .object({ items: z.array(Incident), summary: IncidentSummary, total: z.int(), nextCursor: z.string().optional() })
  .meta({ id: 'IncidentPage' });
export type IncidentPage = z.infer<typeof IncidentPage>;
export const IncidentQuery = z.object({
  state: z.enum(['open', 'closed']).optional(),
  severity: z.enum(INCIDENT_SEVERITIES).optional(),
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type IncidentQuery = z.infer<typeof IncidentQuery>;
export const NewIncident = z.strictObject({ title: text.max(200), severity: z.enum(INCIDENT_SEVERITIES) });
export const ChangeIncident = z
  .strictObject({
    severity: z.enum(INCIDENT_SEVERITIES).optional(),
    rootCause: text.max(4_000).optional(),
    lessons: text.max(4_000).optional(),
    changeRef: text.max(500).optional(),
    retestRef: text.max(500).optional(),
    /** A line for the timeline. */
    note: text.max(4_000).optional(),
    /** Needs a root cause, lessons, a retest that passed, and every alert resolved. A closed incident stays closed. */
    state: z.literal('closed').optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must name at least one change');
export type ChangeIncident = z.infer<typeof ChangeIncident>;
