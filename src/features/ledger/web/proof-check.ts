import { equalBytes, fromBase64, fromHex, toHex, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { parseNote, verifyNote } from '#src/ledger/log/note.ts';
import { verifyConsistency, verifyInclusion } from '#src/ledger/log/proof.ts';
import { decodeHashes } from '#src/ledger/log/tlog-proof.ts';
import { consistencyPath, EMPTY_ROOT, hashChildren, hashLeaf, inclusionPath } from '#src/ledger/log/tree.ts';
import { keyFingerprint, parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import type { LedgerGrowth, LedgerPosition } from '../model.ts';

/** Entries from the first to before the second: what a hash stands for. */
export type Span = readonly [from: number, to: number];

/** One level of the way up to the root: what came beside the hash so far, on which side, and what both hash to. All hex. */
export type PathStep = { side: 'left' | 'right'; sibling: string; siblingSpan: Span; result: string; resultSpan: Span };

/** A way up to a root, from its lowest hash. */
export type HashPath = { start: string; startSpan: Span; steps: PathStep[]; root: string };

export type Check = { what: string; ok: boolean; detail: string };

export type ProofCheck = {
  ok: boolean;
  checks: Check[];
  path: HashPath | null;
  keyFingerprint: string;
};

/**
 * Checks an entry's place in the ledger from nothing but what the server handed over, with the code of the offline
 * verifier. `contentDigest` (hex) must be named by the leaf. Never throws: what cannot be read is a failed check.
 */
export function checkPosition(position: LedgerPosition, contentDigest?: string): ProofCheck {
  const checks: Check[] = [];
  const outcome: ProofCheck = { ok: false, checks, path: null, keyFingerprint: '' };
  try {
    const { index, size, leaf, checkpoint } = position;
    if (index === null || size === null || leaf === null || checkpoint === null)
      throw new Error('The server handed over no proof for this entry.');
    const leafHash = hashLeaf(utf8Bytes(leaf));
    if (contentDigest !== undefined) checks.push(namesContent(leaf, contentDigest));
    checks.push(sameAsStated(leafHash, position.leafHash));

    const hashes = decodeHashes(position.proof);
    outcome.path = walkUp(leafHash, [index, index + 1], inclusionPath(index, size), hashes);

    const note = parseNote(utf8Bytes(checkpoint));
    const head = parseCheckpoint(note.text);
    const included = head.size === size && verifyInclusion(index, head.size, leafHash, hashes, head.root);
    checks.push({
      what: 'The path leads to the root of the checkpoint',
      ok: included,
      detail: included
        ? `entry ${index.toLocaleString('en-US')} of ${head.size.toLocaleString('en-US')}, ${hashes.length} hashes`
        : `the checkpoint holds the root ${toHex(head.root)} for ${head.size} entries`,
    });
    const key = parseVerifierKey(position.vkey);
    outcome.keyFingerprint = keyFingerprint(key);
    checks.push(signatureHolds(() => verifyNote(note, [key]), key.name));
    checks.push({
      what: 'The checkpoint is of this ledger',
      ok: head.origin === position.origin && key.name === head.origin,
      detail: head.origin,
    });
  } catch (error) {
    checks.push({
      what: 'The proof can be read',
      ok: false,
      detail: error instanceof Error ? error.message : 'It is not in the form of a proof.',
    });
  }
  outcome.ok = checks.every(({ ok }) => ok);
  return outcome;
}

function namesContent(leaf: string, digest: string): Check {
  const parsed = JSON.parse(leaf) as { blobs?: { sha256?: string }[] };
  const named = parsed.blobs?.some(({ sha256 }) => sha256 === digest) ?? false;
  return {
    what: 'The leaf names the digest of this item',
    ok: named,
    detail: named ? digest : `no blob of the leaf has the digest ${digest}`,
  };
}

function sameAsStated(leafHash: Uint8Array, stated: string | null): Check {
  const bytes = stated === null ? null : (fromHex(stated) ?? fromBase64(stated));
  const ok = bytes !== null && equalBytes(bytes, leafHash);
  return { what: 'The text of the leaf hashes to its leaf hash', ok, detail: toHex(leafHash) };
}

function signatureHolds(
  verify: () => unknown,
  name: string,
  what = 'The checkpoint is signed by the ledger’s key',
): Check {
  try {
    verify();
    return { what, ok: true, detail: name };
  } catch (error) {
    // The verifier says in its message which signature is missing or wrong.
    return { what, ok: false, detail: error instanceof Error ? error.message : 'The signature does not hold.' };
  }
}

/**
 * The same walk as in proof.ts, kept level by level for the drawing; those functions decide. `spans` are of the hashes of
 * the proof, in their order; what the proof has beyond them leads nowhere.
 */
function walkUp(start: Uint8Array, startSpan: Span, spans: readonly Span[], proof: readonly Uint8Array[]): HashPath {
  const steps: PathStep[] = [];
  let hash = start;
  let own = startSpan;
  for (const [i, siblingSpan] of spans.entries()) {
    const sibling = proof[i];
    if (!sibling) break;
    const onLeft = siblingSpan[0] < own[0];
    hash = onLeft ? hashChildren(sibling, hash) : hashChildren(hash, sibling);
    own = onLeft ? [siblingSpan[0], own[1]] : [own[0], siblingSpan[1]];
    const side = onLeft ? 'left' : 'right';
    steps.push({ side, sibling: toHex(sibling), siblingSpan, result: toHex(hash), resultSpan: own });
  }
  return { start: toHex(start), startSpan, steps, root: toHex(hash) };
}

export type GrowthCheck = { ok: boolean; checks: Check[]; older: HashPath | null; newer: HashPath | null };

/** Checks from what the server handed over that the log only grew between two heads. Never throws. */
export function checkGrowth(growth: LedgerGrowth): GrowthCheck {
  const checks: Check[] = [];
  const outcome: GrowthCheck = { ok: false, checks, older: null, newer: null };
  try {
    const keys = growth.vkeys.map(parseVerifierKey);
    const heads = [growth.older, growth.newer].map(({ size, checkpoint }, i) => {
      const note = parseNote(utf8Bytes(checkpoint));
      const head = parseCheckpoint(note.text);
      const which = i === 0 ? 'older' : 'newer';
      checks.push(
        signatureHolds(() => verifyNote(note, keys), growth.origin, `The ${which} head is signed by this ledger’s key`),
      );
      checks.push({
        what: `The ${which} head is of this ledger and of ${size.toLocaleString('en-US')} entries`,
        ok: head.origin === growth.origin && head.size === size && keys.every(({ name }) => name === head.origin),
        detail: `root ${toHex(head.root)}`,
      });
      return head;
    });
    const [older, newer] = heads as [Checkpoint, Checkpoint];
    const proof = decodeHashes(growth.proof);
    const grew =
      older.size === 0
        ? proof.length === 0 && equalBytes(older.root, EMPTY_ROOT)
        : verifyConsistency(older.size, newer.size, older.root, newer.root, proof);
    checks.push({
      what: 'The newer log begins with the older one, entry by entry',
      ok: grew,
      detail: `${proof.length} hashes lead to both roots`,
    });
    if (older.size > 0 && older.size < newer.size) Object.assign(outcome, drawGrowth(older, newer, proof));
  } catch (error) {
    checks.push({
      what: 'The proof can be read',
      ok: false,
      detail: error instanceof Error ? error.message : 'It is not in the form of a proof.',
    });
  }
  outcome.ok = checks.length > 0 && checks.every(({ ok }) => ok);
  return outcome;
}

// Both ways up start at the last complete part of the older log; what joins from the left was in the older log already.
function drawGrowth(older: Checkpoint, newer: Checkpoint, proof: readonly Uint8Array[]) {
  const spans = consistencyPath(older.size, newer.size);
  const isWholeSubtree = Number.isInteger(Math.log2(older.size));
  const start = isWholeSubtree ? older.root : (proof[0] as Uint8Array);
  const startSpan: Span = isWholeSubtree ? [0, older.size] : (spans[0] as Span);
  const rest = isWholeSubtree ? { spans, proof } : { spans: spans.slice(1), proof: proof.slice(1) };
  const inOlder = rest.spans.map(([, to]) => to <= older.size);
  return {
    newer: walkUp(start, startSpan, rest.spans, rest.proof),
    older: walkUp(
      start,
      startSpan,
      rest.spans.filter((_, i) => inOlder[i]),
      rest.proof.filter((_, i) => inOlder[i]),
    ),
  };
}
