import { sha256Hex } from '#src/kernel/hash.ts';
import { assuranceOf } from '../log/assurance.ts';
import { toBase64, utf8Bytes, utf8Text } from '../log/bytes.ts';
import { InclusionChecker } from '../log/inclusion-checker.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { readLeaf } from '../log/leaf.ts';
import { formatNote, parseNote, verifyNote } from '../log/note.ts';
import { type AcceptedCheckpoint, acceptCheckpoint, type Policy, parsePolicy } from '../log/policy.ts';
import { parseTlogProof, pathOf } from '../log/tlog-proof.ts';
import { HASH_BYTES, hashLeaf } from '../log/tree.ts';
import { formatVerifierKey, keyFingerprint, parseVerifierKey } from '../log/verifier-key.ts';
import {
  type BundleContext,
  checkBlobs,
  checkEntries,
  checkHistory,
  checkProofs,
  type EntriesFound,
} from './bundle-contents.ts';
import { type BundleFiles, fromMemory, type RandomAccess, withReadAhead } from './bundle-files.ts';
import {
  BUNDLE_FORMAT,
  type BundleClaims,
  type BundleManifest,
  CHECKPOINT,
  entryPath,
  MANIFEST,
  MANIFEST_NOTE,
  MIRRORS,
  manifestNoteText,
  mayClaimVersion,
  POLICY,
  parseForeignManifest,
  parseManifest,
  proofPath,
  README,
  TIMESTAMPS,
} from './bundle-format.ts';
import { BundleReader } from './bundle-reader.ts';
import { type BundleReport, emptyFacts, NOT_PROVEN } from './bundle-report.ts';
import { checkSealedFiles } from './sealed-files.ts';
import { openZip } from './zip-read.ts';

export type VerifyOptions = {
  /** Text of a C2SP tlog-policy: the logs and witnesses the reader trusts. Without it the bundle's own key is taken. */
  policy?: string | Uint8Array;
  /** PEM: the time-stamp authorities the reader trusts. Without it the roots in the bundle are taken. */
  trustedAuthorities?: string;
  /** Names of places the reader looked at that hold this very head: its text, the lines before the signatures. */
  mirrorsHolding?(head: { size: number; text: string }): Promise<readonly string[]>;
};

/**
 * Verifies a bundle: the bytes of its ZIP, a way to read them here and there, or its unpacked files. Needs no database
 * and no network. What is wrong with the bundle is told in the report; only failures to read it at all are thrown.
 */
export async function verifyBundle(
  source: Uint8Array | RandomAccess | BundleFiles,
  options: VerifyOptions = {},
): Promise<BundleReport> {
  const report: BundleReport = {
    ok: false,
    firstProblem: null,
    checked: [],
    notChecked: [],
    facts: emptyFacts(),
    entryTypes: [],
  };
  const place = { reader: null as BundleReader | null };
  try {
    const files = await openFiles(source);
    place.reader = new BundleReader(files);
    await new Verification(place.reader, files.kind, options, report).run();
    report.ok = true;
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    report.firstProblem = { rule: error.rule, where: place.reader?.where || 'the file', sentence: error.message };
  }
  report.notChecked.push(...NOT_PROVEN);
  return report;
}

async function openFiles(source: Uint8Array | RandomAccess | BundleFiles): Promise<BundleFiles> {
  if ('names' in source) return source;
  return openZip(source instanceof Uint8Array ? fromMemory(source) : withReadAhead(source));
}

class Verification {
  readonly #reader: BundleReader;
  readonly #kind: BundleFiles['kind'];
  readonly #options: VerifyOptions;
  readonly #report: BundleReport;

  constructor(reader: BundleReader, kind: BundleFiles['kind'], options: VerifyOptions, report: BundleReport) {
    this.#reader = reader;
    this.#kind = kind;
    this.#options = options;
    this.#report = report;
  }

