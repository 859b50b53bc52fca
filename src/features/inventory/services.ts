import type { NamesOf, Records } from '#src/features/records/index.ts';
import type { Blobs } from '#src/platform/blobs.ts';

/** What the inventory needs from the rest of the product. */
export type InventoryServices = {
  records: Records;
  blobs: Pick<Blobs, 'put'>;
  namesOf: NamesOf;
  /** Version of the product, for exports. */
  version: string;
};
