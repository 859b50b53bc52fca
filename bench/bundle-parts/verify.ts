// Verifies a bundle many times, and in turns does only what of it is hashed and signed. Arguments: the bundle, its policy, the
// size of the log and its root in hex.
import { readFileSync } from 'node:fs';
import { sha256Hex, verifyEd25519 } from '#src/kernel/hash.ts';
import { fromMemory } from '#src/ledger/bundle/bundle-files.ts';
import { entryOfPath, proofOfPath } from '#src/ledger/bundle/bundle-format.ts';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { openZip } from '#src/ledger/bundle/zip-read.ts';
import { utf8Bytes } from '#src/ledger/log/bytes.ts';
import { verifyInclusion } from '#src/ledger/log/proof.ts';
import { hashesOf, parseTlogProof } from '#src/ledger/log/tlog-proof.ts';
import { hashLeaf, hashLeaves, rootOfHashes } from '#src/ledger/log/tree.ts';
import { signerFromSeed } from '#src/ledger/store/keys.ts';

/** CPU seconds of the process, all threads; medians. */
export type BundleCost = {
  verifySeconds: number;
  /**
   * A digest of each file in the manifest, the hash of each leaf, the path of each proof by itself, the signatures of
   * checkpoint and manifest. The checkpoint that every proof repeats is counted once, and the checksums of the ZIP not at all.
   */
  statedSeconds: number;
  /** The same with every node of the tree once, as one that holds all leaves can do with. */
  fewestSeconds: number;
  residentMegabytes: number;
};

// Enough for the engine to have compiled all of it, and in turns: what else the machine does meets each alike.
const ROUNDS = 21;

async function bareWork(zip: Uint8Array, size: number, root: Uint8Array) {
  const files = await openZip(fromMemory(zip));
  const contents = await Promise.all(files.names.map((_, place) => files.readAt(place)));
  const leaves = new Map<number, Uint8Array>();
  const proofs: { index: number; hashes: Uint8Array[] }[] = [];
  for (const [i, name] of files.names.entries()) {
    const index = entryOfPath(name);
    if (index !== null) leaves.set(index, contents[i] as Uint8Array);
    if (proofOfPath(name) === null) continue;
    const proof = parseTlogProof(contents[i] as Uint8Array);
    proofs.push({ index: proof.index, hashes: hashesOf(proof) });
  }
  const signer = signerFromSeed('bench.example/ledger', new Uint8Array(32).fill(1));
  const message = utf8Bytes('x'.repeat(200));
  const signature = signer.sign(message);
  const digestsAndSignatures = () => {
    for (const file of contents) sha256Hex(file);
    for (let i = 0; i < 2; i++) verifyEd25519(signer.key.publicKey, message, signature);
  };
  const stated = () => {
    digestsAndSignatures();
    for (const { index, hashes } of proofs)
      if (!verifyInclusion(index, size, hashLeaf(leaves.get(index) as Uint8Array), hashes, root))
        throw new Error(`the proof of entry ${index} does not hold`);
  };
  const inOrder = [...leaves.values()];
  const fewest = () => {
    digestsAndSignatures();
    rootOfHashes(hashLeaves(inOrder));
  };
  return { stated, fewest };
}

async function cpuSeconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const [file = '', policyFile = '', size = '', root = ''] = process.argv.slice(2);
const zip = new Uint8Array(readFileSync(file));
const policy = readFileSync(policyFile, 'utf8');
const verify = async () => {
  const { ok, firstProblem } = await verifyBundle(zip, { policy });
  if (!ok) throw new Error(`the bundle does not verify: ${firstProblem?.sentence}`);
};
const bare = await bareWork(zip, Number(size), new Uint8Array(Buffer.from(root, 'hex')));
const taken = { verify: [] as number[], stated: [] as number[], fewest: [] as number[] };
for (let round = 0; round < ROUNDS; round++) {
  taken.verify.push(await cpuSeconds(verify));
  taken.stated.push(await cpuSeconds(bare.stated));
  taken.fewest.push(await cpuSeconds(bare.fewest));
}
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number;
const cost: BundleCost = {
  verifySeconds: median(taken.verify),
  statedSeconds: median(taken.stated),
  fewestSeconds: median(taken.fewest),
  residentMegabytes: process.memoryUsage().rss / 1e6,
};
process.send?.(cost);
