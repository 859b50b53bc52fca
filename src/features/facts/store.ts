import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { FactKindName, KnownFact } from '#src/facts/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, type Instant, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { type PreparedFact, prepareFacts, readingDigest, storedKey } from './reading.ts';

export type NewCollection = {
  /** `key` names the source and never changes; it may be a path, so it stays out of the ledger. */
  source: { key: string; kind: 'repository' | 'records'; title: string };
  /** What the reading states: none found of a stated kind means none there, as far as the reading is complete. */
  kinds: readonly FactKindName[];
  facts: readonly KnownFact[];
  startedAt: Instant;
  finishedAt: Instant;
  /** False when something may have been missed: then nothing is taken to be gone. */
  complete: boolean;
  /** Why it is not complete, in words for people. */
  note?: string;
};

export type RecordedCollection = {
  collectionId: string;
  sourceId: string;
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
  /** The same for two readings that found the same. */
  digest: string;
};

/** How far in the future a reading may end: clocks of two machines differ a little. */
const CLOCK_SKEW_MS = 10 * 60_000;
const SPANS_PER_STATEMENT = 5_000;
const BYTES_PER_STATEMENT = 1024 * 1024;
const NOTE_MAX_CHARACTERS = 2_000;
const TITLE_MAX_CHARACTERS = 500;

/**
 * Takes the right to record readings of a source until the transaction ends, making the source where it is new. Whoever
 * reads a source that lives in this database locks it first, so that no older reading comes after a newer one.
 * A transaction that records several sources locks them in one order, and judges last.
 */
export async function lockSource(
  tx: Executor,
  source: NewCollection['source'],
  clock: Clock,
): Promise<{ sourceId: string }> {
  const id = makeId('src', clock(), randomBytes(10));
  // A remote address or a folder name is somebody else's text.
  const key = storedKey(source.key);
  const title = storable(source.title, TITLE_MAX_CHARACTERS);
  await tx.execute(sql`
    insert into fact_source (id, key, kind, title, created_at)
    values (${id}, ${key}, ${source.kind}, ${title}, ${toInstant(clock())})
    on conflict (key) do nothing`);
  const { rows } = await tx.execute<{ id: string; kind: string; title: string; retired: boolean }>(
    sql`select id, kind, title, retired_at is not null as retired from fact_source where key = ${key} for update`,
  );
  const [row] = rows;
  if (!row) throw new AppError('internal', 'A source vanished while it was being recorded.');
  if (row.kind !== source.kind)
    throw new AppError('conflict', `This source is kept as ${row.kind} and cannot be recorded as ${source.kind}.`);
  if (row.title !== title || row.retired)
    await tx.execute(sql`update fact_source set title = ${title}, retired_at = null where id = ${row.id}`);
  return { sourceId: row.id };
}

/**
 * Stores one reading of a source: only what differs from what already stands is written. Runs inside the caller's
 * transaction and holds the source until it ends, so a second recorder waits.
 * Throws `invalid_input` for a fact that does not fit its kind (naming kind, key and field) and `conflict` when a reading
 * that ended later is already recorded.
 */
