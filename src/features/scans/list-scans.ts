import { and, count, desc, eq, type SQL, sql } from 'drizzle-orm';
import { decodeCursor, encodeCursor, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Scan, ScanPage, ScanQuery } from './model.ts';
import { unknownScan } from './scan-queue.ts';
import { type ScanRow, scan } from './tables.ts';

/** Scans, newest first. */
export async function listScans(executor: Executor, query: ScanQuery, namesOf: NamesOf): Promise<ScanPage> {
  const where = query.state && eq(scan.state, query.state);
  const rows = await executor
    .select()
    .from(scan)
    .where(and(where, query.cursor === undefined ? undefined : before(query.cursor)))
    .orderBy(desc(scan.requestedAt), desc(scan.id))
    .limit(query.limit + 1);
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  const [counted] = await executor.select({ total: count() }).from(scan).where(where);
  return {
    items: await presentScans(page, namesOf),
    total: counted?.total ?? 0,
    ...(last && { nextCursor: encodeCursor([last.requestedAt.toISOString(), last.id]) }),
  };
}

function before(cursor: string): SQL {
  const [at, id] = decodeCursor(cursor, 2);
  return sql`(${scan.requestedAt}, ${scan.id}) < (${at}::timestamptz, ${id})`;
}

/** One scan. Throws `not_found`. */
export async function scanById(executor: Executor, id: string, namesOf: NamesOf): Promise<Scan> {
  const rows = await executor.select().from(scan).where(eq(scan.id, id));
  const [shown] = await presentScans(rows, namesOf);
  if (!shown) throw unknownScan(id);
  return shown;
}

async function presentScans(rows: readonly ScanRow[], namesOf: NamesOf): Promise<Scan[]> {
  const who = await resolveWho(
    namesOf,
    rows.map((row) => row.requestedBy),
  );
  return rows.map((row) => ({
    id: row.id,
    path: row.path,
    state: row.state,
    source: row.sourceKey === null ? null : { key: row.sourceKey, title: row.sourceTitle ?? row.sourceKey },
    progress: {
      phase: row.phase,
      files: row.files,
      filesTotal: row.filesTotal,
      bytes: row.bytes,
      detections: row.detections,
      current: row.current,
    },
    cancelRequested: row.cancelRequested,
    requestedBy: who(row.requestedBy),
    requestedAt: row.requestedAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    error: row.error,
    summary: row.summary,
    evidenceId: row.evidenceId,
  }));
}
