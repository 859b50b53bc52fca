import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

export const EVENT_KINDS = ['prediction', 'label', 'score', 'operation', 'evaluation'] as const;
export const EventKind = z.enum(EVENT_KINDS);
export type EventKind = z.infer<typeof EventKind>;

export type EventValue = number | string | boolean | null;

/** One event as it is kept. Values that no JSON number can be are the texts "NaN", "Infinity" and "-Infinity". */
export type MonitorEvent = {
  id: string;
  source: string;
  sequence: number | null;
  /** Unix milliseconds. */
  occurredAtMs: number;
  systemId: string;
  modelVersion: string | null;
  segment: Record<string, string>;
  kind: EventKind;
  /** The event this one speaks of: a label of a prediction, a score of an answer. */
  about: string | null;
  values: Record<string, EventValue>;
  /** Each vector as its projections on `PROJECTIONS` fixed directions; the vector itself is not kept. */
  projections?: Record<string, number[]>;
};

/** The part of an event that is stored as JSON. */
export type EventBody = Pick<MonitorEvent, 'modelVersion' | 'segment' | 'values' | 'projections'>;

export const EVENT_LIMITS = {
  /** One event as JSON text. */
  eventBytes: 65_536,
  /** One delivery over HTTP. */
  batchBytes: 128 * 1024 * 1024,
  batchEvents: 2_000_000,
  idCharacters: 200,
  nameCharacters: 100,
  textCharacters: 1_000,
  values: 200,
  segments: 20,
  vectors: 4,
  vectorDimensions: 4_096,
  /** Events of a machine whose clock is ahead are taken and counted up to here. */
  skewMs: 5 * 60_000,
  /** Beyond this an instant is a mistake. */
  futureMs: 24 * 3_600_000,
} as const;

export const REJECTION_CODES = [
  'not_json',
  'not_an_object',
  'too_large',
  'missing',
  'unknown_field',
  'wrong_type',
  'out_of_range',
  'bad_time',
  'far_future',
  'unknown_system',
  'other_content',
  'schema_drift',
  'broken_batch',
] as const;

export const Rejection = z
  .object({
    /** Line of the delivery, from 1; for a JSON array the position in it, from 1. */
    line: z.number().int(),
    id: z.string().nullable(),
    /** Such as `values.score`; null where the whole item is meant. */
    field: z.string().nullable(),
    code: z.enum(REJECTION_CODES),
    message: z.string(),
  })
  .meta({ id: 'EventRejection' });
export type Rejection = z.infer<typeof Rejection>;

export const BatchResult = z
  .object({
    batchId: z.string(),
    received: z.number().int(),
    accepted: z.number().int(),
    /** Already there under the same id, with the same content. */
    duplicates: z.number().int(),
    rejected: z.number().int(),
    /** For a window that was closed already: it will be corrected. */
    late: z.number().int(),
    /** Below a sequence number of the same source that came before. */
    outOfOrder: z.number().int(),
    /** Dated up to a day ahead of this server's clock. */
    skewed: z.number().int(),
    /** False where the delivery broke off: what stood before is taken, the rest was never seen. */
    complete: z.boolean(),
    /** The first 1,000. */
    rejections: z.array(Rejection),
  })
  .meta({ id: 'EventBatchResult' });
export type BatchResult = z.infer<typeof BatchResult>;

export const SequenceState = z.object({
  first: z.number().int(),
  last: z.number().int(),
  unique: z.number().int(),
  missing: z.number().int(),
  share: z.number().nullable(),
  /** Missing numbers as ranges, both ends included; the first 100. */
  gaps: z.array(z.tuple([z.number().int(), z.number().int()])),
  gapCount: z.number().int(),
});
export type SequenceState = z.infer<typeof SequenceState>;

export const EventSource = z
  .object({
    name: z.string(),
    firstReceivedAt: z.iso.datetime(),
    lastReceivedAt: z.iso.datetime(),
    lastOccurredAt: z.iso.datetime().nullable(),
    accepted: z.number().int(),
    duplicates: z.number().int(),
    rejected: z.number().int(),
    late: z.number().int(),
    outOfOrder: z.number().int(),
    skewed: z.number().int(),
    /** Of the asked time; null where the source numbers nothing. */
    sequence: SequenceState.nullable(),
  })
  .meta({ id: 'EventSource' });
export type EventSource = z.infer<typeof EventSource>;

export const SourceQuery = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export const SourceList = z.object({ items: z.array(EventSource) });

export const EventQuery = z.object({
  systemId: z.string().max(64),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  kind: EventKind.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(1_000).optional(),
});
export const EventItem = z
  .object({
    id: z.string(),
    source: z.string(),
    sequence: z.number().int().nullable(),
    systemId: z.string(),
    kind: EventKind,
    occurredAt: z.iso.datetime(),
    receivedAt: z.iso.datetime(),
    about: z.string().nullable(),
    modelVersion: z.string().nullable(),
    /** Lists and no objects: any text may be a name, `__proto__` too. */
    segment: z.array(z.object({ name: z.string(), value: z.string() })),
    values: z.array(z.object({ name: z.string(), value: z.union([z.number(), z.string(), z.boolean(), z.null()]) })),
  })
  .meta({ id: 'Event' });
export const EventPage = z.object({ items: z.array(EventItem), next: z.string().nullable() });

export const BatchItem = BatchResult.omit({ rejections: true })
  .extend({
    receivedAt: z.iso.datetime(),
    receivedFrom: z.string(),
    form: z.string(),
    /** The first 100. */
    rejections: z.array(Rejection),
  })
  .meta({ id: 'EventBatch' });
export const BatchList = z.object({ items: z.array(BatchItem) });

/** A route of the gateway whose calls are operations of an AI system. */
export const EventRoute = z
  .object({ routeId: z.string(), systemId: z.string(), setBy: Who, setAt: z.iso.datetime() })
  .meta({ id: 'EventRoute' });
export type EventRoute = z.infer<typeof EventRoute>;
export const EventRouteList = z.object({ items: z.array(EventRoute) });
