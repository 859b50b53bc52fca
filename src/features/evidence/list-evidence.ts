import { and, count, desc, eq, exists, ilike, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { IndexesOf } from '#src/features/ledger/index.ts';
import { decodeCursor, encodeCursor, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { attestationState } from './attestation-state.ts';
import type { EvidenceItem, EvidencePage, EvidenceQuery } from './model.ts';
import {
  type AttestationRow,
  attestation,
  type EvidenceRow,
  evidenceConfirmation,
  evidenceItem,
  evidenceLink,
} from './tables.ts';

export type EvidenceReading = { executor: Executor; namesOf: NamesOf; indexesOf: IndexesOf; nowMs: number };

/** Evidence, newest first. */
export async function listEvidence(reading: EvidenceReading, query: EvidenceQuery): Promise<EvidencePage> {
  const { executor } = reading;
  const where = and(
    query.control === undefined ? undefined : linkedTo(executor, 'control', query.control),
    query.source === undefined ? undefined : eq(evidenceItem.sourceKey, query.source),
    query.kind && eq(evidenceItem.kind, query.kind),
    query.grade && eq(evidenceItem.grade, query.grade),
    textFilter(query.q),
  );
  const rows = await executor
    .select()
    .from(evidenceItem)
    .where(and(where, query.cursor === undefined ? undefined : before(query.cursor)))
    .orderBy(desc(evidenceItem.recordedAt), desc(evidenceItem.id))
    .limit(query.limit + 1);
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  const [counted] = await executor.select({ total: count() }).from(evidenceItem).where(where);
  return {
    items: await presentEvidence(reading, page),
    total: counted?.total ?? 0,
    ...(last && { nextCursor: encodeCursor([last.recordedAt.toISOString(), last.id]) }),
  };
}

function linkedTo(executor: Executor, kind: 'control' | 'test', ref: string): SQL {
  return exists(
    executor
      .select({ one: sql`1` })
      .from(evidenceLink)
      .where(and(eq(evidenceLink.evidenceId, evidenceItem.id), eq(evidenceLink.kind, kind), eq(evidenceLink.ref, ref))),
  );
}

function textFilter(text: string | undefined): SQL | undefined {
  const words = (text ?? '').trim();
  if (words === '') return undefined;
  const pattern = `%${words.replace(/[\\%_]/g, '\\$&')}%`;
  return or(
    ilike(evidenceItem.title, pattern),
    ilike(evidenceItem.sourceTitle, pattern),
    ilike(evidenceItem.fileName, pattern),
    // A digest is looked up whole or by its beginning.
    /^[0-9a-f]{6,64}$/i.test(words) ? ilike(evidenceItem.sha256, `${words}%`) : undefined,
  );
}

function before(cursor: string): SQL {
  const [at, id] = decodeCursor(cursor, 2);
  return sql`(${evidenceItem.recordedAt}, ${evidenceItem.id}) < (${at}::timestamptz, ${id})`;
}

/** The rows as the API shows them. */
export async function presentEvidence(reading: EvidenceReading, rows: readonly EvidenceRow[]): Promise<EvidenceItem[]> {
  if (rows.length === 0) return [];
  const { executor, nowMs } = reading;
  const ids = rows.map((row) => row.id);
  const links = await executor
    .select()
    .from(evidenceLink)
    .where(inArray(evidenceLink.evidenceId, ids))
    .orderBy(evidenceLink.ref);
  const attested = await executor.select().from(attestation).where(inArray(attestation.evidenceId, ids));
  const confirmed = await executor
    .select({ id: evidenceConfirmation.evidenceId, at: sql<string>`max(${evidenceConfirmation.at})` })
    .from(evidenceConfirmation)
    .where(inArray(evidenceConfirmation.evidenceId, ids))
    .groupBy(evidenceConfirmation.evidenceId);
  const indexes = await reading.indexesOf(
    executor,
    rows.map((row) => row.ledgerPendingId),
  );
  const who = await resolveWho(
    reading.namesOf,
    rows.map((row) => row.collector),
  );
  const refs = (id: string, kind: 'control' | 'test') =>
    links.filter((link) => link.evidenceId === id && link.kind === kind).map((link) => link.ref);
  return rows.map((row) => {
    const confirmedAt = confirmed.find((entry) => entry.id === row.id)?.at;
    return {
      id: row.id,
      kind: row.kind,
      title: row.title,
      source: { key: row.sourceKey, title: row.sourceTitle },
      query: row.query,
      collector: who(row.collector),
      grade: row.grade,
      state: stateOf(
        row,
        attested.find((entry) => entry.evidenceId === row.id),
        nowMs,
      ),
      occurredAt: row.occurredAt.toISOString(),
      observedAt: row.observedAt.toISOString(),
      recordedAt: row.recordedAt.toISOString(),
      periodFrom: row.periodFrom,
      periodTo: row.periodTo,
      confirmedAt: confirmedAt === undefined ? null : new Date(confirmedAt).toISOString(),
      sha256: row.sha256,
      sizeBytes: row.sizeBytes,
      mediaType: row.mediaType,
      fileName: row.fileName,
      controls: refs(row.id, 'control'),
      tests: refs(row.id, 'test'),
      ledgerIndex: indexes.get(row.ledgerPendingId) ?? null,
    };
  });
}

function stateOf(row: EvidenceRow, attested: AttestationRow | undefined, nowMs: number): EvidenceItem['state'] {
  if (row.supersededAt !== null) return 'superseded';
  if (!attested) return 'current';
  const state = attestationState(attested, nowMs);
  return state === 'accepted' ? 'current' : state;
}
