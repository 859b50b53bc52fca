import { sha256Hex, startSha256 } from '#src/kernel/hash.ts';
import { fromHex, isHexOf } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import type { BundleFiles, HeldFile, Soon } from './bundle-files.ts';
import { type BundleFile, isManifest } from './bundle-format.ts';

// What is brought into memory at once: the manifest of a million entries stays below it.
const READ_BYTES_MAX = 256 * 1024 * 1024;

/** `place` is that of the digest among all digests; -1 while none is expected. */
type Held = { file: HeldFile; place: number; isTaken: boolean };

const DIGEST_BYTES = 32;

/** Reads the files of a bundle, each against the digest the manifest gives it, and keeps account of which were read. */
export class BundleReader {
  readonly #held: ReadonlyMap<string, Held>;
  // End to end: as texts they would weigh three times as much, and there may be hundreds of thousands.
  readonly #digests: Uint8Array;
  /** The file that is looked at, for the report. */
  where = '';

  constructor(files: BundleFiles) {
    const held = new Map<string, Held>();
    for (const [name, file] of files.files) held.set(name, { file, place: -1, isTaken: false });
    this.#held = held;
    this.#digests = new Uint8Array(held.size * DIGEST_BYTES);
  }

  get names(): Iterable<string> {
    return this.#held.keys();
  }

  has(name: string): boolean {
    return this.#held.has(name);
  }

  /**
   * From here on every file is read against its digest. Throws `InvalidFormat` when the files are not exactly those
   * listed, in size and number.
   */
  expect(listed: Iterable<BundleFile>): void {
    let place = 0;
    for (const { path, sha256, size } of listed) {
      const held = this.#held.get(path);
      // What is wrong with the list itself is said of the manifest.
      if (held?.file.sizeBytes !== size) this.where = path;
      if (!held) throw new InvalidFormat('layout', `${path} is listed in the manifest and missing.`);
      if (held.file.sizeBytes !== size)
        throw new InvalidFormat(
          'file-digest',
          `${path} has ${held.file.sizeBytes} bytes, and the manifest says ${size}.`,
        );
      const digest = fromHex(sha256);
      if (digest?.length !== DIGEST_BYTES) throw new InvalidFormat('manifest', `The SHA-256 of ${path} is none.`);
      this.#digests.set(digest, place * DIGEST_BYTES);
      held.place = place++;
    }
    for (const [name, held] of this.#held)
      if (held.place < 0 && !isManifest(name)) {
        this.where = name;
        throw new InvalidFormat('layout', `${name} is in the bundle, and the manifest does not list it.`);
      }
  }

  /** The whole file. Throws `InvalidFormat` when it is missing or not the one the manifest lists. */
  take(name: string): Soon<Uint8Array> {
    this.where = name;
    const held = this.#find(name);
    if (held.file.sizeBytes > READ_BYTES_MAX) throw new InvalidFormat('limit', `${name} is larger than 256 MiB.`);
    const bytes = held.file.read();
    return bytes instanceof Promise
      ? bytes.then((read) => this.#compared(name, held, read))
      : this.#compared(name, held, bytes);
  }

  /** The SHA-256 of a file that is not needed itself, read in parts. */
  async takeDigest(name: string): Promise<{ sha256: string; size: number }> {
    this.where = name;
    const held = this.#find(name);
    const running = startSha256();
    let size = 0;
    for await (const chunk of held.file.chunks()) {
      running.update(chunk);
      size += chunk.length;
    }
    const sha256 = running.hex();
    this.#compare(name, held, sha256);
    return { sha256, size };
  }

  /** Reads what nothing else has asked for, so that every listed file was compared. Gives the number of listed files. */
  async takeRest(): Promise<number> {
    let count = 0;
    for (const [name, { place, isTaken }] of this.#held) {
      if (place < 0) continue;
      if (!isTaken) await this.takeDigest(name);
      count++;
    }
    return count;
  }

  #find(name: string): Held {
    const held = this.#held.get(name);
    if (!held) throw new InvalidFormat('layout', `${name} is missing.`);
    return held;
  }

  #compared(name: string, held: Held, bytes: Uint8Array): Uint8Array {
    if (held.place >= 0) this.#compare(name, held, sha256Hex(bytes));
    return bytes;
  }

  #compare(name: string, held: Held, sha256: string): void {
    const at = held.place * DIGEST_BYTES;
    if (held.place >= 0 && !isHexOf(sha256, this.#digests.subarray(at, at + DIGEST_BYTES)))
      throw new InvalidFormat('file-digest', `${name} is not the file the manifest lists: its SHA-256 differs.`);
    held.isTaken = true;
  }
}
