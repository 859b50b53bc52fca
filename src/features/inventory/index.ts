import type { Routes } from '#src/platform/http/route.ts';
import { itemRoutes } from './item-routes.ts';
import type { InventoryServices } from './services.ts';
import { systemRoutes } from './system-routes.ts';

export { itemFacts, systemFacts } from './facts.ts';
export { confirmReading, lastReading, type ReadingOutcome, recordReading } from './record-reading.ts';
export type { InventoryServices } from './services.ts';
export { inventoryCounts, systemCounts } from './totals.ts';

export function inventoryRoutes(services: InventoryServices): Routes[] {
  return [itemRoutes(services), systemRoutes(services)];
}
