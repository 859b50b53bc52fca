import { fromBase64, utf8Bytes } from '../log/bytes.ts';
import { commitTo, SALT_BYTES } from '../log/commitment.ts';
import { InclusionChecker } from '../log/inclusion-checker.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { readLeaf } from '../log/leaf.ts';
import type { Leaf } from '../log/leaf-form.ts';
import { type AcceptedCheckpoint, acceptCheckpoint, type Policy } from '../log/policy.ts';
import { verifyConsistency } from '../log/proof.ts';
import { parseHashLines, parseTlogProof, pathOf, pathWithin } from '../log/tlog-proof.ts';
import { HASH_BYTES, hashLeafInto } from '../log/tree.ts';
import { formatVerifierKey, parseVerifierKey } from '../log/verifier-key.ts';
import { acceptOlder } from '../log/verify-log.ts';
import {
  type BundleClaims,
  type BundleEntry,
  blobPath,
  disclosurePath,
  entryPath,
  parseDisclosures,
  sizeInName,
} from './bundle-format.ts';
import type { BundleReader } from './bundle-reader.ts';
import { ScheduleReader } from './bundle-schedule.ts';
import { SeriesChecker } from './bundle-series.ts';
import { type SealedFile, sealedFileOf } from './sealed-files.ts';
import { noteSuccession, type Succession } from './succession.ts';

/** What the checks of a bundle work on, once its checkpoint holds. */
export type BundleContext = {
  reader: BundleReader;
  claims: BundleClaims;
  policy: Policy;
  accepted: AcceptedCheckpoint;
  /** The signed checkpoint as it stands in the bundle. */
  note: string;
  /** Whether leaves follow the profile of version 1 in full. */
  profile: boolean;
};

export type EntriesFound = {
  typeCounts: Map<string, number>;
  seriesCount: number;
  latestEntryAt: string | null;
  /** By digest: the size the leaf gives, and the first entry that names it and is not excused for lacking it. */
  blobs: Map<string, { size: number; index: number; excuse: 'withheld' | 'erased' | null }>;
  disclosures: number;
  /** Of the disclosed values, those that open a file. */
  sealed: SealedFile[];
  /** Leaves of type key.announced and key.retired, by index. */
  keyEntries: Map<number, Leaf>;
  succession: Succession;
  schedule: ScheduleReader;
};

/**
 * Checks every leaf: form, series, disclosures. Gives what blobs and keys they name, and puts their hashes into
 * `leafHashes`, end to end in the order of the entries.
 */
export async function checkEntries(context: BundleContext, leafHashes: Uint8Array): Promise<EntriesFound> {
  const { reader, claims, profile } = context;
  const series = new SeriesChecker(claims.range, claims.series);
  const found: EntriesFound = {
    typeCounts: new Map(),
    seriesCount: 0,
    latestEntryAt: null,
    blobs: new Map(),
    disclosures: 0,
    sealed: [],
    keyEntries: new Map(),
    succession: { continues: null, sealed: null, next: null },
    schedule: new ScheduleReader(),
  };
  let hasDisclosures = false;
  for (const name of reader.otherNames) hasDisclosures ||= name.startsWith('disclosures/');
  for (const [i, entry] of claims.entries.entries()) {
    const { index } = entry;
    if (index >= claims.size)
      throw new InvalidFormat('manifest', `The bundle lists entry ${index} of a log of ${claims.size} entries.`);
    const taken = reader.takeEntry(index);
    const bytes = taken instanceof Promise ? await taken : taken;
    const leaf = readLeaf(bytes, { profile });
    const hashAt = i * HASH_BYTES;
    hashLeafInto(bytes, leafHashes, hashAt);
    if (leaf.series) series.entry(index, { leafHashes, hashAt }, leaf.series);
    noteLeaf(found, entry, leaf);
    noteSuccession(found.succession, { index, size: claims.size }, leaf);
    if (hasDisclosures && reader.has(disclosurePath(index))) {
      const disclosures = await checkDisclosures(reader, index, leaf);
      found.disclosures += disclosures.size;
      const opening = disclosures.get('content');
      const sealed = opening && sealedFileOf(index, leaf.blobs, opening.value);
      if (sealed) found.sealed.push(sealed);
      reader.where = entryPath(index);
    }
  }
  reader.where = 'manifest.json';
  series.finish();
  found.seriesCount = series.count;
  checkRange(claims);
  return found;
}

