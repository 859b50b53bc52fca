import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { KeyPurpose } from '../log/key-statement.ts';
import { readLeaf } from '../log/leaf.ts';
import type { NoteSigner } from '../log/note.ts';
import { formatKeyId, formatVerifierKey, parseVerifierKey, type VerifierKey } from '../log/verifier-key.ts';
import { bundleKeyName, keyPath, readKey, rotatedKeyPath } from './keys.ts';
import { diskError } from './store-files.ts';

/** A key of this ledger as its own entries tell of it. */
export type AnnouncedKey = {
  purpose: KeyPurpose;
  key: VerifierKey;
  vkey: string;
  /** The entry that announces it. */
  index: number;
  /** The entry that retires it; null while it signs. */
  retiredIndex: number | null;
};

type Parts = { database: Database; logId: string; origin: string; dataDir: string };

/**
 * The keys of a ledger. Which of them sign is read from the ledger itself: those announced and not retired below the
 * size of a head sign that head, all of them. A rotation by another process is therefore followed without being told.
 */
export class KeyRing {
  readonly #parts: Parts;
  readonly #keys: AnnouncedKey[] = [];
  readonly #signers = new Map<string, NoteSigner>();
  #seen = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads what the ledger says of keys since the last time. */
  async refresh(): Promise<void> {
    const { rows } = await this.#parts.database.pool.query<{ idx: number; bytes: Buffer }>({
      name: 'ledger-key-entries',
      text: `select idx, bytes from ledger_entry
        where log_id = $1 and type in ('key.announced', 'key.retired') and idx >= $2 order by idx`,
      values: [this.#parts.logId, this.#seen],
    });
    for (const { idx, bytes } of rows) {
      // Another call may have read the same rows meanwhile.
      if (idx < this.#seen) continue;
      this.#note(idx, bytes);
      this.#seen = idx + 1;
    }
  }

  #note(index: number, bytes: Uint8Array): void {
    const { type, value } = readLeaf(bytes, { profile: true });
    const { purpose, vkey } = (value.body ?? {}) as { purpose?: unknown; vkey?: unknown };
    if (typeof vkey !== 'string') return;
    if (type === 'key.retired') {
      const retired = this.#keys.find((one) => one.vkey === vkey && one.retiredIndex === null);
      if (retired) retired.retiredIndex = index;
    } else if ((purpose === 'log' || purpose === 'bundle') && !this.#keys.some((one) => one.vkey === vkey))
      this.#keys.push({ purpose, vkey, key: parseVerifierKey(vkey), index, retiredIndex: null });
  }

  /** Every key the ledger ever announced, as of the last `refresh`. */
  get all(): readonly AnnouncedKey[] {
    return this.#keys;
  }

  /** Every key this log signs or signed heads with: announced ones, and those whose files lie in the data folder. */
  get logKeys(): readonly VerifierKey[] {
    const announced = this.#keys.filter(({ purpose }) => purpose === 'log').map(({ key }) => key);
    // A database restored from before a rotation does not know the key that the newest heads are signed with.
    const onDisk = this.#keysOnDisk().filter((key) => !announced.some((known) => isSame(known, key)));
    return [...announced, ...onDisk];
  }

  /** The keys of a purpose that sign at `size`, oldest first. */
  activeAt(purpose: KeyPurpose, size: number): readonly AnnouncedKey[] {
    return this.#keys.filter(
      (one) => one.purpose === purpose && one.index < size && (one.retiredIndex === null || one.retiredIndex >= size),
    );
  }

  /** The newest key of a purpose that signs. Throws `AppError` when there is none. */
  newest(purpose: KeyPurpose): AnnouncedKey {
    const newest = this.activeAt(purpose, Number.MAX_SAFE_INTEGER).at(-1);
    if (!newest) throw new AppError('internal', `The ledger ${this.#parts.origin} announces no ${purpose} key.`);
    return newest;
  }

  /** What signs a head of `size` entries. Throws `AppError` when the file of one of these keys is missing. */
  async logSignersAt(size: number): Promise<readonly NoteSigner[]> {
    await this.refresh();
    return this.activeAt('log', size).map((announced) => this.signerOf(announced));
  }

  /** The private half of a key, from the data folder. Throws `AppError` when it is missing, damaged or another key. */
  signerOf(announced: AnnouncedKey): NoteSigner {
    const known = this.#signers.get(announced.vkey);
    if (known) return known;
    const signer = this.#readSigner(announced);
    this.#signers.set(announced.vkey, signer);
    return signer;
  }

  #readSigner({ purpose, key, vkey }: AnnouncedKey): NoteSigner {
    const { dataDir, logId, origin } = this.#parts;
    const rotated = rotatedKeyPath(dataDir, logId, purpose, formatKeyId(key.id));
    const path = existsSync(rotated) ? rotated : keyPath(dataDir, logId, purpose);
    const signer = readKey(path, purpose === 'log' ? origin : bundleKeyName(origin));
    if (formatVerifierKey(signer.key) !== vkey)
      throw new AppError(
        'unavailable',
        `The signing key ${rotated} is missing. The ledger ${origin} announces the ${purpose} key ${formatKeyId(key.id)}: restore its file from a backup of the data folder, or copy it from the machine where the key was made.`,
      );
    return signer;
  }

  /** Throws `AppError` as `signerOf`, by what lies in the data folder now and not by what was read from it before. */
  requireFile(announced: AnnouncedKey): void {
    this.#readSigner(announced);
  }

  #keysOnDisk(): VerifierKey[] {
    const { dataDir, logId, origin } = this.#parts;
    const folder = join(dataDir, 'keys');
    if (!existsSync(folder)) return [];
    const names = namesIn(folder).filter((name) => name.startsWith(`${logId}.log.`) && name.endsWith('.key'));
    return names.map((name) => readKey(join(folder, name), origin).key);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw diskError(error, `The signing keys in ${folder} cannot be read`);
  }
}

function isSame(a: VerifierKey, b: VerifierKey): boolean {
  return formatVerifierKey(a) === formatVerifierKey(b);
}
