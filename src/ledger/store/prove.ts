import { AppError } from '#src/kernel/errors.ts';
import { toBase64 } from '../log/bytes.ts';
import { formatTlogProof } from '../log/tlog-proof.ts';
import type { LedgerReader, SignedHead } from './store-read.ts';

export type InclusionProof = {
  index: number;
  size: number;
  /** Base64, from the leaf's sibling to the root's child. */
  hashes: string[];
  /** 64 hex digits. */
  leafHash: string;
  /** The signed note. */
  checkpoint: string;
  /** The same as one file. Source: C2SP tlog-proof. */
  tlogProof: string;
};

/** The proof of an entry under a signed head. Throws `AppError('not_found')` for an entry that is not under it. */
export async function proveInclusion(reader: LedgerReader, head: SignedHead, index: number): Promise<InclusionProof> {
  const entry = index < head.size ? await reader.entryAt(index) : null;
  if (!entry)
    throw new AppError('not_found', `There is no entry ${index} under the signed head of ${head.size} entries.`);
  const hashes = (await reader.tree.inclusionProof(index, head.size)).map(toBase64);
  return {
    index,
    size: head.size,
    hashes,
    leafHash: entry.leafHash,
    checkpoint: head.note,
    tlogProof: formatTlogProof({ index, path: hashes.join('\n'), checkpoint: head.note }),
  };
}

/**
 * The proof that an entry announces or retires a key, for the witnesses of the log (docs/spec/ledger.md, section 4): the
 * proof file of the entry with its leaf as extra data, under a cosigned head. Throws `AppError('not_found')`.
 */
export async function proveKeyChange(
  reader: LedgerReader,
  { size, note }: { size: number; note: string },
  index: number,
): Promise<string> {
  const entry = index < size ? await reader.entryAt(index) : null;
  if (!entry) throw new AppError('not_found', `There is no entry ${index} under the signed head of ${size} entries.`);
  const path = (await reader.tree.inclusionProof(index, size)).map(toBase64).join('\n');
  return formatTlogProof({ index, path, checkpoint: note, extra: entry.bytes });
}
