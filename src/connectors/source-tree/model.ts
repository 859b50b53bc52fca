import type { FactKindName, KnownFact, Purpose } from '#src/facts/index.ts';
import type { Clock, Instant } from '#src/kernel/time.ts';
import type { ScanLimits } from './limits.ts';

/** Kinds of things an AI inventory holds. */
export const ASSET_KINDS = [
  'model',
  'training_pipeline',
  'dataset',
  'prompt',
  'inference_api',
  'agent',
  'agent_tool',
  'eval_suite',
  'knowledge_base',
  'third_party_ai_service',
  'guardrail',
] as const;
export type AssetKind = (typeof ASSET_KINDS)[number];

export type Confidence = 'high' | 'medium' | 'low';

/** One more place where a detected asset was seen. */
export type Sighting = { path: string; line: number | null; rule: string; factKey: string };

/** One asset of the AI inventory, as proposed by a scan. */
export type Detection = {
  kind: AssetKind;
  /** Stays the same while the asset does: kind, system and identity; never a line number. */
  key: string;
  title: string;
  /** Where it was seen first, product code before tests and examples. */
  path: string;
  line: number | null;
  confidence: Confidence;
  rule: string;
  factKey: string;
  factKind: FactKindName;
  /** Keys of the detections it uses. */
  uses: string[];
  /** Why each of `uses` is there, in the same order, e.g. `same file: app/chat.py`. */
  usesBecause: string[];
  /** Key of the scanned system (`ScannedSystem.key`) it stands in: folder of the nearest manifest, `.` for the root. */
  system: string;
  purpose: Purpose;
  details: Record<string, string>;
  /** Every place it was seen, the first included; at most `SIGHTINGS_MAX`. */
  places: Sighting[];
  placesCount: number;
};

export const SIGHTINGS_MAX = 50;

/** A part of the tree that looks like one deliverable: the folder of a manifest that holds AI assets. */
export type ScannedSystem = {
  key: string;
  title: string;
  /** The file that makes the folder one, e.g. `services/chat/pyproject.toml`; null for a root without manifest. */
  manifest: string | null;
  detections: number;
};

export type Skipped = { path: string; why: string };

export type ScanStats = {
  files: number;
  /** Bytes read from files, headers of weights and hashing included. */
  bytes: number;
  /** The first 200. */
  skipped: Skipped[];
  skippedCount: number;
  complete: boolean;
  incompleteBecause: string[];
  /** What `.gitignore`, `.git/info/exclude` and `.assayignore` leave out: not part of the repository, so not read. */
  ignored: {
    files: number;
    folders: number;
    /** Weights and environment files seen by name among them (the first 100): on this machine, but not in the repository. */
    worthKnowing: Skipped[];
  };
  /** Repositories inside the tree (submodules, clones): read as part of it. */
  nestedRepositories: { path: string; commit: string | null }[];
};

export type ScanPhase = 'listing' | 'reading' | 'relating';

export type ScanProgress = {
  phase: ScanPhase;
  filesDone: number;
  /** Null while the tree is still being listed. */
  filesTotal: number | null;
  bytesRead: number;
  detections: number;
  /** The file being read; null between phases. */
  current: string | null;
};

export type ScanOptions = {
  signal?: AbortSignal;
  /** Called at most every 100 ms, and once at the end of each phase. */
  onProgress?(progress: ScanProgress): void;
  limits?: Partial<ScanLimits>;
  /** Read what the ignore files leave out, too. Default false. */
  includeIgnored?: boolean;
  now: Clock;
};

export type ScanResult = {
  source: { key: string; title: string };
  startedAt: Instant;
  finishedAt: Instant;
  durationMs: number;
  stats: ScanStats;
  systems: ScannedSystem[];
  detections: Detection[];
  facts: KnownFact[];
};
