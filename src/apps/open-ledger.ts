import { openParties, outsideOf, type Parties } from '#src/features/ledger-parties/index.ts';
import type { Clock } from '#src/kernel/time.ts';
import { publishLedger } from '#src/ledger/store/publish.ts';
import { rememberedPlaces } from '#src/ledger/store/remembered-places.ts';
import { type Ledger, type LedgerBlobs, openLedger } from '#src/ledger/store/store.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';

/**
 * Opens the ledger of a data folder with everybody who knows its heads: whoever signs, server or command, signs only what
 * continues what witnesses, mirrors, published folders and exported bundles have seen.
 */
export async function openGuardedLedger(parts: {
  database: Database;
  dataDir: string;
  blobs: LedgerBlobs;
  dataKeys?: DataKeys;
  clock: Clock;
  log: Log;
  host?: string;
}): Promise<{ ledger: Ledger; parties: Parties }> {
  const { database, dataDir } = parts;
  let opened: Ledger | undefined;
  const parties = openParties({
    ...parts,
    publishTiles: async (folder) => opened && publishLedger(opened, folder),
    places: (keys) => rememberedPlaces(dataDir, keys),
  });
  const ledger = await openLedger({
    ...parts,
    headSources: [parties.headSource],
    outside: outsideOf(database, parties),
  });
  opened = ledger;
  return { ledger, parties };
}

/** What sealing needs of the parties, where the ledger itself may be beyond opening. */
export function openSealParties(parts: { database: Database; dataDir: string; clock: Clock; log: Log }): Parties {
  return openParties({ ...parts, places: (keys) => rememberedPlaces(parts.dataDir, keys) });
}
