import { equalBytes } from '../log/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { type Note, type NoteSignature, parseNote, verifyKnownSignatures } from '../log/note.ts';
import { verifyConsistency } from '../log/proof.ts';
import { EMPTY_ROOT } from '../log/tree.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import { type AddCheckpoint, parseAddCheckpoint } from './witness-protocol.ts';

/** The head a witness cosigned last for a log. */
export type CosignedHead = { size: number; root: Uint8Array };

/** A request up to where the witness's own memory is needed: by a log that is accepted, under its own signature. */
export type SignedSubmission = {
  oldSize: number;
  proof: readonly Uint8Array[];
  checkpoint: Checkpoint;
  /** The note's text, which is what gets cosigned. */
  text: string;
  /** Those of the log, checked. Others are dropped: nobody here can vouch for them. */
  signatures: readonly NoteSignature[];
};

export type Refusal =
  | { status: 400 | 403 | 404 | 422; sentence: string }
  /** `size` is that of the head cosigned last. */
  | { status: 409; sentence: string; size: number };

/**
 * Reads a request and checks its signatures. `keysOf` gives the keys of the log with that origin, none for an unknown one.
 * The order of the checks is that of the specification, so that a client can tell from the status what to do.
 * Source: C2SP tlog-witness, "add-checkpoint".
 */
export function readSubmission(
  bytes: Uint8Array,
  keysOf: (origin: string) => readonly VerifierKey[],
): SignedSubmission | Refusal {
  let request: AddCheckpoint;
  let note: Note;
  let checkpoint: Checkpoint;
  try {
    request = parseAddCheckpoint(bytes);
    note = parseNote(request.note);
    checkpoint = parseHead(note.text);
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    return { status: 400, sentence: error.message };
  }
  const keys = keysOf(checkpoint.origin);
  if (keys.length === 0)
    return { status: 404, sentence: `This witness does not follow the log "${checkpoint.origin.slice(0, 200)}".` };
  const signatures = signaturesOf(note, keys);
  if ('status' in signatures) return signatures;
  if (request.oldSize > checkpoint.size)
    return {
      status: 400,
      sentence: `The old size ${request.oldSize} is above the size of the checkpoint, ${checkpoint.size}.`,
    };
  return { oldSize: request.oldSize, proof: request.proof, checkpoint, text: note.text, signatures: signatures.of };
}

// A wrong root for size 0 is a history that does not hold (422), not a malformed request (400): it is looked at later.
function parseHead(text: string): Checkpoint {
  const [origin = '', size, ...rest] = text.split('\n');
  if (size !== '0') return parseCheckpoint(text);
  return { ...parseCheckpoint([origin, '1', ...rest].join('\n')), size: 0 };
}

function signaturesOf(note: Note, keys: readonly VerifierKey[]): { of: NoteSignature[] } | Refusal {
  try {
    const verified = verifyKnownSignatures(note, keys);
    if (verified.length === 0)
      return { status: 403, sentence: 'The checkpoint is not signed by a key this witness knows for the log.' };
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    return { status: 403, sentence: error.message };
  }
  return { of: note.signatures.filter(({ name, keyId }) => keys.some((key) => key.name === name && key.id === keyId)) };
}

/** Whether a witness that cosigned `last` (null: nothing yet) may cosign the submission: null when it may. */
export function refuseInconsistent(submission: SignedSubmission, last: CosignedHead | null): Refusal | null {
  const { oldSize, proof, checkpoint } = submission;
  const lastSize = last?.size ?? 0;
  if (oldSize !== lastSize)
    return { status: 409, size: lastSize, sentence: `The head cosigned last has size ${lastSize}, not ${oldSize}.` };
  if (checkpoint.size === 0 && !equalBytes(checkpoint.root, EMPTY_ROOT))
    return { status: 422, sentence: 'A checkpoint of size 0 has the root of the empty tree, and this has another.' };
  if (isFork(submission, last))
    return {
      status: 422,
      sentence: `Another root was cosigned for size ${checkpoint.size}: the log has two histories.`,
    };
  const isConsistent =
    !last || last.size === 0
      ? // From the empty tree there is nothing to prove, so nothing may be sent either.
        proof.length === 0
      : verifyConsistency(last.size, checkpoint.size, last.root, checkpoint.root, proof);
  if (isConsistent) return null;
  return {
    status: 422,
    sentence: `The proof does not show that the head of size ${checkpoint.size} continues the one of size ${lastSize}.`,
  };
}

/** True when the log signed two roots for one size. Both notes together prove it to anybody. */
export function isFork({ checkpoint }: SignedSubmission, last: CosignedHead | null): boolean {
  return last !== null && last.size === checkpoint.size && !equalBytes(last.root, checkpoint.root);
}
