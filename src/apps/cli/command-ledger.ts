import { type Ledger, openLedger } from '#src/ledger/store/store.ts';
import { openBlobs } from '#src/platform/blobs.ts';
import type { CommandContext } from './context.ts';

/** The ledger of the data folder, whether the server runs on it or not. */
export async function openCommandLedger(context: CommandContext): Promise<Ledger> {
  const { database, dataDir } = await context.openDatabase();
  const { publicUrl } = context.config;
  return openLedger({
    database,
    dataDir,
    blobs: openBlobs(dataDir, database),
    clock: Date.now,
    log: context.log,
    ...(publicUrl !== undefined && { host: new URL(publicUrl).hostname }),
  });
}
