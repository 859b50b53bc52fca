import { AppError } from '#src/kernel/errors.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { equalBytes } from '../log/bytes.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import type { HeadSource, KnownHead } from '../store/signer.ts';
import { findLog } from '../store/store-log.ts';
import { LedgerReader } from '../store/store-read.ts';

/** A place outside the database that remembers heads of this ledger: a witness, a mirror, a published folder. */
export type HeadPlace = {
  /** For people: `the mirror /mnt/usb/ledger`. */
  name: string;
  /**
   * Heads under the log's own signature, with where they were found. Answers within seconds; none when the place cannot
   * be reached. Throws `AppError` when it holds something that must be looked at before anything is signed.
   */
  knownHeads(): Promise<readonly KnownHead[]>;
  /** What came to light since, without asking anybody. Throws like `knownHeads`. */
  news?(): readonly KnownHead[];
};

/** How a head of the database stands to one that is known outside. */
export type HeadComparison =
  | { kind: 'continues' }
  | { kind: 'behind'; sentence: string }
  | { kind: 'forked'; sentence: string };

const ASK_EVERY_MS = 600_000;

/**
 * All places as one source for the signer, which asks several times a second. A place is asked at the start, which is
 * waited for, and then every ten minutes beside the signing. A head that was found to fit is not handed on again.
 */
export function watchHeads(parts: {
  database: Database;
  /** Called each time; a place that is the same object as before keeps what was found out about it. */
  places: readonly HeadPlace[] | (() => readonly HeadPlace[]);
  askEveryMs?: number;
  /** Milliseconds that never go back. */
  now?: () => number;
}): HeadSource {
  const now = parts.now ?? (() => performance.now());
  const askEveryMs = parts.askEveryMs ?? ASK_EVERY_MS;
  const { places } = parts;
  let known = new Map<HeadPlace, Watch>();
  return async () => {
    const atMs = now();
    const current = typeof places === 'function' ? places() : places;
    known = new Map(current.map((place) => [place, known.get(place) ?? new Watch(place)]));
    const watches = [...known.values()];
    await Promise.all(watches.map((watch) => watch.ask(atMs, askEveryMs)));
    const heads = watches.flatMap((watch) => watch.heads());
    if (heads.length === 0) return [];
    const fitting = await fittingHeads(parts.database, heads);
    for (const watch of watches) watch.forget(fitting);
    return heads.filter((head) => !fitting.has(head));
  };
}

class Watch {
  readonly #place: HeadPlace;
  #heads: readonly KnownHead[] = [];
  #failure: { error: unknown } | undefined;
  #askedAtMs: number | undefined;

  constructor(place: HeadPlace) {
    this.#place = place;
  }

  async ask(atMs: number, everyMs: number): Promise<void> {
    if (this.#askedAtMs !== undefined && atMs < this.#askedAtMs + everyMs) return;
    const isFirst = this.#askedAtMs === undefined;
    this.#askedAtMs = atMs;
    const asking = this.#place.knownHeads().then(
      (heads) => {
        this.#heads = heads;
        this.#failure = undefined;
      },
      (error: unknown) => {
        // A place that cannot be asked now must not hold up the signing; one that holds something wrong must.
        this.#failure = error instanceof AppError && error.code === 'unavailable' ? undefined : { error };
      },
    );
    if (isFirst) await asking;
  }

  heads(): readonly KnownHead[] {
    if (this.#failure) {
      // Asked again at once next time: whoever put the place right does not want to wait.
      this.#askedAtMs = undefined;
      throw this.#failure.error;
    }
    return [...this.#heads, ...(this.#place.news?.() ?? [])];
  }

  forget(heads: ReadonlySet<KnownHead>): void {
    this.#heads = this.#heads.filter((head) => !heads.has(head));
  }
}

async function fittingHeads(database: Database, heads: readonly KnownHead[]): Promise<Set<KnownHead>> {
  const identity = await findLog(database.pool);
  if (!identity) return new Set();
  const { tree } = new LedgerReader(database, identity.id);
  const size = await sizeOf(database, identity.id);
  const fitting = new Set<KnownHead>();
  for (const head of heads) {
    const comparison = await compareHead({ origin: identity.origin, size, rootAt: (at) => tree.root(at) }, head);
    if (comparison.kind === 'continues') fitting.add(head);
  }
  return fitting;
}

async function sizeOf(database: Database, logId: string): Promise<number> {
  const { rows } = await database.pool.query<{ size: number }>('select size from ledger_log where id = $1', [logId]);
  return rows[0]?.size ?? 0;
}

/** Whether a ledger goes on from a head that somebody holds; if not, why, in a sentence. */
export async function compareHead(
  own: { origin: string; size: number; rootAt(size: number): Promise<Uint8Array> },
  { checkpoint, where }: KnownHead,
): Promise<HeadComparison> {
  if (checkpoint.origin !== own.origin)
    return { kind: 'forked', sentence: `${where} holds a head of another ledger, ${checkpoint.origin}.` };
  if (checkpoint.size > own.size)
    return {
      kind: 'behind',
      sentence: `${where} holds a signed head of ${checkpoint.size} entries, and this ledger has ${own.size}: ${checkpoint.size - own.size} are missing. It looks like an older backup was restored.`,
    };
  if (!equalBytes(await own.rootAt(checkpoint.size), checkpoint.root))
    return {
      kind: 'forked',
      sentence: `${where} holds a signed head of ${checkpoint.size} entries, and the first ${checkpoint.size} entries of this ledger are others: an older backup was restored and written to.`,
    };
  return { kind: 'continues' };
}

/** The largest of some heads, or null. */
export function largestHead(heads: readonly KnownHead[]): Checkpoint | null {
  let largest: Checkpoint | null = null;
  for (const { checkpoint } of heads) if (!largest || checkpoint.size > largest.size) largest = checkpoint;
  return largest;
}
