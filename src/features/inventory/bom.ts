import { inArray } from 'drizzle-orm';
import { billOfMaterials } from '#src/connectors/source-tree/cyclonedx.ts';
import { readProfile } from '#src/features/organization/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { selectItems } from './list-items.ts';
import { inventoryEdge, inventoryItem } from './tables.ts';

const PRODUCT_KEY = 'assay:inventory';

/**
 * The inventory as a CycloneDX 1.6 ML-BOM: what people confirmed and, unless `confirmedOnly`, what waits for them. The
 * property `assay:state` tells them apart.
 */
export async function inventoryBom(
  executor: Executor,
  options: { confirmedOnly: boolean; version: string; at: string },
): Promise<{ [member: string]: unknown }> {
  const states = options.confirmedOnly ? (['confirmed'] as const) : (['confirmed', 'proposed'] as const);
  const rows = await selectItems(executor).where(inArray(inventoryItem.state, [...states]));
  const keys = new Map(rows.map(({ item }) => [item.id, `${item.kind}|${item.id}`]));
  const uses = new Map<string, string[]>();
  for (const edge of await executor.select().from(inventoryEdge)) {
    const target = keys.get(edge.toId);
    if (target !== undefined) uses.set(edge.fromId, [...(uses.get(edge.fromId) ?? []), target]);
  }
  const items = rows.map(({ item, source, systemName }) => ({
    key: keys.get(item.id) ?? item.id,
    kind: item.kind,
    title: item.title,
    details: {
      ...item.details,
      ...(item.provider !== null && { provider: item.provider }),
      ...(source && { source: source.title }),
      state: item.state,
    },
    places: item.places,
    confidence: item.confidence,
    system: systemName,
    uses: [...new Set(uses.get(item.id) ?? [])],
  }));
  const { companyName } = await readProfile(executor);
  const subject = { name: companyName || 'AI inventory', key: PRODUCT_KEY, version: null, repository: null };
  return billOfMaterials(subject, items, { version: options.version, at: options.at });
}
