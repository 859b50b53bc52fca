import type pg from 'pg';
import { HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { copyIn } from '#src/platform/database/copy.ts';
import { contentOf, type EventPart, type PartEvent, ROW_COLUMNS } from './event-part.ts';
import type { EventKind, Rejection } from './model.ts';

export type StoredCounts = { accepted: number; duplicates: number; late: number; outOfOrder: number; skewed: number };
export type Stored = StoredCounts & {
  rejections: Rejection[] /** Whether an id was stored before. */;
  knewSome: boolean;
};

export type StoreContext = {
  pool: pg.Pool;
  nowMs: number;
  /** Up to when the windows of a system are closed; an event before it is late. Unix milliseconds. */
  closedUntil(systemId: string): number;
  /** Whether some of the events are likely to be stored already; a wrong answer only costs time. */
  expectKnown: boolean;
};

const UNIQUE_VIOLATION = '23505';
const RETRIES = 5;
const COPY = `copy event (${ROW_COLUMNS}) from stdin`;

type Source = { id: number; highest: number | null };

/** Stores one part of a delivery in a transaction of its own, each id once, and counts by source. */
export async function storeEvents(part: EventPart, context: StoreContext): Promise<Stored> {
  const client = await context.pool.connect();
  try {
    for (let attempt = 1; ; attempt++) {
      await client.query('begin');
      try {
        const stored = await storeOnce(client, part, context, context.expectKnown || attempt > 1);
        await client.query('commit');
        return stored;
      } catch (error) {
        await client.query('rollback');
        // Some of these ids are there already: now they are looked up, and count as duplicates. Asking first would cost
        // every delivery a look-up for what few of them hold.
        if ((error as { code?: string }).code !== UNIQUE_VIOLATION || attempt === RETRIES) throw error;
      }
    }
  } finally {
    client.release();
  }
}

async function storeOnce(
  client: pg.PoolClient,
  part: EventPart,
  context: StoreContext,
  mayKnow: boolean,
): Promise<Stored> {
  const { events, refusedBySource } = part;
  const sources = await takeSources(client, part, context);
  const known = mayKnow ? await eventsKnown(client, events) : new Map<string, string>();
  const stored: Stored = {
    accepted: 0,
    duplicates: 0,
    late: 0,
    outOfOrder: 0,
    skewed: 0,
    rejections: [],
    knewSome: known.size > 0,
  };
  const bySource = new Map<string, SourceCounts>();
  const inPart = new Map<string, PartEvent>();
  const fresh: PartEvent[] = [];
  const late = new LateHours();
  const received = toInstant(context.nowMs);
  for (const event of events) {
    const { line, skewed } = event;
    const counts = countsOf(bySource, event.source);
    const before = known.get(event.id) ?? inPart.get(event.id);
    if (before !== undefined) {
      if (part.isSame(event, before)) {
        stored.duplicates++;
        counts.duplicates++;
      } else {
        counts.rejected++;
        stored.rejections.push({
          line,
          id: event.id,
          field: 'id',
          code: 'other_content',
          message: 'Another event has this id already, with another content. Give each event an id of its own.',
        });
      }
      continue;
    }
    inPart.set(event.id, event);
    fresh.push(event);
    const source = sources.get(event.source) as Source;
    stored.accepted++;
    counts.accepted++;
    counts.lastOccurredAtMs = Math.max(counts.lastOccurredAtMs, event.occurredAtMs);
    if (skewed) {
      stored.skewed++;
      counts.skewed++;
    }
    if (event.occurredAtMs < context.closedUntil(event.systemId)) {
      stored.late++;
      counts.late++;
    }
    late.note(event, context.nowMs);
    if (event.sequence === null) continue;
    if (source.highest !== null && event.sequence < source.highest) {
      stored.outOfOrder++;
      counts.outOfOrder++;
    } else source.highest = event.sequence;
  }
  if (fresh.length > 0) {
    const sourceIdOf = (name: string) => (sources.get(name) as Source).id;
    await copyIn(client, COPY, part.rows(fresh, { sourceIdOf, receivedAt: received }));
  }
  for (const [name, refused] of refusedBySource) if (sources.has(name)) countsOf(bySource, name).rejected += refused;
  await addToSources(client, sources, bySource, received);
  await markLate(client, late.marks, received);
  return stored;
}

/** The hours of events that came when the hour was over. */
class LateHours {
  readonly marks = new Set<string>();
  // Events of one hour follow each other.
  #systemId = '';
  #hour = Number.NaN;

  note({ systemId, occurredAtMs }: PartEvent, nowMs: number): void {
    const hour = Math.floor(occurredAtMs / HOUR_MS) * HOUR_MS;
    if (hour + HOUR_MS > nowMs || (hour === this.#hour && systemId === this.#systemId)) return;
    this.#hour = hour;
    this.#systemId = systemId;
    this.marks.add(`${systemId} ${hour}`);
  }
}

// Whether a window was closed by then is asked when it is looked at: here it could be closed at this very moment.
async function markLate(client: pg.PoolClient, hours: ReadonlySet<string>, received: string): Promise<void> {
  if (hours.size === 0) return;
  const marks = [...hours].sort().map((mark) => mark.split(' ') as [string, string]);
  await client.query(
    `insert into event_late (system_id, hour_at, marked_at)
     select system_id, hour_at, $3 from unnest($1::text[], $2::timestamptz[]) as late (system_id, hour_at)
     on conflict (system_id, hour_at) do update set marked_at = excluded.marked_at`,
    [marks.map(([systemId]) => systemId), marks.map(([, hour]) => toInstant(Number(hour))), received],
  );
}

// What is stored under ids of this part already.
async function eventsKnown(client: pg.PoolClient, events: readonly PartEvent[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{
    id: string;
    system_id: string;
    kind: EventKind;
    occurred_at_ms: number;
    about: string | null;
    body: string;
  }>(
    `select id, system_id, kind, (extract(epoch from occurred_at) * 1000)::float8 as occurred_at_ms, about,
       body::text as body
     from event where id = any($1::text[])`,
    [events.map(({ id }) => id)],
  );
  return new Map(
    rows.map(({ id, system_id: systemId, kind, occurred_at_ms, about, body }) => [
      id,
      contentOf({ systemId, kind, occurredAt: toInstant(occurred_at_ms), about, body }),
    ]),
  );
}

type SourceCounts = Omit<StoredCounts, 'skewed'> & { skewed: number; rejected: number; lastOccurredAtMs: number };

function countsOf(bySource: Map<string, SourceCounts>, name: string): SourceCounts {
  let counts = bySource.get(name);
  if (!counts) {
    counts = {
      accepted: 0,
      duplicates: 0,
      rejected: 0,
      late: 0,
      outOfOrder: 0,
      skewed: 0,
      lastOccurredAtMs: Number.NEGATIVE_INFINITY,
    };
    bySource.set(name, counts);
  }
  return counts;
}

// Rows are made and locked in the order of their names, so that no two deliveries wait for each other.
async function takeSources(
  client: pg.PoolClient,
  { events, refusedBySource }: EventPart,
  { nowMs }: StoreContext,
): Promise<Map<string, Source>> {
  const names = [...new Set([...events.map(({ source }) => source), ...refusedBySource.keys()])].sort();
  await client.query(
    `insert into event_source (name, first_received_at, last_received_at)
     select given.name, $2, $2 from unnest($1::text[]) as given (name)
     where not exists (select from event_source as held where held.name = given.name)
     order by given.name on conflict (name) do nothing`,
    [names, toInstant(nowMs)],
  );
  const { rows } = await client.query<{ id: number; name: string; highest_sequence: number | null }>(
    `select id, name, highest_sequence from event_source where name = any($1::text[]) order by name for update`,
    [names],
  );
  return new Map(rows.map((row) => [row.name, { id: row.id, highest: row.highest_sequence }]));
}

async function addToSources(
  client: pg.PoolClient,
  sources: ReadonlyMap<string, Source>,
  bySource: ReadonlyMap<string, SourceCounts>,
  received: string,
): Promise<void> {
  const names = [...bySource.keys()];
  const column = (read: (counts: SourceCounts) => number) =>
    names.map((name) => read(bySource.get(name) as SourceCounts));
  await client.query(
    `update event_source as source set
       accepted = source.accepted + added.accepted, duplicates = source.duplicates + added.duplicates,
       rejected = source.rejected + added.rejected, late = source.late + added.late,
       out_of_order = source.out_of_order + added.out_of_order, skewed = source.skewed + added.skewed,
       highest_sequence = coalesce(added.highest, source.highest_sequence), last_received_at = $9,
       last_occurred_at = greatest(source.last_occurred_at, added.last_occurred_at)
     from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
       $8::bigint[], $10::timestamptz[])
       as added (id, accepted, duplicates, rejected, late, out_of_order, skewed, highest, last_occurred_at)
     where source.id = added.id`,
    [
      names.map((name) => (sources.get(name) as Source).id),
      column(({ accepted }) => accepted),
      column(({ duplicates }) => duplicates),
      column(({ rejected }) => rejected),
      column(({ late }) => late),
      column(({ outOfOrder }) => outOfOrder),
      column(({ skewed }) => skewed),
      names.map((name) => (sources.get(name) as Source).highest),
      received,
      names.map((name) => {
        const { lastOccurredAtMs } = bySource.get(name) as SourceCounts;
        return Number.isFinite(lastOccurredAtMs) ? toInstant(lastOccurredAtMs) : null;
      }),
    ],
  );
}
