import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import type { HeadPlace } from '../mirror/mirror-heads.ts';
import type { KnownHead } from '../store/signer.ts';
import { cosignaturesOf, lastCosignature, storeCosignature } from '../store/store-cosignatures.ts';
import { findLog, type LogIdentity } from '../store/store-log.ts';
import { type HeadOfLog, LedgerReader, newestHead, type SignedHead } from '../store/store-read.ts';
import { headOfWitness, submitToWitness, type Witness, type WitnessOutcome } from './witness-client.ts';
import type { FetchLike } from './witness-fetch.ts';

/** The part of the platform's log that is used. */
export type WitnessesLog = Record<'info' | 'warn' | 'error', (details: object, message: string) => void>;

export type Witnesses = {
  /**
   * Has every witness cosign a head, the newest signed one if none is given. Signing never waits for this. Throws only
   * when our own database fails; what witnesses do is in the outcomes, by the names of their keys.
   */
  cosign(
    signal?: AbortSignal,
    given?: HeadOfLog,
  ): Promise<{ size: number; outcomes: ReadonlyMap<string, WitnessOutcome> }>;
  /** Cosigns again and again until `signal` ends it. A witness that fails is asked less and less often. */
  run(signal: AbortSignal): Promise<void>;
  /** Each witness as a place that knows heads; for `watchHeads`. */
  readonly places: readonly HeadPlace[];
};

const EVERY_MS = 10_000;
const HEAD_DEADLINE_MS = 3_000;
const PAUSES_MAX = 30;

/** `logKeys`: all keys the log signs or signed with. `fetch` is the door to the outside, which knows who may be called. */
export function openWitnesses(parts: {
  database: Database;
  witnesses: readonly Witness[];
  logKeys: () => readonly VerifierKey[];
  fetch: FetchLike;
  clock: Clock;
  log: WitnessesLog;
  deadlineMs?: number;
  everyMs?: number;
}): Witnesses {
  const clients = parts.witnesses.map((witness) => new WitnessClient(parts, witness));
  const cosign: Witnesses['cosign'] = async (signal, given) => {
    const ready = given ?? (await newestHead(parts.database));
    if (!ready) return { size: 0, outcomes: new Map() };
    const outcomes = await Promise.all(clients.map((client) => client.cosign(ready.identity, ready.head, signal)));
    return { size: ready.head.size, outcomes: new Map(outcomes) };
  };
  return {
    cosign,
    run: (signal) => runWitnesses(parts, clients, signal),
    places: clients,
  };
}

async function runWitnesses(
  parts: { database: Database; log: WitnessesLog; everyMs?: number },
  clients: readonly WitnessClient[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const ready = await newestHead(parts.database);
      if (ready)
        await Promise.all(
          clients.filter((client) => client.isDue()).map((client) => client.cosign(ready.identity, ready.head, signal)),
        );
    } catch (error) {
      parts.log.error({ err: error }, 'witnesses could not be asked');
    }
    await wait(parts.everyMs ?? EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** What is known of one witness between two calls. */
class WitnessClient implements HeadPlace {
  readonly #parts: Parameters<typeof openWitnesses>[0];
  readonly #witness: Witness;
  // A larger head it claims without showing our signature for it.
  #claim: string | undefined;
  #shown: Checkpoint | undefined;
  #reported = '';
  #failures = 0;
  #skip = 0;

  constructor(parts: Parameters<typeof openWitnesses>[0], witness: Witness) {
    this.#parts = parts;
    this.#witness = witness;
  }

  get name(): string {
    return `the witness ${this.#witness.key.name}`;
  }

  /** Counts a round of the loop: after n failures in a row, 2^n rounds are left out, up to thirty. */
  isDue(): boolean {
    if (this.#skip === 0) return true;
    this.#skip--;
    return false;
  }

  async cosign(identity: LogIdentity, head: SignedHead, signal?: AbortSignal): Promise<[string, WitnessOutcome]> {
    const { database } = this.#parts;
    const { key } = this.#witness;
    const last = await lastCosignature(database, identity.origin, key.name);
    if (last?.size === head.size)
      return [key.name, { kind: 'cosigned', line: last.line, cosignedAt: last.cosignedAt.getTime() / 1000 }];
    const { tree } = new LedgerReader(database, identity.id);
    const outcome = await submitToWitness({
      ...this.#parts,
      witness: this.#witness,
      note: head.note,
      logKeys: this.#parts.logKeys(),
      oldSize: last?.size ?? 0,
      prove: (oldSize, newSize) => tree.consistencyProof(oldSize, newSize),
      currentSize: async () => (await newestHead(database))?.head.size ?? 0,
      signal,
    });
    if (outcome.kind === 'cosigned')
      await storeCosignature(database, identity.origin, {
        size: head.size,
        witness: key.name,
        line: outcome.line,
        cosignedAt: new Date(outcome.cosignedAt * 1000),
      });
    this.#remember(outcome);
    return [key.name, outcome];
  }

  async knownHeads(): Promise<readonly KnownHead[]> {
    const identity = await findLog(this.#parts.database.pool);
    if (!identity) return [];
    const { fetch } = this.#parts;
    const asked = { witness: this.#witness, logKeys: this.#parts.logKeys(), fetch };
    const shown = await headOfWitness(asked, identity.origin, AbortSignal.timeout(HEAD_DEADLINE_MS));
    return shown ? [{ checkpoint: shown, where: this.name }] : [];
  }

  /** What an answer brought to light. Throws `AppError('conflict')` as long as the witness claims a larger log than ours. */
  news(): readonly KnownHead[] {
    if (this.#claim !== undefined) throw new AppError('conflict', this.#claim);
    return this.#shown ? [{ checkpoint: this.#shown, where: this.name }] : [];
  }

  #remember(outcome: WitnessOutcome): void {
    const isGood = outcome.kind === 'cosigned' || outcome.kind === 'overtaken';
    this.#failures = isGood ? 0 : this.#failures + 1;
    this.#skip = isGood ? 0 : Math.min(PAUSES_MAX, 2 ** this.#failures);
    if (outcome.kind !== 'unreachable')
      this.#claim = outcome.kind === 'ahead' && !outcome.head ? outcome.sentence : undefined;
    if (outcome.kind === 'forked' || outcome.kind === 'ahead') this.#shown = outcome.head ?? undefined;
    else if (isGood) this.#shown = undefined;
    const said = 'sentence' in outcome ? outcome.sentence : '';
    // Said once, not with every round, until it changes or is over.
    if (said === this.#reported) return;
    this.#reported = said;
    const details = { witness: this.#witness.key.name };
    if (said === '') this.#parts.log.info(details, 'the witness cosigns again');
    else this.#parts.log[outcome.kind === 'unreachable' ? 'warn' : 'error'](details, said);
  }
}

/** The note of the head of `size` entries with every cosignature kept for it; for bundles and for publishing. */
export async function cosignedNote(
  database: Database,
  origin: string,
  head: { size: number; note: string },
): Promise<string> {
  const cosignatures = await cosignaturesOf(database, origin, head.size);
  return head.note + cosignatures.map(({ line }) => line).join('');
}
