import {
  CanonicalJsonError,
  canonicalJson,
  type JsonValue,
  parseCanonicalJson,
  parseUnambiguousJson,
} from '#src/kernel/canonical-json.ts';
import { fromDecimal, utf8Text } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { isInstant } from '../log/leaf-form.ts';
import { ManifestFiles } from './manifest-files.ts';

/** Version 1 of the layout with a signed manifest. docs/spec/bundle.md describes it for a second implementation. */
export const BUNDLE_FORMAT = 'assay-bundle/v1';

export const MANIFEST = 'manifest.json';
export const MANIFEST_NOTE = 'manifest.note';
export const README = 'README.txt';
export const CHECKPOINT = 'checkpoint';
export const POLICY = 'policy';
/** Where the operator says the checkpoint was mirrored; nothing in it proves it. */
export const MIRRORS = 'exports/mirrors.json';
/** RFC 3161 responses over the text of the checkpoint (`.tsr`), and the roots the operator trusts for them (`.pem`). */
export const TIMESTAMPS = 'timestamps/';

export const entryPath = (index: number) => `entries/${index}.json`;
export const proofPath = (index: number) => `proofs/${index}.tlog-proof`;
/** The index in an `entryPath`, or null for any other text. */
export const entryOfPath = (path: string) => indexBetween(path, 'entries/', '.json');
/** The index in a `proofPath`, or null for any other text. */
export const proofOfPath = (path: string) => indexBetween(path, 'proofs/', '.tlog-proof');
export const disclosurePath = (index: number) => `disclosures/${index}.json`;
export const blobPath = (sha256: string) => `blobs/sha256/${sha256}`;
export const historyPath = (size: number) => `history/${size}.checkpoint`;
export const historyProofPath = (size: number) => `history/${size}.consistency`;

// Hundreds of thousands of names are looked at: a text for the digits alone would cost as much as all the rest.
function indexBetween(path: string, before: string, after: string): number | null {
  const from = before.length;
  const to = path.length - after.length;
  const digits = to - from;
  if (digits < 1 || digits > DIGITS_MAX || !path.startsWith(before) || !path.endsWith(after)) return null;
  let index = 0;
  for (let i = from; i < to; i++) {
    const digit = path.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9) || (digit === 0 && i === from && digits > 1)) return null;
    index = index * 10 + digit;
  }
  return index;
}

// Below 2^53 whatever they are.
const DIGITS_MAX = 15;

/** An entry in the bundle. `withheld` and `erased` say why blobs its leaf names are not there. */
export type BundleEntry = { index: number; withheld?: boolean; erased?: boolean };
/** Leaves `from` to `to` (not included), all of them. */
export type BundleRange = { from: number; to: number };
/** Numbers `from` to `to`, both included, of a series. */
export type BundleSeries = { id: string; from: number; to: number };
export type BundleFile = { path: string; sha256: string; size: number };

/** What every bundle of the layout declares. */
export type BundleClaims = {
  origin: string;
  size: number;
  entries: readonly BundleEntry[];
  range: BundleRange | null;
  series: readonly BundleSeries[];
};

/** What version 1 declares besides. */
export type BundleManifest = BundleClaims & {
  bundle: string;
  exportedAt: string;
  /** In bundle order, all but the manifest and its note. */
  files: readonly BundleFile[];
  /** The key that signs the manifest, and the index of the entry that announced it. */
  key: { index: number; vkey: string };
};

/**
 * The order of files in a bundle: by the bytes of their names, and last the manifest and its note, which say what the
 * others are. Below 0 when `a` comes first.
 */
