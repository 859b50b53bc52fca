/**
 * Bounds of one scan. Reaching one never fails the scan: it ends early or leaves a part out, says so in
 * `incompleteBecause`, and the result stops proving absence.
 */
export type ScanLimits = {
  /** Files listed. */
  files: number;
  /** Folders below the root. */
  depth: number;
  /** Entries of one folder. */
  folderEntries: number;
  /** Bytes read as text over the whole tree. */
  textBytes: number;
  /** Bytes of one file read as text; what follows is left out. */
  fileTextBytes: number;
  /** Bytes of one weights or data file read to compute its SHA-256; a larger one gets no hash. */
  fileHashBytes: number;
  /** Bytes hashed over the whole tree. */
  hashBytes: number;
  /** Wall-clock time of the whole scan. */
  timeMs: number;
  /** Facts of one kind. */
  factsPerKind: number;
};

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

// A monorepo of a large company has some 300,000 files and 5 GB of text; ten minutes is what a CI step grants.
export const DEFAULT_LIMITS: ScanLimits = {
  files: 500_000,
  depth: 64,
  folderEntries: 200_000,
  textBytes: 8 * GIB,
  fileTextBytes: 64 * MIB,
  fileHashBytes: 2 * GIB,
  hashBytes: 64 * GIB,
  timeMs: 600_000,
  factsPerKind: 20_000,
};
