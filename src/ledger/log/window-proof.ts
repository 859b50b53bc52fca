import { CanonicalJsonError, type JsonValue, parseCanonicalJson } from '#src/kernel/canonical-json.ts';
import { equalBytes, fromHex, toHex, utf8Bytes, utf8Text } from './bytes.ts';
import { InvalidFormat, type Rule } from './invalid-format.ts';
import { readLeaf } from './leaf.ts';
import { acceptCheckpoint, type Policy, policyOfLog } from './policy.ts';
import { rootFromInclusionProof, verifyInclusion } from './proof.ts';
import { decodeHashes, hashesOf, parseTlogProof } from './tlog-proof.ts';
import { hashLeaf } from './tree.ts';
import { parseVerifierKey, type VerifierKey } from './verifier-key.ts';

/** The first member of every proof file. Source: docs/spec/gateway-decisions.md, section 4. */
export const WINDOW_PROOF_FORMAT = 'assay-window-proof/1';
/** A record, its path, one leaf and one proof of the ledger fit well within. */
export const WINDOW_PROOF_BYTES_MAX = 1024 * 1024;

/** That one record belongs to a sealed window, and that the ledger holds the window: checkable without either. */
export type WindowProof = {
  format: typeof WINDOW_PROOF_FORMAT;
  /** Canonical JSON, byte for byte as it was hashed. */
  record: string;
  window: {
    id: string;
    /** Place of the record among the leaves of the window. */
    index: number;
    size: number;
    /** Base64, from the leaf's sibling to the root's child. */
    path: string[];
  };
  ledger: {
    /** The leaf of the `gateway.window` entry. */
    leaf: string;
    /** C2SP tlog-proof of that leaf. */
    proof: string;
    /** The log's key, as whoever made the file says. Trust comes from a key the reader got elsewhere. */
    vkey: string;
  };
};

export type WindowProofReport = {
  ok: boolean;
  /** Why not, in one sentence; null when all holds. */
  problem: string | null;
  /** What was found to hold, in order. */
  checked: readonly string[];
  record: { [member: string]: JsonValue | undefined } | null;
  windowId: string | null;
  /** Hex of the Merkle root over the window. */
  root: string | null;
  decisions: number | null;
  entryIndex: number | null;
  origin: string | null;
  key: VerifierKey | null;
  /** True where nothing but the file says whose key it is. */
  keyFromFile: boolean;
};

/**
 * Checks a proof file from the record up to the signature. `policy` says whom the reader trusts; without it the key in the
 * file is believed, which shows only that the file agrees with itself. Never throws for what the file holds.
 */
export function verifyWindowProof(bytes: Uint8Array, policy?: Policy): WindowProofReport {
  const report: WindowProofReport & { checked: string[] } = {
    ok: false,
    problem: null,
    checked: [],
    record: null,
    windowId: null,
    root: null,
    decisions: null,
    entryIndex: null,
    origin: null,
    key: null,
    keyFromFile: policy === undefined,
  };
  try {
    check(parseWindowProof(bytes), policy, report);
    report.ok = true;
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    report.problem = error.message;
  }
  return report;
}

