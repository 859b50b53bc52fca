import { sql } from 'drizzle-orm';
import type { Decision } from '#src/gateway/decision.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import { arrivalBoundary, daysOfNew, lockReader, moveReader } from './arrival.ts';

const PAGE = 2_000;

/**
 * Hands every decision to `take` once, page by page in the order of arrival, under a position that is kept as `name`. The
 * position moves in the transaction of `take`: what it writes and that it has seen the page commit together. One reader of
 * a name works at a time. Returns how many decisions there were.
 */
export async function readNewDecisions(
  parts: { database: Database; clock: Clock; name: string; signal?: AbortSignal },
  take: (tx: Transaction, decisions: readonly Decision[]) => Promise<void>,
): Promise<number> {
  const { database, clock, name } = parts;
  const boundary = await arrivalBoundary(database.pool);
  let taken = 0;
  for (let more = true; more && !parts.signal?.aborted; ) {
    const count = await database.transaction(async (tx) => {
      const position = await lockReader(tx, name, clock);
      if (position >= boundary) return 0;
      const days = await daysOfNew(tx, clock());
      const { rows } = await tx.execute<{ arrival: number; body: string }>(sql`
        select arrival, body from gateway_decision
        where day = any(${sql.param(days)}::date[]) and arrival > ${position} and arrival <= ${boundary}
        order by arrival limit ${PAGE}`);
      if (rows.length > 0)
        await take(
          tx,
          rows.map(({ body }) => JSON.parse(body) as Decision),
        );
      await moveReader(tx, name, rows.length < PAGE ? boundary : (rows.at(-1)?.arrival ?? boundary), clock);
      return rows.length;
    });
    taken += count;
    more = count === PAGE;
  }
  return taken;
}