function noteLeaf(found: EntriesFound, entry: BundleEntry, leaf: Leaf): void {
  const type = leaf.type ?? 'without a type';
  found.typeCounts.set(type, (found.typeCounts.get(type) ?? 0) + 1);
  const { at } = leaf;
  if (at !== null && (found.latestEntryAt === null || at > found.latestEntryAt)) found.latestEntryAt = at;
  if (type === 'key.announced' || type === 'key.retired') found.keyEntries.set(entry.index, leaf);
  if (type === 'test.expected' || type === 'test.performed') found.schedule.note(leaf);
  const excuse = entry.erased ? 'erased' : entry.withheld ? 'withheld' : null;
  for (const { sha256, size } of leaf.blobs) {
    const known = found.blobs.get(sha256);
    if (known && known.size !== size)
      throw new InvalidFormat('blob', `Entries ${known.index} and ${entry.index} give the blob ${sha256} two sizes.`);
    // A blob that one entry may lack and another may not has to be there.
    if (!known || (known.excuse !== null && excuse === null))
      found.blobs.set(sha256, { size, index: entry.index, excuse });
  }
}

function checkRange({ range, entries }: BundleClaims): void {
  if (!range) return;
  let expected = range.from;
  for (const { index } of entries) {
    if (index < expected || expected >= range.to) continue;
    if (index > expected) break;
    expected++;
  }
  if (expected < range.to)
    throw new InvalidFormat(
      'range',
      `The bundle claims all entries from ${range.from} to ${range.to - 1}, and entry ${expected} is not in it.`,
    );
}

async function checkDisclosures(reader: BundleReader, index: number, leaf: Leaf) {
  const disclosures = parseDisclosures(await reader.take(disclosurePath(index)));
  for (const [field, { salt, value }] of disclosures) {
    const bytes = fromBase64(salt);
    if (bytes?.length !== SALT_BYTES)
      throw new InvalidFormat(
        'commitment',
        `The salt of "${field}" of entry ${index} is not the base64 of ${SALT_BYTES} bytes.`,
      );
    if (!Object.hasOwn(leaf.commitments, field))
      throw new InvalidFormat('commitment', `Entry ${index} holds no commitment to "${field}".`);
    if (commitTo(value, bytes) !== leaf.commitments[field])
      throw new InvalidFormat(
        'commitment',
        `The value disclosed for "${field}" of entry ${index} is not the one committed to.`,
      );
  }
  return disclosures;
}

/** Checks every proof file. `leafHashes` are those of `claims.entries`, end to end in their order. */
export async function checkProofs(context: BundleContext, leafHashes: Uint8Array): Promise<void> {
  const { reader, claims, accepted, note } = context;
  const checker = new InclusionChecker(claims.size, accepted.checkpoint.root);
  const noteBytes = utf8Bytes(note);
  let hashAt = 0;
  for (const { index } of claims.entries) {
    const taken = reader.takeProof(index);
    const bytes = taken instanceof Promise ? await taken : taken;
    const leaf = { hashes: leafHashes, hashAt };
    // Nearly every proof is in these very bytes; what is not is read in full, and told what is wrong with it.
    const path = pathWithin(bytes, index, noteBytes);
    if (path === null || !checker.check(index, leaf, path)) checkProof(context, checker, index, leaf, bytes);
    hashAt += HASH_BYTES;
  }
}

function checkProof(
  context: BundleContext,
  checker: InclusionChecker,
  index: number,
  leaf: { hashes: Uint8Array; hashAt: number },
  bytes: Uint8Array,
): void {
  const proof = parseTlogProof(bytes);
  if (proof.index !== index)
    throw new InvalidFormat('proof-file', `The proof of entry ${index} says it is of entry ${proof.index}.`);
  if (proof.checkpoint !== context.note) refuseOtherCheckpoint(context, index, proof.checkpoint);
  if (!checker.check(index, leaf, pathOf(proof)))
    throw new InvalidFormat(
      'inclusion',
      `Entry ${index} is not under the signed root: the entry, its place or its proof was changed.`,
    );
}

