import { and, eq, isNotNull, lt } from 'drizzle-orm';
import { type Actor, type Append, actorText, ledgerActor, personOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { FeedbackDecision } from './model.ts';
import { type FeedbackRow, feedback } from './tables.ts';

/**
 * A person says whether feedback tells of a problem, or what was done about one. Throws `conflict` for a step that was taken, and
 * `forbidden` for a service.
 */
export async function decideFeedback(
  tx: Transaction,
  id: string,
  decision: FeedbackDecision,
  { at, actor, append }: { at: Date; actor: Actor; append: Append },
): Promise<void> {
  if (personOf(actor) === null) throw new AppError('forbidden', 'Feedback is decided by people. Sign in.');
  const [row] = await tx.select().from(feedback).where(eq(feedback.id, id)).for('update');
  if (!row) throw new AppError('not_found', `There is no feedback ${id.slice(0, 80)}.`);
  const set = stepOf(row, decision, { at, by: actorText(actor) });
  await tx.update(feedback).set(set).where(eq(feedback.id, id));
  await append(tx, {
    type: 'feedback.decided',
    actor: ledgerActor(actor),
    subject: { kind: 'feedback', id },
    series: `feedback:${row.systemId}`,
    body: {
      at: at.toISOString(),
      systemId: row.systemId,
      receivedAt: row.receivedAt.toISOString(),
      from: row.state,
      to: set.state,
      outcome: set.outcome ?? null,
      reference: set.reference ?? null,
    },
    dedupeKey: `feedback:${id}:${set.state}`,
  });
}

function stepOf(
  row: FeedbackRow,
  decision: FeedbackDecision,
  { at, by }: { at: Date; by: string },
): Partial<FeedbackRow> & Pick<FeedbackRow, 'state'> {
  if (decision.step === 'triage') {
    if (row.state !== 'open') throw new AppError('conflict', 'Somebody has looked at this already. Reload the page.');
    const triaged = { triagedAt: at, triagedBy: by };
    if (decision.problem) return { ...triaged, state: 'triaged' };
    return { ...triaged, ...closed({ outcome: 'no_problem', reference: null }, { at, by }) };
  }
  if (row.state !== 'triaged')
    throw new AppError('conflict', 'Only feedback that somebody found to tell of a problem is closed.');
  return closed({ outcome: decision.outcome, reference: decision.reference ?? null }, { at, by });
}

// What the user wrote was kept for the decision alone.
function closed(what: Pick<FeedbackRow, 'outcome' | 'reference'>, { at, by }: { at: Date; by: string }) {
  return { ...what, state: 'closed' as const, closedAt: at, closedBy: by, textSealed: null, textKeepUntil: null };
}

/** Forgets what users wrote once it was kept for long enough. Resolves to how many texts. */
export async function forgetFeedbackTexts(executor: Executor, nowMs: number): Promise<number> {
  const gone = await executor
    .update(feedback)
    .set({ textSealed: null, textKeepUntil: null })
    .where(and(isNotNull(feedback.textSealed), lt(feedback.textKeepUntil, new Date(nowMs))))
    .returning({ id: feedback.id });
  return gone.length;
}
