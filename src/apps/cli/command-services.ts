import { openServices, type Services } from '#src/apps/services.ts';
import type { CommandContext } from './context.ts';

/** The stores of the data folder, whether the server runs on it or not. */
export async function openCommandServices(context: CommandContext): Promise<Services> {
  const { database, dataDir } = await context.openDatabase();
  const { publicUrl, masterKey } = context.config;
  return openServices({
    database,
    dataDir,
    clock: Date.now,
    log: context.log,
    ...(masterKey && { masterKey }),
    ...(publicUrl !== undefined && { host: new URL(publicUrl).hostname }),
  });
}
