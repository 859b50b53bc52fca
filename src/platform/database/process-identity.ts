import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod';

/** Which process this is, so that a later one with the same number is not taken for it. */
export const ProcessIdentity = z.object({
  pid: z.number().int().positive(),
  /** When the process started, in the system's own unit; only compared. */
  started: z.string(),
  /** The machine, its boot and the process namespace: outside of it `pid` means nothing. */
  space: z.string(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** A holder in another container or machine cannot be looked up: it counts as alive this long after its last sign. */
export const SIGN_OF_LIFE_MAX_AGE_MS = 20_000;

let own: ProcessIdentity | undefined;

/** The identity of the running process. */
export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, started: startOf(process.pid) ?? 'unknown', space: processSpace() };
  return own;
}

/** True when the process `identity` names still runs. `lastSignAtMs` decides where it cannot be looked up. */
export function isAlive(identity: ProcessIdentity, lastSignAtMs: number, nowMs: number): boolean {
  if (identity.space !== ownIdentity().space) return nowMs - lastSignAtMs < SIGN_OF_LIFE_MAX_AGE_MS;
  return startOf(identity.pid) === identity.started;
}

/** When the process with this number started, or undefined if none runs. A process that ended but was not collected does not run. */
export function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
}

function startFromProc(pid: number): string | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // No such process, or it went away while being read.
    return undefined;
  }
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses. Source: proc(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

function startFromPs(pid: number): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
    const [state = '', ...started] = text.trim().split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    // ps exits with 1 when no such process runs.
    return undefined;
  }
}

function processSpace(): string {
  if (process.platform !== 'linux') return hostname();
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
}