  async run(): Promise<void> {
    const { manifest, claims, sha256 } = await this.#readClaims();
    this.#noteClaims(claims, manifest);
    const context = await this.#acceptHead(claims, manifest !== null);
    if (manifest) await this.#checkManifestSignature(context, manifest, sha256);
    if (manifest) this.#requireFiles([README, POLICY]);
    const leafHashes = new Uint8Array(claims.entries.length * HASH_BYTES);
    const found = await checkEntries(context, leafHashes);
    this.#noteEntries(context, found);
    await checkProofs(context, leafHashes);
    this.#checked(
      'Place in the log',
      'Every entry is under the signed root, at the place its name says.',
      claims.entries.length,
    );
    if (manifest) this.#checkKeys(context, manifest, found);
    const blobs = await checkBlobs(context, found.blobs);
    this.#noteBlobs(blobs);
    await this.#checkSealed(found);
    const heads = await checkHistory(context, found.keyEntries);
    if (heads > 0)
      this.#checked('Earlier heads', 'The log only grew: it continues every earlier signed head in the bundle.', heads);
    await this.#noteAssurance(context);
    await this.#noteRest(manifest);
  }

  // After everything else holds: a level says how far a bundle that is right can be relied on.
  async #noteAssurance({ reader, policy, accepted, note, profile }: BundleContext): Promise<void> {
    const names = [...reader.otherNames].filter((name) => name.startsWith(TIMESTAMPS)).sort();
    const inBundle = async (end: string) => {
      const found: Uint8Array[] = [];
      for (const name of names) if (name.endsWith(end)) found.push(await reader.take(name));
      return found;
    };
    const responses = await inBundle('.tsr');
    const roots = await inBundle('.pem');
    const { trustedAuthorities, mirrorsHolding } = this.#options;
    const ownRoots = trustedAuthorities === undefined;
    const mirrors = (await mirrorsHolding?.({ size: accepted.checkpoint.size, text: accepted.text })) ?? [];
    const trusted = trustedAuthorities ?? roots.map((pem) => utf8Text(pem) ?? '').join('\n');
    const assurance = await assuranceOf({
      note: utf8Bytes(note),
      policy,
      timestamps: { responses, trusted },
      mirrors,
    });
    const stamped = assurance.steps.find(({ level }) => level === 'time-stamped');
    const { facts } = this.#report;
    facts.level = assurance.level;
    facts.assurance = [...assurance.steps];
    facts.stillPossible = assurance.stillPossible;
    if (responses.length === 0)
      return this.#notChecked(
        'When the head was signed, by an outside clock',
        'The bundle holds no time stamp. An operator who holds the key can give records another time.',
      );
    if (stamped?.reached !== true) {
      // In a layout without version nothing says what these files are.
      if (ownRoots && profile) {
        reader.where = names.find((name) => name.endsWith('.tsr')) ?? TIMESTAMPS;
        throw new InvalidFormat('timestamp', stamped?.reason ?? 'The time stamp does not hold.');
      }
      return this.#notChecked('Time stamps by the authorities you trust', stamped?.reason ?? 'None holds.');
    }
    this.#checked('Time stamp', stamped.reason, responses.length);
    if (ownRoots)
      this.#notChecked(
        'Whose clock stamped it',
        'The root certificate of the authority was taken from the bundle itself. Give the root you trust to be sure.',
      );
  }

  // The bytes of a manifest with hundreds of thousands of files, and its list of them, are let go as soon as they are
  // read: what is left of it is small.
  async #readClaims(): Promise<{ manifest: BundleManifest | null; claims: BundleClaims; sha256: string }> {
    const bytes = await this.#reader.take(MANIFEST);
    const sha256 = sha256Hex(bytes);
    // Only an unpacked folder can be of the layout without signature: a ZIP, or a manifest's note, is of version 1.
    const isVersioned = this.#kind === 'zip' || this.#reader.has(MANIFEST_NOTE) || mayClaimVersion(bytes);
    if (!isVersioned) return { manifest: null, claims: parseForeignManifest(bytes), sha256 };
    const { files, ...rest } = parseManifest(bytes);
    this.#reader.expect(files);
    const manifest = { ...rest, files: [] };
    return { manifest, claims: manifest, sha256 };
  }

  #noteClaims(claims: BundleClaims, manifest: BundleManifest | null): void {
    const { facts } = this.#report;
    facts.format = manifest ? BUNDLE_FORMAT : 'unsigned layout';
    facts.bundle = manifest?.bundle ?? null;
    facts.origin = claims.origin;
    facts.exportedAt = manifest?.exportedAt ?? null;
    facts.entries = claims.entries.length;
    facts.from = claims.range?.from ?? null;
    facts.to = claims.range?.to ?? null;
  }

  async #acceptHead(claims: BundleClaims, profile: boolean): Promise<BundleContext> {
    const { policy, fromBundle } = await this.#policy();
    const note = await this.#reader.take(CHECKPOINT);
    const accepted = acceptCheckpoint(policy, note);
    const { origin, size, root } = accepted.checkpoint;
    if (origin !== claims.origin || size !== claims.size)
      throw new InvalidFormat(
        'checkpoint',
        `The checkpoint is of ${origin} at size ${size}, and the manifest says ${claims.origin} at size ${claims.size}.`,
      );
    const { facts } = this.#report;
    facts.size = size;
    facts.root = toBase64(root);
    facts.key = formatVerifierKey(accepted.log);
    facts.keyFingerprint = keyFingerprint(accepted.log);
    facts.keyFromBundle = fromBundle;
    facts.cosigners = accepted.cosigners.map(({ name, cosignedAt }) => ({ name, cosignedAt: instantOf(cosignedAt) }));
    this.#noteHead(accepted, policy, fromBundle);
    return { reader: this.#reader, claims, policy, accepted, note: utf8Text(note) ?? '', profile };
  }

  async #policy(): Promise<{ policy: Policy; fromBundle: boolean }> {
    const given = this.#options.policy;
    if (given !== undefined) {
      this.#reader.where = 'the policy file';
      return { policy: parsePolicy(typeof given === 'string' ? utf8Bytes(given) : given), fromBundle: false };
    }
    if (!this.#reader.has(POLICY))
      throw new InvalidFormat('policy', 'The bundle holds no key to check its signature with. Give a policy file.');
    return { policy: parsePolicy(await this.#reader.take(POLICY)), fromBundle: true };
  }

  #noteHead({ log, checkpoint, cosigners }: AcceptedCheckpoint, policy: Policy, fromBundle: boolean): void {
    const whose = fromBundle ? 'the key that came with the bundle' : 'the key in your policy file';
    this.#checked('Signed head', `The head of ${checkpoint.size} entries is signed by ${log.name} with ${whose}.`);
    const names = cosigners.map(({ name }) => name).join(', ');
    if (cosigners.length > 0 && policy.quorum !== 'none')
      this.#checked('Witnesses', `Cosigned by ${names}, as your policy asks.`, cosigners.length);
    else if (cosigners.length > 0)
      this.#notChecked(
        'Whether other readers were shown the same log',
        `${names} cosigned this head by the keys ${fromBundle ? 'that came with the bundle' : 'in your policy file'}, but the policy asks for no witness. Add a quorum to it once you know whose keys these are.`,
      );
    else
      this.#notChecked(
        'Whether other readers were shown the same log',
        'No witness of a policy has cosigned this head. An operator who holds the key can sign another history for somebody else.',
      );
    if (fromBundle)
      this.#notChecked(
        'Whose key signed the log',
        `It was taken from the bundle itself, so a forger could have put in another. Compare the fingerprint ${keyFingerprint(log)} with one you got from the operator another way, or verify with a policy file.`,
      );
  }

  // The key that signs the manifest is itself an entry of the log, so who trusts the log's key needs no second one.
  async #checkManifestSignature(context: BundleContext, manifest: BundleManifest, sha256: string): Promise<void> {
    const { reader, accepted, claims } = context;
    const { index, vkey } = manifest.key;
    if (!claims.entries.some((entry) => entry.index === index))
      throw new InvalidFormat(
        'bundle-key',
        `Entry ${index}, which announces the key of the manifest, is not in the bundle.`,
      );
    const leafBytes = await reader.take(entryPath(index));
    const body = readLeaf(leafBytes, { profile: true });
    const announced = body.value.body;
    const isAnnounced =
      body.type === 'key.announced' &&
      typeof announced === 'object' &&
      announced !== null &&
      !Array.isArray(announced) &&
      announced.purpose === 'bundle' &&
      announced.vkey === vkey;
    if (!isAnnounced)
      throw new InvalidFormat('bundle-key', `Entry ${index} does not announce the key that signs the manifest.`);
    const proof = parseTlogProof(await reader.take(proofPath(index)));
    const checker = new InclusionChecker(claims.size, accepted.checkpoint.root);
    if (proof.index !== index || !checker.check(index, { hashes: hashLeaf(leafBytes), hashAt: 0 }, pathOf(proof)))
      throw new InvalidFormat(
        'bundle-key',
        `Entry ${index}, which announces the key of the manifest, is not under the signed root.`,
      );
    const key = parseVerifierKey(vkey);
    if (key.name !== `${accepted.checkpoint.origin}/bundle`)
      throw new InvalidFormat(
        'bundle-key',
        `The key "${key.name}" is not the bundle key of ${accepted.checkpoint.origin}.`,
      );
    const noteBytes = await reader.take(MANIFEST_NOTE);
    const note = parseNote(noteBytes);
    const text = manifestNoteText(accepted.checkpoint.origin, sha256);
    if (note.text !== text)
      throw new InvalidFormat('bundle-signature', 'The manifest is not the one that was signed: its SHA-256 differs.');
    verifyNote(note, [key]);
    if (note.signatures.length !== 1 || formatNote(note) !== utf8Text(noteBytes))
      throw new InvalidFormat('bundle-signature', 'The note of the manifest holds more than its one signature.');
    this.#checked('Manifest', `The list of files is signed by the log's bundle key, which entry ${index} announces.`);
  }

  // With the key from the bundle this shows at least that the log announced it; with a policy, that the log knows it.
  #checkKeys({ accepted }: BundleContext, manifest: BundleManifest, found: EntriesFound): void {
    const vkey = formatVerifierKey(accepted.log);
    let announced = false;
    for (const [index, leaf] of found.keyEntries) {
      this.#reader.where = entryPath(index);
      const body = leaf.value.body;
      const named = typeof body === 'object' && body !== null && !Array.isArray(body) ? body.vkey : undefined;
      if (leaf.type === 'key.announced' && named === vkey) announced = true;
      if (leaf.type === 'key.retired' && named === manifest.key.vkey)
        throw new InvalidFormat('bundle-key', `Entry ${index} retires the key that signs the manifest.`);
      if (leaf.type === 'key.retired' && named === vkey)
        throw new InvalidFormat(
          'log-key',
          `Entry ${index} retires the key of your policy, and the checkpoint is signed with it all the same.`,
        );
    }
    this.#reader.where = 'entries/0.json';
    if (!announced)
      throw new InvalidFormat('log-key', 'No entry of the bundle announces the key that signed the checkpoint.');
  }

  #requireFiles(names: readonly string[]): void {
    for (const name of names) {
      this.#reader.where = name;
      if (!this.#reader.has(name)) throw new InvalidFormat('layout', `${name} is missing.`);
    }
  }

  #noteEntries({ claims }: BundleContext, found: EntriesFound): void {
    const { facts } = this.#report;
    facts.latestEntryAt = found.latestEntryAt;
    Object.assign(facts, found.succession);
    this.#report.entryTypes = [...found.typeCounts]
      .map(([type, count]) => ({ type, count }))
      .sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
    this.#checked('Entries', 'Every entry is byte for byte in its one canonical form.', claims.entries.length);
    if (found.seriesCount > 0)
      this.#checked(
        'Series',
        'Entries that are numbered follow each other, and each links to the one before.',
        found.seriesCount,
      );
    if (found.disclosures > 0)
      this.#checked('Disclosed values', 'Each is the value its entry committed to.', found.disclosures);
    if (claims.range)
      this.#checked(
        'Completeness',
        `Every entry from ${claims.range.from} to ${claims.range.to - 1} is here; none was left out.`,
        claims.range.to - claims.range.from,
      );
    this.#noteSchedule(found);
    for (const { id, from, to } of claims.series)
      this.#checked(`Series "${id}"`, `Its numbers ${from} to ${to} are all here.`, to - from + 1);
    if (facts.continues)
      this.#notChecked(
        'What was recorded before this log began',
        `It continues ${facts.continues.origin}, which ended with ${facts.continues.previous.size} signed entries (${facts.continues.reason}). Those are in bundles of that log; verify both together.`,
      );
    const whole = claims.range?.from === 0 && claims.range.to === claims.size;
    if (!whole) {
      const range = claims.range
        ? `before entry ${claims.range.from} or from entry ${claims.range.to} on`
        : 'that the bundle does not list';
      this.#notChecked(
        `Entries of the log ${range}`,
        'They are not in this bundle. A series that looks whole here could have a second branch among them.',
      );
    }
  }

  // Told by the log of itself: a run that was announced and is not told to have taken place shows here.
  #noteSchedule({ schedule }: EntriesFound): void {
    const found = schedule.found();
    if (found === null) return;
    const missed = found.closed - found.done;
    const open = found.expected - found.closed;
    this.#checked(
      'Scheduled runs',
      `${found.done} of ${found.closed} announced runs of the control tests took place${open > 0 ? `; ${open} more were announced for later, or not yet told of` : ''}.`,
      found.expected,
    );
    if (missed > 0)
      this.#notChecked(
        `${missed} scheduled runs that did not take place`,
        `Nothing was judged ${stretchesInWords(found.missed)}.${found.late > 0 ? ` ${found.late} runs were announced only afterwards.` : ''}`,
      );
  }

  #noteBlobs({ present, withheld, erased }: { present: number; withheld: number; erased: number }): void {
    const { facts } = this.#report;
    facts.blobs = present;
    facts.blobsWithheld = withheld;
    facts.blobsErased = erased;
    if (present > 0) this.#checked('Evidence files', 'Each is the file its entry names by SHA-256.', present);
    if (withheld > 0)
      this.#notChecked(
        `${withheld} evidence files that are withheld`,
        'The operator has not put them in; their digests are in the entries. Ask for them.',
      );
    if (erased > 0)
      this.#notChecked(
        `${erased} evidence files that were erased`,
        'They were removed, for example to honor a request for erasure; what remains is their digest.',
      );
  }

  async #checkSealed({ sealed }: EntriesFound): Promise<void> {
    const { opened, tooLarge } = await checkSealedFiles(this.#reader, sealed);
    if (opened > 0)
      this.#checked('Opened files', 'Each opens with its disclosed key, and is what its entry committed to.', opened);
    if (tooLarge > 0)
      this.#notChecked(
        `${tooLarge} files whose key is disclosed`,
        'They are larger than 256 MiB and were not decrypted. Decrypt them with another program, and compare.',
      );
  }

  async #noteRest(manifest: BundleManifest | null): Promise<void> {
    const isMirrored = this.#report.facts.assurance.some(({ level, reached }) => level === 'mirrored' && reached);
    if (this.#reader.has(MIRRORS) && !isMirrored)
      this.#notChecked(
        'Whether mirrors hold this head',
        `${MIRRORS} says where the operator had it mirrored. Look there, at a place you can reach yourself.`,
      );
    if (!manifest) {
      this.#notChecked(
        'That the bundle is as it was exported',
        'It has no signed manifest: files that no entry names may have been added, and entries outside a claimed range taken out.',
      );
      return;
    }
    const files = await this.#reader.takeRest();
    this.#checked('Files', 'Every file is the one the signed manifest lists, and there is no other.', files);
  }

  #checked(what: string, detail: string, count?: number): void {
    this.#report.checked.push(count === undefined ? { what, detail } : { what, detail, count });
  }

  #notChecked(what: string, why: string): void {
    this.#report.notChecked.push({ what, why });
  }
}

const STRETCHES_SHOWN = 5;

function stretchesInWords(missed: readonly { from: string; to: string }[]): string {
  const minutes = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`;
  const shown = missed.slice(0, STRETCHES_SHOWN).map(({ from, to }) => `from ${minutes(from)} to ${minutes(to)}`);
  const more = missed.length - shown.length;
  return `${shown.join(', ') || 'in that time'}${more > 0 ? ` and in ${more} more stretches` : ''}`;
}

function instantOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString();
}
