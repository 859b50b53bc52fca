import { sha256Hex } from '#src/kernel/hash.ts';
import { fromBase64, fromDecimal, toBase64, utf8Bytes, utf8Text } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { type NoteSignature, parseSignatureLine } from '../log/note.ts';
import { HASH_BYTES } from '../log/tree.ts';

/** What a log sends a witness. Source: C2SP tlog-witness, "add-checkpoint". */
export type AddCheckpoint = {
  /** The size of the head the witness is believed to have cosigned last; 0 for none. */
  oldSize: number;
  /** From `oldSize` to the size of the checkpoint, 32 bytes each. */
  proof: readonly Uint8Array[];
  /** The signed checkpoint, not read yet. */
  note: Uint8Array;
};

/** A request with 63 proof lines, and sixteen signatures of a post-quantum kind under the checkpoint, stays below it. */
export const REQUEST_BYTES_MAX = 128 * 1024;
/** What a witness answers is a few lines; more is not read. */
export const ANSWER_BYTES_MAX = 64 * 1024;
/** The media type of a 409, whose body is the size of the last cosigned head. */
export const SIZE_MEDIA_TYPE = 'text/x.tlog.size';

const PROOF_LINES_MAX = 63;
const COSIGNATURES_MAX = 16;

/** Throws `InvalidFormat` unless `bytes` are a request. The checkpoint in it is only cut out. */
export function parseAddCheckpoint(bytes: Uint8Array): AddCheckpoint {
  if (bytes.length > REQUEST_BYTES_MAX)
    throw new InvalidFormat('limit', `A request to a witness is at most ${REQUEST_BYTES_MAX} bytes long.`);
  const end = emptyLineOf(bytes);
  const head = end < 0 ? null : utf8Text(bytes.subarray(0, end));
  if (head === null)
    throw new InvalidFormat('consistency', 'There is no empty line between the consistency proof and the checkpoint.');
  const [first = '', ...lines] = head.split('\n');
  const oldSize = first.startsWith('old ') ? fromDecimal(first.slice(4)) : null;
  if (oldSize === null)
    throw new InvalidFormat('consistency', `The first line "${first.slice(0, 40)}" is not "old" and a tree size.`);
  if (lines.length > PROOF_LINES_MAX)
    throw new InvalidFormat('limit', `A consistency proof has at most ${PROOF_LINES_MAX} lines.`);
  return { oldSize, proof: lines.map(readHash), note: bytes.subarray(end + 2) };
}

function readHash(line: string): Uint8Array {
  const hash = fromBase64(line);
  if (hash?.length !== HASH_BYTES)
    throw new InvalidFormat('consistency', `The proof line "${line.slice(0, 60)}" is not the base64 of 32 bytes.`);
  return hash;
}

// Where the first empty line begins: the place of two newlines in a row.
function emptyLineOf(bytes: Uint8Array): number {
  for (let at = 0; at + 1 < bytes.length; at++) if (bytes[at] === 0x0a && bytes[at + 1] === 0x0a) return at;
  return -1;
}

export function formatAddCheckpoint(request: {
  oldSize: number;
  proof: readonly Uint8Array[];
  note: string;
}): Uint8Array {
  const proof = request.proof.map((hash) => `${toBase64(hash)}\n`).join('');
  return utf8Bytes(`old ${request.oldSize}\n${proof}\n${request.note}`);
}

/** The body of a 200: signature lines. Throws `InvalidFormat`. Nothing is said about the signatures yet. */
export function parseCosignatures(bytes: Uint8Array): NoteSignature[] {
  if (bytes.length > ANSWER_BYTES_MAX)
    throw new InvalidFormat('limit', `An answer of a witness is at most ${ANSWER_BYTES_MAX} bytes long.`);
  const text = utf8Text(bytes);
  if (text === null || !text.endsWith('\n'))
    throw new InvalidFormat('note', 'The answer of the witness is not lines of UTF-8 text.');
  const lines = text.slice(0, -1).split('\n');
  if (lines.length > COSIGNATURES_MAX)
    throw new InvalidFormat('limit', `An answer of a witness has at most ${COSIGNATURES_MAX} lines.`);
  return lines.map(parseSignatureLine);
}

/** The body of a 409. */
export function formatSize(size: number): string {
  return `${size}\n`;
}

/** Reads the body of a 409, or null when it is no size. */
export function parseSize(bytes: Uint8Array): number | null {
  const text = bytes.length <= 32 ? utf8Text(bytes) : null;
  return text?.endsWith('\n') ? fromDecimal(text.slice(0, -1)) : null;
}

/** How a witness names a log in its addresses and files: 64 hex digits. Source: C2SP tlog-witness, "Monitor Retrieval". */
export function originHash(origin: string): string {
  return sha256Hex(origin);
}
