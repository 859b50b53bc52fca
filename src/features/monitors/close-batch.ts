import { and, eq, sql } from 'drizzle-orm';
import type { SequenceReading } from '#src/features/events/index.ts';
import { sequencesWithin } from '#src/features/events/index.ts';
import { type CheckResult, checkResults } from '#src/features/groundedness-checks/index.ts';
import { inventorySystem } from '#src/features/inventory/tables.ts';
import { goldOfChecks } from '#src/features/labels/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { alertOfWindows } from './alert-windows.ts';
import type { BaselineContent } from './baseline-content.ts';
import { contentOf } from './baselines.ts';
import { type BatchInput, CODE_VERSION, decideBatch, type WindowContent, type WindowVerdict } from './decide.ts';
import type { DueBatch, Member } from './due-batches.ts';
import { samplingDigest } from './judged-counts.ts';
import { readEvents } from './read-events.ts';
import { createSeriesCounters } from './series-counts.ts';
import { type MonitorServices, newId } from './services.ts';
import { monitorBaseline, monitorBatch, monitorDecision, monitorWindow } from './tables.ts';
import { isOnTime } from './window-calendar.ts';
import { historyOf } from './window-history.ts';

export type ClosedBatch = {
  batchId: string;
  version: number;
  windows: (WindowVerdict & { windowId: string; cause: string | null })[];
};

/** Why a window is closed: its time came, nobody came in time, or events came after it was closed. */
export type Cause = 'due' | 'missed' | 'late_run' | 'late_events';

/**
 * Counts, decides and records one window of one system: rows, alerts and one entry of the ledger in the caller's
 * transaction. A window nobody closed in time is first recorded as missed, and then computed all the same. Null where late
 * events changed nothing that any monitor counts.
 */
export async function closeBatch(
  tx: Transaction,
  services: MonitorServices,
  batch: DueBatch,
  nowMs: number,
  cause: 'due' | 'late_events',
): Promise<ClosedBatch | null> {
  const version = await nextVersion(tx, batch);
  if (cause === 'late_events' || isOnTime(batch, nowMs))
    return computeBatch(tx, services, batch, { version, nowMs, cause });
  await recordMissed(tx, services, batch, { version, nowMs });
  return computeBatch(tx, services, batch, { version: version + 1, nowMs, cause: 'late_run' });
}

async function nextVersion(tx: Transaction, { systemId, length, startMs }: DueBatch): Promise<number> {
  const [row] = await tx
    .select({ last: sql<number | null>`max(${monitorBatch.version})` })
    .from(monitorBatch)
    .where(
      and(
        eq(monitorBatch.systemId, systemId),
        eq(monitorBatch.length, length),
        eq(monitorBatch.startsAt, new Date(startMs)),
      ),
    );
  return (row?.last ?? 0) + 1;
}

type Recording = { version: number; nowMs: number; cause: Cause };

async function computeBatch(
  tx: Transaction,
  services: MonitorServices,
  batch: DueBatch,
  { version, nowMs, cause }: Recording,
): Promise<ClosedBatch | null> {
  const baselines = await baselinesAt(tx, batch.members, batch.endMs);
  const counted = await countWindows(tx, batch, baselines);
  const sound = counted.filter((one) => one.error === null);
  const { windows: verdicts, familySize } = decideBatch(sound.map(({ input }) => input));
  const windows = counted.map(({ input, error }, k): ComputedWindow => {
    const windowId = newId('win', nowMs);
    const member = batch.members[k] as Member;
    if (error !== null) return { windowId, member, input: null, verdict: failed(member.monitorId), cause: error };
    const verdict = verdicts[sound.findIndex((one) => one.input === input)] as WindowVerdict;
    return { windowId, member, input, verdict, cause: null };
  });
  return recordBatch(tx, services, batch, { version, nowMs, cause }, windows, familySize);
}

type ComputedWindow = {
  windowId: string;
  member: Member;
  input: BatchInput[number] | null;
  verdict: WindowVerdict;
  cause: string | null;
};

