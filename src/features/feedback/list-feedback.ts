import { and, count, desc, eq, sql } from 'drizzle-orm';
import type * as z from 'zod';
import { decodeCursor, encodeCursor, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { openUnder } from '#src/platform/envelope.ts';
import { type Feedback, type FeedbackPage, type FeedbackQuery, triageDueMs } from './model.ts';
import { type FeedbackRow, feedback } from './tables.ts';

/** The newest first. */
export async function listFeedback(
  executor: Executor,
  query: z.output<typeof FeedbackQuery>,
  context: { namesOf: NamesOf; nowMs: number },
): Promise<z.infer<typeof FeedbackPage>> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
  const asked = and(
    query.systemId === undefined ? undefined : eq(feedback.systemId, query.systemId),
    query.state === undefined ? undefined : eq(feedback.state, query.state),
  );
  const [counted] = await executor.select({ total: count() }).from(feedback).where(asked);
  const rows = await executor
    .select()
    .from(feedback)
    .where(
      and(
        asked,
        after === null
          ? undefined
          : sql`(${feedback.receivedAt}, ${feedback.id}) < (${after[0]}::timestamptz, ${after[1]})`,
      ),
    )
    .orderBy(desc(feedback.receivedAt), desc(feedback.id))
    .limit(query.limit + 1);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: await present(shown, context),
    total: counted?.total ?? 0,
    ...(rows.length > query.limit && last && { nextCursor: encodeCursor([last.receivedAt.toISOString(), last.id]) }),
  };
}

/** Throws `not_found`. */
export async function feedbackById(
  executor: Executor,
  id: string,
  context: { namesOf: NamesOf; nowMs: number },
): Promise<Feedback> {
  const [row] = await executor.select().from(feedback).where(eq(feedback.id, id));
  const [shown] = row ? await present([row], context) : [];
  if (!shown) throw unknown(id);
  return shown;
}

/** What the user wrote. Throws `not_found` where nothing was written or it is kept no longer. */
export async function feedbackText(executor: Executor, id: string, key: Buffer): Promise<string> {
  const [row] = await executor.select().from(feedback).where(eq(feedback.id, id));
  if (!row) throw unknown(id);
  if (row.textSealed === null)
    throw new AppError(
      'not_found',
      row.hasText
        ? 'The text is kept no longer: the feedback was closed, or 90 days are over.'
        : 'No text came with it.',
    );
  return openUnder(key, row.textSealed, id).toString('utf8');
}

function unknown(id: string): AppError {
  return new AppError('not_found', `There is no feedback ${id.slice(0, 80)}.`);
}

/** Whether a person looked at it too late, or has not yet although it is due. */
export function isLate(row: Pick<FeedbackRow, 'state' | 'receivedAt' | 'triagedAt'>, nowMs: number): boolean {
  return row.state !== 'noted' && (row.triagedAt?.getTime() ?? nowMs) > triageDueMs(row.receivedAt.getTime());
}

async function present(
  rows: readonly FeedbackRow[],
  { namesOf, nowMs }: { namesOf: NamesOf; nowMs: number },
): Promise<Feedback[]> {
  const who = await resolveWho(
    namesOf,
    rows.flatMap(({ triagedBy, closedBy }) => [triagedBy, closedBy]),
  );
  const instant = (at: Date | null) => at?.toISOString() ?? null;
  return rows.map((row) => ({
    id: row.id,
    systemId: row.systemId,
    eventId: row.eventId,
    modelVersion: row.modelVersion,
    thumb: row.thumb,
    label: row.label,
    hasText: row.hasText,
    textKept: row.textSealed !== null,
    occurredAt: row.occurredAt.toISOString(),
    receivedAt: row.receivedAt.toISOString(),
    state: row.state,
    dueAt: row.state === 'noted' ? null : new Date(triageDueMs(row.receivedAt.getTime())).toISOString(),
    late: isLate(row, nowMs),
    triagedAt: instant(row.triagedAt),
    triagedBy: row.triagedBy === null ? null : who(row.triagedBy),
    outcome: row.outcome,
    reference: row.reference,
    closedAt: instant(row.closedAt),
    closedBy: row.closedBy === null ? null : who(row.closedBy),
  }));
}