export async function recordCollection(
  tx: Executor,
  collection: NewCollection,
  clock: Clock,
): Promise<RecordedCollection> {
  checkTimes(collection, clock);
  const kinds = [...new Set(collection.kinds)].sort();
  const facts = prepareFacts(kinds, collection.facts);
  const digest = readingDigest({ kinds, complete: collection.complete }, facts);
  const { sourceId } = await lockSource(tx, collection.source, clock);
  const number = await nextNumber(tx, sourceId, collection.finishedAt);
  const difference = await compare(tx, sourceId, kinds, facts, collection.complete);
  const written = [...difference.added, ...difference.changed];
  await closeSpans(tx, sourceId, number, [...difference.changed, ...difference.removed]);
  await insertContents(tx, written);
  await openSpans(tx, sourceId, number, written);

  const collectionId = makeId('col', clock(), randomBytes(10));
  const counts = {
    added: difference.added.length,
    changed: difference.changed.length,
    removed: difference.removed.length,
    unchanged: facts.length - written.length,
  };
  await tx.execute(sql`
    insert into fact_collection (id, source_id, number, kinds, started_at, finished_at, recorded_at, complete, note,
      added, changed, removed, unchanged, digest)
    values (${collectionId}, ${sourceId}, ${number}, ${sql.param(kinds)}::text[], ${collection.startedAt},
      ${collection.finishedAt}, ${toInstant(clock())}, ${collection.complete},
      ${collection.note === undefined ? null : storable(collection.note, NOTE_MAX_CHARACTERS)},
      ${counts.added}, ${counts.changed}, ${counts.removed}, ${counts.unchanged}, ${digest})`);
  await tx.execute(sql`
    insert into fact_source_kind (source_id, kind, first_number)
    select ${sourceId}, kind, ${number}::int from unnest(${sql.param(kinds)}::text[]) as kind
    on conflict do nothing`);
  return { collectionId, sourceId, ...counts, digest };
}

/**
 * Takes a source out of judging: everything it said ends now, and its history stays. Recording it again brings it back.
 * Throws `not_found` when there is no such source, or it is retired already.
 */
export async function retireSource(tx: Executor, sourceId: string, clock: Clock): Promise<RecordedCollection> {
  const { rows } = await tx.execute<{
    key: string;
    kind: 'repository' | 'records';
    title: string;
    kinds: FactKindName[];
  }>(
    sql`select key, kind, title, array(select kind from fact_source_kind where source_id = id order by kind) as kinds
      from fact_source where id = ${sourceId} and retired_at is null for update`,
  );
  const [source] = rows;
  if (!source) throw new AppError('not_found', 'There is no source with this id in use. Reload the list of sources.');
  const at = toInstant(clock());
  const recorded = await recordCollection(
    tx,
    {
      source,
      kinds: source.kinds,
      facts: [],
      startedAt: at,
      finishedAt: at,
      complete: true,
      note: 'The source was retired.',
    },
    clock,
  );
  await tx.execute(sql`update fact_source set retired_at = ${at} where id = ${sourceId}`);
  return recorded;
}

function checkTimes(collection: NewCollection, clock: Clock): void {
  const startedMs = Date.parse(collection.startedAt);
  const finishedMs = Date.parse(collection.finishedAt);
  if (Number.isNaN(startedMs) || Number.isNaN(finishedMs))
    throw new AppError('invalid_input', 'A reading needs the instants at which it started and finished.');
  if (finishedMs < startedMs)
    throw new AppError(
      'invalid_input',
      'The reading finished before it started. Check the clock of the machine that read.',
    );
  if (finishedMs > clock() + CLOCK_SKEW_MS)
    throw new AppError(
      'invalid_input',
      `The reading finished in the future (${collection.finishedAt}). Check the clocks of both machines.`,
    );
}

async function nextNumber(tx: Executor, sourceId: string, finishedAt: Instant): Promise<number> {
  const { rows } = await tx.execute<{ number: number; later: boolean }>(sql`
    select number, finished_at > ${finishedAt}::timestamptz as later
    from fact_collection where source_id = ${sourceId} order by number desc limit 1`);
  const [last] = rows;
  if (last?.later)
    throw new AppError(
      'conflict',
      'A reading of this source that finished later is already recorded. Nothing was changed; read the source again.',
    );
  return (last?.number ?? 0) + 1;
}

type SpanKey = { kind: string; key: string };
type Difference = { added: PreparedFact[]; changed: PreparedFact[]; removed: SpanKey[] };

