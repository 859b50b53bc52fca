import { equalBytes, fromBase64, fromDecimal, toBase64 } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';
import { EMPTY_ROOT, HASH_BYTES } from './tree.ts';

/** The head of a log at a size. Source: C2SP tlog-checkpoint v1. */
export type Checkpoint = {
  origin: string;
  /** Leaves in the tree. The format goes to 2^64; this code reads up to 2^53 - 1. */
  size: number;
  /** 32 bytes. */
  root: Uint8Array;
  /** Opaque lines after the first three. Assay writes none. */
  extensions: readonly string[];
};

/** The text of a checkpoint without extension lines, as it is signed. */
export function formatCheckpoint(origin: string, size: number, root: Uint8Array): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads the text of a note. Throws `InvalidFormat` when it is no checkpoint. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin = '', size = '', root = '', ...rest] = lines;
  if (rest.pop() !== '') throw new InvalidFormat('checkpoint', 'A checkpoint has three lines, each with a newline.');
  if (origin === '') throw new InvalidFormat('checkpoint', 'The first line of a checkpoint, the origin, is empty.');
  const leaves = fromDecimal(size);
  if (leaves === null)
    throw new InvalidFormat('checkpoint', `The tree size "${size.slice(0, 40)}" is not a decimal below 2^53.`);
  const hash = fromBase64(root);
  if (hash?.length !== HASH_BYTES)
    throw new InvalidFormat('checkpoint', `The root hash "${root.slice(0, 60)}" is not the base64 of 32 bytes.`);
  if (leaves === 0 && !equalBytes(hash, EMPTY_ROOT))
    throw new InvalidFormat(
      'checkpoint',
      'The root hash of the empty tree is SHA-256 of nothing, and this is another.',
    );
  if (rest.includes('')) throw new InvalidFormat('checkpoint', 'An extension line of the checkpoint is empty.');
  return { origin, size: leaves, root: hash, extensions: rest };
}