function failed(monitorId: string): WindowVerdict {
  return { monitorId, state: 'error', level: 'none', n: 0, decisions: [] };
}

type HeldBaseline = { id: string; content: BaselineContent };

/** The baselines in force when the window ended: what is judged was never chosen after the fact. */
export async function baselinesAt(
  executor: Executor,
  members: readonly { monitorId: string }[],
  endMs: number,
): Promise<Map<string, HeldBaseline>> {
  const ids = members.map(({ monitorId }) => monitorId);
  const end = toInstant(endMs);
  const rows = await executor
    .select()
    .from(monitorBaseline)
    .where(
      sql`${monitorBaseline.monitorId} = any(${sql.param(ids)}::text[]) and ${monitorBaseline.validFrom} <= ${end}
        and (${monitorBaseline.validTo} is null or ${monitorBaseline.validTo} > ${end})`,
    );
  return new Map(rows.map((row) => [row.monitorId, { id: row.id, content: contentOf(row) }]));
}

type Counting = {
  row: Member['row'];
  baseline: HeldBaseline | null;
  counters: ReturnType<typeof createSeriesCounters>;
  error: string | null;
};

/** Counts all monitors of a batch in one pass over the events. A monitor that breaks is an error of its own. */
async function countWindows(
  tx: Transaction,
  batch: DueBatch,
  baselines: ReadonlyMap<string, HeldBaseline>,
): Promise<{ input: BatchInput[number]; error: string | null }[]> {
  const { systemId, startMs, endMs } = batch;
  const counting: Counting[] = [];
  // One after the other: a transaction answers one statement at a time.
  for (const { monitorId, row } of batch.members) {
    const baseline = baselines.get(monitorId) ?? null;
    const references = new Map(baseline?.content.series.map(({ name, reference }) => [name, reference]));
    const checks = await checksOf(tx, row.definition.metric, batch);
    counting.push({ row, baseline, counters: createSeriesCounters(row.definition, references, checks), error: null });
  }
  const inOrder = batch.members.some(({ row }) => row.definition.metric.type === 'stream_change');
  await readEvents(tx, { systemId, fromMs: startMs, toMs: endMs, inOrder }, (event) => {
    for (const one of counting) {
      if (one.error !== null) continue;
      try {
        one.counters.take(event);
      } catch (error) {
        one.error = wordsOf(error);
      }
    }
  });
  const asksSequences = batch.members.some(({ row }) => row.definition.metric.type === 'completeness');
  const sequences = asksSequences ? await sequencesWithin(tx, { systemId, fromMs: startMs, toMs: endMs }) : [];
  const counted: { input: BatchInput[number]; error: string | null }[] = [];
  for (const { row, baseline, counters, error } of counting) {
    const content = contentOfWindow(row, baseline?.id ?? null, batch, counters.state(), sequences);
    if (row.definition.metric.type === 'hallucination')
      content.gold = await goldOfChecks(tx, samplingDigest(row.definition.metric), batch.dueMs);
    if (row.definition.trend) content.history = await historyOf(tx, row, baseline?.id ?? null, batch);
    const input = { definition: row.definition, baseline: baseline?.content ?? null, content };
    counted.push({ input, error: error ?? trial(input) });
  }
  return counted;
}

/** What came of the sampled answers of a window, where that is what the monitor counts. */
async function checksOf(
  tx: Transaction,
  metric: Member['row']['definition']['metric'],
  { systemId, startMs, endMs }: DueBatch,
): Promise<ReadonlyMap<string, CheckResult> | undefined> {
  if (metric.type !== 'hallucination') return undefined;
  return checkResults(tx, { sampling: samplingDigest(metric), systemId, fromMs: startMs, toMs: endMs });
}

