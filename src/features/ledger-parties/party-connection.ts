import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import { parseVerifierKey, type VerifierKey } from '#src/ledger/log/verifier-key.ts';
import type { Mirror } from '#src/ledger/mirror/mirror.ts';
import { openFolderMirror } from '#src/ledger/mirror/mirror-folder.ts';
import { openGitMirror } from '#src/ledger/mirror/mirror-git.ts';
import type { HeadPlace } from '#src/ledger/mirror/mirror-heads.ts';
import { mirrorNewestHead } from '#src/ledger/mirror/mirror-run.ts';
import type { HeadOfLog } from '#src/ledger/store/store-read.ts';
import { stampNewestHead } from '#src/ledger/store/store-timestamps.ts';
import { openWitnesses, type WitnessesLog } from '#src/ledger/witness/witness-clients.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { openOutbound } from '#src/platform/outbound.ts';
import { requireElsewhere } from './mirror-place.ts';
import type { PartyProblem } from './model.ts';
import type { PartyOutcome } from './party-store.ts';
import type { PartyRow } from './tables.ts';

/** A party as it is spoken to. */
export type PartyConnection = {
  /** What it remembers of our heads; null for one that remembers nothing. */
  place: HeadPlace | null;
  /** Shows it a head. Never throws for what the party does. `overtaken`: it has seen a later head already. */
  show(given: HeadOfLog, signal: AbortSignal): Promise<PartyOutcome & { overtaken?: boolean }>;
  close(): Promise<void>;
};

export type ConnectionParts = {
  database: Database;
  dataDir: string;
  clock: Clock;
  log: WitnessesLog;
  logKeys: () => readonly VerifierKey[];
  /** Writes the whole log as tiles into a folder; left out, mirrors get heads only. */
  publishTiles?: ((folder: string) => Promise<unknown>) | undefined;
};

const RESPONSE_BYTES_MAX = 1024 * 1024;
const DEADLINE_MS = 10_000;

export function connectParty(parts: ConnectionParts, row: PartyRow): PartyConnection {
  const { settings } = row;
  if (settings.kind === 'mirror') return mirrorConnection(parts, settings);
  const { protocol, host } = new URL(settings.url);
  const outbound = openOutbound({
    allowedHosts: [`${protocol}//${host}`],
    allowPrivate: settings.allowPrivateAddress,
    limits: { responseBytes: RESPONSE_BYTES_MAX, totalTimeoutMs: DEADLINE_MS, redirects: 0 },
  });
  const speaking =
    settings.kind === 'witness'
      ? witnessConnection(parts, settings, outbound.fetch)
      : timestampConnection(parts, { ...settings, name: row.name }, outbound.fetch);
  return { ...speaking, close: () => outbound.close() };
}

const WITNESS_PROBLEMS = {
  unreachable: 'silent',
  refused: 'refused',
  ahead: 'contradicts',
  forked: 'contradicts',
} as const;

type Fetch = ReturnType<typeof openOutbound>['fetch'];

function witnessConnection(
  parts: ConnectionParts,
  { url, vkey }: { url: string; vkey: string },
  fetch: Fetch,
): Omit<PartyConnection, 'close'> {
  const witnesses = openWitnesses({
    ...parts,
    witnesses: [{ url, key: parseVerifierKey(vkey) }],
    fetch,
    deadlineMs: DEADLINE_MS,
  });
  return {
    place: witnesses.places[0] ?? null,
    show: async (given, signal) => {
      const { outcomes } = await witnesses.cosign(signal, given);
      const [outcome] = outcomes.values();
      if (outcome?.kind === 'cosigned') return { kind: 'seen', size: given.head.size };
      if (outcome?.kind === 'overtaken') return { kind: 'seen', size: outcome.size, overtaken: true };
      if (!outcome) return { kind: 'problem', problem: 'silent', sentence: 'There was no outcome.' };
      return { kind: 'problem', problem: WITNESS_PROBLEMS[outcome.kind], sentence: outcome.sentence };
    },
  };
}

function timestampConnection(
  parts: ConnectionParts,
  authority: { name: string; url: string; trusted: string; policy: string | null },
  fetch: Fetch,
): Omit<PartyConnection, 'close'> {
  const { name, url, trusted, policy } = authority;
  return {
    place: null,
    show: (given, signal) =>
      told(async () => {
        const asked = { name, url, trusted, ...(policy !== null && { policy }) };
        await stampNewestHead({ ...parts, authority: asked, fetch, everyMs: 0, signal, given });
        return given.head.size;
      }),
  };
}

type MirrorRow = Extract<PartyRow['settings'], { kind: 'mirror' }>;

function openMirror(parts: ConnectionParts, settings: MirrorRow): Mirror {
  const { path, place, tiles, remote, allowPrivateAddress } = settings;
  const keys = parts.logKeys;
  if (place === 'git') return openGitMirror({ path, keys, allowPrivateAddress, ...(remote !== null && { remote }) });
  return openFolderMirror({
    folder: path,
    keys,
    ...(tiles && parts.publishTiles && { publishTiles: parts.publishTiles }),
  });
}

function mirrorConnection(parts: ConnectionParts, settings: MirrorRow): PartyConnection {
  const mirror = openMirror(parts, settings);
  return {
    place: mirror,
    show: (given) =>
      told(async () => {
        // A link may lead elsewhere since it was set up.
        requireElsewhere(settings.path, parts.dataDir);
        const [outcome] = await mirrorNewestHead(parts.database, [mirror], given);
        if (outcome?.problem) throw outcome.problem;
        return given.head.size;
      }),
    close: async () => undefined,
  };
}

async function told(work: () => Promise<number>): Promise<PartyOutcome> {
  try {
    return { kind: 'seen', size: await work() };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'problem', problem: problemOf(error), sentence: error.message };
    throw error;
  }
}

// A stamp that fails a check, a place that must not be called; a mirror that holds another history.
function problemOf({ code, details }: AppError): PartyProblem {
  if (code === 'conflict') return 'contradicts';
  return code === 'unavailable' && details?.check === undefined ? 'silent' : 'refused';
}
