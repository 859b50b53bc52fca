import { eq, gte, or } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { isLate } from './list-feedback.ts';
import { feedback } from './tables.ts';

/** As long as a month of the audit window can be. */
const DAYS = 31;

/** What users said of each AI system within the last 31 days, and how soon somebody looked at it. What waits for longer is told, too. */
export async function userFeedbackFacts(executor: Executor, nowMs: number): Promise<KnownFact<'user-feedback'>[]> {
  const since = new Date(nowMs - DAYS * DAY_MS);
  const rows = await executor
    .select()
    .from(feedback)
    .where(or(gte(feedback.receivedAt, since), eq(feedback.state, 'open')));
  const bySystem = new Map<string, typeof rows>();
  for (const row of rows) {
    const own = bySystem.get(row.systemId);
    if (own) own.push(row);
    else bySystem.set(row.systemId, [row]);
  }
  return [...bySystem].map(([systemId, own]) => ({
    kind: 'user-feedback',
    key: systemId,
    body: {
      days: DAYS,
      received: own.length,
      toTriage: own.filter(({ state }) => state !== 'noted').length,
      waiting: own.filter(({ state }) => state === 'open').length,
      late: own.filter((row) => isLate(row, nowMs)).length,
      addedToEvaluation: own.filter(({ outcome }) => outcome === 'added_to_evaluation').length,
    },
  }));
}
