import type pg from 'pg';
import { HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { copyField, copyIn } from '#src/platform/database/copy.ts';
import type { EventBody, MonitorEvent, Rejection } from './model.ts';

/** What is stored of an event, its content as one JSON text, with where it stood in its delivery. */
export type PlacedEvent = Pick<
  MonitorEvent,
  'id' | 'source' | 'sequence' | 'occurredAtMs' | 'systemId' | 'kind' | 'about'
> & { body: string; line: number; skewed: boolean };

/** Makes an event ready to be stored. Thousands wait for that together: as objects they would weigh several times more. */
export function placeEvent(event: MonitorEvent, line: number, skewed: boolean): PlacedEvent {
  const { id, source, sequence, occurredAtMs, systemId, kind, about } = event;
  return { id, source, sequence, occurredAtMs, systemId, kind, about, body: bodyText(event), line, skewed };
}

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
  /** Events of these sources that were refused before they got here. */
  refusedBySource: ReadonlyMap<string, number>;
  /** Whether some of the events are likely to be stored already; a wrong answer only costs time. */
  expectKnown: boolean;
};

const UNIQUE_VIOLATION = '23505';
const RETRIES = 5;
const COPY = 'copy event (id, source_id, sequence, system_id, kind, occurred_at, received_at, about, body) from stdin';

type Source = { id: number; highest: number | null };

/** Stores one part of a delivery in a transaction of its own, each id once, and counts by source. */
export async function storeEvents(events: readonly PlacedEvent[], context: StoreContext): Promise<Stored> {
  const client = await context.pool.connect();
  try {
    for (let attempt = 1; ; attempt++) {
      await client.query('begin');
      try {
        const stored = await storeOnce(client, events, context, context.expectKnown || attempt > 1);
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
  events: readonly PlacedEvent[],
  context: StoreContext,
  mayKnow: boolean,
): Promise<Stored> {
  const sources = await takeSources(client, events, context);
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
  const inPart = new Map<string, PlacedEvent>();
  const lines: string[] = [];
  const lateHours = new Set<string>();
  const received = toInstant(context.nowMs);
  for (const event of events) {
    const { line, skewed } = event;
    const counts = countsOf(bySource, event.source);
    const before = known.get(event.id) ?? inPart.get(event.id);
    if (before !== undefined) {
      // Put together only where it is needed: most events come once.
      if ((typeof before === 'string' ? before : identityOf(before)) === identityOf(event)) {
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
    const source = sources.get(event.source) as Source;
    lines.push(lineOf(event, source.id, received));
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
    const hour = Math.floor(event.occurredAtMs / HOUR_MS) * HOUR_MS;
    if (hour + HOUR_MS <= context.nowMs) lateHours.add(`${event.systemId} ${hour}`);
    if (event.sequence === null) continue;
    if (source.highest !== null && event.sequence < source.highest) {
      stored.outOfOrder++;
      counts.outOfOrder++;
    } else source.highest = event.sequence;
  }
  if (lines.length > 0) await copyIn(client, COPY, Buffer.from(`${lines.join('\n')}\n`));
  for (const [name, refused] of context.refusedBySource)
    if (sources.has(name)) countsOf(bySource, name).rejected += refused;
  await addToSources(client, sources, bySource, received);
  await markLate(client, lateHours, received);
  return stored;
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

function lineOf(event: PlacedEvent, sourceId: number, received: string): string {
  const sequence = event.sequence === null ? '\\N' : String(event.sequence);
  const about = copyField(event.about);
  // Line ends are escaped in JSON already, so that most bodies need not be looked through.
  const body = event.body.includes('\\') ? copyField(event.body) : event.body;
  return `${copyField(event.id)}\t${sourceId}\t${sequence}\t${event.systemId}\t${event.kind}\t${toInstant(event.occurredAtMs)}\t${received}\t${about}\t${body}`;
}

function bodyText({ modelVersion, segment, values, projections }: MonitorEvent): string {
  const body: EventBody = { modelVersion, segment, values, ...(projections && { projections }) };
  return JSON.stringify(body);
}

function identityOf({ systemId, kind, occurredAtMs, about, body }: PlacedEvent): string {
  return `${systemId}\n${kind}\n${occurredAtMs}\n${about ?? ''}\n${body}`;
}

// What is stored under ids of this part already.
async function eventsKnown(client: pg.PoolClient, events: readonly PlacedEvent[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{
    id: string;
    system_id: string;
    kind: string;
    occurred_at: Date;
    about: string | null;
    body: string;
  }>(`select id, system_id, kind, occurred_at, about, body::text as body from event where id = any($1::text[])`, [
    events.map(({ id }) => id),
  ]);
  return new Map(
    rows.map((row) => [
      row.id,
      `${row.system_id}\n${row.kind}\n${row.occurred_at.getTime()}\n${row.about ?? ''}\n${row.body}`,
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
  events: readonly PlacedEvent[],
  { nowMs, refusedBySource }: StoreContext,
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
