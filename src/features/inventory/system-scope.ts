import { eq } from 'drizzle-orm';
import { type Actor, type Append, actorText, ledgerActor, parseActor, personOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { takeSystem } from './change-system.ts';
import { type ScopeRequest, type ScopeReview, scopeAdvice } from './model.ts';
import { addChanges } from './rows.ts';
import { inventorySystem, type SystemRow } from './tables.ts';

type Deciding = {
  at: Date;
  actor: Actor;
  append: Append /** Makes the ledger entry this one decision. */;
  decisionId: string;
};

const NO_PENDING = { scopePendingReason: null, scopePendingBy: null, scopePendingAt: null } as const;

/** Takes a system in at once; leaving it out waits for a second person. */
export async function requestScope(
  tx: Transaction,
  id: string,
  request: ScopeRequest,
  context: Deciding,
): Promise<void> {
  const row = await takeSystem(tx, id);
  if (row.state === 'rejected' || row.state === 'retired')
    throw new AppError('conflict', `The AI system "${row.name}" is ${row.state}: it has no scope to decide.`);
  const by = actorText(context.actor);
  if (request.decision === 'out') {
    await askToExclude(tx, row, request.reason, by, context);
    return;
  }
  const undecided = request.decision === 'undecided';
  await tx
    .update(inventorySystem)
    .set({
      ...NO_PENDING,
      scope: request.decision,
      scopeReason: undecided ? null : (request.reason ?? null),
      scopeDecidedBy: undecided ? null : by,
      scopeApprovedBy: null,
      scopeDecidedAt: undecided ? null : context.at,
    })
    .where(eq(inventorySystem.id, id));
  await note(tx, row, context, request.decision, request.reason ?? null);
  await context.append(tx, {
    type: 'approval.granted',
    actor: ledgerActor(context.actor),
    subject: { kind: 'ai-system', id },
    series: `scope:${id}`,
    body: { what: 'scope', decision: request.decision, before: row.scope },
    dedupeKey: `scope:${context.decisionId}`,
  });
}

async function askToExclude(
  tx: Transaction,
  row: SystemRow,
  reason: string | undefined,
  by: string,
  context: Deciding,
): Promise<void> {
  if (reason === undefined)
    throw new AppError('invalid_input', 'Say why the system is left out: an exclusion needs a written reason.');
  if (personOf(context.actor) === null)
    throw new AppError('forbidden', 'An exclusion must be asked for by a person. Sign in and decide it there.');
  if (row.scope === 'out') throw new AppError('conflict', `The AI system "${row.name}" is out of scope already.`);
  await tx
    .update(inventorySystem)
    .set({ scopePendingReason: reason, scopePendingBy: by, scopePendingAt: context.at })
    .where(eq(inventorySystem.id, row.id));
  await note(tx, row, context, 'out, waiting for a second person', reason);
  await context.append(tx, {
    type: 'approval.requested',
    actor: ledgerActor(context.actor),
    subject: { kind: 'ai-system', id: row.id },
    series: `scope:${row.id}`,
    body: { what: 'scope', decision: 'out', before: row.scope, against: scopeAdvice(row).because },
    dedupeKey: `scope:${context.decisionId}`,
  });
}

/** The second person's word on an exclusion. */
export async function reviewScope(tx: Transaction, id: string, review: ScopeReview, context: Deciding): Promise<void> {
  const row = await takeSystem(tx, id);
  const { scopePendingBy: requestedBy, scopePendingReason: reason } = row;
  if (requestedBy === null || reason === null)
    throw new AppError('conflict', `No exclusion of "${row.name}" is waiting for review.`);
  const reviewer = personOf(context.actor);
  if (reviewer === null || reviewer === personOf(parseActor(requestedBy)))
    throw new AppError(
      'forbidden',
      'An exclusion is reviewed by another person than the one who asked for it. Ask a colleague with the same right, or invite one under Settings, Users.',
    );
  if (review.decision === 'refused' && review.comment === undefined)
    throw new AppError('invalid_input', 'Say why the exclusion is refused.');
  const approved = review.decision === 'approved';
  await tx
    .update(inventorySystem)
    .set({
      ...NO_PENDING,
      ...(approved && {
        scope: 'out' as const,
        scopeReason: reason,
        scopeDecidedBy: requestedBy,
        scopeApprovedBy: actorText(context.actor),
        scopeDecidedAt: context.at,
      }),
    })
    .where(eq(inventorySystem.id, id));
  await note(tx, row, context, approved ? 'out' : `${row.scope}, exclusion refused`, review.comment ?? null);
  await context.append(tx, {
    type: approved ? 'approval.granted' : 'approval.refused',
    actor: ledgerActor(context.actor),
    subject: { kind: 'ai-system', id },
    series: `scope:${id}`,
    body: {
      what: 'scope',
      decision: 'out',
      before: row.scope,
      requestedBy: ledgerActor(parseActor(requestedBy)).id,
    },
    dedupeKey: `scope:${context.decisionId}`,
  });
}

function note(tx: Transaction, row: SystemRow, context: Deciding, to: string, reason: string | null): Promise<void> {
  const by = actorText(context.actor);
  return addChanges(tx, [
    { subjectId: row.id, at: context.at, by, fromState: `scope: ${row.scope}`, toState: `scope: ${to}`, reason },
  ]);
}
