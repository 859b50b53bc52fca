import { isSha256At, startSha256 } from '#src/kernel/hash.ts';
import { hexInto, isHexOf } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import type { BundleFiles, HeldFile, Soon } from './bundle-files.ts';
import { type BundleFile, isManifest } from './bundle-format.ts';

// What is brought into memory at once: the manifest of a million entries stays below it.
const READ_BYTES_MAX = 256 * 1024 * 1024;

/** `place` is that of the digest among all digests; -1 while none is expected. */
type Held = { name: string; file: HeldFile; order: number; place: number; isTaken: boolean };

const DIGEST_BYTES = 32;

/** Reads the files of a bundle, each against the digest the manifest gives it, and keeps account of which were read. */
export class BundleReader {
  readonly #held: ReadonlyMap<string, Held>;
  readonly #inOrder: readonly Held[];
  #nextAt = 0;
  // End to end: as texts they would weigh three times as much, and there may be hundreds of thousands.
  readonly #digests: Uint8Array;
  /** The file that is looked at, for the report. */
  where = '';

  constructor(files: BundleFiles) {
    const held = new Map<string, Held>();
    for (const [name, file] of files.files) held.set(name, { name, file, order: held.size, place: -1, isTaken: false });
    this.#held = held;
    this.#inOrder = [...held.values()];
    this.#digests = new Uint8Array(held.size * DIGEST_BYTES);
  }

  get names(): Iterable<string> {
    return this.#held.keys();
  }

  has(name: string): boolean {
    return this.#held.has(name);
  }

  /** Bytes of a file that is there. */
  sizeOf(name: string): number {
    return this.#find(name).file.sizeBytes;
  }

  /**
   * From here on every file is read against its digest. Throws `InvalidFormat` when the files are not exactly those
   * listed, in size and number.
   */
  expect(listed: Iterable<BundleFile>): void {
    let place = 0;
    for (const { path, sha256, size } of listed) {
      // A ZIP has the files in the order of the list.
      const next = this.#inOrder[place];
      const held = next?.name === path ? next : this.#held.get(path);
      // What is wrong with the list itself is said of the manifest.
      if (held?.file.sizeBytes !== size) this.where = path;
      if (!held) throw new InvalidFormat('layout', `${path} is listed in the manifest and missing.`);
      if (held.file.sizeBytes !== size)
        throw new InvalidFormat(
          'file-digest',
          `${path} has ${held.file.sizeBytes} bytes, and the manifest says ${size}.`,
        );
      if (sha256.length !== 2 * DIGEST_BYTES || !hexInto(sha256, this.#digests, place * DIGEST_BYTES))
        throw new InvalidFormat('manifest', `The SHA-256 of ${path} is none.`);
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
    const at = held.place * DIGEST_BYTES;
    if (held.place >= 0 && !isHexOf(sha256, this.#digests.subarray(at, at + DIGEST_BYTES))) throw otherDigest(name);
    held.isTaken = true;
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
    // Files are mostly asked for in the order of the names: comparing two costs less than looking one up.
    for (let skipped = 0; skipped < 2; skipped++) {
      const next = this.#inOrder[this.#nextAt + skipped];
      if (next?.name === name) {
        this.#nextAt += skipped + 1;
        return next;
      }
    }
    const held = this.#held.get(name);
    if (!held) throw new InvalidFormat('layout', `${name} is missing.`);
    this.#nextAt = held.order + 1;
    return held;
  }

  #compared(name: string, held: Held, bytes: Uint8Array): Uint8Array {
    if (held.place >= 0 && !isSha256At(bytes, this.#digests, held.place * DIGEST_BYTES)) throw otherDigest(name);
    if (held.place >= 0) held.isTaken = true;
    return bytes;
  }
}

function otherDigest(name: string): InvalidFormat {
  return new InvalidFormat('file-digest', `${name} is not the file the manifest lists: its SHA-256 differs.`);
}
