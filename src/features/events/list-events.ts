import { sql } from 'drizzle-orm';
import type * as z from 'zod';
import { decodeCursor, encodeCursor } from '#src/features/records/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { BatchItem, EventBody, EventItem, EventKind, EventQuery } from './model.ts';
import { eventBatch } from './tables.ts';

type Row = {
  id: string;
  source: string;
  sequence: number | null;
  system_id: string;
  kind: EventKind;
  occurred_at: string;
  received_at: string;
  about: string | null;
  body: EventBody;
};

/** The events of a system within a time, in order: the items behind a number. */
export async function listEvents(
  executor: Executor,
  query: z.output<typeof EventQuery>,
): Promise<{ items: z.infer<typeof EventItem>[]; next: string | null }> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 2);
  const { rows } = await executor.execute<Row>(sql`
    select event.id, source.name as source, event.sequence, event.system_id, event.kind, event.occurred_at,
      event.received_at, event.about, event.body
    from event join event_source as source on source.id = event.source_id
    where event.system_id = ${query.systemId} and event.occurred_at >= ${query.from}::timestamptz
      and event.occurred_at < ${query.to}::timestamptz
      ${query.kind === undefined ? sql`` : sql`and event.kind = ${query.kind}`}
      ${after === null ? sql`` : sql`and (event.occurred_at, event.id) > (${after[0]}::timestamptz, ${after[1]})`}
    order by event.occurred_at, event.id limit ${query.limit + 1}`);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const instant = (value: string) => new Date(value).toISOString();
  return {
    items: shown.map((row) => ({
      id: row.id,
      source: row.source,
      sequence: row.sequence,
      systemId: row.system_id,
      kind: row.kind,
      occurredAt: instant(row.occurred_at),
      receivedAt: instant(row.received_at),
      about: row.about,
      modelVersion: row.body.modelVersion,
      segment: named(row.body.segment),
      values: named(row.body.values),
    })),
    next: rows.length > query.limit && last ? encodeCursor([toInstant(Date.parse(last.occurred_at)), last.id]) : null,
  };
}

function named<Value>(record: Record<string, Value>): { name: string; value: Value }[] {
  return Object.entries(record).map(([name, value]) => ({ name, value }));
}

/** The last deliveries, newest first. */
export async function listBatches(executor: Executor): Promise<z.infer<typeof BatchItem>[]> {
  const rows = await executor.select().from(eventBatch).orderBy(sql`received_at desc, id desc`).limit(200);
  return rows.map(({ id, receivedAt, ...row }) => ({ batchId: id, receivedAt: receivedAt.toISOString(), ...row }));
}
