import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Clock } from '#src/kernel/time.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { cosign, formatNote, formatSignatureLine, type NoteSigner, parseNote, verifyNote } from '../log/note.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import { SyncFailed, syncFolder, writeFileDurably } from '../store/store-files.ts';
import {
  type CosignedHead,
  isFork,
  type Refusal,
  readSubmission,
  refuseInconsistent,
  type SignedSubmission,
} from './witness-decision.ts';
import { originHash } from './witness-protocol.ts';
import type { Trusted } from './witness-trust.ts';

export type WitnessAnswer = { status: 200; lines: string; size: number; origin: string } | Refusal;

type LastHead = CosignedHead & { text: string; cosignedAt: number; line: string };

// A cosignature says "as of then". The same head asked for again within this time gets the same line, so that a flood of
// repeats costs no signature and no write.
const REUSE_SECONDS = 10;
// Enough to prove a fork to anybody; more of the same would only fill the disk.
const FORKS_KEPT_MAX = 16;

/**
 * What a witness remembers: for each log, in one file, the largest head it cosigned, with signatures.
 * All of `submit` happens in one synchronous step, so no two requests of a process can come between check and store;
 * `holdFolder` (witness-lock.ts) keeps other processes out.
 */
export class WitnessState {
  readonly #folder: string;
  readonly #signer: NoteSigner;
  #keys: ReadonlyMap<string, readonly VerifierKey[]> = new Map();
  #sealed: ReadonlyMap<string, number> = new Map();
  readonly #clock: Clock;
  readonly #onStored: () => void;
  // The last file of a log as it was read and checked: unchanged, its signature need not be checked again.
  readonly #checked = new Map<string, { note: string; head: LastHead }>();
  #broken: SyncFailed | undefined;

