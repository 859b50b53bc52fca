import type { KnownFact } from '#src/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { endpointProbe } from './tables.ts';

/** The newest probe of each inference endpoint, by the item of the inventory it belongs to. */
export async function endpointProbeFacts(executor: Executor): Promise<KnownFact<'endpoint-probe'>[]> {
  const rows = await executor.select().from(endpointProbe).orderBy(endpointProbe.itemId);
  return rows.map((row) => ({
    kind: 'endpoint-probe',
    key: row.itemId,
    body: {
      host: new URL(row.url).host,
      encrypted: row.url.startsWith('https:'),
      probedAt: row.probedAt.toISOString(),
      withoutKey: row.withoutKey,
      wrongKey: row.wrongKey,
      problem: row.problem,
    },
  }));
}
