import { CanonicalJsonError, canonicalJson, type JsonValue, parseCanonicalJson } from '#src/kernel/canonical-json.ts';
import { utf8Bytes, utf8Text } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';
import { ENTRY_BYTES_MAX } from './tiles.ts';

/** Everything that is committed. `incident.*` takes any lower-case word. docs/spec/ledger.md says what each means. */
export const ENTRY_TYPES = [
  'evidence.collected',
  'test.expected',
  'test.result',
  'gateway.window',
  'inventory.decided',
  'system.registered',
  'attestation.submitted',
  'attestation.reviewed',
  'model.registered',
  'model.version',
  'approval.requested',
  'approval.granted',
  'approval.refused',
  'approval.revoked',
  'deployment.promoted',
  'deployment.rolled-back',
  'dataset.version',
  'dataset.scan',
  'threshold.changed',
  'exception.granted',
  'exception.expired',
  'access.reviewed',
  'blob.erased',
  'bundle.exported',
  'key.announced',
  'key.retired',
  'log.sealed',
] as const;

export type EntryType = (typeof ENTRY_TYPES)[number] | `incident.${string}`;

/** The largest leaf Assay writes, in bytes; the tile format would allow 65,535. Larger bodies become blobs. */
export const LEAF_BYTES_MAX = 16 * 1024;

export type EntryActor = { kind: 'user' | 'service' | 'auditor'; id: string };
export type EntrySubject = { kind: string; id: string; version?: string };
export type EntryBlob = { sha256: string; size: number; mediaType: string; role: string };
export type EntrySeries = { id: string; seq: number; prev?: string };

/** What the business side hands over. Nothing in it may be personal data or a secret: leaves are never erased. */
export type NewEntry = {
  type: EntryType;
  /** `id` is a pseudonym such as a user's id, never a name or an address. */
  actor: EntryActor;
  subject: EntrySubject;
  /** Entries of one series are numbered and linked by the sequencer, so that a missing one shows. */
  series?: string;
  refs?: readonly { rel: string; leaf: string }[];
  body: { [member: string]: JsonValue | undefined };
  /** Salted commitments (64 hex digits) that stand for personal values; see `commitTo`. */
  commitments?: Readonly<Record<string, string>>;
  blobs?: readonly EntryBlob[];
  /** Appending twice under one key gives one entry. */
  dedupeKey: string;
};

/** A leaf, read. `value` is the whole of it; the other members are what bundle rules look at. */
export type Leaf = {
  value: { [member: string]: JsonValue | undefined };
  type: string | null;
  series: EntrySeries | null;
  blobs: readonly { sha256: string; size: number }[];
  commitments: Readonly<Record<string, string>>;
};

const HASH_HEX = /^[0-9a-f]{64}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TYPE = /^[a-z]+(\.[a-z]+(-[a-z]+)*)+$/;
const ADDRESS = /^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/;

/** `prev` is the leaf hash of the entry before, in hex; the first of a series has none. */
export function seriesMember(series: EntrySeries): string {
  return canonicalJson(series.prev === undefined ? { id: series.id, seq: series.seq } : series);
}

/**
 * The two halves of a leaf between which the `series` member goes, once its number is known: members are sorted, and
 * `series` stands between `refs` and `subject`. Throws `InvalidFormat` when the entry breaks the profile.
 */
export function splitLeaf(entry: NewEntry, id: string, at: string): { before: string; after: string } {
  const { actor, blobs, body, commitments, refs, subject, type } = entry;
  let halves: { before: string; after: string };
  try {
    const before = canonicalJson({ actor, at, blobs, body, commitments, id, refs });
    halves = { before, after: canonicalJson({ subject, type, v: 1 }) };
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw new InvalidFormat('entry', `The entry ${type} is ${error.message}.`);
    throw error;
  }
  refusePersonalData(entry);
  // The number and the link are not known yet: the widest they can be decides.
  const series = entry.series && { id: entry.series, seq: Number.MAX_SAFE_INTEGER, prev: '0'.repeat(64) };
  readLeaf(utf8Bytes(joinLeaf(halves, series || null)), { profile: true });
  return halves;
}

export function joinLeaf(halves: { before: string; after: string }, series: EntrySeries | null): string {
  const middle = series ? `"series":${seriesMember(series)},` : '';
  return `${halves.before.slice(0, -1)},${middle}${halves.after.slice(1)}`;
}

/**
 * Reads the bytes of a leaf. Throws `InvalidFormat` unless they are the canonical form of a JSON object whose series,
 * blobs and commitments can be read; with `profile`, unless it is the leaf of version 1 of this profile in full.
 */
export function readLeaf(bytes: Uint8Array, { profile }: { profile: boolean }): Leaf {
  const limit = profile ? LEAF_BYTES_MAX : ENTRY_BYTES_MAX;
  if (bytes.length > limit)
    throw new InvalidFormat('limit', `A leaf is at most ${limit} bytes long, and this has ${bytes.length}.`);
  const text = utf8Text(bytes);
  if (text === null) throw new InvalidFormat('canonical-json', 'The leaf is not UTF-8.');
  const value = parse(text);
  if (!isRecord(value)) throw new InvalidFormat('entry', 'The leaf is not a JSON object.');
  if (profile) checkProfile(value);
  return {
    value,
    type: typeof value.type === 'string' ? value.type : null,
    series: readSeries(value.series),
    blobs: readBlobs(value.blobs),
    commitments: readCommitments(value.commitments),
  };
}

