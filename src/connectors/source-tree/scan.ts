import { toInstant } from '#src/kernel/time.ts';
import { type Examination, examineFile } from './examine-file.ts';
import { isWorthKnowing } from './formats/names.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { Detection, ScannedSystem, ScanOptions, ScanPhase, ScanResult } from './model.ts';
import { openRoot } from './open-root.ts';
import { createPace } from './pace.ts';
import { prepareExamination } from './prepare.ts';
import { factsOf } from './relate/facts.ts';
import { type Kept, relate } from './relate/relate.ts';
import { findSystems, type Systems } from './relate/systems.ts';
import { licenceOf, ownersText, repositoryFact, setCompleteness } from './repository.ts';
import { withoutSecrets } from './secrets/scrub.ts';
import { identifySource } from './source-identity.ts';
import { findClone } from './walk/git-data.ts';
import { NO_IGNORE_RULES } from './walk/ignore-rules.ts';
import { inheritedRules } from './walk/inherited-rules.ts';
import { createLeftOut } from './walk/left-out.ts';
import type { TreePath } from './walk/tree-path.ts';
import { walkTree } from './walk/walk.ts';

const PROGRESS_MS = 100;

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
  const shared = await prepareExamination({
    root,
    limits,
    pace,
    leftOut,
    files: listing.files,
    clone: ownClone,
    onSecret: (value) => secrets.add(value),
  });
  const { kept, done } = await readFiles(listing.files, shared, report);

  report('relating', { filesDone: listing.files.length, filesTotal: listing.files.length });
  const source = identifySource(root, ownClone);
  const paths = listing.files.map((file) => file.path);
  const systems = findSystems(paths, source.title);
  const related = await relate(kept, listing.files, systems, pace);
  const repository = repositoryFact({
    source,
    clone: ownClone,
    paths,
    filesRead: done - shared.counts.unreadable,
    bytesRead: shared.counts.bytes,
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
      skipped: withoutSecrets(leftOut.listed, secrets),
      skippedCount: leftOut.count(),
      complete: leftOut.incompleteBecause().length === 0,
      incompleteBecause: leftOut.incompleteBecause(),
      ignored: { ...listing.ignored, worthKnowing: withoutSecrets(listing.ignored.worthKnowing, secrets) },
      nestedRepositories: listing.nestedRepositories,
    },
    systems: withoutSecrets(systemsOf(detections, systems), secrets),
    detections,
    facts,
  };
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

async function readFiles(
  files: readonly TreePath[],
  shared: Examination,
  report: Report,
): Promise<{ kept: Kept[]; done: number }> {
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
  return { kept, done };
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
