import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';
import { Severity } from './severity.ts';

// Pages see a feature through its model alone.
export type {
  AlertChannel,
  AlertSettings,
  EmailConfig,
  NewChannel,
  SeverityClock,
  StoredSettings,
} from './settings-model.ts';
export { SEVERITIES, Severity } from './severity.ts';

/** What can raise an alert. */
export const ALERT_SOURCES = [
  'monitor',
  'calendar',
  'canary',
  'evaluation',
  'gateway_abuse',
  'gateway_probe',
  'gateway_approval',
  'control',
  'collector',
  'delivery',
  'ledger_party',
] as const;
export const AlertSource = z.enum(ALERT_SOURCES);
export type AlertSource = z.infer<typeof AlertSource>;
export const SOURCE_TITLES: Record<AlertSource, string> = {
  monitor: 'Monitor',
  calendar: 'Missed run',
  canary: 'Canary',
  evaluation: 'Evaluation',
  gateway_abuse: 'Gateway abuse',
  gateway_probe: 'Gateway probe',
  gateway_approval: 'Gateway approval',
  control: 'Control test',
  collector: 'Collector',
  delivery: 'Delivery of alerts',
  ledger_party: 'Party of the ledger',
};

/**
 * Something that is wrong now, as the feature it belongs to sees it. `subject.id` is a pseudonym: one alert at a time is
 * open for it. `title` leaves the product in messages and holds no personal data; `since` is when it began.
 */
export type Condition = {
  subject: { kind: string; id: string; title: string };
  severity: Severity;
  title: string;
  reasons: string[];
  since: Date;
  /** A path inside the product. */
  link: string;
  ownerId?: string | null;
};

/** What is wrong now of one kind. */
export type Standing = {
  conditions: readonly Condition[];
  /** Subjects of which nobody can say: they have neither begun nor recovered. */
  unknownIds?: readonly string[];
  /** All subjects that are watched now. An alert about another one is closed as that, where this is given. */
  watchedIds?: readonly string[];
};

export const ALERT_STATES = ['open', 'acknowledged', 'resolved'] as const;
export const AlertState = z.enum(ALERT_STATES);
export type AlertState = z.infer<typeof AlertState>;

/** How a person ends an alert. */
export const DECISIONS = ['fixed', 'false_positive', 'accepted_risk', 'expected_change', 'duplicate'] as const;
/** And how Assay does: what the alert was about was removed or turned off, and nothing was measured again. */
export const RESOLUTIONS = [...DECISIONS, 'no_longer_watched'] as const;
export const Resolution = z.enum(RESOLUTIONS);
export type Resolution = z.infer<typeof Resolution>;
export const RESOLUTION_TITLES: Record<Resolution, string> = {
  fixed: 'True positive, fixed',
  false_positive: 'False positive',
  accepted_risk: 'True positive, risk accepted for a time',
  expected_change: 'Expected change',
  duplicate: 'Duplicate of another alert',
  no_longer_watched: 'No longer watched',
};

/** Whether a clock was kept. `muted`: it does not run. */
export const CLOCK_STATES = ['running', 'met', 'breached', 'muted'] as const;
export const ClockState = z.enum(CLOCK_STATES);
export type ClockState = z.infer<typeof ClockState>;

const instant = z.iso.datetime();
const id = z.string().max(100);
const sentence = z.string().trim().min(1, 'must not be empty').max(2_000);