  /** `logs`: keys of the logs to accept, and `sealed`, as for `follow`. `onStored` is for tests. */
  constructor(parts: {
    dataDir: string;
    signer: NoteSigner;
    logs: readonly VerifierKey[];
    sealed?: ReadonlyMap<string, number>;
    clock: Clock;
    onStored?: () => void;
  }) {
    this.#folder = join(parts.dataDir, 'logs');
    this.#signer = parts.signer;
    this.#clock = parts.clock;
    this.#onStored = parts.onStored ?? (() => undefined);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    syncFolder(parts.dataDir);
    // What was renamed into place before a crash is shown and repeated from here on, so it must not be lost in the next.
    syncFolder(this.#folder);
    this.follow({ keys: parts.logs, sealed: parts.sealed ?? new Map() });
  }

  /**
   * Listens to these keys from the next request on, and to no other; several under one name are the keys of one log. Of a
   * sealed log nothing beyond its last size is cosigned. Throws `AppError`, and changes nothing, where the memory of a log
   * is damaged: that is said now and not with the first request.
   */
  follow(trusted: Trusted): void {
    const keys = new Map<string, VerifierKey[]>();
    for (const key of trusted.keys) keys.set(key.name, [...(keys.get(key.name) ?? []), key]);
    for (const origin of keys.keys()) this.#last(origin);
    this.#keys = keys;
    this.#sealed = trusted.sealed;
  }

  get origins(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /**
   * Answers a request of the protocol. A head is on disk before its cosignature leaves this function. Throws `SyncFailed`
   * when the disk does not confirm it: then this process must not answer any more. Throws `AppError` for damaged memory.
   */
  submit(request: Uint8Array): WitnessAnswer {
    if (this.#broken) throw this.#broken;
    try {
      return this.#submit(request);
    } catch (error) {
      if (error instanceof SyncFailed) this.#broken = error;
      throw error;
    }
  }

  #submit(request: Uint8Array): WitnessAnswer {
    const submission = readSubmission(request, (origin) => this.#keys.get(origin) ?? []);
    if ('status' in submission) return submission;
    const { origin, size } = submission.checkpoint;
    const sealedAt = this.#sealed.get(origin);
    if (sealedAt !== undefined && size > sealedAt)
      return { status: 403, sentence: `The log ended at ${sealedAt} entries, by an entry this witness was shown.` };
    const last = this.#last(origin);
    if (last && isFork(submission, last)) this.#keepFork(submission);
    const refusal = refuseInconsistent(submission, last);
    if (refusal) return refusal;
    const now = Math.floor(this.#clock() / 1000);
    if (last && last.text === submission.text && now < last.cosignedAt + REUSE_SECONDS)
      return { status: 200, lines: last.line, size, origin };
    // A clock that was set back must not make a later statement look like the earlier one.
    const cosignature = cosign(submission.text, this.#signer, Math.max(now, last?.cosignedAt ?? 1));
    const note = formatNote({ text: submission.text, signatures: [...submission.signatures, cosignature] });
    writeFileDurably(this.#path(originHash(origin)), utf8Bytes(note), 0o600);
    this.#onStored();
    return { status: 200, lines: formatSignatureLine(cosignature), size, origin };
  }

  /** The cosigned note of the log with that `originHash`, or null when none was cosigned. Source: tlog-witness, "Monitor Retrieval". */
  noteOf(hash: string): string | null {
    const origin = this.origins.find((known) => originHash(known) === hash);
    return origin === undefined ? null : readIfThere(this.#path(hash));
  }

  /** Seconds by which the last cosignature of a log is ahead of the clock; 0 when it is not. */
  secondsAhead(origin: string): number {
    const now = Math.floor(this.#clock() / 1000);
    return Math.max(0, (this.#last(origin)?.cosignedAt ?? 0) - now);
  }

  #path(hash: string): string {
    return join(this.#folder, `${hash}.checkpoint`);
  }

  // Read from the disk each time: what is there is the truth.
  #last(origin: string): LastHead | null {
    const path = this.#path(originHash(origin));
    const note = readIfThere(path);
    if (note === null) return null;
    const checked = this.#checked.get(origin);
    if (checked?.note === note) return checked.head;
    try {
      const head = this.#readHead(note, origin);
      this.#checked.set(origin, { note, head });
      return head;
    } catch (error) {
      if (!(error instanceof InvalidFormat)) throw error;
      throw new AppError(
        'conflict',
        `The file ${path}, in which this witness remembers the log ${origin}, is damaged: ${error.message} It answers nothing for this log until the file is as it was. If that is impossible, start a new witness with an empty folder and a new key.`,
        { cause: error },
      );
    }
  }

  #readHead(note: string, origin: string): LastHead {
    const parsed = parseNote(utf8Bytes(note));
    const { size, root, origin: found } = parseCheckpoint(parsed.text);
    if (found !== origin) throw new InvalidFormat('checkpoint', 'It is of another log.');
    const { key } = this.#signer;
    const [own] = verifyNote(parsed, [key]);
    const signature = parsed.signatures.find((one) => one.name === key.name && one.keyId === key.id);
    if (own?.cosignedAt === undefined || !signature) throw new InvalidFormat('signature', 'It has no cosignature.');
    return { size, root, text: parsed.text, cosignedAt: own.cosignedAt, line: formatSignatureLine(signature) };
  }

  // The note of the last head and this one, side by side, are what convicts a log. Losing the copy harms nobody else, so
  // a full disk does not change the answer.
  #keepFork({ checkpoint, text, signatures }: SignedSubmission): void {
    const folder = join(this.#folder, `${originHash(checkpoint.origin)}.forks`);
    const path = join(folder, `${checkpoint.size}-${sha256Hex(checkpoint.root).slice(0, 16)}.checkpoint`);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (readIfThere(path) !== null || readdirSync(folder).length >= FORKS_KEPT_MAX) return;
      writeFileDurably(path, utf8Bytes(formatNote({ text, signatures })), 0o600);
    } catch (error) {
      if (error instanceof SyncFailed || !(error instanceof Error && 'code' in error)) throw error;
    }
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
