import * as z from 'zod';
import { Who } from '../records/model.ts';

export const ProposalState = z.enum(['proposed', 'in_force', 'superseded', 'refused']);
export type ProposalState = z.infer<typeof ProposalState>;

export const Reason = z.string().trim().min(3, 'must say why').max(1_000);
export const Review = z.strictObject({
  decision: z.enum(['approved', 'refused']),
  comment: z.string().trim().min(1).max(1_000).optional(),
});
export type Review = z.infer<typeof Review>;

/** The members of everything a second person approves before it counts. */
export const Proposal = {
  state: ProposalState,
  reason: z.string(),
  proposedBy: Who,
  proposedAt: z.iso.datetime(),
  reviewedBy: Who.nullable(),
  reviewedAt: z.iso.datetime().nullable(),
  reviewComment: z.string().nullable(),
  validFrom: z.iso.datetime().nullable(),
  validTo: z.iso.datetime().nullable(),
};
