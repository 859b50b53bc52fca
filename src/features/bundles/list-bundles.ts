import { count, desc, inArray, max } from 'drizzle-orm';
import { type NamesOf, resolveWho } from '#src/features/records/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { bundleRow } from './export-queue.ts';
import type { Bundle, BundlePage } from './model.ts';
import { type BundleRow, bundle, bundleDownload } from './tables.ts';

const LIST_MAX = 500;

/** Bundles, newest first. */
export async function listBundles(executor: Executor, namesOf: NamesOf): Promise<BundlePage> {
  const rows = await executor.select().from(bundle).orderBy(desc(bundle.requestedAt), desc(bundle.id)).limit(LIST_MAX);
  const [counted] = await executor.select({ total: count() }).from(bundle);
  return { items: await presentBundles(executor, rows, namesOf), total: counted?.total ?? 0 };
}

/** One bundle. Throws `not_found`. */
export async function bundleById(executor: Executor, id: string, namesOf: NamesOf): Promise<Bundle> {
  const row = await bundleRow(executor, id);
  const [shown] = await presentBundles(executor, [row], namesOf);
  return shown as Bundle;
}

/** The name a bundle is saved under. */
export function bundleFileName(row: BundleRow): string {
  const day = row.requestedAt.toISOString().slice(0, 10);
  return `assay-bundle-${day}-${row.id.slice(-8)}.zip`;
}

async function presentBundles(executor: Executor, rows: readonly BundleRow[], namesOf: NamesOf): Promise<Bundle[]> {
  if (rows.length === 0) return [];
  const downloads = await executor
    .select({ bundleId: bundleDownload.bundleId, total: count(), lastId: max(bundleDownload.id) })
    .from(bundleDownload)
    .where(
      inArray(
        bundleDownload.bundleId,
        rows.map((row) => row.id),
      ),
    )
    .groupBy(bundleDownload.bundleId);
  const lastIds = downloads.flatMap((row) => (row.lastId === null ? [] : [row.lastId]));
  const last =
    lastIds.length === 0 ? [] : await executor.select().from(bundleDownload).where(inArray(bundleDownload.id, lastIds));
  const who = await resolveWho(namesOf, [...rows.map((row) => row.requestedBy), ...last.map((row) => row.by)]);
  return rows.map((row) => {
    const newest = last.find((entry) => entry.bundleId === row.id);
    return {
      id: row.id,
      state: row.state,
      from: row.fromIndex,
      to: row.toIndex,
      withBlobs: row.withBlobs,
      series: row.series,
      disclose: row.disclose,
      requestedBy: who(row.requestedBy),
      requestedAt: row.requestedAt.toISOString(),
      finishedAt: row.finishedAt?.toISOString() ?? null,
      writtenBytes: row.writtenBytes,
      sizeBytes: row.sizeBytes,
      sha256: row.sha256,
      entries: row.entries,
      fileName: bundleFileName(row),
      kept: row.kept,
      error: row.error,
      assurance: row.assurance && { ...row.assurance, steps: [...row.assurance.steps] },
      downloads: downloads.find((entry) => entry.bundleId === row.id)?.total ?? 0,
      lastDownloadAt: newest?.at.toISOString() ?? null,
      lastDownloadBy: newest ? who(newest.by) : null,
    };
  });
}
