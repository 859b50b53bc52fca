import { randomBytes } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimes,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { isAlive, ownIdentity, ProcessIdentity } from './process-identity.ts';

const Holder = z.object({ holder: ProcessIdentity.nullable() });
const POLL_MS = 20;
const RENEW_EVERY_MS = 5_000;
// One attempt may meet another process exactly between two of its steps; that many in a row is a broken folder.
const RACES_MAX = 1000;

/**
 * Runs `work` while no other process runs its own under the same folder. A holder that died does not keep the lock.
 *
 * Node has no advisory file locks, and removing a dead holder's lock file is itself a race. So the lock is a series of
 * numbered files: the holder of the highest number holds the lock, a taker creates the next number (only one can), and
 * a file goes away only after a higher one exists.
 */
export async function withFolderLock<T>(
  folder: string,
  options: { timeoutMs: number; onWait?: (holderPid: number) => void },
  work: () => Promise<T>,
): Promise<T> {
  const generation = await acquire(folder, options);
  const file = generationFile(folder, generation);
  // For takers in another container, who can only go by the age of the file.
  const renewal = setInterval(() => utimes(file, new Date(), new Date(), () => undefined), RENEW_EVERY_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    mark(folder, generation, null, renameSync);
  }
}

async function acquire(
  folder: string,
  options: { timeoutMs: number; onWait?: (holderPid: number) => void },
): Promise<number> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const deadline = performance.now() + options.timeoutMs;
  let told = false;
  for (let races = 0; races < RACES_MAX; ) {
    const newest = newestGeneration(folder);
    const holder = newest === 0 ? null : liveHolder(folder, newest);
    if (holder) {
      if (!told) options.onWait?.(holder.pid);
      told = true;
      if (performance.now() > deadline)
        throw new AppError(
          'unavailable',
          `Process ${holder.pid} has been starting or stopping the database for ${Math.round(options.timeoutMs / 1000)} s. Look at it, end it, and try again.`,
        );
      await sleep(POLL_MS);
      continue;
    }
    if (take(folder, newest + 1)) return newest + 1;
    races++;
  }
  throw new AppError('unavailable', `The lock in ${folder} cannot be taken. Is the folder on a local disk?`);
}

function generationFile(folder: string, generation: number): string {
  return join(folder, String(generation));
}

function generations(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^[1-9]\d{0,14}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function newestGeneration(folder: string): number {
  return generations(folder).at(-1) ?? 0;
}

function liveHolder(folder: string, generation: number): ProcessIdentity | null {
  const file = generationFile(folder, generation);
  try {
    const { holder } = Holder.parse(JSON.parse(readFileSync(file, 'utf8')));
    return holder && isAlive(holder, statSync(file).mtimeMs, Date.now()) ? holder : null;
  } catch (error) {
    // Superseded since the listing, or emptied by a power cut: either way nobody holds this number.
    if (error instanceof SyntaxError || error instanceof z.ZodError || isMissing(error)) return null;
    throw error;
  }
}

function take(folder: string, generation: number): boolean {
  if (!mark(folder, generation, ownIdentity(), linkSync)) return false;
  const file = generationFile(folder, generation);
  // Between our listing and our file, others may have taken, given back and cleared this very number.
  if (newestGeneration(folder) !== generation || !exists(file)) {
    rmSync(file, { force: true });
    return false;
  }
  // In rising order: whoever sees a number gone can rely on the lower ones being gone too.
  for (const older of generations(folder))
    if (older < generation) rmSync(generationFile(folder, older), { force: true });
  return true;
}

/** Puts a complete file in place in one step: by `linkSync` only if the number is free, by `renameSync` in any case. */
function mark(
  folder: string,
  generation: number,
  holder: ProcessIdentity | null,
  place: (from: string, to: string) => void,
): boolean {
  const temporary = join(folder, `.${process.pid}-${randomBytes(6).toString('hex')}`);
  writeFileSync(temporary, JSON.stringify({ holder }), { mode: 0o600 });
  try {
    place(temporary, generationFile(folder, generation));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function exists(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
