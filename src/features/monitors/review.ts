import { type Actor, parseActor, personOf, type resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { ProposalState, Review } from './model.ts';

/** The columns of everything that a second person approves before it counts. */
export type ProposalColumns = {
  state: ProposalState;
  reason: string;
  proposedBy: string;
  proposedAt: Date;
  reviewedBy: string | null;
  reviewedAt: Date | null;
  reviewComment: string | null;
  validFrom: Date | null;
  validTo: Date | null;
};

/** A proposal that nobody has looked at yet. */
export const UNREVIEWED = {
  state: 'proposed' as ProposalState,
  reviewedBy: null,
  reviewedAt: null,
  reviewComment: null,
  validFrom: null,
  validTo: null,
};

/** Throws unless another person than the one who proposed reviews, and a refusal says why. */
export function requireSecondPerson(proposedBy: string, actor: Actor, review: Review, what: string): void {
  const reviewer = personOf(actor);
  if (reviewer === null || reviewer === personOf(parseActor(proposedBy)))
    throw new AppError(
      'forbidden',
      `A ${what} is approved by another person than the one who proposed it. Ask a colleague with the same right.`,
    );
  if (review.decision === 'refused' && review.comment === undefined)
    throw new AppError('invalid_input', `Say why the ${what} is refused.`);
}

/** Throws unless a person acts: nobody else can be told apart from a second one. */
export function requirePerson(actor: Actor, what: string): void {
  if (personOf(actor) === null)
    throw new AppError('forbidden', `A ${what} must be proposed by a person. Sign in and propose it there.`);
}

type WhoOf = Awaited<ReturnType<typeof resolveWho>>;

/** How the columns of a proposal are shown. */
export function presentProposal(row: ProposalColumns, who: WhoOf) {
  return {
    state: row.state,
    reason: row.reason,
    proposedBy: who(row.proposedBy),
    proposedAt: row.proposedAt.toISOString(),
    reviewedBy: row.reviewedBy === null ? null : who(row.reviewedBy),
    reviewedAt: row.reviewedAt?.toISOString() ?? null,
    reviewComment: row.reviewComment,
    validFrom: row.validFrom?.toISOString() ?? null,
    validTo: row.validTo?.toISOString() ?? null,
  };
}
