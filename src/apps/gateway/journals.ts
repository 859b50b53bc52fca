import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision } from '#src/gateway/decision.ts';
import { replayLeftovers } from '#src/gateway/record/journal.ts';
import { isAlive, ownIdentity, ProcessIdentity } from '#src/platform/database/process-identity.ts';
import { writeDurably } from '#src/platform/durable-file.ts';

// Each process writes decisions into a folder of its own, which says whose it is. A folder whose process is gone is taken
// over by another one, which writes what is left in it to the database.

const OWNER = 'owner.json';

export function claimJournal(root: string): { folder: string; name: string; release(): void } {
  const name = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeDurably(join(folder, OWNER), JSON.stringify(ownIdentity()));
  return {
    folder,
    name,
    release: () => {
      // What could not be written stays for the next process.
      if (readdirSync(folder).every((file) => file === OWNER)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes what processes that are gone have left. Two processes never take the same folder: taking it renames it. */
export async function replayJournals(
  root: string,
  own: string,
  write: (batch: readonly Decision[]) => Promise<void>,
): Promise<{ decisions: number; damaged: number }> {
  const total = { decisions: 0, damaged: 0 };
  if (!existsSync(root)) return total;
  for (const name of readdirSync(root)) {
    if (name === own || !isLeft(join(root, name))) continue;
    const taken = join(root, `${own}.taken-${randomBytes(4).toString('hex')}`);
    try {
      renameSync(join(root, name), taken);
    } catch {
      // Another process was faster.
      continue;
    }
    writeDurably(join(taken, OWNER), JSON.stringify(ownIdentity()));
    try {
      const found = await replayLeftovers(taken, write);
      total.decisions += found.decisions;
      total.damaged += found.damaged;
    } catch (error) {
      // Not ours any more: whoever comes next tries again.
      rmSync(join(taken, OWNER), { force: true });
      throw error;
    }
    if (readdirSync(taken).every((file) => file === OWNER)) rmSync(taken, { recursive: true, force: true });
    else rmSync(join(taken, OWNER), { force: true });
  }
  return total;
}

function isLeft(folder: string): boolean {
  if (!statSync(folder).isDirectory()) return false;
  const hasLog = readdirSync(folder).some((file) => file.endsWith('.log'));
  const owner = join(folder, OWNER);
  if (!existsSync(owner)) return hasLog;
  try {
    const identity = ProcessIdentity.parse(JSON.parse(readFileSync(owner, 'utf8')));
    // A process elsewhere that shares this folder touches its file with every segment.
    return !isAlive(identity, newest(folder), Date.now());
  } catch {
    return hasLog;
  }
}

function newest(folder: string): number {
  return Math.max(0, ...readdirSync(folder).map((file) => statSync(join(folder, file)).mtimeMs));
}
