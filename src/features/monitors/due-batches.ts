import { asc, eq, inArray, sql } from 'drizzle-orm';
import type { Executor } from '#src/platform/database/connect.ts';
import type { WindowLength } from './model.ts';
import { type MonitorVersionRow, monitorTable, monitorVersion } from './tables.ts';
import { type ExpectedWindow, expectedWindows, type VersionSpan } from './window-calendar.ts';

/** A monitor with every version that ever governed, oldest first. */
export type GovernedMonitor = {
  monitorId: string;
  systemId: string;
  versions: (VersionSpan & { row: MonitorVersionRow })[];
};

/** Monitors with the versions that were approved; of one system, of the named monitors, or all. */
export async function governedMonitors(
  executor: Executor,
  of: { systemId?: string | undefined; monitorIds?: readonly string[] | undefined } = {},
): Promise<GovernedMonitor[]> {
  const rows = await executor
    .select({ systemId: monitorTable.systemId, row: monitorVersion })
    .from(monitorVersion)
    .innerJoin(monitorTable, eq(monitorTable.id, monitorVersion.monitorId))
    .where(
      sql`${inArray(monitorVersion.state, ['in_force', 'superseded'])}
        ${of.systemId === undefined ? sql`` : sql`and ${monitorTable.systemId} = ${of.systemId}`}
        ${of.monitorIds === undefined ? sql`` : sql`and ${monitorTable.id} = any(${sql.param([...of.monitorIds])}::text[])`}`,
    )
    .orderBy(asc(monitorVersion.monitorId), asc(monitorVersion.version));
  const monitors = new Map<string, GovernedMonitor>();
  for (const { systemId, row } of rows) {
    if (row.validFrom === null) continue;
    let monitor = monitors.get(row.monitorId);
    if (!monitor) {
      monitor = { monitorId: row.monitorId, systemId, versions: [] };
      monitors.set(row.monitorId, monitor);
    }
    monitor.versions.push({
      version: row.version,
      definition: row.definition,
      fromMs: row.validFrom.getTime(),
      toMs: row.validTo?.getTime() ?? null,
      row,
    });
  }
  return [...monitors.values()];
}

export type Member = { monitorId: string; window: ExpectedWindow; row: MonitorVersionRow };

/** All monitors of one system that close the same window: they are judged together. */
export type DueBatch = {
  systemId: string;
  length: WindowLength;
  startMs: number;
  endMs: number;
  dueMs: number;
  members: Member[];
};

/** Expected windows grouped into batches, oldest first. A batch is due when its slowest monitor is. Pure. */
export function groupBatches(monitors: readonly GovernedMonitor[], fromMs: number, toMs: number): DueBatch[] {
  const batches = new Map<string, DueBatch>();
  for (const { monitorId, systemId, versions } of monitors)
    for (const window of expectedWindows(versions, fromMs, toMs)) {
      const key = `${systemId} ${window.length} ${window.startMs}`;
      let batch = batches.get(key);
      if (!batch) {
        const { length, startMs, endMs } = window;
        batch = { systemId, length, startMs, endMs, dueMs: 0, members: [] };
        batches.set(key, batch);
      }
      batch.dueMs = Math.max(batch.dueMs, window.dueMs);
      const row = versions.find(({ version }) => version === window.version)?.row;
      if (row) batch.members.push({ monitorId, window, row });
    }
  return [...batches.values()].sort((a, b) => a.dueMs - b.dueMs || (a.systemId < b.systemId ? -1 : 1));
}
