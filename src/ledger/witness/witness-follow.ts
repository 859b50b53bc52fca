import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#src/kernel/errors.ts';
import type { WitnessLog } from './witness-server.ts';
import type { WitnessState } from './witness-state.ts';
import { KEY_CHANGES_FOLDER, type Trusted } from './witness-trust.ts';

const EVERY_MS = 2_000;

/**
 * Lets a witness that runs listen to other keys once its operator has changed whom it trusts: the file of keys `logsFile`,
 * or a proof taken in. `read` gives the whole of it, or throws `AppError`; then all stays as it was, and that is said once.
 * `stamp` is that of what the state listens to now. Resolves when `signal` ends it.
 */
export async function followTrust(
  parts: {
    files: TrustFiles;
    stamp: string;
    state: WitnessState;
    read: () => Trusted;
    log: WitnessLog;
    everyMs?: number;
  },
  signal: AbortSignal,
): Promise<void> {
  const { state, log } = parts;
  let followed = parts.stamp;
  let complaint = '';
  while (!signal.aborted) {
    await wait(parts.everyMs ?? EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    // Taken before it is read: what changes meanwhile is read again.
    const stamp = stampOf(parts.files);
    if (signal.aborted || stamp === followed) continue;
    try {
      state.follow(parts.read());
      followed = stamp;
      complaint = '';
      log.info({ logs: state.origins }, 'whom the witness trusts has changed');
    } catch (error) {
      // What is half written, or was damaged, widens nothing and is looked at again.
      const said = error instanceof AppError ? error.message : String(error);
      if (said !== complaint) log.error({ err: error }, 'the change of whom the witness trusts is not taken in');
      complaint = said;
    }
  }
}

/** Where it stands whom a witness trusts. */
export type TrustFiles = { dataDir: string; logsFile?: string | undefined };

/** Changes whenever one of the files is replaced or written to. */
export function stampOf({ dataDir, logsFile }: TrustFiles): string {
  const paths = [join(dataDir, KEY_CHANGES_FOLDER), ...(logsFile === undefined ? [] : [logsFile])];
  return paths.map(stampOfOne).join(' ');
}

function stampOfOne(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino}/${size}/${mtimeNs}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
}
