import { fromDecimal, hexAtInto } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';

// The one canonical form that a file has is these texts around its values, as nothing in a path or a digest is escaped.
const BEFORE_PATH = '{"path":"';
const BEFORE_SHA256 = '","sha256":"';
const BEFORE_SIZE = '","size":';
const SHA256_HEX_LENGTH = 64;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** The list of files in the text of a manifest, gone through once. It shows one file at a time, and makes nothing of it. */
export class ManifestFiles {
  readonly #text: string;
  readonly #end: number;
  readonly #problem: () => Error;
  #at: number;
  #sha256At = 0;
  /** Of the file that is shown. */
  path = '';
  size = 0;

  /** The files stand from `from` up to `to`. `problem` is what is thrown when they do not have their form. */
  constructor(text: string, { from, to }: { from: number; to: number }, problem: () => Error) {
    this.#text = text;
    this.#at = from;
    this.#end = to;
    this.#problem = problem;
  }

  /**
   * Shows the next file; false behind the last. `expected` is the path it probably has: then none has to be cut out.
   * Throws `InvalidFormat` when the next is no file, or not behind the one before by its path.
   */
  next(expected: string | undefined): boolean {
    const text = this.#text;
    const at = this.#at;
    if (at >= this.#end) return false;
    const pathAt = at + BEFORE_PATH.length;
    const isExpected =
      expected !== undefined &&
      text.charCodeAt(pathAt + expected.length) === QUOTE &&
      text.startsWith(expected, pathAt);
    const pathEnd = isExpected ? pathAt + expected.length : text.indexOf('"', pathAt);
    this.#sha256At = pathEnd + BEFORE_SHA256.length;
    const sizeAt = this.#sha256At + SHA256_HEX_LENGTH + BEFORE_SIZE.length;
    const end = text.indexOf('}', sizeAt);
    const size = fromDecimal(text.slice(sizeAt, end));
    const isFile =
      text.startsWith(BEFORE_PATH, at) &&
      text.startsWith(BEFORE_SHA256, pathEnd) &&
      text.startsWith(BEFORE_SIZE, this.#sha256At + SHA256_HEX_LENGTH) &&
      (end + 1 === this.#end || (text.charCodeAt(end + 1) === COMMA && end + 2 < this.#end));
    if (!isFile || size === null) throw this.#problem();
    const path = isExpected ? expected : text.slice(pathAt, pathEnd);
    if (this.path >= path)
      throw new InvalidFormat('manifest', `The files of the manifest are out of order at ${path}.`);
    this.path = path;
    this.size = size;
    this.#at = end + 2;
    return true;
  }

  /** Writes the SHA-256 of the file to `at` in `target`. False when it is none. */
  digestInto(target: Uint8Array, at: number): boolean {
    return hexAtInto(this.#text, this.#sha256At, SHA256_HEX_LENGTH, target, at);
  }
}
