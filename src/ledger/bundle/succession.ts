import type { JsonValue } from '#src/kernel/canonical-json.ts';
import type { Leaf } from '../log/leaf-form.ts';

/** A head as an entry names it. */
export type NamedHead = { size: number /** Base64; null for a log that was never signed. */; root: string | null };

/** What entry 0 of a log says of the log it continues: docs/spec/ledger.md, section 4.3. */
export type Continues = {
  origin: string;
  reason: string;
  /** The last signed head in the database when it ended. */
  previous: NamedHead;
  /** Entries the database held up to this size, beyond that head; null where there were none. */
  unsignedTo: number | null;
  /** The largest head known outside, where it is another one. */
  known: NamedHead | null;
};

/** How the log of a bundle begins and ends, as far as its entries are in the bundle. */
export type Succession = {
  continues: Continues | null;
  /** Why it was sealed. */
  sealed: string | null;
  /** Origin of the log its last entry names as the next one. */
  next: string | null;
};

export function noteSuccession(found: Succession, { index, size }: { index: number; size: number }, leaf: Leaf): void {
  if (leaf.type === 'log.continued' && index === 0) found.continues = readContinues(leaf);
  if (leaf.type !== 'log.sealed' || index !== size - 1) return;
  const { body } = leaf.value;
  found.sealed = textIn(body, 'reason') ?? 'not said';
  found.next = isRecord(body) ? (textIn(body.next, 'vkey')?.split('+')[0] ?? null) : null;
}

function readContinues(leaf: Leaf): Continues | null {
  const { body } = leaf.value;
  if (!isRecord(body) || !isRecord(body.previous)) return null;
  const { previous, reason } = body;
  const head = headIn(previous);
  if (typeof previous.origin !== 'string' || typeof reason !== 'string' || head === null) return null;
  const known = isRecord(previous.known) && previous.known.origin === previous.origin ? headIn(previous.known) : null;
  const unsigned = isRecord(previous.unsigned) ? headIn(previous.unsigned) : null;
  return { origin: previous.origin, reason, previous: head, unsignedTo: unsigned?.size ?? null, known };
}

function headIn({ size, root }: { [member: string]: JsonValue }): NamedHead | null {
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  return { size, root: typeof root === 'string' ? root : null };
}

function textIn(value: JsonValue | undefined, member: string): string | null {
  const text = isRecord(value) ? value[member] : undefined;
  return typeof text === 'string' ? text : null;
}

function isRecord(value: JsonValue | undefined): value is { [member: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a verified bundle says of its own log, for comparing it with another one. */
export type LinkedBundle = {
  name: string;
  origin: string | null;
  size: number | null;
  root: string | null;
  from: number | null;
  to: number | null;
  continues: Continues | null;
  next: string | null;
};

export type BundleLink = {
  older: string;
  newer: string;
  /** `unknown`: the head of the older bundle is not the one the newer log names, and nothing here leads from one to the other. */
  state: 'joined' | 'contradicts' | 'unknown';
  sentence: string;
};

/** Said of several bundles of which none is linked to another. */
export const NOT_LINKED = 'None of these logs says that it continues another one here.';

/** How the logs of some verified bundles follow one another; nothing for bundles whose logs do not. */
export function linkBundles(bundles: readonly LinkedBundle[]): BundleLink[] {
  return bundles.flatMap((newer) =>
    bundles.flatMap((older) =>
      newer.continues !== null && newer.continues.origin === older.origin && older.size !== null
        ? [{ older: older.name, newer: newer.name, ...compare(newer, newer.continues, older, older.size) }]
        : [],
    ),
  );
}

function compare(
  newer: LinkedBundle,
  { previous, known, reason, unsignedTo }: Continues,
  older: LinkedBundle,
  size: number,
): Pick<BundleLink, 'state' | 'sentence'> {
  const names = (head: NamedHead | null) => head !== null && head.size === size && head.root === older.root;
  const which = `The log of ${newer.name} continues that of ${older.name} (${reason})`;
  // The key of the next log may be lost before its first entry; then that entry says so.
  if (older.next !== null && older.next !== newer.origin && reason !== 'key-lost')
    return {
      state: 'contradicts',
      sentence: `${older.name} ends with an entry that names ${older.next} as the log that continues it, and not that of ${newer.name}.`,
    };
  if (names(previous)) {
    const lost =
      unsignedTo === null
        ? ''
        : ` Entries ${previous.size} to ${unsignedTo - 1} were never signed: nothing proves them.`;
    return {
      state: 'joined',
      sentence: `${which}: its entry 0 names this very head of ${size} entries.${lost} ${missing(newer, older, size)}`,
    };
  }
  if (names(known))
    return {
      state: 'joined',
      sentence: `${which}: its entry 0 names this head of ${size} entries as one that was known outside. The database had ${previous.size} of them; ${older.name} holds what it lost.`,
    };
  if (size === previous.size || size === known?.size || size > Math.max(previous.size, known?.size ?? 0))
    return {
      state: 'contradicts',
      sentence: `${newer.name} says that the log of ${older.name} ended at another head, of ${previous.size} entries. One of the two is not what the operator showed others.`,
    };
  return {
    state: 'unknown',
    sentence: `${which}, at a head of ${previous.size} entries; ${older.name} has one of ${size}, and holds no proof from there. Ask for a bundle of the sealed log that was made after it was sealed.`,
  };
}

function missing(newer: LinkedBundle, older: LinkedBundle, size: number): string {
  const gaps: string[] = [];
  if (older.to !== size) gaps.push(`entries ${older.to ?? 'of a range'} to ${size - 1} of the older log`);
  if (newer.from !== 0)
    gaps.push(newer.from === null ? 'a range of the newer one' : `entries 0 to ${newer.from - 1} of the newer one`);
  return gaps.length === 0
    ? 'No entry between the two ranges was left out.'
    : `Not in the bundles between their ranges: ${gaps.join('; ')}.`;
}
