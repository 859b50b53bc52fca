import { sha256Hex, startSha256 } from '#src/kernel/hash.ts';
import type { BundleFiles } from './bundle-files.ts';
import { type BundleFile, bundleOrder, isManifest } from './bundle-format.ts';
import { InvalidFormat } from './invalid-format.ts';

// What is brought into memory at once: the manifest of a million entries stays below it.
const READ_BYTES_MAX = 256 * 1024 * 1024;

/** Reads the files of a bundle, each against the digest the manifest gives it, and keeps account of which were read. */
export class BundleReader {
  readonly #files: BundleFiles;
  readonly #names: ReadonlySet<string>;
  #listed: ReadonlyMap<string, BundleFile> | null = null;
  readonly #taken = new Set<string>();
  /** The file that is looked at, for the report. */
  where = '';

  constructor(files: BundleFiles) {
    this.#files = files;
    this.#names = new Set(files.names);
  }

  get names(): readonly string[] {
    return this.#files.names;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /**
   * From here on every file is read against its digest. Throws `InvalidFormat` when the files are not exactly those
   * listed, in size and number.
   */
  expect(listed: readonly BundleFile[]): void {
    const byPath = new Map(listed.map((file) => [file.path, file]));
    for (const name of [...this.#names].sort(bundleOrder)) {
      if (isManifest(name)) continue;
      this.where = name;
      const file = byPath.get(name);
      if (!file) throw new InvalidFormat('layout', `${name} is in the bundle, and the manifest does not list it.`);
      if (this.#files.sizeOf(name) !== file.size)
        throw new InvalidFormat(
          'file-digest',
          `${name} has ${this.#files.sizeOf(name)} bytes, and the manifest says ${file.size}.`,
        );
    }
    for (const { path } of listed) {
      this.where = path;
      if (!this.#names.has(path)) throw new InvalidFormat('layout', `${path} is listed in the manifest and missing.`);
    }
    this.#listed = byPath;
  }

  /** The whole file. Throws `InvalidFormat` when it is missing or not the one the manifest lists. */
  async take(name: string): Promise<Uint8Array> {
    this.where = name;
    if (!this.#names.has(name)) throw new InvalidFormat('layout', `${name} is missing.`);
    if (this.#files.sizeOf(name) > READ_BYTES_MAX) throw new InvalidFormat('limit', `${name} is larger than 256 MiB.`);
    const bytes = await this.#files.read(name);
    if (this.#listed && !isManifest(name)) this.#compare(name, sha256Hex(bytes));
    return bytes;
  }

  /** The SHA-256 of a file that is not needed itself, read in parts. */
  async takeDigest(name: string): Promise<{ sha256: string; size: number }> {
    this.where = name;
    const running = startSha256();
    let size = 0;
    for await (const chunk of this.#files.chunks(name)) {
      running.update(chunk);
      size += chunk.length;
    }
    const sha256 = running.hex();
    if (this.#listed) this.#compare(name, sha256);
    return { sha256, size };
  }

  /** Reads what nothing else has asked for, so that every listed file was compared. Gives the number of all files. */
  async takeRest(): Promise<number> {
    for (const name of this.#names) if (!this.#taken.has(name) && !isManifest(name)) await this.takeDigest(name);
    return this.#taken.size;
  }

  #compare(name: string, sha256: string): void {
    if (this.#listed?.get(name)?.sha256 !== sha256)
      throw new InvalidFormat('file-digest', `${name} is not the file the manifest lists: its SHA-256 differs.`);
    this.#taken.add(name);
  }
}
