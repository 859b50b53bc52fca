import { sql } from 'drizzle-orm';
import type { Condition } from '#src/features/alerts/model.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';

/** As the catalog states it for LOG-01. */
const SILENT_AFTER_MS = DAY_MS;
// Whoever delivered once, like an imported file, has no rhythm to fall out of.
const RHYTHM_MS = DAY_MS;

/** Sources of events that delivered over more than a day and have been silent for one. */
export async function silentSources(executor: Executor, nowMs: number): Promise<Condition[]> {
  const { rows } = await executor.execute<{ id: number; name: string; last: string; accepted: number }>(sql`
    select id, name, last_received_at as last, accepted from event_source
    where last_received_at < ${toInstant(nowMs - SILENT_AFTER_MS)}::timestamptz
      and last_received_at - first_received_at >= ${RHYTHM_MS / 1_000} * interval '1 second'
    order by id limit 1000`);
  return rows.map(({ id, name, last, accepted }) => {
    const lastAt = new Date(last);
    return {
      // A name may be that of a machine or a person: the ledger gets the number.
      subject: { kind: 'event-source', id: `event-source-${id}`, title: name.slice(0, 120) },
      severity: 'high',
      title: `${name} has sent no event for a day`.slice(0, 200),
      reasons: [`The last of ${accepted} events came ${lastAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`],
      since: new Date(lastAt.getTime() + SILENT_AFTER_MS),
      link: '/monitors/operation',
    };
  });
}
