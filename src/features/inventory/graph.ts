import { and, count, eq, inArray, ne, type SQL } from 'drizzle-orm';
import type { Executor } from '#src/platform/database/connect.ts';
import type { InventoryGraph } from './model.ts';
import { inventoryEdge, inventoryItem, inventorySystem } from './tables.ts';

// Beyond this a drawing shows nothing any more; a person filters by system instead.
const ITEMS_MAX = 1500;

/** What uses what: items that are there, their systems and the edges. Rejected items and systems are left out. */
export async function inventoryGraph(executor: Executor, systemId?: string): Promise<InventoryGraph> {
  const where: SQL | undefined = and(
    inArray(inventoryItem.state, ['proposed', 'confirmed']),
    systemId === undefined ? undefined : eq(inventoryItem.systemId, systemId),
  );
  const items = await executor
    .select()
    .from(inventoryItem)
    .where(where)
    // What a person confirmed stays when the drawing is cut.
    .orderBy(inventoryItem.state, inventoryItem.kind, inventoryItem.id)
    .limit(ITEMS_MAX);
  const [counted] = await executor.select({ total: count() }).from(inventoryItem).where(where);
  const systems = await executor
    .select()
    .from(inventorySystem)
    .where(
      and(ne(inventorySystem.state, 'rejected'), systemId === undefined ? undefined : eq(inventorySystem.id, systemId)),
    );
  const shown = new Set(items.map((item) => item.id));
  const edges = items.length === 0 ? [] : await executor.select().from(inventoryEdge);
  const total = counted?.total ?? 0;
  return {
    nodes: [
      ...systems
        .filter((system) => system.state !== 'retired')
        .map((system) => ({
          id: system.id,
          type: 'system' as const,
          kind: 'ai_system',
          title: system.name,
          state: system.state,
          systemId: null,
        })),
      ...items.map((item) => ({
        id: item.id,
        type: 'item' as const,
        kind: item.kind,
        title: item.title,
        state: item.state,
        systemId: item.systemId,
      })),
    ],
    edges: [
      ...items
        .filter(
          (item) =>
            item.systemId !== null &&
            systems.some((system) => system.id === item.systemId && system.state !== 'retired'),
        )
        .map((item) => ({
          from: item.id,
          to: item.systemId ?? '',
          relation: 'part_of' as const,
          origin: item.systemChosenBy === null ? item.origin : ('manual' as const),
        })),
      ...edges
        .filter((edge) => shown.has(edge.fromId) && shown.has(edge.toId))
        .map((edge) => ({ from: edge.fromId, to: edge.toId, relation: 'uses' as const, origin: edge.origin })),
    ],
    cut: total > items.length,
    total,
  };
}
