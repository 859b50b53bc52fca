import { and, eq, inArray, sql } from 'drizzle-orm';
import type { CheckRule } from '#src/features/groundedness-checks/model.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { samplingDigest } from './judged-counts.ts';
import { monitorTable, monitorVersion } from './tables.ts';

/** The rules in force by which answers of AI systems are chosen and judged; one that two monitors share stands once. */
export async function checkRules(executor: Executor): Promise<CheckRule[]> {
  const rows = await executor
    .select({ systemId: monitorTable.systemId, definition: monitorVersion.definition })
    .from(monitorVersion)
    .innerJoin(monitorTable, eq(monitorTable.id, monitorVersion.monitorId))
    .where(
      and(
        eq(monitorVersion.state, 'in_force'),
        sql`${monitorVersion.definition} -> 'metric' ->> 'type' = 'hallucination'`,
      ),
    );
  const rules = new Map<string, CheckRule>();
  for (const { systemId, definition } of rows) {
    const { metric, paused } = definition;
    if (metric.type !== 'hallucination' || paused) continue;
    const digest = samplingDigest(metric);
    const key = `${systemId} ${digest}`;
    const labelRate = Math.max(metric.labelRate, rules.get(key)?.labelRate ?? 0);
    rules.set(key, { systemId, digest, sampling: metric.sampling, judge: metric.judge ?? null, labelRate });
  }
  return [...rules.values()];
}

/** True where a monitor that is proposed or in force has a judge behind a route of the gateway. */
export async function monitorsAskByRoute(executor: Executor): Promise<boolean> {
  const [row] = await executor
    .select({ monitorId: monitorVersion.monitorId })
    .from(monitorVersion)
    .where(
      and(
        inArray(monitorVersion.state, ['proposed', 'in_force']),
        sql`${monitorVersion.definition} -> 'metric' -> 'judge' -> 'routeId' is not null`,
      ),
    )
    .limit(1);
  return row !== undefined;
}