export const Alert = z
  .object({
    id: z.string(),
    source: AlertSource,
    sourceId: z.string(),
    subject: z.object({ kind: z.string(), id: z.string(), title: z.string() }),
    severity: Severity,
    title: z.string(),
    link: z.string().nullable(),
    state: AlertState,
    occurredAt: instant,
    openedAt: instant,
    lastOccurredAt: instant,
    occurrences: z.int(),
    owner: Who.nullable(),
    acknowledge: z.object({ dueAt: instant, at: instant.nullable(), by: Who.nullable(), clock: ClockState }),
    resolve: z.object({ dueAt: instant, at: instant.nullable(), by: Who.nullable(), clock: ClockState }),
    escalationLevel: z.int(),
    resolution: Resolution.nullable(),
    resolutionReason: z.string().nullable(),
    acceptedUntil: instant.nullable(),
    retest: z.object({ at: instant, passed: z.boolean() }).nullable(),
    muteId: z.string().nullable(),
    incidentId: z.string().nullable(),
    reopensId: z.string().nullable(),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof Alert>;

export const STEP_KINDS = [
  'opened',
  'muted',
  'unmuted',
  'recurred',
  'retested',
  'acknowledged',
  'assigned',
  'commented',
  'escalated',
  'delivered',
  'delivery_failed',
  'incident_opened',
  'resolved',
] as const;
export const StepKind = z.enum(STEP_KINDS);
export type StepKind = z.infer<typeof StepKind>;

const detailValue = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);
export const AlertStep = z
  .object({ at: instant, by: Who, kind: StepKind, detail: z.record(z.string(), detailValue) })
  .meta({ id: 'AlertStep' });
export type AlertStep = z.infer<typeof AlertStep>;

export const DELIVERY_EVENTS = ['opened', 'raised', 'escalated', 'resolved', 'test'] as const;
export type DeliveryEvent = (typeof DELIVERY_EVENTS)[number];
export const DELIVERY_STATES = ['waiting', 'delivered', 'dead'] as const;

export const AlertDelivery = z
  .object({
    id: z.string(),
    alertId: z.string().nullable(),
    channel: z.object({ id: z.string(), name: z.string(), kind: z.string() }),
    event: z.enum(DELIVERY_EVENTS),
    state: z.enum(DELIVERY_STATES),
    attempts: z.int(),
    createdAt: instant,
    nextAttemptAt: instant.nullable(),
    deliveredAt: instant.nullable(),
    receipt: z.string().nullable(),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'AlertDelivery' });
export type AlertDelivery = z.infer<typeof AlertDelivery>;

export const AlertDetail = z
  .object({
    alert: Alert,
    reasons: z.array(z.string()),
    evidence: z.record(z.string(), z.unknown()),
    steps: z.array(AlertStep),
    deliveries: z.array(AlertDelivery),
    incident: z.object({ id: z.string(), title: z.string(), state: z.string() }).nullable(),
    settingsVersion: z.int(),
  })
  .meta({ id: 'AlertDetail' });
export type AlertDetail = z.infer<typeof AlertDetail>;

const filters = {
  state: z.enum([...ALERT_STATES, 'unresolved']).optional(),
  severity: Severity.optional(),
  source: AlertSource.optional(),
  /** `me` is the caller, `none` nobody. */
  owner: id.optional(),
  clock: z.enum(['overdue', 'never_acknowledged']).optional(),
  muted: z.enum(['yes', 'no']).optional(),
  subject: id.optional(),
  q: z.string().max(200).optional(),
};
export const AlertQuery = z.object({
  ...filters,
  sort: z.enum(['due', 'newest']).default('due'),
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AlertQuery = z.infer<typeof AlertQuery>;

export const AlertPage = z
  .object({
    items: z.array(Alert),
    total: z.int(),
    nextCursor: z.string().optional(),
    facets: z.object({
      state: z.record(z.string(), z.int()),
      severity: z.record(z.string(), z.int()),
      source: z.record(z.string(), z.int()),
    }),
    /** Server time the clocks were read at. */
    at: instant,
  })
  .meta({ id: 'AlertPage' });
export type AlertPage = z.infer<typeof AlertPage>;

export const AcknowledgeAlerts = z.strictObject({
  ids: z.array(id).min(1).max(200),
  comment: sentence.optional(),
});
export const AcknowledgeOutcome = z
  .object({ acknowledgedIds: z.array(z.string()), unchangedIds: z.array(z.string()) })
  .meta({ id: 'AcknowledgeOutcome' });
export const AssignAlert = z.strictObject({ ownerId: id });
export const CommentAlert = z.strictObject({ text: sentence });
export const ResolveAlert = z.strictObject({
  resolution: z.enum(DECISIONS),
  reason: sentence,
  /** Needed with `accepted_risk`: the last day the acceptance holds, at most 366 days away. */
  acceptedUntil: z.iso.date('must be a day, like 2027-01-31').optional(),
});
export type ResolveAlert = z.infer<typeof ResolveAlert>;
export const OpenAlertIncident = z.strictObject({ title: z.string().trim().min(1).max(200).optional() });

export const AlertMute = z
  .object({
    id: z.string(),
    source: AlertSource.nullable(),
    sourceId: z.string().nullable(),
    subjectId: z.string().nullable(),
    severityMax: Severity,
    reason: z.string(),
    startsAt: instant,
    expiresAt: instant,
    requestedAt: instant,
    requestedBy: Who,
    review: z.enum(['waiting', 'approved', 'refused']),
    reviewedAt: instant.nullable(),
    reviewedBy: Who.nullable(),
    comment: z.string().nullable(),
    endedAt: instant.nullable(),
    state: z.enum(['waiting', 'refused', 'scheduled', 'in_force', 'ended']),
    /** Alerts that fired while it was in force: kept, and listed under this mute. */
    fired: z.int(),
  })
  .meta({ id: 'AlertMute' });
export type AlertMute = z.infer<typeof AlertMute>;
export const AlertMutes = z.object({ items: z.array(AlertMute) }).meta({ id: 'AlertMutes' });

export const MUTE_DAYS_MAX = 30;
export const NewAlertMute = z
  .strictObject({
    source: AlertSource.nullable().default(null),
    sourceId: id.nullable().default(null),
    subjectId: id.nullable().default(null),
    /** The gravest severity it keeps quiet. */
    severityMax: Severity,
    reason: sentence,
    startsAt: instant.optional(),
    expiresAt: instant,
  })
  .refine((mute) => mute.source !== null || mute.sourceId !== null || mute.subjectId !== null, {
    path: ['source'],
    message: 'must say what is muted: a source, the id of a source, or a subject',
  });
export type NewAlertMute = z.infer<typeof NewAlertMute>;
export const ReviewAlertMute = z.strictObject({
  decision: z.enum(['approved', 'refused']),
  comment: sentence.optional(),
});

/** How well the clocks were kept in a period. */
export const AlertReport = z
  .object({
    from: instant,
    to: instant,
    bySeverity: z.array(
      z.object({
        severity: Severity,
        fired: z.int(),
        acknowledgedInTime: z.int(),
        acknowledgedLate: z.int(),
        neverAcknowledged: z.int(),
        resolvedInTime: z.int(),
        escalated: z.int(),
        falsePositives: z.int(),
        mutedWhileFiring: z.int(),
        reopened: z.int(),
      }),
    ),
    neverAcknowledged: z.array(Alert),
  })
  .meta({ id: 'AlertReport' });
export type AlertReport = z.infer<typeof AlertReport>;
export const AlertReportQuery = z.object({ from: instant.optional(), to: instant.optional() });
