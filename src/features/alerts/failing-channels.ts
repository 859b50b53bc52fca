import { sql } from 'drizzle-orm';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Standing } from './model.ts';

/** Channels in use that gave up a message since the last one they took. A test that fails is told at once and is none. */
export async function failingChannels(executor: Executor): Promise<Standing> {
  const { rows } = await executor.execute<{
    id: string;
    name: string;
    kind: string;
    since: string;
    dead: number;
    last_error: string | null;
  }>(sql`
    select channel.id, channel.name, channel.kind, min(dead.next_attempt_at) as since, count(*)::int as dead,
      (array_agg(dead.last_error order by dead.next_attempt_at desc))[1] as last_error
    from alert_channel channel
    join alert_delivery dead on dead.channel_id = channel.id and dead.state = 'dead' and dead.event <> 'test'
    where channel.enabled and channel.retired_at is null and not exists (
      select 1 from alert_delivery good where good.channel_id = channel.id and good.state = 'delivered'
        and good.delivered_at > dead.next_attempt_at)
    group by channel.id, channel.name, channel.kind order by channel.id`);
  const inUse = await executor.execute<{ id: string }>(
    sql`select id from alert_channel where enabled and retired_at is null`,
  );
  const conditions = rows.map((row) => ({
    subject: { kind: 'alert-channel', id: row.id, title: row.name.slice(0, 120) },
    severity: 'high' as const,
    title: `Alerts do not arrive: ${row.kind} channel "${row.name}"`.slice(0, 200),
    reasons: [
      `Given up after the last attempt: ${row.dead} ${row.dead === 1 ? 'message' : 'messages'}.`,
      ...(row.last_error === null ? [] : [row.last_error.slice(0, 500)]),
    ],
    since: new Date(row.since),
    link: '/settings/alerts',
  }));
  return { conditions, watchedIds: inUse.rows.map(({ id }) => id) };
}
