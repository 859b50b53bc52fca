import type { AssuranceLevel, AssuranceStep } from '../log/assurance-levels.ts';
import type { Rule } from '../log/invalid-format.ts';
import type { Succession } from './succession.ts';

/** What a verification found, in words for a person who did not write the software. */
export type BundleReport = {
  ok: boolean;
  firstProblem: BundleProblem | null;
  /** What holds. Where something is wrong, what was found to hold before it. */
  checked: CheckedItem[];
  /** What this verification cannot or did not tell. */
  notChecked: { what: string; why: string }[];
  facts: BundleFacts;
  entryTypes: { type: string; count: number }[];
};

export type BundleProblem = { rule: Rule; where: string; sentence: string };
export type CheckedItem = { what: string; detail: string; count?: number };

/** Members are null as long as the file they come from has not been read and checked. */
export type BundleFacts = {
  format: 'assay-bundle/v1' | 'unsigned layout' | null;
  bundle: string | null;
  origin: string | null;
  /** Leaves under the checkpoint. */
  size: number | null;
  /** Base64. */
  root: string | null;
  /** Entries in the bundle. */
  entries: number | null;
  /** The claimed complete range, `to` not included. */
  from: number | null;
  to: number | null;
  /** By the exporting machine's clock. */
  exportedAt: string | null;
  /** The latest time in an entry, by the recording machine's clock. */
  latestEntryAt: string | null;
  /** How far the operator can be trusted less: see docs/spec/bundle.md, "Levels". */
  level: AssuranceLevel | null;
  /** All four levels, reached or not, and why. */
  assurance: AssuranceStep[];
  /** What its operator could still do, in a sentence. */
  stillPossible: string | null;
  /** The log's public key in text form, and a short digest of that to compare. */
  key: string | null;
  keyFingerprint: string | null;
  /** True: the key came from the bundle itself, so nothing says whose it is. */
  keyFromBundle: boolean;
  cosigners: { name: string; cosignedAt: string }[];
  blobs: number;
  blobsWithheld: number;
  blobsErased: number;
} & Succession;

export function emptyFacts(): BundleFacts {
  return {
    format: null,
    bundle: null,
    origin: null,
    size: null,
    root: null,
    entries: null,
    from: null,
    to: null,
    exportedAt: null,
    latestEntryAt: null,
    level: null,
    assurance: [],
    stillPossible: null,
    key: null,
    keyFingerprint: null,
    keyFromBundle: false,
    cosigners: [],
    blobs: 0,
    blobsWithheld: 0,
    blobsErased: 0,
    continues: null,
    sealed: null,
    next: null,
  };
}

/** What no bundle of this kind can show, whatever is checked. */
export const NOT_PROVEN: readonly { what: string; why: string }[] = [
  {
    what: 'Whether the evidence was true when it was collected',
    why: 'The ledger shows that a record has not changed since; it does not show that the record was right.',
  },
  {
    what: 'Events that were never recorded',
    why: 'Only what was appended is here. Scheduled runs are announced before they happen, so a run that did not happen shows as a gap.',
  },
  {
    what: 'The times in the entries',
    why: 'They come from the clock of the machine that recorded them.',
  },
];
