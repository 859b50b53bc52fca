import type { FileReport } from '../examine-file.ts';
import type { Finding } from '../finding.ts';
import type { Pace } from '../pace.ts';
import type { TreePath } from '../walk/tree-path.ts';
import { applyModelCards } from './cards.ts';
import { type Draft, draftDetections } from './detections.ts';
import { Reach } from './reach.ts';
import type { Systems } from './systems.ts';
import { drawUses } from './uses.ts';

/** What is kept of each file that yields anything. */
export type Kept = Pick<FileReport, 'path' | 'findings' | 'aiLines'>;

const FOLLOWED = ['inference-endpoint', 'agent', 'eval-suite', 'training-pipeline'];

/** Joins what the files yield: drops routes that reach no model, makes detections, draws what uses what. */
export async function relate(
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
