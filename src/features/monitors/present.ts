import { desc, eq, inArray, sql } from 'drizzle-orm';
import { inventorySystem } from '#src/features/inventory/tables.ts';
import { type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Baseline, MonitorVersion } from './model.ts';
import { presentProposal } from './review.ts';
import { type BaselineRow, type MonitorVersionRow, monitorBaseline, monitorTable, monitorVersion } from './tables.ts';

export type Reading = { executor: Executor; namesOf: NamesOf; nowMs: number };
export type Period = { fromMs: number; toMs: number };

const DEFAULT_DAYS = 30;
const PERIOD_MAX_DAYS = 400;

/** The asked period; by default the last 30 days. Throws `invalid_input`. */
export function readPeriod(query: { from?: string | undefined; to?: string | undefined }, nowMs: number): Period {
  const toMs = query.to === undefined ? nowMs : Date.parse(query.to);
  const fromMs = query.from === undefined ? toMs - DEFAULT_DAYS * DAY_MS : Date.parse(query.from);
  if (fromMs >= toMs) throw new AppError('invalid_input', 'from must lie before to.');
  if (toMs - fromMs > PERIOD_MAX_DAYS * DAY_MS)
    throw new AppError(
      'invalid_input',
      `A period has at most ${PERIOD_MAX_DAYS} days. Choose a later from or an earlier to.`,
    );
  return { fromMs, toMs };
}

type WhoOf = Awaited<ReturnType<typeof resolveWho>>;

export function presentVersion(row: MonitorVersionRow, who: WhoOf): MonitorVersion {
  const { version, definition, digest, loosens } = row;
  return { version, definition, digest, loosens, ...presentProposal(row, who) };
}

export function presentBaseline(row: BaselineRow, who: WhoOf): Baseline {
  return {
    id: row.id,
    monitorId: row.monitorId,
    version: row.version,
    periodFrom: row.periodFrom.toISOString(),
    periodTo: row.periodTo.toISOString(),
    n: row.n,
    sizeCheck: row.sizeCheck,
    sha256: row.sha256,
    ...presentProposal(row, who),
  };
}

/** A monitor with everything ever proposed of it, newest first. */
export type WholeMonitor = {
  id: string;
  systemId: string;
  systemName: string;
  versions: MonitorVersionRow[];
  baselines: BaselineRow[];
};

/** Monitors of one system, one monitor, or all; by system and name. */
export async function wholeMonitors(
  executor: Executor,
  of: { systemId?: string | undefined; monitorId?: string | undefined } = {},
): Promise<WholeMonitor[]> {
  const rows = await executor
    .select({ id: monitorTable.id, systemId: monitorTable.systemId, systemName: inventorySystem.name })
    .from(monitorTable)
    .leftJoin(inventorySystem, eq(inventorySystem.id, monitorTable.systemId))
    .where(
      of.monitorId !== undefined
        ? eq(monitorTable.id, of.monitorId)
        : of.systemId !== undefined
          ? eq(monitorTable.systemId, of.systemId)
          : undefined,
    );
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const versions = await executor
    .select()
    .from(monitorVersion)
    .where(inArray(monitorVersion.monitorId, ids))
    .orderBy(desc(monitorVersion.version));
  // Their content may be large and is not shown in lists.
  const baselines = await executor
    .select({ row: monitorBaseline, content: sql<null>`null` })
    .from(monitorBaseline)
    .where(inArray(monitorBaseline.monitorId, ids))
    .orderBy(desc(monitorBaseline.version));
  const monitors = rows.map(({ id, systemId, systemName }) => ({
    id,
    systemId,
    systemName: systemName ?? systemId,
    versions: versions.filter(({ monitorId }) => monitorId === id),
    baselines: baselines.flatMap(({ row }) => (row.monitorId === id ? [row] : [])),
  }));
  const name = ({ versions: [newest] }: WholeMonitor) => newest?.definition.name ?? '';
  return monitors.sort(
    (a, b) =>
      a.systemName.localeCompare(b.systemName, 'en') || name(a).localeCompare(name(b), 'en') || (a.id < b.id ? -1 : 1),
  );
}

export function peopleOf(monitors: readonly Pick<WholeMonitor, 'versions' | 'baselines'>[]): (string | null)[] {
  return monitors.flatMap(({ versions, baselines }) =>
    [...versions, ...baselines].flatMap((row) => [row.proposedBy, row.reviewedBy]),
  );
}

export function whoOf(
  reading: Pick<Reading, 'namesOf'>,
  monitors: readonly Pick<WholeMonitor, 'versions' | 'baselines'>[],
): Promise<WhoOf> {
  return resolveWho(reading.namesOf, peopleOf(monitors));
}
