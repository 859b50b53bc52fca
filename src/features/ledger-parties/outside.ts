import { timestampsOf } from '#src/ledger/store/store-timestamps.ts';
import type { LedgerOutside } from '#src/ledger/store/vouchers.ts';
import { cosignedNote } from '#src/ledger/witness/witness-clients.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Parties } from './parties.ts';
import { largestMirrored, listParties, mirrorsOf } from './party-store.ts';

/** What the parties that are set up said about heads, for bundles and for the level that is shown. */
export function outsideOf(database: Database, parties: Pick<Parties, 'settle'>): LedgerOutside {
  return {
    settle: (given) => parties.settle(given),
    largestMirrored: (origin) => largestMirrored(database.drizzle, origin),
    vouchersOf: async ({ identity: { origin }, head }) => {
      const { drizzle } = database;
      const settings = (await listParties(drizzle)).map((row) => ({ name: row.name, ...row.settings }));
      const stamps = await timestampsOf(database, origin, head.size);
      const mirrored = await mirrorsOf(drizzle, origin, head.size);
      return {
        note: await cosignedNote(database, origin, head),
        witnesses: settings.flatMap((one) =>
          one.kind === 'witness' ? [{ name: one.name, vkey: one.vkey, url: one.url }] : [],
        ),
        // A stamp of an authority that was removed can no longer be led back to a root.
        timestamps: stamps.flatMap(({ authority, response }) => {
          const known = settings.find((one) => one.kind === 'timestamp' && one.name === authority);
          return known?.kind === 'timestamp' ? [{ authority, response, trusted: known.trusted }] : [];
        }),
        mirrors: mirrored.map(({ name, settings: kept, mirroredAt }) => ({
          name,
          place: kept.kind === 'mirror' ? kept.place : 'folder',
          mirroredAt: mirroredAt.toISOString(),
        })),
      };
    },
  };
}