function contentOfWindow(
  row: Member['row'],
  baselineId: string | null,
  { startMs, endMs }: DueBatch,
  state: Pick<WindowContent, 'series' | 'undeclared'>,
  sequences: readonly SequenceReading[],
): WindowContent {
  return {
    monitorId: row.monitorId,
    monitorVersion: row.version,
    baselineId,
    startsAt: toInstant(startMs),
    endsAt: toInstant(endMs),
    ...state,
    sequences: row.definition.metric.type === 'completeness' ? [...sequences] : [],
  };
}

// One monitor that cannot be decided must not take the others of its window with it.
function trial(input: BatchInput[number]): string | null {
  try {
    decideBatch([input]);
    return null;
  } catch (error) {
    return wordsOf(error);
  }
}

function wordsOf(error: unknown): string {
  return `It could not be computed: ${error instanceof Error ? error.message.slice(0, 300) : 'unknown error'}`;
}

/** A window that nobody closed in time. It stays missed, whatever is computed afterwards. */
async function recordMissed(
  tx: Transaction,
  services: MonitorServices,
  batch: DueBatch,
  { version, nowMs }: { version: number; nowMs: number },
): Promise<void> {
  const cause = `It was due at ${toInstant(batch.dueMs)}; nothing ran until ${toInstant(nowMs)}.`;
  const windows = batch.members.map(
    (member): ComputedWindow => ({
      windowId: newId('win', nowMs),
      member,
      input: null,
      verdict: { ...failed(member.monitorId), state: 'missed' },
      cause,
    }),
  );
  await recordBatch(tx, services, batch, { version, nowMs, cause: 'missed' }, windows, 0);
}

async function recordBatch(
  tx: Transaction,
  services: MonitorServices,
  batch: DueBatch,
  { version, nowMs, cause }: Recording,
  windows: readonly ComputedWindow[],
  familySize: number,
): Promise<ClosedBatch | null> {
  const at = new Date(nowMs);
  const batchId = newId('mwb', nowMs);
  const stored = windows.map((window) => storedForm(window));
  const digest = digestOfBatch(stored);
  if (cause === 'late_events' && (await lastDigest(tx, batch, version)) === digest) return null;
  await tx.insert(monitorBatch).values({
    id: batchId,
    systemId: batch.systemId,
    length: batch.length,
    startsAt: new Date(batch.startMs),
    endsAt: new Date(batch.endMs),
    version,
    dueAt: new Date(batch.dueMs),
    startedAt: at,
    closedAt: new Date(services.records.clock()),
    cause,
    familySize,
    digest,
    codeVersion: CODE_VERSION,
  });
  await insertWindows(tx, { batchId, version, at }, batch, windows, stored);
  await services.records.append(tx, {
    type: 'monitor.window',
    actor: { kind: 'service', id: 'assay' },
    subject: { kind: 'ai-system', id: batch.systemId },
    series: `monitor-windows:${batch.systemId}`,
    body: {
      batch: batchId,
      length: batch.length,
      from: toInstant(batch.startMs),
      to: toInstant(batch.endMs),
      version,
      cause,
      digest,
      code: CODE_VERSION,
      family: familySize,
      states: countStates(windows),
    },
    dedupeKey: `monitor-window:${batch.systemId}:${batch.length}:${batch.startMs}:${version}`,
  });
  const system = await systemTitle(tx, batch.systemId);
  await alertOfWindows(tx, services, { ...batch, systemTitle: system, nowMs, cause }, windows);
  return {
    batchId,
    version,
    windows: windows.map(({ windowId, verdict, cause: why }) => ({ ...verdict, windowId, cause: why })),
  };
}

async function lastDigest(
  tx: Transaction,
  { systemId, length, startMs }: DueBatch,
  version: number,
): Promise<string | undefined> {
  const [row] = await tx
    .select({ digest: monitorBatch.digest })
    .from(monitorBatch)
    .where(
      and(
        eq(monitorBatch.systemId, systemId),
        eq(monitorBatch.length, length),
        eq(monitorBatch.startsAt, new Date(startMs)),
        eq(monitorBatch.version, version - 1),
      ),
    );
  return row?.digest;
}