function check(
  proof: WindowProof,
  policy: Policy | undefined,
  report: WindowProofReport & { checked: string[] },
): void {
  const { window, ledger } = proof;
  const record = utf8Bytes(proof.record);
  report.record = readRecord(proof.record);
  report.windowId = window.id;
  const root = rootFromInclusionProof(window.index, window.size, hashLeaf(record), decodeHashes(window.path));
  if (root === null) fail('inclusion', 'The path of the record does not fit its place in the window.');
  report.root = toHex(root);
  report.checked.push(`The record is leaf ${window.index} of ${window.size} under the root ${report.root}.`);

  const leaf = utf8Bytes(ledger.leaf);
  const { value, type } = readLeaf(leaf, { profile: true });
  if (type !== 'gateway.window') fail('entry', `The ledger entry is of type ${type}, not gateway.window.`);
  const { subject, body } = value as { subject: { id: string }; body: { root?: JsonValue; decisions?: JsonValue } };
  if (subject.id !== window.id)
    fail('entry', `The ledger entry is about the window ${subject.id}, not about ${window.id}.`);
  const committed = typeof body.root === 'string' ? fromHex(body.root) : null;
  if (!committed || !equalBytes(committed, root))
    fail('root', 'The ledger entry holds another root: the record, or its place, is not what was sealed.');
  if (body.decisions !== window.size)
    fail('root', `The ledger entry counts ${String(body.decisions)} decisions, the proof ${window.size}.`);
  report.decisions = window.size;
  report.checked.push(`The ledger entry of window ${window.id} holds that root and ${window.size} decisions.`);

  const place = parseTlogProof(utf8Bytes(ledger.proof));
  const trusted = policy ?? policyOfLog(parseVerifierKey(ledger.vkey));
  const { checkpoint, log, cosigners } = acceptCheckpoint(trusted, utf8Bytes(place.checkpoint));
  report.origin = checkpoint.origin;
  report.key = log;
  report.checked.push(
    `The head of ${checkpoint.size} entries is signed by ${log.name}${cosigners.length > 0 ? ` and cosigned by ${cosigners.map(({ name }) => name).join(', ')}` : ''}.`,
  );
  if (!verifyInclusion(place.index, checkpoint.size, hashLeaf(leaf), hashesOf(place), checkpoint.root))
    fail('inclusion', `The ledger entry is not entry ${place.index} under the signed head.`);
  report.entryIndex = place.index;
  report.checked.push(`The ledger entry is entry ${place.index} under that head.`);
}

function readRecord(text: string): { [member: string]: JsonValue | undefined } {
  try {
    return objectOf(parseCanonicalJson(text), '"record"') as { [member: string]: JsonValue | undefined };
  } catch (error) {
    if (error instanceof CanonicalJsonError) fail('canonical-json', `The record is ${error.message}.`);
    throw error;
  }
}

function fail(rule: Rule, message: string): never {
  throw new InvalidFormat(rule, message);
}

/** Throws `InvalidFormat` naming the member that is missing or wrong. */
export function parseWindowProof(bytes: Uint8Array): WindowProof {
  if (bytes.length > WINDOW_PROOF_BYTES_MAX)
    throw new InvalidFormat('limit', `A proof file is at most ${WINDOW_PROOF_BYTES_MAX} bytes long.`);
  const file = objectOf(parseJson(bytes), 'The file');
  if (file.format !== WINDOW_PROOF_FORMAT) fail('proof-file', `"format" is not "${WINDOW_PROOF_FORMAT}".`);
  const window = objectOf(file.window, '"window"');
  const ledger = objectOf(file.ledger, '"ledger"');
  const path = window.path;
  if (!Array.isArray(path) || path.length > 63 || !path.every((hash) => typeof hash === 'string'))
    fail('proof-file', '"window.path" is not a list of at most 63 hashes in base64.');
  return {
    format: WINDOW_PROOF_FORMAT,
    record: textOf(file.record, 'record'),
    window: {
      id: textOf(window.id, 'window.id'),
      index: countOf(window.index, 'window.index'),
      size: countOf(window.size, 'window.size'),
      path,
    },
    ledger: {
      leaf: textOf(ledger.leaf, 'ledger.leaf'),
      proof: textOf(ledger.proof, 'ledger.proof'),
      vkey: textOf(ledger.vkey, 'ledger.vkey'),
    },
  };
}

function parseJson(bytes: Uint8Array): unknown {
  const text = utf8Text(bytes);
  if (text === null) fail('proof-file', 'The file is not UTF-8.');
  try {
    return JSON.parse(text);
  } catch {
    // Where in the text it went wrong helps nobody: the file was damaged or is something else.
    return fail('proof-file', 'The file is not JSON.');
  }
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    fail('proof-file', `${name} is not an object.`);
  return value as Record<string, unknown>;
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') fail('proof-file', `"${name}" is missing.`);
  return value;
}

function countOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    fail('proof-file', `"${name}" is not a whole number.`);
  return value;
}
