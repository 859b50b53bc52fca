import { and, asc, eq, gte, isNotNull, lt, lte, or, sql } from 'drizzle-orm';
import { resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { unknownMonitor } from './change-monitor.ts';
import { decideBatch } from './decide.ts';
import type { Baseline, Change, Level, MonitorVersion } from './model.ts';
import { worseOf } from './model.ts';
import { type Period, presentBaseline, presentVersion, type Reading, wholeMonitors, whoOf } from './present.ts';
import { readBatch } from './recompute.ts';
import { monitorBaseline, monitorSpecification, monitorTable, monitorVersion, monitorWindow } from './tables.ts';

type Of = { systemId?: string | undefined; monitorId?: string | undefined; loosening?: boolean | undefined };

const within = (
  column: typeof monitorVersion.proposedAt | typeof monitorVersion.reviewedAt,
  { fromMs, toMs }: Period,
) => and(gte(column, new Date(fromMs)), lt(column, new Date(toMs)));

/** Who changed what within a period, newest first: monitors, baselines, specifications. */
export async function listChanges(reading: Reading, of: Of, period: Period): Promise<Change[]> {
  const found = [
    ...(await monitorChanges(reading, of, period)),
    ...(of.loosening ? [] : await baselineChanges(reading, of, period)),
    ...(of.loosening || of.monitorId !== undefined ? [] : await specificationChanges(reading, of, period)),
  ];
  const who = await resolveWho(
    reading.namesOf,
    found.map(({ by }) => by),
  );
  return found.map((one) => ({ ...one, by: who(one.by) })).sort(newestFirst);
}

// Of one instant, the review of a proposal stands before the proposal.
function newestFirst(a: Change, b: Change): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return Number(a.what === 'proposed') - Number(b.what === 'proposed') || b.version - a.version;
}

type Found = Omit<Change, 'by'> & { by: string };
type Reviewed = {
  proposedAt: Date;
  proposedBy: string;
  reason: string;
  reviewedAt: Date | null;
  reviewedBy: string | null;
  reviewComment: string | null;
  state: string;
};

// A proposal is one line, its review another: two people, two instants.
function linesOf(row: Reviewed, base: Omit<Found, 'at' | 'by' | 'what' | 'reason'>, { fromMs, toMs }: Period): Found[] {
  const lines: Found[] = [
    { ...base, at: row.proposedAt.toISOString(), by: row.proposedBy, what: 'proposed', reason: row.reason },
  ];
  if (row.reviewedAt && row.reviewedBy !== null)
    lines.push({
      ...base,
      at: row.reviewedAt.toISOString(),
      by: row.reviewedBy,
      what: row.state === 'refused' ? 'refused' : 'approved',
      reason: row.reviewComment,
    });
  return lines.filter(({ at }) => Date.parse(at) >= fromMs && Date.parse(at) < toMs);
}

async function monitorChanges({ executor }: Reading, of: Of, period: Period): Promise<Found[]> {
  const rows = await executor
    .select({ systemId: monitorTable.systemId, row: monitorVersion })
    .from(monitorVersion)
    .innerJoin(monitorTable, eq(monitorTable.id, monitorVersion.monitorId))
    .where(
      and(
        or(within(monitorVersion.proposedAt, period), within(monitorVersion.reviewedAt, period)),
        of.systemId === undefined ? undefined : eq(monitorTable.systemId, of.systemId),
        of.monitorId === undefined ? undefined : eq(monitorTable.id, of.monitorId),
        of.loosening ? sql`cardinality(${monitorVersion.loosens}) > 0` : undefined,
      ),
    );
  const all = await executor
    .select({
      monitorId: monitorVersion.monitorId,
      version: monitorVersion.version,
      definition: monitorVersion.definition,
    })
    .from(monitorVersion)
    .where(isNotNull(monitorVersion.validFrom));
  return rows.flatMap(({ systemId, row }) => {
    const before = all
      .filter(({ monitorId, version }) => monitorId === row.monitorId && version < row.version)
      .sort((a, b) => b.version - a.version)[0];
    const base = {
      kind: 'monitor' as const,
      monitorId: row.monitorId,
      systemId,
      title: row.definition.name,
      version: row.version,
      loosens: row.loosens,
      from: before?.definition.thresholds ?? null,
      to: row.definition.thresholds,
    };
    return linesOf(row, base, period);
  });
}

async function baselineChanges({ executor }: Reading, of: Of, period: Period): Promise<Found[]> {
  const rows = await executor
    .select({
      systemId: monitorTable.systemId,
      monitorId: monitorBaseline.monitorId,
      version: monitorBaseline.version,
      n: monitorBaseline.n,
      state: monitorBaseline.state,
      reason: monitorBaseline.reason,
      proposedBy: monitorBaseline.proposedBy,
      proposedAt: monitorBaseline.proposedAt,
      reviewedBy: monitorBaseline.reviewedBy,
      reviewedAt: monitorBaseline.reviewedAt,
      reviewComment: monitorBaseline.reviewComment,
    })
    .from(monitorBaseline)
    .innerJoin(monitorTable, eq(monitorTable.id, monitorBaseline.monitorId))
    .where(
      and(
        of.systemId === undefined ? undefined : eq(monitorTable.systemId, of.systemId),
        of.monitorId === undefined ? undefined : eq(monitorTable.id, of.monitorId),
      ),
    );
  return rows.flatMap((row) => {
    const { monitorId, systemId, version } = row;
    const base = {
      kind: 'baseline' as const,
      monitorId,
      systemId,
      title: `Baseline of ${row.n} events`,
      version,
      loosens: [],
      from: null,
      to: null,
    };
    return linesOf(row, base, period);
  });
}