function countStates(windows: readonly ComputedWindow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verdict } of windows) counts[verdict.state] = (counts[verdict.state] ?? 0) + 1;
  return counts;
}

async function systemTitle(tx: Transaction, systemId: string): Promise<string> {
  const [row] = await tx
    .select({ name: inventorySystem.name })
    .from(inventorySystem)
    .where(eq(inventorySystem.id, systemId));
  return row?.name ?? systemId;
}

type StoredWindow = {
  monitorId: string;
  state: string;
  content: Buffer | null;
  sha256: string | null;
  decisions: { series: string; record: Buffer; sha256: string }[];
};

/** The bytes of a window and of what was decided on it. */
export function storedForm({ input, verdict }: Pick<ComputedWindow, 'input' | 'verdict'>): StoredWindow {
  const content = input && Buffer.from(canonicalJson(input.content));
  return {
    monitorId: verdict.monitorId,
    state: verdict.state,
    content,
    sha256: content && sha256Hex(content),
    decisions: verdict.decisions.map((decision) => {
      const record = Buffer.from(canonicalJson(decision));
      return { series: decision.series, record, sha256: sha256Hex(record) };
    }),
  };
}

/** One digest over every window and every decision of a batch: what the ledger holds. */
export function digestOfBatch(
  windows: readonly {
    monitorId: string;
    state: string;
    sha256: string | null;
    decisions: readonly { series: string; sha256: string }[];
  }[],
): string {
  const byMonitor = [...windows].sort((a, b) => (a.monitorId < b.monitorId ? -1 : 1));
  return sha256Hex(
    canonicalJson(
      byMonitor.map(({ monitorId, state, sha256, decisions }) => ({
        monitorId,
        state,
        sha256,
        decisions: decisions.map((one) => ({ series: one.series, sha256: one.sha256 })),
      })),
    ),
  );
}

// Rows of one statement stay far below the 65,535 parameters it may have.
const ROWS_PER_STATEMENT = 1_000;

async function insertWindows(
  tx: Transaction,
  { batchId, version, at }: { batchId: string; version: number; at: Date },
  { startMs, endMs }: DueBatch,
  windows: readonly ComputedWindow[],
  stored: readonly StoredWindow[],
): Promise<void> {
  const startsAt = new Date(startMs);
  const windowRows = windows.map(({ windowId, member, input, verdict, cause }, k) => ({
    id: windowId,
    batchId,
    monitorId: member.monitorId,
    monitorVersion: member.row.version,
    baselineId: input?.content.baselineId ?? null,
    startsAt,
    endsAt: new Date(endMs),
    version,
    state: verdict.state,
    level: verdict.level,
    n: verdict.n,
    cause,
    content: stored[k]?.content ?? null,
    sha256: stored[k]?.sha256 ?? null,
    closedAt: at,
  }));
  for (let from = 0; from < windowRows.length; from += ROWS_PER_STATEMENT)
    await tx.insert(monitorWindow).values(windowRows.slice(from, from + ROWS_PER_STATEMENT));
  const decisionRows = windows.flatMap(({ windowId, verdict }, k) =>
    verdict.decisions.map((decision, place) => ({
      windowId,
      series: decision.series,
      monitorId: verdict.monitorId,
      startsAt,
      version,
      state: decision.state,
      level: decision.level,
      n: decision.n,
      value: decision.value,
      effect: decision.effect,
      noiseFloor: decision.noiseFloor,
      low: decision.interval?.[0] ?? null,
      high: decision.interval?.[1] ?? null,
      pAdjusted: decision.pAdjusted,
      warn: decision.thresholds.warn,
      fail: decision.thresholds.fail,
      record: stored[k]?.decisions[place]?.record as Buffer,
      sha256: stored[k]?.decisions[place]?.sha256 as string,
    })),
  );
  for (let from = 0; from < decisionRows.length; from += ROWS_PER_STATEMENT)
    await tx.insert(monitorDecision).values(decisionRows.slice(from, from + ROWS_PER_STATEMENT));
}
