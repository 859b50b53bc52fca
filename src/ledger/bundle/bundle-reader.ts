import { isSha256At, startSha256 } from '#src/kernel/hash.ts';
import { isHexAt } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import type { BundleFiles, Soon } from './bundle-files.ts';
import { entryOfPath, entryPath, isManifest, proofOfPath, proofPath, refuseUnknownPath } from './bundle-format.ts';
import type { ManifestFiles } from './manifest-files.ts';

// What is brought into memory at once: the manifest of a million entries stays below it.
const READ_BYTES_MAX = 256 * 1024 * 1024;

const DIGEST_BYTES = 32;

// What is known of a file.
const OTHER = 1;
const LISTED = 2;
const TAKEN = 3;

/** Reads the files of a bundle, each against the digest the manifest gives it, and keeps account of which were read. */
export class BundleReader {
  readonly #files: BundleFiles;
  // Entries and proofs, which are nearly all there is, by their index; the others by their name.
  readonly #entries = new Map<number, number>();
  readonly #proofs = new Map<number, number>();
  readonly #others = new Map<string, number>();
  // By the place of the file. Digests end to end: as texts they would weigh three times as much.
  readonly #known: Uint8Array;
  readonly #digests: Uint8Array;
  /** The file that is looked at, for the report. */
  where = '';

  constructor(files: BundleFiles) {
    this.#files = files;
    const { names } = files;
    this.#known = new Uint8Array(names.length);
    this.#digests = new Uint8Array(names.length * DIGEST_BYTES);
    for (let place = 0; place < names.length; place++) {
      const name = names[place] as string;
      const entry = entryOfPath(name);
      const proof = entry === null ? proofOfPath(name) : null;
      if (entry !== null) this.#entries.set(entry, place);
      else if (proof !== null) this.#proofs.set(proof, place);
      else {
        this.#others.set(name, place);
        this.#known[place] = OTHER;
      }
    }
  }

  /** Of the files that are neither entries nor proofs, in order. */
  get otherNames(): Iterable<string> {
    return this.#others.keys();
  }

  has(name: string): boolean {
    return this.#placeOf(name) !== undefined;
  }

  /** Bytes of a file that is there. */
  sizeOf(name: string): number {
    return this.#files.sizeBytesAt(this.#find(name));
  }

  /**
   * From here on every file is read against its digest. Throws `InvalidFormat` when the files are not exactly those
   * listed, in size and number.
   */
  expect(listed: ManifestFiles): void {
    const { names } = this.#files;
    // A ZIP has the files in the order of the list.
    for (let next = 0; listed.next(names[next]); next++) {
      const { path, size } = listed;
      const place = names[next] === path ? next : this.#placeOf(path);
      // Entries and proofs are known by their place already.
      if (place === undefined || this.#known[place] === OTHER) refuseUnknownPath(path);
      const sizeBytes = place === undefined ? -1 : this.#files.sizeBytesAt(place);
      // What is wrong with the list itself is said of the manifest.
      if (sizeBytes !== size) this.where = path;
      if (place === undefined) throw new InvalidFormat('layout', `${path} is listed in the manifest and missing.`);
      if (sizeBytes !== size)
        throw new InvalidFormat('file-digest', `${path} has ${sizeBytes} bytes, and the manifest says ${size}.`);
      if (!listed.digestInto(this.#digests, place * DIGEST_BYTES))
        throw new InvalidFormat('manifest', `The SHA-256 of ${path} is none.`);
      this.#known[place] = LISTED;
      next = place;
    }
    for (let place = 0; place < names.length; place++) {
      const name = names[place] as string;
      if (this.#known[place] !== LISTED && !isManifest(name)) {
        this.where = name;
        throw new InvalidFormat('layout', `${name} is in the bundle, and the manifest does not list it.`);
      }
    }
  }

  /** The whole file. Throws `InvalidFormat` when it is missing or not the one the manifest lists. */
  take(name: string): Soon<Uint8Array> {
    this.where = name;
    return this.#take(this.#find(name));
  }

  /** `take(entryPath(index))`, without making the name. */
  takeEntry(index: number): Soon<Uint8Array> {
    return this.#take(this.#entries.get(index) ?? this.#find(entryPath(index)));
  }

  /** `take(proofPath(index))`, without making the name. */
  takeProof(index: number): Soon<Uint8Array> {
    return this.#take(this.#proofs.get(index) ?? this.#find(proofPath(index)));
  }

  /** The SHA-256 of a file that is not needed itself, read in parts. */
  async takeDigest(name: string): Promise<{ sha256: string; size: number }> {
    this.where = name;
    return this.#takeDigest(this.#find(name));
  }

  /** Reads what nothing else has asked for, so that every listed file was compared. Gives the number of listed files. */
  async takeRest(): Promise<number> {
    let count = 0;
    for (let place = 0; place < this.#known.length; place++) {
      if (this.#known[place] === LISTED) {
        this.where = this.#files.names[place] as string;
        await this.#takeDigest(place);
      }
      if (this.#known[place] === TAKEN) count++;
    }
    return count;
  }

  #placeOf(name: string): number | undefined {
    const entry = entryOfPath(name);
    if (entry !== null) return this.#entries.get(entry);
    const proof = proofOfPath(name);
    return proof === null ? this.#others.get(name) : this.#proofs.get(proof);
  }

  #find(name: string): number {
    const place = this.#placeOf(name);
    if (place !== undefined) return place;
    this.where = name;
    throw new InvalidFormat('layout', `${name} is missing.`);
  }

  #take(place: number): Soon<Uint8Array> {
    this.where = this.#files.names[place] as string;
    if (this.#files.sizeBytesAt(place) > READ_BYTES_MAX)
      throw new InvalidFormat('limit', `${this.where} is larger than 256 MiB.`);
    const bytes = this.#files.readAt(place);
    return bytes instanceof Promise ? bytes.then((read) => this.#compared(place, read)) : this.#compared(place, bytes);
  }

  async #takeDigest(place: number): Promise<{ sha256: string; size: number }> {
    const running = startSha256();
    let size = 0;
    for await (const chunk of this.#files.chunksAt(place)) {
      running.update(chunk);
      size += chunk.length;
    }
    const sha256 = running.hex();
    const at = place * DIGEST_BYTES;
    const isListed = this.#isListed(place);
    if (isListed && !isHexAt(sha256, this.#digests, at, DIGEST_BYTES)) throw this.#otherDigest(place);
    if (isListed) this.#known[place] = TAKEN;
    return { sha256, size };
  }

  #compared(place: number, bytes: Uint8Array): Uint8Array {
    if (!this.#isListed(place)) return bytes;
    if (!isSha256At(bytes, this.#digests, place * DIGEST_BYTES)) throw this.#otherDigest(place);
    this.#known[place] = TAKEN;
    return bytes;
  }

  #isListed(place: number): boolean {
    return (this.#known[place] as number) >= LISTED;
  }

  #otherDigest(place: number): InvalidFormat {
    const name = this.#files.names[place];
    return new InvalidFormat('file-digest', `${name} is not the file the manifest lists: its SHA-256 differs.`);
  }
}
