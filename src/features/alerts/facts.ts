import { gte, ne, or } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { alert } from './tables.ts';

// Longer than the longest observation window; older alerts stay in the register and the ledger.
const KEPT_DAYS = 400;

/** Every alert that is open or was opened within the last 400 days, for the control tests. */
export async function alertFacts(executor: Executor, nowMs: number): Promise<KnownFact<'alert'>[]> {
  const since = new Date(nowMs - KEPT_DAYS * DAY_MS);
  const rows = await executor
    .select()
    .from(alert)
    .where(or(ne(alert.state, 'resolved'), gte(alert.openedAt, since)));
  return rows.map((row) => ({
    kind: 'alert',
    key: row.id,
    body: {
      source: row.source,
      severity: row.severity,
      title: row.title,
      openedAt: row.openedAt.toISOString(),
      ownerId: row.ownerId,
      muted: row.quiet,
      acknowledgeDueAt: row.acknowledgeDueAt.toISOString(),
      acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
      resolveDueAt: row.resolveDueAt.toISOString(),
      resolvedAt: row.resolvedAt?.toISOString() ?? null,
      resolution: row.resolution,
      acceptedUntil: row.acceptedUntil?.toISOString() ?? null,
      retestedAt: row.retestedAt?.toISOString() ?? null,
      retestPassed: row.retestPassed,
      incidentId: row.incidentId,
    },
  }));
}
