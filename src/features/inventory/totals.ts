import { count, inArray } from 'drizzle-orm';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { ATTESTATION_MAX_AGE_DAYS, type ItemState } from './model.ts';
import { inventoryItem, inventorySystem } from './tables.ts';

/** How many items are in each state. */
export async function inventoryCounts(executor: Executor): Promise<Record<ItemState, number>> {
  const rows = await executor
    .select({ state: inventoryItem.state, total: count() })
    .from(inventoryItem)
    .groupBy(inventoryItem.state);
  const counts: Record<ItemState, number> = { proposed: 0, confirmed: 0, rejected: 0, gone: 0 };
  for (const row of rows) counts[row.state] = row.total;
  return counts;
}

/** How the AI systems that are there or proposed stand. */
export async function systemCounts(
  executor: Executor,
  nowMs: number,
): Promise<{
  total: number;
  proposed: number;
  inScope: number;
  out: number;
  undecided: number;
  withoutOwner: number;
  attestationDue: number;
}> {
  const rows = await executor
    .select()
    .from(inventorySystem)
    .where(inArray(inventorySystem.state, ['proposed', 'confirmed']));
  const oldestMs = nowMs - ATTESTATION_MAX_AGE_DAYS * DAY_MS;
  const inPlay = rows.filter((row) => row.scope !== 'out');
  return {
    total: rows.length,
    proposed: rows.filter((row) => row.state === 'proposed').length,
    inScope: rows.filter((row) => row.scope === 'in').length,
    out: rows.filter((row) => row.scope === 'out').length,
    undecided: rows.filter((row) => row.scope === 'undecided').length,
    withoutOwner: inPlay.filter((row) => row.ownerId === null).length,
    attestationDue: inPlay.filter((row) => (row.attestedAt?.getTime() ?? 0) <= oldestMs).length,
  };
}
