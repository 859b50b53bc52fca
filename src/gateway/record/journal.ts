import {
  closeSync,
  fdatasync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '#src/kernel/hash.ts';
import type { Decision } from '../decision.ts';
import { HEAD_BYTES } from './journal-pages.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;
const SYNC_MS = 1_000;
const BATCH_MAX = 1_000;

export type JournalOptions = {
  /** Of one node: no other process writes here. */
  folder: string;
  /** Of all that is not yet written elsewhere; past it the gateway refuses calls. */
  mostBytes: number;
  segmentBytes?: number;
  onError: (error: unknown) => void;
};

/**
 * Decisions on this machine's disk until they are written for good. A line is in the hands of the operating system when
 * `append` returns, so it outlives the process; it is on the disk itself a second later at most, so a power cut may take
 * that second. Lines carry a checksum: one that was cut by a crash is not taken for a decision.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #segments: { file: string; bytes: number; decisions: number; written: number }[] = [];
  #handle: number | null = null;
  #next = 1;
  #bytes = 0;
  #syncing: NodeJS.Timeout | null = null;
  #inSync: number | null = null;
  #closesAfterSync = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  /** False when no further call may be served, because its decision could not be kept. */
  get hasRoom(): boolean {
    return this.#bytes < this.#options.mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes the lines of decisions down, at once. Throws when the disk does not take them. */
  append(lines: readonly Buffer[], decisions: number): void {
    if (decisions === 0) return;
    let segment = this.#segments.at(-1);
    if (
      segment === undefined ||
      this.#handle === null ||
      segment.bytes >= (this.#options.segmentBytes ?? SEGMENT_BYTES)
    ) {
      this.#closeSegment();
      const file = join(this.#options.folder, `${String(this.#next++).padStart(8, '0')}.log`);
      this.#handle = openSync(file, 'a', 0o600);
      segment = { file, bytes: 0, decisions: 0, written: 0 };
      this.#segments.push(segment);
    }
    for (const bytes of lines) {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#handle, bytes, done);
      segment.bytes += bytes.length;
      this.#bytes += bytes.length;
    }
    segment.decisions += decisions;
    this.#syncing ??= setTimeout(() => this.#sync(), SYNC_MS).unref();
  }

  /** Tells that the oldest `count` decisions are written elsewhere. Whole segments of such are deleted. */
  written(count: number): void {
    let rest = count;
    for (const segment of this.#segments) {
      const here = Math.min(rest, segment.decisions - segment.written);
      segment.written += here;
      rest -= here;
      if (rest === 0) break;
    }
    for (let first = this.#segments[0]; first && first.written >= first.decisions; first = this.#segments[0]) {
      if (this.#segments.length === 1) this.#closeSegment();
      this.#segments.shift();
      this.#bytes -= first.bytes;
      this.#delete(first.file);
    }
  }

  close(): void {
    if (this.#syncing) clearTimeout(this.#syncing);
    this.#closeSegment();
  }

  #sync(): void {
    this.#syncing = null;
    const handle = this.#handle;
    if (handle === null) return;
    this.#inSync = handle;
    fdatasync(handle, (error) => {
      this.#inSync = null;
      if (error) this.#options.onError(error);
      if (this.#closesAfterSync) closeSync(handle);
      this.#closesAfterSync = false;
    });
  }

  #closeSegment(): void {
    // A number that is closed while it is written to the disk may be another file by then.
    if (this.#handle !== null && this.#handle === this.#inSync) this.#closesAfterSync = true;
    else if (this.#handle !== null) closeSync(this.#handle);
    this.#handle = null;
  }

  #delete(file: string): void {
    try {
      unlinkSync(file);
    } catch (error) {
      this.#options.onError(error);
    }
  }
}

/** The decisions of a segment, and how many lines were damaged. */
export function readSegment(file: string): { decisions: Decision[]; damaged: number } {
  const decisions: Decision[] = [];
  let damaged = 0;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const json = line.slice(HEAD_BYTES);
    try {
      if (Number.parseInt(line.slice(0, 8), 16) !== crc32(Buffer.from(json))) damaged++;
      else decisions.push(JSON.parse(json) as Decision);
    } catch {
      damaged++;
    }
  }
  return { decisions, damaged };
}

/**
 * Writes what is left in the folder of a node that is gone. Each file is deleted once `write` has resolved, so a crash on
 * the way writes it again.
 */
export async function replayLeftovers(
  folder: string,
  write: (decisions: readonly Decision[]) => Promise<void>,
): Promise<{ decisions: number; damaged: number }> {
  const total = { decisions: 0, damaged: 0 };
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.log')) continue;
    const { decisions, damaged } = readSegment(join(folder, file));
    for (let from = 0; from < decisions.length; from += BATCH_MAX) await write(decisions.slice(from, from + BATCH_MAX));
    total.decisions += decisions.length;
    total.damaged += damaged;
    // What was damaged is kept for a person to look at.
    if (damaged > 0) renameSync(join(folder, file), join(folder, `${file}.damaged`));
    else unlinkSync(join(folder, file));
  }
  return total;
}