async function compare(
  tx: Executor,
  sourceId: string,
  kinds: readonly string[],
  facts: readonly PreparedFact[],
  complete: boolean,
): Promise<Difference> {
  const { rows } = await tx.execute<{ position: number | null; kind: string | null; key: string | null }>(sql`
    with incoming as materialized (
      select * from unnest(
        ${sql.param(facts.map((fact) => fact.kind))}::text[],
        ${sql.param(facts.map((fact) => fact.key))}::text[] collate "C",
        ${sql.param(facts.map((fact) => fact.digest))}::text[] collate "C"
      ) with ordinality as incoming (kind, key, digest, position)
    ), standing as materialized (
      select kind, key, digest from fact_span
      where source_id = ${sourceId} and to_number is null and kind = any(${sql.param(kinds)}::text[])
    )
    select incoming.position, standing.kind, standing.key
    from incoming full join standing on standing.kind = incoming.kind and standing.key = incoming.key
    where incoming.digest is distinct from standing.digest and (${complete} or incoming.position is not null)`);
  const difference: Difference = { added: [], changed: [], removed: [] };
  for (const row of rows) {
    const fact = row.position === null ? undefined : facts[row.position - 1];
    if (!fact) difference.removed.push({ kind: row.kind ?? '', key: row.key ?? '' });
    else (row.key === null ? difference.added : difference.changed).push(fact);
  }
  return difference;
}

async function closeSpans(tx: Executor, sourceId: string, number: number, spans: readonly SpanKey[]): Promise<void> {
  for (const part of inParts(spans)) {
    await tx.execute(sql`
      update fact_span set to_number = ${number}
      from unnest(
        ${sql.param(part.map((span) => span.kind))}::text[],
        ${sql.param(part.map((span) => span.key))}::text[] collate "C"
      ) as closing (kind, key)
      where source_id = ${sourceId} and fact_span.kind = closing.kind and fact_span.key = closing.key
        and to_number is null`);
  }
}

async function openSpans(
  tx: Executor,
  sourceId: string,
  number: number,
  facts: readonly PreparedFact[],
): Promise<void> {
  for (const part of inParts(facts)) {
    await tx.execute(sql`
      insert into fact_span (source_id, kind, key, digest, from_number)
      select ${sourceId}, kind, key, digest, ${number}::int
      from unnest(
        ${sql.param(part.map((fact) => fact.kind))}::text[],
        ${sql.param(part.map((fact) => fact.key))}::text[],
        ${sql.param(part.map((fact) => fact.digest))}::text[]
      ) as opening (kind, key, digest)`);
  }
}

async function insertContents(tx: Executor, facts: readonly PreparedFact[]): Promise<void> {
  const wanted = new Map(facts.map((fact) => [fact.digest, fact]));
  const { rows } = await tx.execute<{ digest: string }>(
    sql`select digest from fact_content where digest = any(${sql.param([...wanted.keys()])}::text[])`,
  );
  for (const { digest } of rows) wanted.delete(digest);
  // In digest order, so that two recorders that share contents wait for one another instead of both failing.
  const missing = [...wanted.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  let part: PreparedFact[] = [];
  let partBytes = 0;
  for (const fact of missing) {
    part.push(fact);
    partBytes += fact.body.length;
    if (partBytes < BYTES_PER_STATEMENT) continue;
    await insertContentPart(tx, part);
    part = [];
    partBytes = 0;
  }
  if (part.length > 0) await insertContentPart(tx, part);
}

async function insertContentPart(tx: Executor, facts: readonly PreparedFact[]): Promise<void> {
  await tx.execute(sql`
    insert into fact_content (digest, kind, body)
    select * from unnest(
      ${sql.param(facts.map((fact) => fact.digest))}::text[],
      ${sql.param(facts.map((fact) => fact.kind))}::text[],
      ${sql.param(facts.map((fact) => fact.body))}::text[])
    on conflict (digest) do nothing`);
}

function storable(text: string, maxCharacters: number): string {
  return text.replaceAll('\u0000', ' ').slice(0, maxCharacters).toWellFormed();
}

function* inParts<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += SPANS_PER_STATEMENT)
    yield items.slice(start, start + SPANS_PER_STATEMENT);
}