function parse(text: string): JsonValue {
  try {
    return parseCanonicalJson(text);
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw new InvalidFormat('canonical-json', `The leaf is ${error.message}.`);
    throw error;
  }
}

function readSeries(value: JsonValue | undefined): EntrySeries | null {
  if (value === undefined) return null;
  if (!isRecord(value)) throw new InvalidFormat('entry', 'The series of the leaf is not an object.');
  const { id, seq, prev } = value;
  if (typeof id !== 'string' || id === '' || !isCount(seq))
    throw new InvalidFormat('entry', 'The series of the leaf has no id and number.');
  if (seq === 0 ? prev !== undefined : !isHashHex(prev))
    throw new InvalidFormat('entry', 'Only the first entry of a series has no link to the one before.');
  return typeof prev === 'string' ? { id, seq, prev } : { id, seq };
}

function readBlobs(value: JsonValue | undefined): { sha256: string; size: number }[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InvalidFormat('entry', 'The blobs of the leaf are not a list.');
  return value.map((blob) => {
    const { sha256, size } = isRecord(blob) ? blob : {};
    if (!isHashHex(sha256) || !isCount(size))
      throw new InvalidFormat('entry', 'A blob of the leaf has no SHA-256 and size.');
    return { sha256, size };
  });
}

function readCommitments(value: JsonValue | undefined): Record<string, string> {
  if (value === undefined) return {};
  const commitments: Record<string, string> = Object.create(null);
  if (!isRecord(value)) throw new InvalidFormat('entry', 'The commitments of the leaf are not an object.');
  for (const [field, digest] of Object.entries(value)) {
    if (!isHashHex(digest)) throw new InvalidFormat('entry', `The commitment to "${field}" is not 64 hex digits.`);
    commitments[field] = digest;
  }
  return commitments;
}

const MEMBERS = new Set([
  'actor',
  'at',
  'blobs',
  'body',
  'commitments',
  'id',
  'refs',
  'series',
  'subject',
  'type',
  'v',
]);

function checkProfile(leaf: { [member: string]: JsonValue | undefined }): void {
  const require = (holds: boolean, what: string) => {
    if (!holds) throw new InvalidFormat('entry', `The leaf breaks the profile: ${what}.`);
  };
  for (const member in leaf) require(MEMBERS.has(member), `it has no member "${member}"`);
  require(leaf.v === 1, 'v is 1');
  require(typeof leaf.type === 'string' && TYPE.test(leaf.type), 'type is words joined by dots');
  require(isShortText(leaf.id, 64), 'id is a text of 1 to 64 characters');
  require(typeof leaf.at === 'string' &&
    INSTANT.test(leaf.at) &&
    isReal(leaf.at), 'at is an instant in UTC with milliseconds');
  const actor = isRecord(leaf.actor) ? leaf.actor : {};
  require(actor.kind === 'user' ||
    actor.kind === 'service' ||
    actor.kind === 'auditor', 'actor.kind is user, service or auditor');
  require(isShortText(actor.id, 128), 'actor.id is a text of 1 to 128 characters');
  const subject = isRecord(leaf.subject) ? leaf.subject : {};
  require(isShortText(subject.kind, 64) && isShortText(subject.id, 512), 'subject has kind and id');
  require(isRecord(leaf.body), 'body is an object');
  for (const ref of Array.isArray(leaf.refs) ? leaf.refs : leaf.refs === undefined ? [] : [null])
    require(isRecord(ref) && isShortText(ref.rel, 64) && isHashHex(ref.leaf), 'refs are objects with rel and leaf');
  for (const blob of Array.isArray(leaf.blobs) ? leaf.blobs : [])
    require(isRecord(blob) &&
      isShortText(blob.mediaType, 255) &&
      isShortText(blob.role, 64), 'blobs have mediaType and role');
}

function isReal(instant: string): boolean {
  const atMs = Date.parse(instant);
  return Number.isFinite(atMs) && new Date(atMs).toISOString() === instant;
}

// What a program can tell is little; this stops the commonest slip, an address put where an id belongs.
function refusePersonalData(entry: NewEntry): void {
  const visit = (value: JsonValue | undefined, path: string): void => {
    if (typeof value === 'string') {
      if (ADDRESS.test(value))
        throw new InvalidFormat(
          'entry',
          `${path} of the entry ${entry.type} is an e-mail address. A leaf is never erased: use a commitment or an id.`,
        );
    } else if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) visit(item, `${path}[${i}]`);
    } else if (value !== null && typeof value === 'object') {
      for (const member in value) visit(value[member], `${path}.${member}`);
    }
  };
  visit(entry.actor.id, 'actor.id');
  visit(entry.subject.id, 'subject.id');
  visit(entry.body, 'body');
}

function isRecord(value: JsonValue | undefined): value is { [member: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isHashHex(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && HASH_HEX.test(value);
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isShortText(value: JsonValue | undefined, max: number): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= max;
}
