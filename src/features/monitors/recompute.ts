import { asc, eq, inArray, sql } from 'drizzle-orm';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { contentOf } from './baselines.ts';
import { digestOfBatch } from './close-batch.ts';
import { type BatchInput, CODE_VERSION, decideBatch, type WindowContent } from './decide.ts';
import { monitorBaseline, monitorBatch, monitorDecision, monitorVersion, monitorWindow } from './tables.ts';

/** What a recomputation found different from what is stored. */
export type Difference = { windowId: string; series: string | null; what: string };

export type Recomputed = {
  batchId: string;
  windows: number;
  decisions: number;
  /** `other_code` where newer rules decide: then hashes are checked, and decisions are not compared. */
  outcome: 'same' | 'different' | 'other_code';
  differences: Difference[];
};

/** The stored form of one batch: what it was decided on, and what was decided. */
export type StoredBatch = {
  batch: typeof monitorBatch.$inferSelect;
  windows: (typeof monitorWindow.$inferSelect)[];
  inputs: { windowId: string; input: BatchInput[number] }[];
};

/** Reads a batch with the definitions and baselines it was decided on. Throws `not_found`. */
export async function readBatch(executor: Executor, batchId: string): Promise<StoredBatch> {
  const [batch] = await executor.select().from(monitorBatch).where(eq(monitorBatch.id, batchId));
  if (!batch) throw new AppError('not_found', `There is no batch of windows ${batchId.slice(0, 80)}.`);
  const windows = await executor
    .select()
    .from(monitorWindow)
    .where(eq(monitorWindow.batchId, batchId))
    .orderBy(asc(monitorWindow.id));
  const definitions = await executor
    .select()
    .from(monitorVersion)
    .where(
      inArray(
        monitorVersion.monitorId,
        windows.map(({ monitorId }) => monitorId),
      ),
    );
  const baselineIds = windows.flatMap(({ baselineId }) => (baselineId === null ? [] : [baselineId]));
  const baselines =
    baselineIds.length === 0
      ? []
      : await executor.select().from(monitorBaseline).where(inArray(monitorBaseline.id, baselineIds));
  const inputs = windows.flatMap(({ id, monitorId, monitorVersion: version, baselineId, content }) => {
    const row = definitions.find((one) => one.monitorId === monitorId && one.version === version);
    if (content === null || !row) return [];
    const baseline = baselines.find((one) => one.id === baselineId);
    const input = {
      content: JSON.parse(content.toString('utf8')) as WindowContent,
      definition: row.definition,
      baseline: baseline ? contentOf(baseline) : null,
    };
    return [{ windowId: id, input }];
  });
  return { batch, windows, inputs };
}

/** Decides a stored batch again and compares every record bit for bit, and every hash up to the one in the ledger. */
export async function recomputeBatch(executor: Executor, batchId: string): Promise<Recomputed> {
  const { batch, windows, inputs } = await readBatch(executor, batchId);
  const stored = await executor
    .select({
      windowId: monitorDecision.windowId,
      series: monitorDecision.series,
      record: monitorDecision.record,
      sha256: monitorDecision.sha256,
    })
    .from(monitorDecision)
    .where(
      inArray(
        monitorDecision.windowId,
        windows.map(({ id }) => id),
      ),
    );
  const differences: Difference[] = [];
  const differs = (windowId: string, series: string | null, what: string) =>
    differences.push({ windowId, series, what });
  for (const { id, content, sha256 } of windows)
    if (content !== null && sha256Hex(content) !== sha256)
      differs(id, null, 'The counted window does not have the hash stored with it.');
  for (const one of stored)
    if (sha256Hex(one.record) !== one.sha256)
      differs(one.windowId, one.series, 'The record does not have the hash stored with it.');
  const hashes = windows.map((window) => ({
    monitorId: window.monitorId,
    state: window.state,
    sha256: window.sha256,
    // In the order of the definition, as they were decided.
    decisions: seriesInOrder(
      inputs.find(({ windowId }) => windowId === window.id)?.input,
      stored.filter((one) => one.windowId === window.id),
    ),
  }));
  if (digestOfBatch(hashes) !== batch.digest)
    differs('', null, 'The batch does not have the digest stored with it and in the ledger.');
  const sameCode = batch.codeVersion === CODE_VERSION;
  if (sameCode) {
    const { windows: verdicts } = decideBatch(inputs.map(({ input }) => input));
    verdicts.forEach((verdict, k) => {
      const windowId = inputs[k]?.windowId ?? '';
      if (windows.find(({ id }) => id === windowId)?.state !== verdict.state)
        differs(windowId, null, `The window would be ${verdict.state}.`);
      for (const decision of verdict.decisions) {
        const before = stored.find((one) => one.windowId === windowId && one.series === decision.series);
        if (before?.record.toString('utf8') !== canonicalJson(decision))
          differs(
            windowId,
            decision.series,
            before ? 'The decision comes out differently.' : 'The decision is not stored.',
          );
      }
    });
  }
  return {
    batchId,
    windows: windows.length,
    decisions: stored.length,
    outcome: differences.length > 0 ? 'different' : sameCode ? 'same' : 'other_code',
    differences,
  };
}

function seriesInOrder<Row extends { series: string }>(
  input: BatchInput[number] | undefined,
  rows: readonly Row[],
): Row[] {
  if (!input) return [];
  return input.content.series.flatMap(({ name }) => rows.filter(({ series }) => series === name));
}

/** The batches of one window (by its id), or all of them, oldest first. Throws `not_found`. */
export async function batchesToRecompute(executor: Executor, windowId: string | undefined): Promise<string[]> {
  if (windowId === undefined) {
    const { rows } = await executor.execute<{ id: string }>(sql`select id from monitor_batch order by starts_at, id`);
    return rows.map(({ id }) => id);
  }
  const [row] = await executor
    .select({ batchId: monitorWindow.batchId })
    .from(monitorWindow)
    .where(eq(monitorWindow.id, windowId));
  if (!row)
    throw new AppError(
      'not_found',
      `There is no window ${windowId.slice(0, 80)}. List them with the calendar of its monitor.`,
    );
  return [row.batchId];
}
