import { and, asc, eq, sql } from 'drizzle-orm';
import type * as z from 'zod';
import { decodeCursor, encodeCursor } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { CheckPage, CheckQuery, GroundednessCheck } from './model.ts';
import { type CheckRow, groundednessCheck } from './tables.ts';

/** The checks of a system within a time, in the order of their answers: the items behind a number. */
export async function listChecks(
  executor: Executor,
  query: z.output<typeof CheckQuery>,
): Promise<z.infer<typeof CheckPage>> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
  const rows = await executor
    .select()
    .from(groundednessCheck)
    .where(
      and(
        eq(groundednessCheck.systemId, query.systemId),
        sql`${groundednessCheck.occurredAt} >= ${query.from}::timestamptz`,
        sql`${groundednessCheck.occurredAt} < ${query.to}::timestamptz`,
        query.state === undefined ? undefined : eq(groundednessCheck.state, query.state),
        after === null
          ? undefined
          : sql`(${groundednessCheck.occurredAt}, ${groundednessCheck.id}) > (${after[0]}::timestamptz, ${after[1]})`,
      ),
    )
    .orderBy(asc(groundednessCheck.occurredAt), asc(groundednessCheck.id))
    .limit(query.limit + 1);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(present),
    next: rows.length > query.limit && last ? encodeCursor([last.occurredAt.toISOString(), last.id]) : null,
  };
}

/** Throws `not_found`. */
export async function checkById(executor: Executor, id: string): Promise<GroundednessCheck> {
  const [row] = await executor.select().from(groundednessCheck).where(eq(groundednessCheck.id, id));
  if (!row) throw new AppError('not_found', `There is no groundedness check ${id.slice(0, 80)}.`);
  return present(row);
}

function present(row: CheckRow): GroundednessCheck {
  const { id, eventId, systemId, modelVersion, sampling, state, reason, method, textsSha256, tookMs } = row;
  return {
    id,
    eventId,
    systemId,
    modelVersion,
    occurredAt: row.occurredAt.toISOString(),
    admittedAt: row.admittedAt.toISOString(),
    sampling,
    state,
    reason,
    method,
    counts:
      state === 'judged'
        ? {
            claims: row.claims ?? 0,
            supported: row.supported ?? 0,
            unsupported: row.unsupported ?? 0,
            contradicted: row.contradicted ?? 0,
            notChecked: row.notChecked ?? 0,
            byWords: row.byWords ?? 0,
            byEntailment: row.byEntailment ?? 0,
            byJudge: row.byJudge ?? 0,
          }
        : null,
    textsSha256,
    answerCharacters: row.answerCharacters,
    contextCharacters: row.contextCharacters,
    tookMs,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
