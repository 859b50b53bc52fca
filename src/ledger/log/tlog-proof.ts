import { isSameSpan } from '#src/kernel/hash.ts';
import { fromBase64, fromDecimal, toBase64, utf8Bytes, utf8Text } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';
import { NOTE_BYTES_MAX } from './note.ts';
import { HASH_BYTES } from './tree.ts';

/** One entry's place in a log, checkable without the log. Source: C2SP tlog-proof v1. */
export type TlogProof = {
  index: number;
  /** Base64 of the hashes from the leaf's sibling to the root's child, joined by newlines; `hashesOf` gives the bytes. */
  path: string;
  /** The signed checkpoint, whole. */
  checkpoint: string;
  /** Not covered by any signature. */
  extra?: Uint8Array;
};

const HEADER = 'c2sp.org/tlog-proof@v1';
// A tree of 2^63 leaves has 63 levels.
const HASHES_MAX = 63;
/** Base64 of a hash, and the newline behind it. */
const LINE_LENGTH = 45;

export function formatTlogProof(proof: TlogProof): string {
  const extra = proof.extra ? `extra ${toBase64(proof.extra)}\n` : '';
  const path = proof.path === '' ? '' : `${proof.path}\n`;
  return `${HEADER}\n${extra}index ${proof.index}\n${path}\n${proof.checkpoint}`;
}

/**
 * Throws `InvalidFormat` unless `bytes` are a proof file. The hashes, the checkpoint and the extra data are as they came.
 */
export function parseTlogProof(bytes: Uint8Array): TlogProof {
  if (bytes.length > NOTE_BYTES_MAX * 2) throw new InvalidFormat('limit', 'A proof file is at most 512 KiB long.');
  const whole = utf8Text(bytes);
  if (whole === null) throw new InvalidFormat('proof-file', 'A proof file is UTF-8, and this is not.');
  const split = whole.indexOf('\n\n');
  if (split < 0) throw new InvalidFormat('proof-file', 'There is no empty line between the proof and the checkpoint.');
  const head = new Lines(whole.slice(0, split));
  if (head.take() !== HEADER) throw new InvalidFormat('proof-file', `The first line is not "${HEADER}".`);
  let extra: Uint8Array | undefined;
  let indexLine = head.take();
  if (indexLine.startsWith('extra ')) {
    const decoded = fromBase64(indexLine.slice('extra '.length));
    if (!decoded) throw new InvalidFormat('proof-file', 'The extra data is not base64.');
    extra = decoded;
    indexLine = head.take();
  }
  const index = indexLine.startsWith('index ') ? fromDecimal(indexLine.slice('index '.length)) : null;
  if (index === null)
    throw new InvalidFormat(
      'proof-file',
      `The line "${indexLine.slice(0, 60)}" is not "index" and a decimal below 2^53.`,
    );
  const path = head.rest();
  if (path.length > HASHES_MAX * LINE_LENGTH)
    throw new InvalidFormat('proof-file', `A proof has at most ${HASHES_MAX} hashes.`);
  return { index, path, checkpoint: whole.slice(split + 2), extra };
}

/**
 * Where the path stands in the bytes of a proof file, when they are the file of `index` with this very checkpoint and without
 * extra data; else null, and `parseTlogProof` decides. What stands there is not looked at.
 */
export function pathWithin(
  bytes: Uint8Array,
  index: number,
  checkpoint: Uint8Array,
): { bytes: Uint8Array; from: number; to: number } | null {
  const digitsAt = BEFORE_INDEX.length;
  const digits = decimalLength(index);
  const from = digitsAt + digits + 1;
  const noteAt = bytes.length - checkpoint.length;
  // Behind the path, if there is one, its line ends; then comes the empty line.
  const to = noteAt === from + 1 ? from : noteAt - 2;
  if (to < from || bytes[from - 1] !== NEWLINE || bytes[noteAt - 1] !== NEWLINE || bytes[to] !== NEWLINE) return null;
  if (!isSameSpan(bytes, 0, BEFORE_INDEX, 0, digitsAt) || !isSameSpan(bytes, noteAt, checkpoint, 0, checkpoint.length))
    return null;
  let rest = index;
  for (let i = digitsAt + digits - 1; i >= digitsAt; i--) {
    if (bytes[i] !== ZERO + (rest % 10)) return null;
    rest = Math.floor(rest / 10);
  }
  return { bytes, from, to };
}

const BEFORE_INDEX = utf8Bytes(`${HEADER}\nindex `);
const NEWLINE = 10;
const ZERO = 48;

function decimalLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length++;
  return length;
}

/** Takes lines off the front of a text. */
class Lines {
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  take(): string {
    const end = this.#text.indexOf('\n');
    const line = end < 0 ? this.#text : this.#text.slice(0, end);
    this.#text = end < 0 ? '' : this.#text.slice(end + 1);
    return line;
  }

  rest(): string {
    return this.#text;
  }
}

/** The path of a proof as the bytes it came in. */
export function pathOf({ path }: Pick<TlogProof, 'path'>): { bytes: Uint8Array; from: number; to: number } {
  const bytes = utf8Bytes(path);
  return { bytes, from: 0, to: bytes.length };
}

/** The hashes of a proof. Throws `InvalidFormat` when a line is not the base64 of 32 bytes. */
export function hashesOf(proof: Pick<TlogProof, 'path'>): Uint8Array[] {
  return proof.path === '' ? [] : decodeHashes(proof.path.split('\n'));
}

/** Throws `InvalidFormat` when a line is not the base64 of 32 bytes. */
export function decodeHashes(lines: readonly string[]): Uint8Array[] {
  return lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES)
      throw new InvalidFormat('proof-file', `The line "${line.slice(0, 60)}" is not the base64 of a hash.`);
    return hash;
  });
}

/** Hashes one per line, each with a newline: consistency proofs in bundles. Empty for no hashes. */
export function formatHashLines(hashes: readonly Uint8Array[]): string {
  return hashes.map((hash) => `${toBase64(hash)}\n`).join('');
}

export function parseHashLines(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length > HASHES_MAX * 2 * LINE_LENGTH)
    throw new InvalidFormat('limit', 'A consistency proof has at most 126 hashes.');
  const text = utf8Text(bytes);
  if (text === '') return [];
  if (!text?.endsWith('\n')) throw new InvalidFormat('consistency', 'A line of the consistency proof has no newline.');
  return decodeHashes(text.slice(0, -1).split('\n'));
}
