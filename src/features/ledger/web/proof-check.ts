import { equalBytes, fromBase64, fromHex, toHex, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { parseCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { parseNote, verifyNote } from '#src/ledger/log/note.ts';
import { verifyInclusion } from '#src/ledger/log/proof.ts';
import { decodeHashes } from '#src/ledger/log/tlog-proof.ts';
import { hashChildren, hashLeaf } from '#src/ledger/log/tree.ts';
import { keyFingerprint, parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import type { LedgerPosition } from '../model.ts';

/** One level of the way from the leaf to the root: what was there, what came beside it, what they hash to. All hex. */
export type PathStep = { side: 'left' | 'right'; sibling: string; result: string };

export type Check = { what: string; ok: boolean; detail: string };

export type ProofCheck = {
  ok: boolean;
  checks: Check[];
  leafHash: string;
  path: PathStep[];
  root: string;
  keyFingerprint: string;
};

/**
 * Checks an entry's place in the ledger from nothing but what the server handed over, with the code of the offline
 * verifier. `contentDigest` (hex) must be named by the leaf. Never throws: what cannot be read is a failed check.
 */
export function checkPosition(position: LedgerPosition, contentDigest?: string): ProofCheck {
  const checks: Check[] = [];
  const outcome: ProofCheck = { ok: false, checks, leafHash: '', path: [], root: '', keyFingerprint: '' };
  try {
    const { index, size, leaf, checkpoint } = position;
    if (index === null || size === null || leaf === null || checkpoint === null)
      throw new Error('The server handed over no proof for this entry.');
    const leafHash = hashLeaf(utf8Bytes(leaf));
    outcome.leafHash = toHex(leafHash);
    if (contentDigest !== undefined) checks.push(namesContent(leaf, contentDigest));
    checks.push(sameAsStated(leafHash, position.leafHash));

    const hashes = decodeHashes(position.proof);
    outcome.path = walk(index, size, leafHash, hashes);
    outcome.root = outcome.path.at(-1)?.result ?? outcome.leafHash;

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

function signatureHolds(verify: () => unknown, name: string): Check {
  const what = 'The checkpoint is signed by the ledger’s key';
  try {
    verify();
    return { what, ok: true, detail: name };
  } catch (error) {
    // The verifier says in its message which signature is missing or wrong.
    return { what, ok: false, detail: error instanceof Error ? error.message : 'The signature does not hold.' };
  }
}

/** The same walk as `rootFromInclusionProof`, kept level by level for the drawing; that function decides. */
function walk(index: number, size: number, leafHash: Uint8Array, proof: readonly Uint8Array[]): PathStep[] {
  const steps: PathStep[] = [];
  let first = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    const onLeft = first % 2 === 1 || first === last;
    hash = onLeft ? hashChildren(sibling, hash) : hashChildren(hash, sibling);
    steps.push({ side: onLeft ? 'left' : 'right', sibling: toHex(sibling), result: toHex(hash) });
    if (onLeft)
      while (first % 2 === 0 && first !== 0) {
        first = Math.floor(first / 2);
        last = Math.floor(last / 2);
      }
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
  }
  return steps;
}
