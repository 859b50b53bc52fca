import * as z from 'zod';
import { EvidenceKind } from '#src/features/evidence/model.ts';
import { Who } from '#src/features/records/model.ts';

/*
 * Routes, all under /api/v1/retention:
 *   GET  ''                   -> Retention                           retention.read
 *   PUT  rules/:class         RetentionChange -> Retention           retention.write
 *   POST holds                NewHold -> Hold (201)                  retention.write
 *   POST holds/:id/release    HoldRelease -> Hold                    retention.write
 */

/** What a rule is about: files of evidence of one kind, or events of AI systems. Leaves of the ledger have no end. */
export const RetentionClass = z.enum([...EvidenceKind.options, 'event']);
export type RetentionClass = z.infer<typeof RetentionClass>;

export const RetentionRule = z.object({
  class: RetentionClass,
  /** Null: kept without end. */
  keepDays: z.number().int().nullable(),
  setBy: Who.nullable(),
  setAt: z.string().nullable(),
  /** Items whose content is there. */
  items: z.number().int(),
  /** Of those, items whose time is over: the next run destroys their content. */
  due: z.number().int(),
  /** Of those due, items that a hold keeps. */
  held: z.number().int(),
});
export type RetentionRule = z.infer<typeof RetentionRule>;

/** What a hold can be on: somebody, an item of evidence, decisions of the gateway by day or by tenant, or events of a system. */
export const HOLD_KINDS = ['person', 'evidence', 'gateway-tenant', 'gateway-day', 'ai-system'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];
export const HOLD_KIND_TITLES: Record<HoldKind, string> = {
  person: 'Person',
  evidence: 'Evidence',
  'gateway-tenant': 'Gateway calls of the tenant',
  'gateway-day': 'Gateway calls of the day',
  'ai-system': 'Events of the AI system',
};

/** The kind an id belongs to: ids begin with what they name, and a day is written like one. */
export function holdKindOf(id: string): HoldKind {
  if (id.startsWith('evd_')) return 'evidence';
  if (id.startsWith('sys_')) return 'ai-system';
  if (id.startsWith('gtn_')) return 'gateway-tenant';
  return /^\d{4}-\d{2}-\d{2}$/.test(id) ? 'gateway-day' : 'person';
}

export const Hold = z
  .object({
    id: z.string(),
    subject: z.object({ kind: z.enum(HOLD_KINDS), id: z.string() }),
    reason: z.string(),
    placedBy: Who,
    placedAt: z.string(),
    releasedBy: Who.nullable(),
    releasedAt: z.string().nullable(),
    releaseReason: z.string().nullable(),
  })
  .meta({ id: 'Hold' });
export type Hold = z.infer<typeof Hold>;

export const Retention = z.object({ rules: z.array(RetentionRule), holds: z.array(Hold) }).meta({ id: 'Retention' });
export type Retention = z.infer<typeof Retention>;

/** A window of a month, its watermark and its late events come to this; erased before, they could not be counted. */
export const EVENT_KEEP_DAYS_MIN = 62;

export const RetentionChange = z.strictObject({
  keepDays: z.number().int().min(1, 'must be at least 1').max(36_500, 'must be at most 36,500').nullable(),
});
export type RetentionChange = z.infer<typeof RetentionChange>;

const reason = z.string().trim().min(1, 'must say why').max(2_000);
export const NewHold = z.strictObject({
  subject: z
    .strictObject({ kind: z.enum(HOLD_KINDS), id: z.string().trim().min(1).max(64) })
    .refine(({ kind, id }) => kind !== 'gateway-day' || z.iso.date().safeParse(id).success, {
      path: ['id'],
      message: 'must be a day, like 2027-01-31',
    }),
  reason,
});
export type NewHold = z.infer<typeof NewHold>;
export const HoldRelease = z.strictObject({ reason });
export type HoldRelease = z.infer<typeof HoldRelease>;
