import { sql } from 'drizzle-orm';
import type { EventBody, EventKind } from '#src/features/events/model.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { CountedEvent } from './event-values.ts';

const PAGE = 5_000;

/**
 * Shows every event of a system within [fromMs, toMs) to `take`: by time, sequence and id where `inOrder`, else as they lie.
 * Labels come with the prediction they speak of.
 * Resolves to their number. Memory stays that of one page.
 */
export async function readEvents(
  tx: Transaction,
  within: { systemId: string; fromMs: number; toMs: number; inOrder?: boolean },
  take: (event: CountedEvent) => void,
): Promise<number> {
  await tx.execute(sql`
    declare monitor_events no scroll cursor for
    select id, kind, about, body from event where system_id = ${within.systemId}
      and occurred_at >= ${toInstant(within.fromMs)} and occurred_at < ${toInstant(within.toMs)}
      ${within.inOrder ? sql`order by occurred_at, sequence nulls last, id collate "C"` : sql``}`);
  let n = 0;
  for (;;) {
    const { rows } = await tx.execute<{ id: string; kind: EventKind; about: string | null; body: EventBody }>(
      sql.raw(`fetch ${PAGE} from monitor_events`),
    );
    if (rows.length === 0) break;
    n += rows.length;
    const subjects = await subjectsOf(tx, rows);
    for (const { id, kind, about, body } of rows)
      take({ id, kind, body, subject: about === null ? undefined : subjects.get(about) });
  }
  await tx.execute(sql.raw('close monitor_events'));
  return n;
}

async function subjectsOf(tx: Transaction, rows: readonly { about: string | null }[]): Promise<Map<string, EventBody>> {
  const ids = [...new Set(rows.flatMap(({ about }) => (about === null ? [] : [about])))];
  if (ids.length === 0) return new Map();
  const { rows: found } = await tx.execute<{ id: string; body: EventBody }>(
    sql`select id, body from event where id = any(${sql.param(ids)}::text[])`,
  );
  return new Map(found.map(({ id, body }) => [id, body]));
}
