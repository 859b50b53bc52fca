import { concatBytes, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { formatCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { signNote } from '#src/ledger/log/note.ts';
import { hashLeaf, MerkleTree } from '#src/ledger/log/tree.ts';
import { signerFromSeed } from '#src/ledger/store/keys.ts';
import { formatAddCheckpoint } from '#src/ledger/witness/witness-protocol.ts';

/** A log in memory: leaves are texts, one key. Two of one `origin` and different `salt` from a leaf on are a fork. */
export function smallLog(origin: string, size: number, fork?: { from: number; salt: string }) {
  const signer = signerFromSeed(origin, new Uint8Array(32).fill(7));
  const leaves = Array.from({ length: size }, (_, i) =>
    hashLeaf(utf8Bytes(fork && i >= fork.from ? `${fork.salt} ${i}` : `leaf ${i}`)),
  );
  const tree = new MerkleTree(concatBytes(...leaves));
  const note = (at: number) => signNote(formatCheckpoint(origin, at, tree.root(at)), [signer]);
  const request = (oldSize: number, at: number) =>
    formatAddCheckpoint({ oldSize, proof: tree.consistencyProof(oldSize, at), note: note(at) });
  return { origin, signer, key: signer.key, tree, note, request };
}
