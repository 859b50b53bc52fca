import { sql } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { dayOfMs } from './decision-row.ts';

export type StoredDecision = { id: string; arrival: number; occurredAt: Date; body: string };

/** Throws `not_found`, saying whether retention may have taken it. */
export async function findDecision(executor: Executor, id: string): Promise<StoredDecision> {
  const atMs = madeAtMs(id);
  // An id tells when it was made; a decision is of that day or, around midnight, of its neighbor.
  const days = atMs === null ? null : [dayOfMs(atMs - DAY_MS), dayOfMs(atMs), dayOfMs(atMs + DAY_MS)];
  const { rows } = await executor.execute<{ id: string; arrival: number; ms: number; body: string }>(sql`
    select id, arrival, (extract(epoch from occurred_at) * 1000)::bigint as ms, body from gateway_decision
    where id = ${id} and (${days === null} or day = any(${sql.param(days ?? [])}::date[])) limit 1`);
  const [row] = rows;
  if (row) return { id: row.id, arrival: row.arrival, occurredAt: new Date(row.ms), body: row.body };
  const day = atMs === null ? null : dayOfMs(atMs);
  const dropped = await executor.execute(sql`select day from gateway_retention where day = ${day}::date`);
  throw new AppError(
    'not_found',
    dropped.rows.length > 0
      ? `Decision ${id.slice(0, 60)} is of ${day}, a day that retention has dropped. Its window stays in the ledger; proof files made before stay valid.`
      : `There is no decision ${id.slice(0, 60)}.`,
  );
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** When an id was made, in Unix milliseconds; null for one that is not of the form the kernel makes. */
export function madeAtMs(id: string): number | null {
  const time = /^[a-z]+_([0-9a-hjkmnp-tv-z]{10})[0-9a-hjkmnp-tv-z]{16}$/.exec(id)?.[1];
  if (time === undefined) return null;
  let ms = 0;
  for (const letter of time) ms = ms * 32 + ALPHABET.indexOf(letter);
  return ms > 0 && ms < 8.64e15 ? ms : null;
}