// A proof may have been made when the checkpoint had other cosignatures; what was signed must be the same.
function refuseOtherCheckpoint({ policy, accepted }: BundleContext, index: number, note: string): void {
  if (acceptCheckpoint(policy, utf8Bytes(note)).text !== accepted.text)
    throw new InvalidFormat(
      'proof-file',
      `The proof of entry ${index} belongs to another checkpoint than the bundle's.`,
    );
}

/** Checks that each blob a leaf names is there and is the one it names, or is declared withheld or erased. */
export async function checkBlobs(
  { reader, profile }: BundleContext,
  blobs: EntriesFound['blobs'],
): Promise<{ present: number; withheld: number; erased: number }> {
  const count = { present: 0, withheld: 0, erased: 0 };
  for (const [sha256, { size, index, excuse }] of blobs) {
    const path = blobPath(sha256);
    if (reader.has(path)) {
      const held = await reader.takeDigest(path);
      if (held.sha256 !== sha256 || held.size !== size)
        throw new InvalidFormat(
          'blob',
          `The blob of entry ${index} is not the one its leaf names: ${held.sha256 === sha256 ? 'its size' : 'its SHA-256'} differs.`,
        );
      count.present++;
    } else if (excuse) count[excuse]++;
    else {
      reader.where = path;
      throw new InvalidFormat(
        'blob',
        `The blob ${sha256} of entry ${index} is neither in the bundle nor declared withheld or erased.`,
      );
    }
  }
  if (profile)
    for (const name of reader.otherNames)
      if (name.startsWith('blobs/') && !blobs.has(name.slice('blobs/sha256/'.length))) {
        reader.where = name;
        throw new InvalidFormat('blob', `${name} belongs to no entry of the bundle.`);
      }
  return count;
}

/** Checks that the log continues each earlier head in the bundle. Gives their number. */
export async function checkHistory(context: BundleContext, keyEntries: EntriesFound['keyEntries']): Promise<number> {
  const { reader, accepted } = context;
  const policy = withAnnounced(context, keyEntries);
  const { origin, size, root } = accepted.checkpoint;
  let heads = 0;
  for (const name of reader.otherNames) {
    const named = sizeInName(name);
    if (named === null) continue;
    const older = acceptOlder(policy, await reader.take(name));
    if (older.origin !== origin || older.size !== named || older.size > size)
      throw new InvalidFormat('consistency', `${name} is not an earlier head of ${origin} at size ${named}.`);
    const proofName = name.replace(/checkpoint$/, 'consistency');
    const proof = parseHashLines(await reader.take(proofName));
    const fromNothing = older.size === 0 && proof.length === 0;
    if (!fromNothing && !verifyConsistency(older.size, size, older.root, root, proof))
      throw new InvalidFormat(
        'consistency',
        `The log of ${size} entries does not continue the log of ${older.size} entries that was signed before.`,
      );
    heads++;
  }
  return heads;
}

// A head from before a rotation is signed by a key the reader's policy may not name any more. The signed root covers the
// entry that announced it, so who trusts the checkpoint can trust it for the heads before.
function withAnnounced({ policy, accepted }: BundleContext, keyEntries: EntriesFound['keyEntries']): Policy {
  const logs = new Map(policy.logs.map((key) => [formatVerifierKey(key), key]));
  for (const { type, value } of keyEntries.values()) {
    const { purpose, vkey } = (value.body ?? {}) as { purpose?: unknown; vkey?: unknown };
    if (type !== 'key.announced' || purpose !== 'log' || typeof vkey !== 'string' || logs.has(vkey)) continue;
    const key = parseVerifierKey(vkey);
    if (key.name === accepted.checkpoint.origin) logs.set(vkey, key);
  }
  return { ...policy, logs: [...logs.values()] };
}
