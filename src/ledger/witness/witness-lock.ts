import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { withFolderLock } from '#src/platform/database/folder-lock.ts';
import { liveLeases, takeLease } from '#src/platform/database/leases.ts';

const LOCK_TIMEOUT_MS = 10_000;
// Less than the age at which a process in another container counts as gone.
const RENEW_EVERY_MS = 5_000;

/**
 * Makes this process the only witness on `dataDir` until `release` is called or it ends. Two of them could each cosign a
 * different head. Throws `AppError('conflict')` when another one runs.
 */
export async function holdFolder(dataDir: string, nowMs: number): Promise<{ release(): void }> {
  const lease = await withFolderLock(join(dataDir, 'locks'), { timeoutMs: LOCK_TIMEOUT_MS }, async () => {
    const folder = join(dataDir, 'running');
    const [other] = liveLeases(folder);
    if (other)
      throw new AppError(
        'conflict',
        `Another witness (process ${other.holder.pid}, since ${other.since}) runs on ${dataDir}. Stop it first. If it was killed in another container, try again in half a minute.`,
      );
    return takeLease(folder, 'server', nowMs);
  });
  const renewal = setInterval(() => lease.renew(), RENEW_EVERY_MS).unref();
  return {
    release: () => {
      clearInterval(renewal);
      lease.giveUp();
    },
  };
}
