import type { Parties } from '#src/features/ledger-parties/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import { openBlobs } from '#src/platform/blobs.ts';
import { openDataKeys } from '#src/platform/data-keys.ts';
import { whoUses } from '#src/platform/database/supervisor.ts';
import { openGuardedLedger } from '../open-ledger.ts';
import type { CommandContext } from './context.ts';

/** The ledger of the data folder, whether the server runs on it or not. */
export async function openCommandLedger(context: CommandContext): Promise<Ledger> {
  return (await openCommandParties(context)).ledger;
}

/** The same with the parties outside that vouch for it. */
export async function openCommandParties(context: CommandContext): Promise<{ ledger: Ledger; parties: Parties }> {
  const { database, dataDir } = await context.openDatabase();
  const { publicUrl, masterKey } = context.config;
  return openGuardedLedger({
    database,
    dataDir,
    blobs: openBlobs(dataDir, database),
    dataKeys: openDataKeys(database, dataDir, masterKey),
    clock: Date.now,
    log: context.log,
    ...(publicUrl !== undefined && { host: new URL(publicUrl).hostname }),
  });
}

/** Throws `AppError('conflict')` while a server uses the data folder: it would go on with what the command changes. */
export async function refuseWhileServed(dataDir: string): Promise<void> {
  const server = (await whoUses(dataDir)).find(({ purpose }) => purpose === 'server');
  if (server)
    throw new AppError(
      'conflict',
      `The server runs on this data folder (process ${server.holder.pid}). Stop it first, then try again. Nothing was changed.`,
    );
}
