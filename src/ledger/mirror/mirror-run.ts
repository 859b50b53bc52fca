import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '#src/platform/database/connect.ts';
import { type HeadOfLog, newestHead } from '../store/store-read.ts';
import { cosignedNote } from '../witness/witness-clients.ts';
import type { Mirror } from './mirror.ts';

export type MirrorsLog = Record<'info' | 'error', (details: object, message: string) => void>;

/** What came of adding the newest head to a mirror. */
export type MirrorOutcome = { mirror: string; size: number; problem: unknown };

// A folder with a file for every second would help nobody; a head covers all before it.
const EVERY_MS = 60_000;

/** Adds the newest signed head, with the cosignatures it has, to every mirror. One that fails does not keep it from others. */
export async function mirrorNewestHead(
  database: Database,
  mirrors: readonly Mirror[],
  given?: HeadOfLog,
): Promise<MirrorOutcome[]> {
  const ready = given ?? (await newestHead(database));
  if (!ready) return [];
  const { identity, head } = ready;
  const note = await cosignedNote(database, identity.origin, head);
  const added = await Promise.allSettled(mirrors.map((mirror) => mirror.add({ ...head, note })));
  return added.map((result, i) => ({
    mirror: mirrors[i]?.name ?? '',
    size: head.size,
    problem: result.status === 'rejected' ? result.reason : null,
  }));
}

/** Keeps mirrors up to date, once a minute, until `signal` ends it. Signing never waits for it. */
export async function runMirrors(
  parts: { database: Database; mirrors: readonly Mirror[]; log: MirrorsLog; everyMs?: number },
  signal: AbortSignal,
): Promise<void> {
  const reported = new Map<string, string>();
  while (!signal.aborted) {
    try {
      for (const { mirror, size, problem } of await mirrorNewestHead(parts.database, parts.mirrors)) {
        const said = problem === null ? '' : String(problem);
        if (reported.get(mirror) === said) continue;
        // Said once, not with every round, until it changes or is over.
        reported.set(mirror, said);
        if (problem === null) parts.log.info({ mirror, size }, 'the mirror is up to date');
        else parts.log.error({ mirror, size, err: problem }, 'a checkpoint could not be mirrored');
      }
    } catch (error) {
      parts.log.error({ err: error }, 'mirrors could not be brought up to date');
    }
    await wait(parts.everyMs ?? EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
