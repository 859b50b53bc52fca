import * as z from 'zod';
import { ErasureReason } from '#src/features/persons/model.ts';
import { Who } from '#src/features/records/model.ts';

/*
 * Routes, all under /api/v1/gateway/payloads:
 *   GET  ''                      -> CaptureStatus                        gateway.read
 *   PUT  capture/:kind/:id       CaptureChange -> CaptureStatus          payloads.write
 *   POST capture/:id/decide      CaptureDecision -> CaptureStatus        payloads.approve
 *   GET  :id                     -> PayloadState                         gateway.read
 *   POST :id/open                PayloadReason -> OpenedPayload          payloads.open
 *   POST erase                   PayloadErasure -> ErasedPayloads        payloads.erase
 */

export const SUBJECT_KINDS = ['tenant', 'route'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];
export const CAPTURE_STATES = ['waiting', 'in_force', 'refused', 'withdrawn'] as const;
export type CaptureState = (typeof CAPTURE_STATES)[number];

const reason = z.string().trim().min(1, 'must say why: it is kept with the change').max(1_000);

export const CaptureChange = z.strictObject({
  /** 0 keeps none. */
  keepDays: z.int().min(0).max(3_650, 'must be at most 3650'),
  reason,
});
export type CaptureChange = z.infer<typeof CaptureChange>;
export const CaptureDecision = z.strictObject({ decision: z.enum(['approved', 'refused']) });
export type CaptureDecision = z.infer<typeof CaptureDecision>;

export const CaptureRequest = z
  .object({
    id: z.string(),
    keepDays: z.int(),
    reason: z.string(),
    requestedBy: Who,
    requestedAt: z.iso.datetime(),
  })
  .meta({ id: 'GatewayCaptureRequest' });

/** What became of the payloads of the last day, and what is stored. */
const Counts = z.object({
  captured: z.int(),
  /** The policy does not take personal data and secrets out, or stopped the call. */
  notRedacted: z.int(),
  queueFull: z.int(),
  noStore: z.int(),
  /** Of those captured: never written, as after the end of a process. */
  lost: z.int(),
  stored: z.int(),
  storedBytes: z.number(),
});

export const CaptureSubject = z
  .object({
    kind: z.enum(SUBJECT_KINDS),
    id: z.string(),
    name: z.string(),
    keepDays: z.int(),
    /** Why it is on, since when, by whom; null where it was never on. */
    since: z.object({ at: z.iso.datetime(), reason: z.string(), requestedBy: Who, decidedBy: Who }).nullable(),
    waiting: CaptureRequest.nullable(),
    /** Null for routes: payloads are counted by tenant. */
    counts: Counts.nullable(),
  })
  .meta({ id: 'GatewayCaptureSubject' });
export type CaptureSubject = z.infer<typeof CaptureSubject>;
export const CaptureStatus = z.object({ subjects: z.array(CaptureSubject) }).meta({ id: 'GatewayCaptureStatus' });
export type CaptureStatus = z.infer<typeof CaptureStatus>;

/** What is known of a payload without reading it. */
export const PayloadState = z
  .object({
    decisionId: z.string(),
    state: z.enum(['off', 'missed', 'captured', 'lost', 'removed']),
    /** Why it was missed or removed. */
    why: z.string().nullable(),
    sha256: z.string().nullable(),
    bytes: z.int().nullable(),
    keepUntil: z.iso.datetime().nullable(),
    removedAt: z.iso.datetime().nullable(),
    onHold: z.boolean(),
  })
  .meta({ id: 'GatewayPayloadState' });
export type PayloadState = z.infer<typeof PayloadState>;

export const PayloadReason = z.strictObject({ reason });
export type PayloadReason = z.infer<typeof PayloadReason>;

const Texts = z.object({
  texts: z.array(z.object({ field: z.string(), role: z.string().optional(), text: z.string() })),
  /** Characters left out because there were too many. */
  cutCharacters: z.int(),
  whole: z.boolean().optional(),
});
/** A captured document, after redaction. */
export const Payload = z.object({
  v: z.literal(1),
  salt: z.string(),
  decision: z.string(),
  model: z.string().nullable(),
  request: Texts,
  answer: Texts.nullable(),
});
export type Payload = z.infer<typeof Payload>;
export const OpenedPayload = z
  .object({
    decisionId: z.string(),
    payload: Payload,
    /** The document, byte for byte: its SHA-256 is the one in the decision. */
    document: z.string(),
    sha256: z.string(),
    /** True when the stored decision names this digest. */
    isInDecision: z.boolean(),
  })
  .meta({ id: 'GatewayOpenedPayload' });
export type OpenedPayload = z.infer<typeof OpenedPayload>;

/** Which payloads are destroyed: all of a tenant, single ones, or those of an end user as the caller named them. */
export const PayloadErasure = z.strictObject({
  of: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('tenant'), id: z.string().max(64) }),
    z.strictObject({ kind: z.literal('decision'), id: z.string().max(80) }),
    z.strictObject({ kind: z.literal('person'), name: z.string().min(1).max(512) }),
  ]),
  reason: ErasureReason,
  /** The rule it rests on, such as a number of the request. Goes into the ledger, so it must not name anybody. */
  basis: z
    .string()
    .trim()
    .min(1, 'must say on what it rests, such as "request 2026-14"')
    .max(200)
    .regex(/^[^@]*$/, 'must not hold an address: it stays in the ledger'),
});
export type PayloadErasure = z.infer<typeof PayloadErasure>;
export const ErasedPayloads = z.object({ erased: z.int(), onHold: z.int() }).meta({ id: 'GatewayErasedPayloads' });
export type ErasedPayloads = z.infer<typeof ErasedPayloads>;
