import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

/*
 * Routes, all under /api/v1/gateway:
 *   GET  abuse                 AbuseQuery -> AbusePage      gateway.read
 *   GET  abuse/:id             -> AbuseFinding              gateway.read
 *   POST abuse/:id/actions     AbuseAction -> AbuseFinding  gateway.write
 */

export const ABUSE_KINDS = {
  volume_sweep: {
    title: 'Sweep',
    meaning: 'Far more calls than usual, each about something else and all alike in length: how a model is copied.',
  },
  near_duplicates: {
    title: 'Probing',
    meaning: 'Many prompts that differ in a word or two: how a decision boundary or the training data is felt for.',
  },
  logprob_harvest: {
    title: 'Harvest of probabilities',
    meaning: 'Probabilities of tokens, or many answers at once, in amounts that train a copy.',
  },
  prompt_extraction: {
    title: 'Prompt extraction',
    meaning: 'Attempts to get at the instructions of the system, or answers that held some.',
  },
  repeated_refusals: {
    title: 'Repeated refusals',
    meaning: 'Call after call that a check or the model itself refuses.',
  },
  key_sharing: {
    title: 'Key in many hands',
    meaning: 'One key from many addresses: shared, resold or stolen.',
  },
} as const;
export const ABUSE_KIND_IDS = [
  'volume_sweep',
  'near_duplicates',
  'logprob_harvest',
  'prompt_extraction',
  'repeated_refusals',
  'key_sharing',
] as const;
export const AbuseKind = z.enum(ABUSE_KIND_IDS);
export type AbuseKind = z.infer<typeof AbuseKind>;
export const ABUSE_SEVERITIES = ['critical', 'high', 'medium'] as const;
export const AbuseSeverity = z.enum(ABUSE_SEVERITIES);
export type AbuseSeverity = z.infer<typeof AbuseSeverity>;

const instant = z.iso.datetime();

export const ABUSE_ACTIONS = ['throttle', 'suspend', 'revoke', 'dismiss'] as const;
export const AbuseAction = z.strictObject({
  action: z.enum(ABUSE_ACTIONS),
  reason: z.string().trim().min(5, 'must be at least 5 characters long').max(500),
  /** For `throttle`: requests a minute from now on. */
  requestsPerMinute: z.number().int().min(1).max(100_000).optional(),
});
export type AbuseAction = z.infer<typeof AbuseAction>;

export const AbuseFinding = z
  .object({
    id: z.string(),
    kind: AbuseKind,
    severity: AbuseSeverity,
    caller: z.object({ kind: z.enum(['key', 'tenant']), id: z.string() }),
    tenantId: z.string().nullable(),
    title: z.string(),
    reasons: z.array(z.string()),
    numbers: z.record(z.string(), z.number()),
    decisionIds: z.array(z.string()),
    firstAt: instant,
    lastAt: instant,
    times: z.number().int(),
    state: z.enum(['open', 'acted', 'dismissed']),
    alertId: z.string().nullable(),
    actions: z.array(z.object({ action: z.enum(ABUSE_ACTIONS), reason: z.string(), by: Who, at: instant })),
  })
  .meta({ id: 'GatewayAbuseFinding' });
export type AbuseFinding = z.infer<typeof AbuseFinding>;

export const AbuseQuery = z.object({
  state: z.enum(['open', 'acted', 'dismissed']).optional(),
  kind: AbuseKind.optional(),
  key: z.string().max(80).optional(),
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AbuseQuery = z.infer<typeof AbuseQuery>;
export const AbusePage = z.object({
  items: z.array(AbuseFinding),
  total: z.number().int(),
  /** How many callers are known, and up to when decisions were looked at. */
  callers: z.number().int(),
  upTo: instant.nullable(),
  nextCursor: z.string().optional(),
});
export type AbusePage = z.infer<typeof AbusePage>;
