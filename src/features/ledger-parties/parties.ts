import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '#src/kernel/time.ts';
import type { VerifierKey } from '#src/ledger/log/verifier-key.ts';
import { type HeadPlace, watchHeads } from '#src/ledger/mirror/mirror-heads.ts';
import { KeyRing } from '#src/ledger/store/key-ring.ts';
import type { HeadSource } from '#src/ledger/store/signer.ts';
import { findLog, type LogIdentity } from '#src/ledger/store/store-log.ts';
import { type HeadOfLog, newestHead } from '#src/ledger/store/store-read.ts';
import type { WitnessesLog } from '#src/ledger/witness/witness-clients.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { connectParty, type PartyConnection } from './party-connection.ts';
import { claimParty, listParties, noteOutcome, type PartyOutcome } from './party-store.ts';
import type { PartyRow } from './tables.ts';

export type Parties = {
  /** Shows the newest head to every party that is due. */
  round(signal?: AbortSignal): Promise<void>;
  /** Rounds until `signal` ends it. Signing never waits for them. */
  run(signal: AbortSignal): Promise<void>;
  /** Shows one party the newest head at once, due or not. */
  tryNow(row: PartyRow, signal?: AbortSignal): Promise<PartyOutcome>;
  /**
   * Shows a head to every party at once, before a bundle goes out. Returns when all have answered or time is up.
   * `overtaken`: a witness has seen a later head, so this one will never carry its cosignature.
   */
  settle(given: HeadOfLog): Promise<{ overtaken: boolean }>;
  /** What parties and further places know of our heads, for the signer. */
  headSource: HeadSource;
  close(): Promise<void>;
};

const EVERY_MS = 1_000;
const SETTLE_MS = 15_000;
// Settings change seldom, and the signer asks several times a second.
const SETTINGS_MS = 5_000;

/** The parties of the ledger in this database. `places` are further ones that know heads, such as published folders. */
export function openParties(parts: {
  database: Database;
  dataDir: string;
  clock: Clock;
  log: WitnessesLog;
  /** Writes the whole log as tiles into a folder. Left out: mirrors get heads only. */
  publishTiles?: (folder: string) => Promise<unknown>;
  places?: (keys: () => readonly VerifierKey[]) => readonly HeadPlace[];
}): Parties {
  const { database, clock, log } = parts;
  const keys = new CurrentKeys(parts);
  const connections = new Connections((row) => connectParty({ ...parts, logKeys: keys.known }, row));

  const show = async (row: PartyRow, given: HeadOfLog, signal: AbortSignal) => {
    const outcome = await connections.of(row).show(given, signal);
    await noteOutcome(database, row, outcome, { origin: given.identity.origin, now: new Date(clock()) });
    return outcome;
  };
  const round = async (signal?: AbortSignal) => {
    const rows = await listParties(database.drizzle);
    await connections.keep(rows);
    const given = rows.length === 0 ? null : await newestHead(database);
    if (!given) return;
    await keys.refresh();
    const now = new Date(clock());
    const due = rows.filter((row) => row.nextTryAt <= now && isBehind(row, given));
    // Mirrors come after witnesses, so that they keep the cosignatures too.
    for (const wave of wavesOf(due))
      await Promise.all(
        wave.map(async ({ id }) => {
          const row = await claimParty(database.drizzle, id, now);
          if (row) await show(row, given, signal ?? AbortSignal.timeout(SETTLE_MS));
        }),
      );
  };
  return {
    round,
    run: async (signal) => {
      while (!signal.aborted) {
        await round(signal).catch((error: unknown) => {
          if (!signal.aborted) log.error({ err: error }, 'the parties of the ledger could not be asked');
        });
        await wait(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
    tryNow: async (row, signal) => {
      const given = await newestHead(database);
      if (!given)
        return {
          kind: 'problem',
          problem: 'silent',
          sentence: 'The ledger has no signed head yet. Try again in a moment.',
        };
      await keys.refresh();
      return show(row, given, signal ?? AbortSignal.timeout(SETTLE_MS));
    },
    settle: async (given) => {
      const rows = await listParties(database.drizzle);
      await keys.refresh(given.identity);
      const signal = AbortSignal.timeout(SETTLE_MS);
      let overtaken = false;
      for (const wave of wavesOf(rows)) {
        const outcomes = await Promise.all(wave.map((row) => show(row, given, signal)));
        overtaken ||= outcomes.some((outcome) => outcome.overtaken === true);
      }
      return { overtaken };
    },
    headSource: headSourceOf(parts, connections, keys),
    close: () => connections.keep([]),
  };
}

function wavesOf(rows: readonly PartyRow[]): PartyRow[][] {
  return [rows.filter(({ kind }) => kind !== 'mirror'), rows.filter(({ kind }) => kind === 'mirror')];
}

function isBehind({ lastOrigin, lastSize }: PartyRow, { identity, head }: HeadOfLog): boolean {
  return lastOrigin !== identity.origin || lastSize === null || lastSize < head.size;
}

function headSourceOf(
  parts: Parameters<typeof openParties>[0],
  connections: Connections,
  keys: CurrentKeys,
): HeadSource {
  const { database } = parts;
  const further = parts.places?.(keys.known) ?? [];
  let places: readonly HeadPlace[] = [];
  let readAtMs: number | undefined;
  const watched = watchHeads({ database, places: () => places });
  return async () => {
    const nowMs = performance.now();
    if (readAtMs === undefined || nowMs - readAtMs > SETTINGS_MS) {
      const rows = await listParties(database.drizzle);
      await keys.refresh();
      places = [...further, ...rows.flatMap((row) => connections.of(row).place ?? [])];
      readAtMs = nowMs;
    }
    return watched();
  };
}

/** One connection for each party, made anew when its settings change. */
class Connections {
  readonly #connect: (row: PartyRow) => PartyConnection;
  readonly #open = new Map<string, { settings: string; connection: PartyConnection }>();

  constructor(connect: (row: PartyRow) => PartyConnection) {
    this.#connect = connect;
  }

  of(row: PartyRow): PartyConnection {
    const settings = JSON.stringify(row.settings);
    const known = this.#open.get(row.id);
    if (known?.settings === settings) return known.connection;
    const connection = this.#connect(row);
    this.#open.set(row.id, { settings, connection });
    return connection;
  }

  async keep(rows: readonly PartyRow[]): Promise<void> {
    for (const [id, { connection }] of this.#open) {
      if (rows.some((row) => row.id === id)) continue;
      this.#open.delete(id);
      await connection.close();
    }
  }
}

/** The keys of whichever log the database holds now. */
class CurrentKeys {
  readonly #parts: { database: Database; dataDir: string };
  #ring: { origin: string; ring: KeyRing } | undefined;

  constructor(parts: { database: Database; dataDir: string }) {
    this.#parts = parts;
  }

  readonly known = (): readonly VerifierKey[] => this.#ring?.ring.logKeys ?? [];

  /** `given`: a log that was just sealed is not found any more. */
  async refresh(given?: LogIdentity): Promise<void> {
    const identity = given ?? (await findLog(this.#parts.database.pool));
    if (!identity) return;
    const { id, origin } = identity;
    if (this.#ring?.origin !== origin)
      this.#ring = { origin, ring: new KeyRing({ ...this.#parts, logId: id, origin }) };
    await this.#ring.ring.refresh();
  }
}