async function specificationChanges({ executor }: Reading, of: Of, period: Period): Promise<Found[]> {
  const rows = await executor
    .select()
    .from(monitorSpecification)
    .where(of.systemId === undefined ? undefined : eq(monitorSpecification.systemId, of.systemId));
  return rows.flatMap((row) => {
    const { systemId, version } = row;
    const base = {
      kind: 'specification' as const,
      monitorId: null,
      systemId,
      title: 'Processing-integrity specification',
      version,
      loosens: [],
      from: null,
      to: null,
    };
    return linesOf(row, base, period);
  });
}

/** Which definition and which baseline were in force at an instant; null where none was. Throws `not_found`. */
export async function inForceAt(
  reading: Reading,
  monitorId: string,
  atMs: number,
): Promise<{ version: MonitorVersion | null; baseline: Baseline | null }> {
  const [monitor] = await wholeMonitors(reading.executor, { monitorId });
  if (!monitor) throw unknownMonitor(monitorId);
  const held = <Row extends { validFrom: Date | null; validTo: Date | null }>(rows: readonly Row[]) =>
    rows.find(
      ({ validFrom, validTo }) =>
        validFrom !== null && validFrom.getTime() <= atMs && (validTo === null || validTo.getTime() > atMs),
    );
  const [version, baseline] = [held(monitor.versions), held(monitor.baselines)];
  const who = await whoOf(reading, [monitor]);
  return {
    version: version ? presentVersion(version, who) : null,
    baseline: baseline ? presentBaseline(baseline, who) : null,
  };
}

const BATCHES_MAX = 1_000;

/**
 * What a monitor would have raised with other thresholds over windows that were closed: each is decided again from what was
 * stored, together with the family it was decided in. Throws `not_found`, `invalid_input`.
 */
export async function replay(
  { executor }: Pick<Reading, 'executor'>,
  monitorId: string,
  request: { thresholds: { warn: number; fail: number }; from: string; to: string },
): Promise<{
  windows: number;
  fired: number;
  wouldFire: number;
  differences: { windowId: string; startsAt: string; was: Level; wouldBe: Level }[];
}> {
  const [monitor] = await executor.select().from(monitorTable).where(eq(monitorTable.id, monitorId));
  if (!monitor) throw unknownMonitor(monitorId);
  const versions = await executor
    .select({
      id: monitorWindow.id,
      batchId: monitorWindow.batchId,
      level: monitorWindow.level,
      startsAt: monitorWindow.startsAt,
    })
    .from(monitorWindow)
    .where(
      and(
        eq(monitorWindow.monitorId, monitorId),
        isNotNull(monitorWindow.content),
        gte(monitorWindow.startsAt, new Date(request.from)),
        lte(monitorWindow.endsAt, new Date(request.to)),
      ),
    )
    .orderBy(asc(monitorWindow.startsAt), asc(monitorWindow.version));
  // The newest version of each window counts.
  const rows = [...new Map(versions.map((row) => [row.startsAt.getTime(), row])).values()];
  if (rows.length > BATCHES_MAX)
    throw new AppError('invalid_input', `The period holds more than ${BATCHES_MAX} windows. Choose a shorter one.`);
  const result = {
    windows: rows.length,
    fired: 0,
    wouldFire: 0,
    differences: [] as { windowId: string; startsAt: string; was: Level; wouldBe: Level }[],
  };
  for (const { id, batchId, level, startsAt } of rows) {
    const { inputs } = await readBatch(executor, batchId);
    const changed = inputs.map(({ input }) =>
      input.content.monitorId === monitorId
        ? {
            ...input,
            definition: {
              ...input.definition,
              thresholds: checked(request.thresholds, worseOf(input.definition.metric)),
            },
          }
        : input,
    );
    const wouldBe = decideBatch(changed).windows.find((window) => window.monitorId === monitorId)?.level ?? 'none';
    const fires = (one: Level) => one === 'warn' || one === 'fail';
    if (fires(level)) result.fired++;
    if (fires(wouldBe)) result.wouldFire++;
    if (wouldBe !== level)
      result.differences.push({ windowId: id, startsAt: startsAt.toISOString(), was: level, wouldBe });
  }
  return result;
}

function checked(
  thresholds: { warn: number; fail: number },
  worse: 'higher' | 'lower',
): { warn: number; fail: number } {
  const { warn, fail } = thresholds;
  if (worse === 'higher' ? warn > fail : warn < fail)
    throw new AppError('invalid_input', 'thresholds.warn must be reached before thresholds.fail is.');
  return thresholds;
}
