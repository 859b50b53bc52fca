import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { isAlive, ownIdentity, ProcessIdentity } from './process-identity.ts';

export const Purpose = z.enum(['server', 'command']);
export type Purpose = z.infer<typeof Purpose>;

/** A process that uses the data folder now. */
export const Lease = z.object({
  holder: ProcessIdentity,
  purpose: Purpose,
  since: z.iso.datetime(),
  /** Where a server answers. */
  url: z.string().optional(),
});
export type Lease = z.infer<typeof Lease>;

export type HeldLease = {
  readonly lease: Lease;
  /** Shows processes in other containers that this one is alive. */
  renew(): void;
  announce(url: string): void;
  giveUp(): void;
};

/** Registers this process as a user of the data folder. Call under the folder lock. */
export function takeLease(folder: string, purpose: Purpose, nowMs: number, url?: string): HeldLease {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${process.pid}-${randomBytes(4).toString('hex')}.json`);
  let lease: Lease = { holder: ownIdentity(), purpose, since: new Date(nowMs).toISOString(), url };
  const write = () => {
    writeFileSync(`${file}.new`, JSON.stringify(lease), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  write();
  return {
    get lease() {
      return lease;
    },
    renew: () => utimesSync(file, new Date(), new Date()),
    announce: (announced) => {
      lease = { ...lease, url: announced };
      write();
    },
    giveUp: () => rmSync(file, { force: true }),
  };
}

/** The processes that use the data folder now. Files of processes that ended are removed; call under the folder lock. */
export function liveLeases(folder: string): Lease[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const live: Lease[] = [];
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    // Being written right now by a process that announces itself.
    if (name.endsWith('.new')) continue;
    const lease = readLease(file);
    if (lease) live.push(lease);
    else rmSync(file, { force: true });
  }
  return live;
}

function readLease(file: string): Lease | null {
  const parsed = Lease.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (!parsed.success) return null;
  return isAlive(parsed.data.holder, statSync(file).mtimeMs, Date.now()) ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut short by a power failure: a lease that cannot be read belongs to nobody.
    return null;
  }
}
