import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { makeId } from '#src/kernel/id.ts';
import type { Transaction } from '#src/platform/database/connect.ts';

/** Windows begin at full multiples of this since 1970, so that all nodes and all restarts agree. */
export const SLOT_MS = 5 * 60_000;

/** How long after its end a slot is held open for batches under way. */
export const GRACE_MS = 30_000;

export function slotOf(atMs: number): number {
  return Math.floor(atMs / SLOT_MS) * SLOT_MS;
}

/** Makes sure that each slot these calls began in has an open window. The caller is the only one who does. */
export async function openWindows(tx: Transaction, occurredAtMs: readonly number[]): Promise<void> {
  const slots = [...new Set(occurredAtMs.map(slotOf))].sort((a, b) => a - b);
  const rows = slots.map((fromMs) => ({
    id: makeId('gwi', fromMs, randomBytes(10)),
    from: new Date(fromMs).toISOString(),
    to: new Date(fromMs + SLOT_MS).toISOString(),
  }));
  // A part that is sealed after its slot was over closed the slot: what comes then is a supplement.
  await tx.execute(sql`
    insert into gateway_window (id, slot_from, slot_to, part, supplement, state, arrival_after)
    select given.id, given.slot_from, given.slot_to, coalesce(known.parts, 0), coalesce(known.closed, false), 'open',
      coalesce(known.arrival_to, 0)
    from unnest(${sql.param(rows.map(({ id }) => id))}::text[], ${sql.param(rows.map(({ from }) => from))}::timestamptz[],
      ${sql.param(rows.map(({ to }) => to))}::timestamptz[]) as given (id, slot_from, slot_to)
    left join lateral (
      select max(part) + 1 as parts, max(arrival_to) as arrival_to, bool_or(sealed_at >= w.slot_to + ${GRACE_MS} * interval '1 millisecond') as closed
      from gateway_window w where w.slot_from = given.slot_from
    ) as known on true
    where not exists (select from gateway_window w where w.slot_from = given.slot_from and w.state = 'open')`);
}
