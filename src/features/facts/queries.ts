import { type SQL, sql } from 'drizzle-orm';
import type { FactKindName, KnownFact } from '#src/facts/index.ts';
import { type Instant, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';

/** The last time a source stated a kind. */
export type KindReading = {
  collectionId: string;
  number: number;
  finishedAt: Instant;
  complete: boolean;
  note: string | null;
  digest: string;
};

export type SourceState = {
  id: string;
  key: string;
  kind: 'repository' | 'records';
  title: string;
  /** Number of its last collection. */
  number: number;
  retired: boolean;
  /** Kinds it ever stated: from which collection on, and when last. */
  kinds: Map<FactKindName, { firstNumber: number; last: KindReading }>;
};

/** A stored fact with the place it has in its source. */
export type StoredFact = KnownFact & { digest: string };

/**
 * Every source in use with its last readings. With `at`: as it was then, by the time the readings finished. With
 * `withRetired`: also those that are no longer used.
 */
export async function listSources(
  executor: Executor,
  options: { at?: Instant; withRetired?: boolean } = {},
): Promise<SourceState[]> {
  const upTo = options.at === undefined ? sql`true` : sql`finished_at <= ${options.at}::timestamptz`;
  const retired =
    options.at === undefined
      ? sql`retired_at is not null`
      : sql`coalesce(retired_at <= ${options.at}::timestamptz, false)`;
  const { rows } = await executor.execute<{
    id: string;
    key: string;
    source_kind: 'repository' | 'records';
    title: string;
    number: number;
    retired: boolean;
    kind: FactKindName | null;
    first_number: number;
    last_id: string;
    last_number: number;
    finished_at: string;
    complete: boolean;
    note: string | null;
    digest: string;
  }>(sql`
    select source.id, source.key, source.kind as source_kind, source.title, newest.number, ${retired} as retired,
      stated.kind, stated.first_number, last.id as last_id, last.number as last_number, last.finished_at, last.complete,
      last.note, last.digest
    from fact_source source
    join lateral (select number from fact_collection where source_id = source.id and ${upTo} order by number desc limit 1)
      newest on true
    left join fact_source_kind stated on stated.source_id = source.id and stated.first_number <= newest.number
    left join lateral (
      select * from fact_collection where source_id = source.id and number <= newest.number and kinds @> array[stated.kind]
      order by number desc limit 1
    ) last on stated.kind is not null
    where ${options.withRetired ?? false} or not ${retired}
    order by source.id`);
  const sources = new Map<string, SourceState>();
  for (const row of rows) {
    let source = sources.get(row.id);
    if (!source) {
      source = {
        id: row.id,
        key: row.key,
        kind: row.source_kind,
        title: row.title,
        number: row.number,
        retired: row.retired,
        kinds: new Map(),
      };
      sources.set(row.id, source);
    }
    if (row.kind === null) continue;
    source.kinds.set(row.kind, {
      firstNumber: row.first_number,
      last: {
        collectionId: row.last_id,
        number: row.last_number,
        finishedAt: instantOf(row.finished_at),
        complete: row.complete,
        note: row.note,
        digest: row.digest,
      },
    });
  }
  return [...sources.values()];
}

const stood = (number: number): SQL => sql`from_number <= ${number} and (to_number is null or to_number > ${number})`;

/** Facts of `kinds` as collection `number` of the source left them, by kind, in key order. */
export async function factsOfSource(
  executor: Executor,
  sourceId: string,
  number: number,
  kinds: readonly FactKindName[],
): Promise<Map<FactKindName, StoredFact[]>> {
  const { rows } = await executor.execute<{ kind: FactKindName; key: string; digest: string; body: string }>(sql`
    select span.kind, span.key, span.digest, content.body
    from fact_span span join fact_content content on content.digest = span.digest
    where source_id = ${sourceId} and span.kind = any(${sql.param(kinds)}::text[]) and ${stood(number)}
    order by span.kind, span.key`);
  const facts = new Map<FactKindName, StoredFact[]>(kinds.map((kind) => [kind, []]));
  for (const row of rows) facts.get(row.kind)?.push(storedFact(row));
  return facts;
}

/** Facts of one kind as collection `number` of the source left them, in key order, in pages that fit into memory. */
export async function* pagesOfFacts(
  executor: Executor,
  sourceId: string,
  number: number,
  kind: FactKindName,
  pageSize = 2_000,
): AsyncGenerator<StoredFact[]> {
  let after = '';
  for (;;) {
    const { rows } = await executor.execute<{ kind: FactKindName; key: string; digest: string; body: string }>(sql`
      select span.kind, span.key, span.digest, content.body
      from fact_span span join fact_content content on content.digest = span.digest
      where source_id = ${sourceId} and span.kind = ${kind} and span.key > ${after} and ${stood(number)}
      order by span.key limit ${pageSize}`);
    if (rows.length > 0) yield rows.map(storedFact);
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.key;
  }
}

/** What one key said before and after: `after` is null where the fact is gone, `before` where it was not there. */
export type FactChange = { kind: FactKindName; key: string; before: boolean; after: StoredFact | null };

/** Facts of `kinds` that differ between two collections of a source: `from` (0 for before the first) and `to`. */
export async function changedFacts(
  executor: Executor,
  sourceId: string,
  range: { from: number; to: number },
  kinds: readonly FactKindName[],
): Promise<FactChange[]> {
  const { rows } = await executor.execute<{
    kind: FactKindName;
    key: string;
    before: string | null;
    after: string | null;
    body: string | null;
  }>(sql`
    with touched as (
      select kind, key, digest, from_number, to_number from fact_span
      where source_id = ${sourceId} and from_number > ${range.from} and from_number <= ${range.to}
      union
      select kind, key, digest, from_number, to_number from fact_span
      where source_id = ${sourceId} and to_number > ${range.from} and to_number <= ${range.to}
    ), ends as (
      select kind, key,
        max(digest) filter (where from_number <= ${range.from}) as before,
        max(digest) filter (where ${stood(range.to)}) as after
      from touched where kind = any(${sql.param(kinds)}::text[])
      group by kind, key
    )
    select ends.kind, ends.key, ends.before, ends.after, content.body
    from ends left join fact_content content on content.digest = ends.after
    where ends.before is distinct from ends.after
    order by ends.kind, ends.key`);
  return rows.map((row) => ({
    kind: row.kind,
    key: row.key,
    before: row.before !== null,
    after:
      row.after === null || row.body === null
        ? null
        : storedFact({ kind: row.kind, key: row.key, digest: row.after, body: row.body }),
  }));
}

/** How many facts of a kind stood at collection `number`. */
export async function countFacts(
  executor: Executor,
  sourceId: string,
  number: number,
  kind: FactKindName,
): Promise<number> {
  const { rows } = await executor.execute<{ count: number }>(
    sql`select count(*) as count from fact_span where source_id = ${sourceId} and kind = ${kind} and ${stood(number)}`,
  );
  return rows[0]?.count ?? 0;
}

/** Facts of `kinds` in every source as they were known at `at`: by source, the last reading that had finished by then. */
export async function factsAt(
  executor: Executor,
  at: Instant,
  kinds: readonly FactKindName[],
): Promise<{ source: SourceState; facts: StoredFact[] }[]> {
  const sources = await listSources(executor, { at });
  const answers: { source: SourceState; facts: StoredFact[] }[] = [];
  for (const source of sources) {
    const facts = await factsOfSource(executor, source.id, source.number, kinds);
    answers.push({ source, facts: [...facts.values()].flat() });
  }
  return answers;
}

/** Everything that was ever said under a kind, with the time it held: from the end of one reading to the end of another. */
export async function factSpans<Name extends FactKindName>(
  executor: Executor,
  kind: Name,
): Promise<{ fact: StoredFact & KnownFact<Name>; fromAt: Instant; toAt: Instant | null }[]> {
  const { rows } = await executor.execute<{
    key: string;
    digest: string;
    body: string;
    from_at: string;
    to_at: string | null;
  }>(sql`
    select span.key, span.digest, content.body, opened.finished_at as from_at, closed.finished_at as to_at
    from fact_span span
    join fact_content content on content.digest = span.digest
    join fact_collection opened on opened.source_id = span.source_id and opened.number = span.from_number
    left join fact_collection closed on closed.source_id = span.source_id and closed.number = span.to_number
    where span.kind = ${kind}
    order by opened.finished_at, span.from_number, span.key`);
  return rows.map((row) => ({
    fact: storedFact({ kind, ...row }) as StoredFact & KnownFact<Name>,
    fromAt: instantOf(row.from_at),
    toAt: row.to_at === null ? null : instantOf(row.to_at),
  }));
}

function storedFact(row: { kind: FactKindName; key: string; digest: string; body: string }): StoredFact {
  // The body passed the schema of its kind when it was recorded, and its digest keeps it as it was.
  return { kind: row.kind, key: row.key, digest: row.digest, body: JSON.parse(row.body) } as StoredFact;
}

/** Drizzle hands raw timestamps over as Postgres prints them. */
export function instantOf(text: string): Instant {
  return toInstant(Date.parse(text));
}
