import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import { utf8Bytes, utf8Text } from '../log/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { formatSignatureLine, NOTE_BYTES_MAX, type NoteSignature, parseNote, verifyNote } from '../log/note.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import { type FetchAnswer, type FetchLike, readBounded } from './witness-fetch.ts';
import {
  ANSWER_BYTES_MAX,
  formatAddCheckpoint,
  originHash,
  parseCosignatures,
  parseSize,
  SIZE_MEDIA_TYPE,
} from './witness-protocol.ts';

/** A witness somebody else runs. */
export type Witness = {
  /** Where it takes checkpoints and shows them, without a slash at the end. */
  url: string;
  /** Its public key, of signature type 0x04. */
  key: VerifierKey;
};

/** What came of asking a witness. All but `cosigned` leave the checkpoint without its line. */
export type WitnessOutcome =
  | { kind: 'cosigned'; line: string; cosignedAt: number }
  /** It has cosigned a later head of this log already, which is as good. */
  | { kind: 'overtaken'; size: number }
  /**
   * It remembers a larger log than ours. Ours was restored from an older backup, or it is wrong; nothing may be signed
   * until that is known. `head` is the larger head under our own signature, if it can show it: then it is not the witness.
   */
  | { kind: 'ahead'; size: number; head: Checkpoint | null; sentence: string }
  /** It has cosigned, under our own signature, a head that this ledger does not continue. As serious as `ahead`. */
  | { kind: 'forked'; head: Checkpoint; sentence: string }
  /** It answered, and asking again would change nothing. */
  | { kind: 'refused'; sentence: string }
  /** It did not answer in time, or not sensibly. To be asked again later. */
  | { kind: 'unreachable'; sentence: string };

export type Submission = {
  witness: Witness;
  /** The head to be cosigned, signed by the log. */
  note: string;
  /** The keys the log signs with. */
  logKeys: readonly VerifierKey[];
  /** The size the witness is believed to know; 0 to ask. */
  oldSize: number;
  prove(oldSize: number, newSize: number): Promise<readonly Uint8Array[]>;
  /** How many entries the log has now: another process may have gone on since. */
  currentSize(): Promise<number>;
  fetch: FetchLike;
  clock: Clock;
  /** For all attempts together. */
  deadlineMs?: number;
  signal?: AbortSignal;
  /** Between 0 and 1. */
  random?: () => number;
  pause?: (ms: number) => Promise<void>;
};

const DEADLINE_MS = 10_000;
const ATTEMPTS_MAX = 3;
const PAUSE_MS = 250;
// The size in a 409 changes only when somebody else submits; more than a few in a row is a witness that is broken.
const CONFLICTS_MAX = 4;
// Beyond it the witness's clock is wrong, and its statement worth nothing.
const FUTURE_MAX_SECONDS = 3_600;

/**
 * Has a witness cosign a head. Never throws for what the witness does, however wrong; the cosignature that is returned
 * has been checked. Source: C2SP tlog-witness, "add-checkpoint".
 */
export async function submitToWitness(submission: Submission): Promise<WitnessOutcome> {
  const deadline = AbortSignal.timeout(submission.deadlineMs ?? DEADLINE_MS);
  const signal = submission.signal ? AbortSignal.any([submission.signal, deadline]) : deadline;
  const checkpoint = parseCheckpoint(parseNote(utf8Bytes(submission.note)).text);
  let { oldSize } = submission;
  // What is stored here may be of a time when the log was larger: then the witness is simply asked for its size.
  if (oldSize > checkpoint.size) oldSize = 0;
  for (let conflicts = 0; conflicts < CONFLICTS_MAX; conflicts++) {
    const proof = oldSize === 0 ? [] : await submission.prove(oldSize, checkpoint.size);
    const answer = await postPatiently(
      submission,
      formatAddCheckpoint({ oldSize, proof, note: submission.note }),
      signal,
    );
    if ('kind' in answer) return answer;
    if (answer.status === 422 || (answer.status === 409 && answer.size === null))
      return otherHistory(submission, checkpoint.origin, signal);
    if (answer.size === null) return readAnswer(submission, answer);
    if (answer.size > checkpoint.size) return behind(submission, checkpoint, answer.size, signal);
    oldSize = answer.size;
  }
  return unreachable(submission, `it named another size ${CONFLICTS_MAX} times in a row`);
}

/** The newest head of the log with that origin a witness shows under the log's own signature, or null. Never throws. */
export async function headOfWitness(
  parts: { witness: Witness; logKeys: readonly VerifierKey[]; fetch: FetchLike },
  origin: string,
  signal: AbortSignal,
): Promise<Checkpoint | null> {
  const url = `${parts.witness.url}/${originHash(origin)}/checkpoint`;
  try {
    const answer = await parts.fetch(url, { method: 'GET', headers: {}, signal });
    const bytes = await readBounded(answer, NOTE_BYTES_MAX);
    if (answer.status !== 200 || bytes === null) return null;
    const note = parseNote(bytes);
    const checkpoint = parseCheckpoint(note.text);
    verifyNote(note, parts.logKeys);
    return checkpoint.origin === origin ? checkpoint : null;
  } catch (error) {
    // Unreachable, or showing something else: either way it has told us nothing about our log.
    if (error instanceof InvalidFormat || isCallFailure(error)) return null;
    throw error;
  }
}

type Answer = { status: number; bytes: Uint8Array; size: number | null };

