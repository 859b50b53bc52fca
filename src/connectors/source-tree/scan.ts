import { realpathSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { KnownFact } from '#src/facts/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { toInstant } from '#src/kernel/time.ts';
import { type Examination, examineFile, type FileReport, WINDOW_BYTES } from './examine-file.ts';
import type { Finding } from './finding.ts';
import { isWorthKnowing } from './formats/names.ts';
import { LICENCE_FILE, licenceOfText } from './licences.ts';
import { DEFAULT_LIMITS, type ScanLimits } from './limits.ts';
import { createLineMatcher } from './match/line-matcher.ts';
import type { Detection, ScannedSystem, ScanOptions, ScanPhase, ScanResult } from './model.ts';
import { createPace, type Pace } from './pace.ts';
import { applyModelCards } from './relate/cards.ts';
import { type Draft, draftDetections } from './relate/detections.ts';
import { factsOf } from './relate/facts.ts';
import { Reach } from './relate/reach.ts';
import { findSystems, type Systems } from './relate/systems.ts';
import { drawUses } from './relate/uses.ts';
import { formatRulesOf, RULES } from './rules/index.ts';
import { withoutSecrets } from './secrets/scrub.ts';
import { hasTests, identifySource, languagesOf } from './source-identity.ts';
import type { TreeView } from './structures/reader.ts';
import { createStructureIndex } from './structures/structure-index.ts';
import { findClone, type GitData, trackedFiles } from './walk/git-data.ts';
import {
  addIgnoreFile,
  IGNORE_FILE_BYTES_MAX,
  IGNORE_FILES,
  type IgnoreRules,
  isIgnored,
  NO_IGNORE_RULES,
} from './walk/ignore-rules.ts';
import { createLeftOut, type LeftOut } from './walk/left-out.ts';
import { isFileError, readSmallFile } from './walk/open-file.ts';
import { folderOf, nameOf, type TreePath } from './walk/tree-path.ts';
import { type Listing, walkTree } from './walk/walk.ts';

const PROGRESS_MS = 100;
const LICENCE_BYTES_MAX = 64 * 1024;

/**
 * Reads the source tree at `path` and says which AI assets are in it. Nothing of the tree is run, imported or followed out of
 * it. Two scans of the same tree give the same detections and facts.
 *
 * Throws `AppError` where `path` is missing, unreadable or no folder; the signal's reason where the scan is cancelled.
 * Whatever else goes wrong on the way is listed in `stats`, and makes `complete` false where it hides something.
 */
export async function scanTree(path: string, options: ScanOptions): Promise<ScanResult> {
  options.signal?.throwIfAborted();
  const startedAt = options.now();
  const root = openRoot(path);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const pace = createPace({ signal: options.signal, now: options.now, timeMs: limits.timeMs });
  const leftOut = createLeftOut();
  const report = createReporter(options);

  const clone = await findClone(root);
  const inherited = await inheritedRules(root, clone);
  const listing = await walkTree(root, {
    limits,
    pace,
    leftOut,
    includeIgnored: options.includeIgnored ?? false,
    inherited: options.includeIgnored ? { ...inherited, rules: NO_IGNORE_RULES } : inherited,
    isWorthKnowing,
    onFolder: (files) => report('listing', { filesDone: files }),
  });
  report('listing', { filesDone: listing.files.length, filesTotal: listing.files.length }, true);

  const ownClone = clone && !inherited.isRootIgnored ? clone : null;
  const secrets = new Set<string>();
  const shared = await prepare({
    root,
    limits,
    pace,
    leftOut,
    listing,
    clone: ownClone,
    onSecret: (value) => secrets.add(value),
  });
  const reports = await readFiles(listing.files, shared, report);

  report('relating', { filesDone: listing.files.length, filesTotal: listing.files.length });
  const source = identifySource(root, ownClone);
  const paths = listing.files.map((file) => file.path);
  const systems = findSystems(paths, source.title);
  const related = await relate(reports, listing.files, systems, pace);
  const repository = repositoryFact({
    source,
    clone: ownClone,
    paths,
    shared,
    leftOut,
    licence: await licenceOf(listing.files),
  });
  const facts = withoutSecrets(
    factsOf(related.findings, repository, await ownersText(listing.files), limits.factsPerKind, leftOut),
    secrets,
  );
  const detections = withoutSecrets(
    related.drafts.map(({ detection }) => detection),
    secrets,
  );
  setCompleteness(facts, leftOut);
  report(
    'relating',
    { filesDone: listing.files.length, filesTotal: listing.files.length, detections: detections.length },
    true,
  );

  const finishedAt = options.now();
  return {
    source,
    startedAt: toInstant(startedAt),
    finishedAt: toInstant(finishedAt),
    durationMs: finishedAt - startedAt,
    stats: {
      files: listing.files.length,
      bytes: shared.counts.bytes,
      skipped: leftOut.listed,
      skippedCount: leftOut.count(),
      complete: leftOut.incompleteBecause().length === 0,
      incompleteBecause: leftOut.incompleteBecause(),
      ignored: listing.ignored,
      nestedRepositories: listing.nestedRepositories,
    },
    systems: systemsOf(detections, systems),
    detections,
    facts,
  };
}

function openRoot(path: string): string {
  const absolute = resolve(path);
  let stat: ReturnType<typeof statSync>;
  let root: string;
  try {
    root = realpathSync(absolute);
    stat = statSync(root);
  } catch (error) {
    if (!isFileError(error)) throw error;
    if (error.code === 'EACCES' || error.code === 'EPERM')
      throw new AppError(
        'forbidden',
        `${path} cannot be read: permission is denied. Scan it as a user who may read it.`,
        { cause: error },
      );
    if (error.code === 'ELOOP')
      throw new AppError(
        'invalid_input',
        `${path} is a symbolic link that leads to itself. Give the folder it should lead to.`,
        { cause: error },
      );
    throw new AppError('not_found', `${path} does not exist. Give the path of a folder on this machine.`, {
      cause: error,
    });
  }
  if (!stat?.isDirectory()) throw new AppError('invalid_input', `${path} is a file. Give the folder that holds it.`);
  return root;
}

type Report = (
  phase: ScanPhase,
  at: { filesDone: number; filesTotal?: number; bytes?: number; detections?: number; current?: string },
  isLast?: boolean,
) => void;

function createReporter({ onProgress }: ScanOptions): Report {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (phase, at, isLast = false) => {
    if (!onProgress) return;
    const now = performance.now();
    if (!isLast && now - toldAt < PROGRESS_MS) return;
    toldAt = now;
    onProgress({
      phase,
      filesDone: at.filesDone,
      filesTotal: at.filesTotal ?? null,
      bytesRead: at.bytes ?? 0,
      detections: at.detections ?? 0,
      current: at.current ?? null,
    });
  };
}

/** Ignore rules of the folders above the root, where the root is a part of a clone and not itself ignored by it. */
async function inheritedRules(
  root: string,
  clone: GitData | null,
): Promise<{ rules: IgnoreRules; base: string; isRootIgnored: boolean }> {
  if (!clone) return { rules: NO_IGNORE_RULES, base: '', isRootIgnored: false };
  let rules = addIgnoreFile(NO_IGNORE_RULES, '', clone.exclude);
  const base = relative(clone.workTree, root).replaceAll('\\', '/');
  const parts = base === '' ? [] : base.split('/');
  for (let depth = 0; depth < parts.length; depth++) {
    const folder = parts.slice(0, depth).join('/');
    for (const name of IGNORE_FILES) {
      const bytes = await readSmallFile(resolve(clone.workTree, folder, name), IGNORE_FILE_BYTES_MAX);
      if (bytes) rules = addIgnoreFile(rules, folder, bytes.toString('utf8'));
    }
    // Somebody who names an ignored folder wants it read; the rules that hide it then say nothing about what is in it.
    if (isIgnored(rules, parts.slice(0, depth + 1).join('/'), true))
      return { rules: NO_IGNORE_RULES, base: '', isRootIgnored: true };
  }
  return { rules, base, isRootIgnored: false };
}

async function prepare(parts: {
  root: string;
  limits: ScanLimits;
  pace: Pace;
  leftOut: LeftOut;
  listing: Listing;
  clone: GitData | null;
  onSecret(value: string): void;
}): Promise<Examination> {
  const { clone, root } = parts;
  const tracked = clone ? await trackedFiles(clone.workTree) : null;
  const prefix = clone ? relative(clone.workTree, root).replaceAll('\\', '/') : '';
  return {
    limits: parts.limits,
    pace: parts.pace,
    leftOut: parts.leftOut,
    matcher: createLineMatcher(RULES),
    structures: createStructureIndex(RULES),
    weightsRules: formatRulesOf(RULES, 'model'),
    dataRules: formatRulesOf(RULES, 'dataset'),
    tree: createTreeView(parts.listing.files),
    isTracked: (path) =>
      tracked ? (tracked.has(prefix === '' ? path : `${prefix}/${path}`) ? 'yes' : 'no') : 'unknown',
    onSecret: parts.onSecret,
    counts: { textBytes: 0, hashedBytes: 0, bytes: 0 },
    window: Buffer.allocUnsafeSlow(WINDOW_BYTES),
  };
}

function createTreeView(files: readonly TreePath[]): TreeView {
  const paths = new Set(files.map((file) => file.path));
  const folders = new Map<string, string[]>();
  for (const { path } of files) {
    const folder = folderOf(path);
    const names = folders.get(folder);
    if (names) names.push(nameOf(path));
    else folders.set(folder, [nameOf(path)]);
  }
  return { has: (path) => paths.has(path), filesIn: (folder) => folders.get(folder) ?? [] };
}

/** What is kept of each file that yields anything. */
type Kept = Pick<FileReport, 'path' | 'findings' | 'aiLines'>;

async function readFiles(files: readonly TreePath[], shared: Examination, report: Report): Promise<Kept[]> {
  const kept: Kept[] = [];
  let detections = 0;
  let done = 0;
  for (const file of files) {
    if (shared.pace.isDue()) {
      report('reading', {
        filesDone: done,
        filesTotal: files.length,
        bytes: shared.counts.bytes,
        detections,
        current: file.path,
      });
      await shared.pace.rest();
      if (shared.pace.isTimeOver()) {
        shared.leftOut.stopBecause(
          `the time limit of ${shared.limits.timeMs / 1000} s was reached after ${done} of ${files.length} files`,
        );
        break;
      }
    }
    const found = await examineFile(file, shared);
    done += 1;
    if (!found || (found.findings.length === 0 && found.aiLines.length === 0)) continue;
    detections += found.findings.filter((finding) => finding.asset !== null).length;
    kept.push({ path: found.path, findings: found.findings, aiLines: found.aiLines });
  }
  report('reading', { filesDone: done, filesTotal: files.length, bytes: shared.counts.bytes, detections }, true);
  return kept;
}

const FOLLOWED = ['inference-endpoint', 'agent', 'eval-suite', 'training-pipeline'];

async function relate(
  reports: readonly Kept[],
  files: readonly TreePath[],
  systems: Systems,
  pace: Pace,
): Promise<{ findings: Finding[]; drafts: Draft[] }> {
  const reach = new Reach({
    at: new Map(files.map((file) => [file.path, file.at])),
    aiLines: new Map(reports.map(({ path, aiLines }) => [path, aiLines])),
    pace,
  });
  const findings = await reach.keepWhatReachesModels(reports.flatMap((each) => each.findings));
  const drafts = draftDetections(findings, systems);
  applyModelCards(
    drafts,
    findings.map((finding) => finding.fact),
  );
  const reached = new Map<string, Map<string, string>>();
  for (const { detection, files: places } of drafts) {
    if (!FOLLOWED.includes(detection.factKind)) continue;
    for (const path of places) if (!reached.has(path)) reached.set(path, await reach.from(path));
  }
  drawUses(drafts, reached);
  return { findings, drafts };
}

function repositoryFact(parts: {
  source: { title: string };
  clone: GitData | null;
  paths: readonly string[];
  shared: Examination;
  leftOut: LeftOut;
  licence: string | null;
}): KnownFact<'repository'> {
  const { clone, paths, shared, leftOut } = parts;
  return {
    kind: 'repository',
    key: '.',
    body: {
      name: parts.source.title,
      remote: clone?.remote ?? null,
      commit: clone?.commit ?? null,
      branch: clone?.branch ?? null,
      underVersionControl: clone ? 'yes' : 'unknown',
      filesRead: paths.length,
      bytesRead: shared.counts.bytes,
      filesSkipped: leftOut.count(),
      complete: true,
      incompleteBecause: [],
      languages: languagesOf(paths),
      hasTests: hasTests(paths),
      licence: parts.licence,
    },
  };
}

/** Said last, because making facts can itself reach a limit. */
function setCompleteness(facts: readonly KnownFact[], leftOut: LeftOut): void {
  for (const fact of facts) {
    if (fact.kind !== 'repository') continue;
    fact.body.incompleteBecause = leftOut.incompleteBecause();
    fact.body.complete = fact.body.incompleteBecause.length === 0;
    fact.body.filesSkipped = leftOut.count();
  }
}

async function licenceOf(files: readonly TreePath[]): Promise<string | null> {
  for (const file of files) {
    if (file.path.includes('/') || !LICENCE_FILE.test(file.path)) continue;
    const bytes = await readSmallFile(file.at, LICENCE_BYTES_MAX);
    const licence = bytes && licenceOfText(bytes.toString('utf8'));
    if (licence) return licence;
  }
  return null;
}

async function ownersText(files: readonly TreePath[]): Promise<string | null> {
  for (const path of ['.github/CODEOWNERS', '.gitlab/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']) {
    const file = files.find((each) => each.path === path);
    const bytes = file && (await readSmallFile(file.at, 1024 * 1024));
    if (bytes) return bytes.toString('utf8');
  }
  return null;
}

function systemsOf(detections: readonly Detection[], systems: Systems): ScannedSystem[] {
  const counts = new Map<string, number>();
  for (const { system } of detections) counts.set(system, (counts.get(system) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => ({
      key,
      title: systems.titleOf(key),
      manifest: systems.manifestOf(key),
      detections: count,
    }));
}
