import { gte, ne, or } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { incident } from './tables.ts';

// Longer than the longest observation window; older ones stay in the register and the ledger.
const KEPT_DAYS = 400;

/** Every incident that is open or was opened within the last 400 days, for the control tests. */
export async function incidentFacts(executor: Executor, nowMs: number): Promise<KnownFact<'incident'>[]> {
  const since = new Date(nowMs - KEPT_DAYS * DAY_MS);
  const rows = await executor
    .select()
    .from(incident)
    .where(or(ne(incident.state, 'closed'), gte(incident.openedAt, since)));
  return rows.map((row) => ({
    kind: 'incident',
    key: row.id,
    body: {
      severity: row.severity,
      openedAt: row.openedAt.toISOString(),
      closedAt: row.closedAt?.toISOString() ?? null,
      rootCauseStated: row.rootCause !== null,
      lessonsStated: row.lessons !== null,
      retested: row.retestRef !== null,
    },
  }));
}
