import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

export const APPROVAL_STATES = ['waiting', 'approved', 'refused', 'used', 'expired'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** How long a question waits for a person, and how long their answer counts, where the policy does not say. */
export const WAITING_MINUTES = 60;
export const DECIDED_MINUTES = 60;
/** No person reads more than this before they decide. */
export const ARGUMENTS_CHARACTERS_MAX = 20_000;
/** Of one caller at a time; what comes on top is refused without a question. */
export const WAITING_MAX = 50;

const instant = z.iso.datetime();
export const Approval = z
  .object({
    id: z.string(),
    state: z.enum(APPROVAL_STATES),
    tool: z.string(),
    tenant: z.object({ id: z.string(), name: z.string().nullable() }),
    /** Null for a caller who came with a token. */
    key: z.object({ id: z.string(), name: z.string().nullable(), madeBy: Who.nullable() }).nullable(),
    route: z.object({ id: z.string(), path: z.string().nullable() }),
    policy: z.object({ id: z.string(), name: z.string().nullable(), version: z.int() }),
    /** The call that asked first. */
    decisionId: z.string(),
    askedAt: instant,
    /** How often the same call came again while it was not decided. */
    askedAgain: z.int(),
    expiresAt: instant,
    decidedAt: instant.nullable(),
    decidedBy: Who.nullable(),
    reason: z.string().nullable(),
    usedAt: instant.nullable(),
    usedDecisionId: z.string().nullable(),
    alertId: z.string().nullable(),
  })
  .meta({ id: 'GatewayApproval' });
export type Approval = z.infer<typeof Approval>;

export const ApprovalContent = z
  .object({
    /** As JSON, secrets masked; null once it is decided or has expired. */
    arguments: z.string().nullable(),
    /** How many secrets are masked in it. */
    masked: z.int(),
    /** Names the arguments and this question: to be given with the decision. */
    digest: z.string(),
  })
  .meta({ id: 'GatewayApprovalContent' });
export type ApprovalContent = z.infer<typeof ApprovalContent>;

export const ApprovalQuery = z.object({
  state: z.enum(APPROVAL_STATES).optional(),
  key: z.string().max(80).optional(),
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ApprovalQuery = z.infer<typeof ApprovalQuery>;
export const ApprovalPage = z.object({
  items: z.array(Approval),
  total: z.int(),
  waiting: z.int(),
  nextCursor: z.string().optional(),
});
export type ApprovalPage = z.infer<typeof ApprovalPage>;

export const ApprovalDecision = z.strictObject({
  decision: z.enum(['approved', 'refused']),
  /** Of what was read, so that nothing else is approved. */
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be the digest of the call that was read'),
  reason: z.string().trim().min(1, 'must say why').max(2000),
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;
