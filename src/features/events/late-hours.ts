import { sql } from 'drizzle-orm';
import { HOUR_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';

/** Says that something belonging to these instants came after their hours were over: windows closed before are computed again. */
export async function markHoursLate(
  executor: Executor,
  places: readonly { systemId: string; atMs: number }[],
  nowMs: number,
): Promise<void> {
  const hours = new Map<string, { systemId: string; hourMs: number }>();
  for (const { systemId, atMs } of places) {
    const hourMs = Math.floor(atMs / HOUR_MS) * HOUR_MS;
    if (hourMs + HOUR_MS <= nowMs) hours.set(`${systemId} ${hourMs}`, { systemId, hourMs });
  }
  if (hours.size === 0) return;
  // In one order everywhere, so that two processes never wait for each other.
  const sorted = [...hours].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  await executor.execute(sql`
    insert into event_late (system_id, hour_at, marked_at)
    select system_id, hour_at, ${toInstant(nowMs)}::timestamptz
    from unnest(${sql.param(sorted.map(({ systemId }) => systemId))}::text[],
      ${sql.param(sorted.map(({ hourMs }) => toInstant(hourMs)))}::timestamptz[]) as late (system_id, hour_at)
    on conflict (system_id, hour_at) do update set marked_at = excluded.marked_at`);
}
