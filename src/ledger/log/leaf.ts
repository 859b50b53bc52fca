import { CanonicalJsonError, type JsonValue, parseCanonicalJson } from '#src/kernel/canonical-json.ts';
import { utf8Text } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';
import { type EntrySeries, isActorKind, isHashHex, isInstant, isType, LEAF_BYTES_MAX, type Leaf } from './leaf-form.ts';
import { readPlainLeaf } from './plain-leaf.ts';
import { ENTRY_BYTES_MAX } from './tiles.ts';

const NO_BLOBS: Leaf['blobs'] = [];
const NO_COMMITMENTS: Leaf['commitments'] = {};

/**
 * Reads the bytes of a leaf. Throws `InvalidFormat` unless they are the canonical form of a JSON object whose series,
 * blobs and commitments can be read; with `profile`, unless it is the leaf of version 1 of this profile in full.
 */
export function readLeaf(bytes: Uint8Array, { profile }: { profile: boolean }): Leaf {
  refuseLarger(bytes.length, profile ? LEAF_BYTES_MAX : ENTRY_BYTES_MAX);
  const text = utf8Text(bytes);
  if (text === null) throw new InvalidFormat('canonical-json', 'The leaf is not UTF-8.');
  const plain = profile ? readPlainLeaf(text) : null;
  if (plain) return plain;
  const value = parse(text);
  if (!isRecord(value)) throw new InvalidFormat('entry', 'The leaf is not a JSON object.');
  if (profile) checkProfile(value);
  return {
    value,
    type: typeof value.type === 'string' ? value.type : null,
    at: typeof value.at === 'string' ? value.at : null,
    series: readSeries(value.series),
    blobs: readBlobs(value.blobs),
    commitments: readCommitments(value.commitments),
  };
}

/** Throws `InvalidFormat` unless the value, whose canonical form has `sizeBytes`, is a leaf of the profile in full. */
export function checkLeaf(value: { [member: string]: JsonValue | undefined }, sizeBytes: number): void {
  refuseLarger(sizeBytes, LEAF_BYTES_MAX);
  checkProfile(value);
  readSeries(value.series);
  readBlobs(value.blobs);
  readCommitments(value.commitments);
}

function refuseLarger(sizeBytes: number, limit: number): void {
  if (sizeBytes > limit)
    throw new InvalidFormat('limit', `A leaf is at most ${limit} bytes long, and this has ${sizeBytes}.`);
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

function readBlobs(value: JsonValue | undefined): Leaf['blobs'] {
  if (value === undefined) return NO_BLOBS;
  if (!Array.isArray(value)) throw new InvalidFormat('entry', 'The blobs of the leaf are not a list.');
  return value.map((blob) => {
    const { sha256, size } = isRecord(blob) ? blob : {};
    if (!isHashHex(sha256) || !isCount(size))
      throw new InvalidFormat('entry', 'A blob of the leaf has no SHA-256 and size.');
    return { sha256, size };
  });
}

function readCommitments(value: JsonValue | undefined): Leaf['commitments'] {
  if (value === undefined) return NO_COMMITMENTS;
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
  for (const member in leaf) if (!MEMBERS.has(member)) breaks(`it has no member "${member}"`);
  const { actor, at, blobs, body, id, refs, subject, type } = leaf;
  if (leaf.v !== 1) breaks('v is 1');
  if (typeof type !== 'string' || !isType(type)) breaks('type is words joined by dots');
  if (!isShortText(id, 64)) breaks('id is a text of 1 to 64 characters');
  if (typeof at !== 'string' || !isInstant(at)) breaks('at is an instant in UTC with milliseconds');
  if (!isRecord(actor) || !isActorKind(actor.kind)) breaks('actor.kind is user, service or auditor');
  if (!isShortText(actor.id, 128)) breaks('actor.id is a text of 1 to 128 characters');
  if (!isRecord(subject) || !isShortText(subject.kind, 64) || !isShortText(subject.id, 512))
    breaks('subject has kind and id');
  if (!isRecord(body)) breaks('body is an object');
  if (refs !== undefined && !(Array.isArray(refs) && refs.every(isRef))) breaks('refs are objects with rel and leaf');
  if (Array.isArray(blobs) && !blobs.every(isDescribed)) breaks('blobs have mediaType and role');
}

function breaks(what: string): never {
  throw new InvalidFormat('entry', `The leaf breaks the profile: ${what}.`);
}

function isRef(ref: JsonValue): boolean {
  return isRecord(ref) && isShortText(ref.rel, 64) && isHashHex(ref.leaf);
}

function isDescribed(blob: JsonValue): boolean {
  return isRecord(blob) && isShortText(blob.mediaType, 255) && isShortText(blob.role, 64);
}

function isRecord(value: JsonValue | undefined): value is { [member: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isShortText(value: JsonValue | undefined, max: number): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= max;
}