export function bundleOrder(a: string, b: string): number {
  const rank = Number(isManifest(a)) - Number(isManifest(b));
  if (rank !== 0) return rank;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isManifest(name: string): boolean {
  return name === MANIFEST || name === MANIFEST_NOTE;
}

/** The text the bundle key signs: its first line keeps it apart from everything else that is signed. */
export function manifestNoteText(origin: string, manifestSha256: string): string {
  return `${BUNDLE_FORMAT}\n${origin}\nsha256:${manifestSha256}\n`;
}

/** The canonical text of a manifest around its list of files, which stands between `[` and `]`. */
export function formatManifestAround(manifest: Omit<BundleManifest, 'files'>): { before: string; after: string } {
  const { range, series, entries, ...rest } = manifest;
  const text = canonicalJson({
    ...rest,
    files: [],
    format: BUNDLE_FORMAT,
    range: range ?? undefined,
    series: series.length > 0 ? series : undefined,
    entries: entries.map(({ index, withheld, erased }) => ({
      index,
      withheld: withheld || undefined,
      erased: erased || undefined,
    })),
  });
  // Inside a text the quotes would be escaped, so this is found once.
  const split = text.indexOf('"files":[]') + '"files":['.length;
  return { before: text.slice(0, split), after: text.slice(split) };
}

/** The canonical text of one file in the list. */
export function formatManifestFile({ path, sha256, size }: BundleFile): string {
  return canonicalJson({ path, sha256, size });
}

/** Whether a manifest may say that it is of version 1. Wrong only towards yes, which then has to stand the full check. */
export function mayClaimVersion(bytes: Uint8Array): boolean {
  return /"format"\s*:/.test(utf8Text(bytes) ?? '');
}

/**
 * Reads a manifest of version 1, which is canonical JSON. Throws `InvalidFormat`. The list of files, which may have hundreds
 * of thousands, is read as it is gone through, once: form and order are checked there, names and digests by who takes them.
 */
export function parseManifest(bytes: Uint8Array): Omit<BundleManifest, 'files'> & { files: ManifestFiles } {
  const text = utf8Text(bytes);
  if (text === null) throw new InvalidFormat('manifest', 'The file is not UTF-8.');
  const list = findFiles(text);
  const value = asJson(list === null ? text : text.slice(0, list.from) + text.slice(list.to), parseCanonicalJson);
  if (!isRecord(value)) throw new InvalidFormat('manifest', 'The manifest is not a JSON object.');
  if (value.format !== BUNDLE_FORMAT)
    throw new InvalidFormat(
      'manifest',
      `The bundle is of the format ${JSON.stringify(value.format ?? null)}; this verifier reads "${BUNDLE_FORMAT}".`,
    );
  const { bundle, exportedAt, key } = value;
  if (typeof bundle !== 'string' || bundle === '')
    throw new InvalidFormat('manifest', 'The manifest does not name the bundle.');
  if (typeof exportedAt !== 'string' || !isInstant(exportedAt))
    throw new InvalidFormat('manifest', 'exportedAt in the manifest is not an instant in UTC with milliseconds.');
  if (!isRecord(key) || !isCount(key.index) || typeof key.vkey !== 'string' || Object.keys(key).length !== 2)
    throw new InvalidFormat('manifest', 'The manifest does not say which key signs it.');
  refuseOthers(value, [
    'bundle',
    'entries',
    'exportedAt',
    'files',
    'format',
    'key',
    'origin',
    'range',
    'series',
    'size',
  ]);
  if (list === null || !Array.isArray(value.files) || value.files.length > 0) throw notFiles(text);
  const files = new ManifestFiles(text, list, () => notFiles(text));
  return { ...readClaims(value), bundle, exportedAt, key: { index: key.index, vkey: key.vkey }, files };
}

const FILES = '"files":[';

/** Where the files stand in the text of a manifest, without the brackets: no file holds one. Null where there is no such list. */
function findFiles(text: string): { from: number; to: number } | null {
  // Inside a text the quotes would be escaped, so what is found is a member; one inside of another shows when the rest is read.
  const at = text.indexOf(FILES);
  if (at < 0) return null;
  const from = at + FILES.length;
  const to = text.indexOf(']', from);
  return to < 0 ? null : { from, to };
}

/** Reads the manifest of a bundle without version: any JSON that says a thing once, and nothing this code does not know. */
export function parseForeignManifest(bytes: Uint8Array): BundleClaims {
  const value = parseLoosely(bytes);
  if (!isRecord(value)) throw new InvalidFormat('manifest', 'The manifest is not a JSON object.');
  refuseOthers(value, ['entries', 'origin', 'range', 'series', 'size']);
  return readClaims(value);
}

function readClaims(value: { [member: string]: JsonValue | undefined }): BundleClaims {
  const { origin, size } = value;
  if (typeof origin !== 'string' || origin === '') throw new InvalidFormat('manifest', 'The manifest names no origin.');
  if (!isCount(size)) throw new InvalidFormat('manifest', 'The size in the manifest is not a count.');
  return {
    origin,
    size,
    entries: readEntries(value.entries),
    range: readRange(value.range, size),
    series: readSeries(value.series),
  };
}

function readEntries(value: JsonValue | undefined): BundleEntry[] {
  if (!Array.isArray(value)) throw new InvalidFormat('manifest', 'The entries of the manifest are not a list.');
  let before = -1;
  return value.map((item) => {
    const { index, withheld = false, erased = false } = isRecord(item) ? item : {};
    if (!isCount(index) || index <= before)
      throw new InvalidFormat('manifest', `The entries of the manifest are not in order behind ${before}.`);
    const known = 1 + Number(isRecord(item) && 'withheld' in item) + Number(isRecord(item) && 'erased' in item);
    if (typeof withheld !== 'boolean' || typeof erased !== 'boolean' || memberCount(item) !== known)
      throw new InvalidFormat('manifest', `Entry ${index} in the manifest says more than index, withheld and erased.`);
    before = index;
    return { index, withheld, erased };
  });
}

function readRange(value: JsonValue | undefined, size: number): BundleRange | null {
  if (value === undefined) return null;
  const { from, to, ...others } = isRecord(value) ? value : {};
  if (!isCount(from) || !isCount(to) || from > to || to > size || Object.keys(others).length > 0)
    throw new InvalidFormat('manifest', 'The range of the manifest does not lie within the log.');
  return { from, to };
}

function readSeries(value: JsonValue | undefined): BundleSeries[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InvalidFormat('manifest', 'The series of the manifest are not a list.');
  return value.map((item) => {
    const { id, from, to, ...others } = isRecord(item) ? item : {};
    if (typeof id !== 'string' || !isCount(from) || !isCount(to) || from > to || Object.keys(others).length > 0)
      throw new InvalidFormat('manifest', 'A series of the manifest is not id, from and to.');
    return { id, from, to };
  });
}

function notFiles(text: string): InvalidFormat {
  asJson(text, parseCanonicalJson);
  return new InvalidFormat('manifest', 'The files of the manifest are not a list of path, sha256 and size.');
}

/** Throws `InvalidFormat` for a file the manifest lists and no bundle has. */
export function refuseUnknownPath(path: string): void {
  if (isManifest(path) || !KNOWN_PATH.test(path))
    throw new InvalidFormat('layout', `${path.slice(0, 100)} has no place in a bundle.`);
}

const KNOWN_PATH =
  /^(README\.txt|checkpoint|policy|(entries|disclosures)\/(0|[1-9]\d*)\.json|proofs\/(0|[1-9]\d*)\.tlog-proof|history\/[1-9]\d*\.(checkpoint|consistency)|blobs\/sha256\/[0-9a-f]{64}|(timestamps|exports)\/[A-Za-z0-9][A-Za-z0-9._-]*)$/;

/** The number in a name such as `history/000020.checkpoint`; leading zeroes are allowed, for sorting. */
export function sizeInName(name: string): number | null {
  const digits = /^history\/0*(\d+)\.checkpoint$/.exec(name)?.[1];
  return digits === undefined ? null : fromDecimal(digits);
}

/** `{field: {salt, value}}`: what the commitments of an entry stand for. The value is any JSON. */
export function parseDisclosures(bytes: Uint8Array): Map<string, { salt: string; value: JsonValue }> {
  const parsed = parseLoosely(bytes);
  if (!isRecord(parsed)) throw new InvalidFormat('commitment', 'The disclosures are not a JSON object.');
  const disclosures = new Map<string, { salt: string; value: JsonValue }>();
  for (const [field, disclosure] of Object.entries(parsed)) {
    const { salt, value } = isRecord(disclosure) ? disclosure : {};
    if (typeof salt !== 'string' || value === undefined)
      throw new InvalidFormat('commitment', `The disclosure of "${field}" has no salt and value.`);
    disclosures.set(field, { salt, value });
  }
  return disclosures;
}

function refuseOthers(value: { [member: string]: JsonValue | undefined }, known: readonly string[]): void {
  for (const member in value)
    if (!known.includes(member))
      throw new InvalidFormat('manifest', `The manifest has no member "${member.slice(0, 80)}".`);
}

function parseLoosely(bytes: Uint8Array): JsonValue {
  return asJson(utf8Text(bytes), parseUnambiguousJson);
}

function asJson(text: string | null, parse: (text: string) => JsonValue): JsonValue {
  if (text === null) throw new InvalidFormat('manifest', 'The file is not UTF-8.');
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw new InvalidFormat('canonical-json', `The file is ${error.message}.`);
    throw error;
  }
}

function memberCount(value: JsonValue): number {
  let count = 0;
  if (isRecord(value)) for (const _ in value) count++;
  return count;
}

function isRecord(value: JsonValue | undefined): value is { [member: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