async function postPatiently(
  submission: Submission,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Answer | WitnessOutcome> {
  const pause = submission.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  const random = submission.random ?? Math.random;
  for (let attempt = 1; ; attempt++) {
    const answer = await post(submission, body, signal);
    // Only what may pass by itself is tried again.
    if (!('kind' in answer) || answer.kind !== 'unreachable' || attempt >= ATTEMPTS_MAX || signal.aborted)
      return answer;
    // Spread, so that logs that failed together do not come back together.
    await pause(PAUSE_MS * 2 ** (attempt - 1) * (0.5 + random()));
    if (signal.aborted) return answer;
  }
}

async function post(submission: Submission, body: Uint8Array, signal: AbortSignal): Promise<Answer | WitnessOutcome> {
  const url = `${submission.witness.url}/add-checkpoint`;
  let answer: FetchAnswer;
  let bytes: Uint8Array | null;
  try {
    answer = await submission.fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body, signal });
    bytes = await readBounded(answer, ANSWER_BYTES_MAX);
  } catch (error) {
    if (!isCallFailure(error)) throw error;
    return unreachable(submission, signal.aborted ? 'it did not answer in time' : failureWords(error));
  }
  if (bytes === null) return refused(submission, `its answer is longer than ${ANSWER_BYTES_MAX} bytes`);
  const { status } = answer;
  if (status >= 500 || status === 429) return unreachable(submission, `it answered with ${status}`);
  if (status !== 409) return { status, bytes, size: null };
  const size = answer.headers.get('content-type')?.startsWith(SIZE_MEDIA_TYPE) ? parseSize(bytes) : null;
  // Without a size it means what 422 means: so the specification had it before 2026 for another root of the same size.
  return { status, bytes, size };
}

function readAnswer(submission: Submission, { status, bytes }: Answer): WitnessOutcome {
  if (status === 404)
    return refused(submission, 'it does not follow this log: its operator has to add the key of the log');
  if (status === 403)
    return refused(
      submission,
      'it does not know the key this log signs with: send its operator what "assay ledger key proof" prints for the new key',
    );
  if (status !== 200) return refused(submission, `it answered with ${status} (${words(bytes)})`);
  try {
    return readCosignature(submission, parseCosignatures(bytes));
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    return refused(submission, `its answer does not hold: ${error.message.replace(/\.$/, '')}`);
  }
}

function readCosignature(submission: Submission, signatures: readonly NoteSignature[]): WitnessOutcome {
  const { key } = submission.witness;
  const own = signatures.find(({ name, keyId }) => name === key.name && keyId === key.id);
  if (!own) return refused(submission, 'its answer is signed with another key than the one it is known by');
  const { text } = parseNote(utf8Bytes(submission.note));
  const [verified] = verifyNote({ text, signatures: [own] }, [key]);
  const cosignedAt = verified?.cosignedAt ?? 0;
  if (cosignedAt === 0 || cosignedAt > submission.clock() / 1000 + FUTURE_MAX_SECONDS)
    return refused(submission, `its clock is wrong: the cosignature is of ${cosignedAt} seconds after 1970`);
  return { kind: 'cosigned', line: formatSignatureLine(own), cosignedAt };
}

async function behind(
  submission: Submission,
  { origin, size: own }: Checkpoint,
  size: number,
  signal: AbortSignal,
): Promise<WitnessOutcome> {
  const current = await submission.currentSize();
  if (size <= current) return { kind: 'overtaken', size };
  const shown = await headOfWitness(submission, origin, signal);
  const head = shown && shown.size > own && shown.size > current ? shown : null;
  return {
    kind: 'ahead',
    size: head?.size ?? size,
    head,
    sentence: aheadSentence(submission.witness, size, current, head),
  };
}

async function otherHistory(submission: Submission, origin: string, signal: AbortSignal): Promise<WitnessOutcome> {
  const head = await headOfWitness(submission, origin, signal);
  if (!head)
    return refused(submission, 'it has cosigned another history of this log, which this head does not continue');
  const { name } = submission.witness.key;
  return {
    kind: 'forked',
    head,
    sentence: `The witness ${name} has cosigned another history of this ledger, of ${head.size} entries and under our own signature. It looks like an older backup was restored and written to. Nothing is signed any further; entries wait. Put the newer database back. If it is gone, this ledger has to be sealed and a new one started (docs/spec/ledger.md, "Restoring a backup").`,
  };
}

function aheadSentence({ key }: Witness, size: number, current: number, head: Checkpoint | null): string {
  const begin = `The witness ${key.name} has cosigned this ledger with ${size} entries, and the database has only ${current}.`;
  return head
    ? `${begin} It shows our own signature for that: an older backup was restored. Nothing is signed any further; entries wait. Put the newer database back. If it is gone, this ledger has to be sealed and a new one started (docs/spec/ledger.md, "Restoring a backup").`
    : `${begin} It looks like an older backup was restored, though the witness shows no signed head to prove it. Nothing is signed any further; entries wait. Put the newer database back, or, if it is certain that nothing is missing, ask the operator of the witness, and take it out of the settings until that is cleared.`;
}

function refused({ witness }: Submission, reason: string): WitnessOutcome {
  return { kind: 'refused', sentence: `The witness ${witness.key.name} does not cosign: ${reason}.` };
}

function unreachable({ witness }: Submission, reason: string): WitnessOutcome {
  return { kind: 'unreachable', sentence: `The witness ${witness.key.name} cannot be asked now: ${reason}.` };
}

function words(bytes: Uint8Array): string {
  return (utf8Text(bytes) ?? '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 120)
    .trim();
}

// The outbound door says why it let a call not pass, such as an address in a private network.
function failureWords(error: unknown): string {
  return error instanceof AppError ? error.message.replace(/\.$/, '') : 'no connection came about';
}

// What fetch throws: TypeError, an aborted or timed-out call, or the outbound door's own errors. Anything else is ours.
function isCallFailure(error: unknown): boolean {
  if (error instanceof AppError || error instanceof TypeError) return true;
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
