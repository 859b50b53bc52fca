import { inArray } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { inventoryItem, inventorySystem } from './tables.ts';

/** Every item, decided or not, for the control tests. */
export async function itemFacts(executor: Executor): Promise<KnownFact<'inventory-item'>[]> {
  const rows = await executor.select().from(inventoryItem);
  return rows.map((row) => ({
    kind: 'inventory-item',
    key: row.id,
    body: {
      itemKind: row.kind,
      title: row.title,
      state: row.state,
      systemId: row.systemId,
      proposedAt: row.proposedAt.toISOString(),
      decidedAt: row.decidedAt?.toISOString() ?? null,
      source: row.sourceKey,
      provider: row.provider,
    },
  }));
}

/** AI systems that are there or proposed: a proposal nobody looked at must not pass for an empty inventory. */
export async function systemFacts(executor: Executor): Promise<KnownFact<'ai-system'>[]> {
  const rows = await executor
    .select()
    .from(inventorySystem)
    .where(inArray(inventorySystem.state, ['proposed', 'confirmed']));
  return rows.map((row) => ({
    kind: 'ai-system',
    key: row.id,
    body: {
      name: row.name,
      purpose: row.purpose,
      ownerId: row.ownerId,
      dataClasses: row.dataClasses,
      riskTier: row.riskTier,
      environment: row.environment,
      autonomyLevel: row.autonomyLevel,
      inScope: row.scope,
      attestedAt: row.attestedAt?.toISOString() ?? null,
    },
  }));
}
