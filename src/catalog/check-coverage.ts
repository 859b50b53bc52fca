import type { CatalogFiles } from './files.ts';
import type { IdKind, Ids } from './ids.ts';
import type { Problems } from './problems.ts';

/** Ids are added and never taken away, so a shorter list is a mistake. The criteria are the standard's: exactly 61. */
const COUNTS: readonly { kind: IdKind; file: string; atLeast: number; exactly?: boolean }[] = [
  { kind: 'soc2 requirement', file: 'frameworks/soc2.yaml', atLeast: 61, exactly: true },
  { kind: 'control', file: 'controls', atLeast: 130 },
  { kind: 'risk', file: 'risks.yaml', atLeast: 47 },
  { kind: 'readiness question', file: 'readiness.yaml', atLeast: 90 },
  { kind: 'scoping question', file: 'readiness.yaml', atLeast: 23 },
  { kind: 'scoping rule', file: 'readiness.yaml', atLeast: 14 },
  { kind: 'checklist item', file: 'readiness.yaml', atLeast: 26 },
  { kind: 'inbound question', file: 'questionnaires/inbound.yaml', atLeast: 115 },
  { kind: 'vendor question', file: 'questionnaires/vendor-due-diligence.yaml', atLeast: 47 },
  { kind: 'policy', file: 'policies', atLeast: 24 },
  { kind: 'audit request', file: 'audit/requests.yaml', atLeast: 84 },
  { kind: 'auditor question', file: 'audit/auditors.yaml', atLeast: 24 },
];

/** Checks that nothing was lost: counts, requirements without a control, criteria without a meaning, controls without a policy. */
export function checkCoverage(files: CatalogFiles, ids: Ids, problems: Problems, catalogName: string): void {
  for (const { kind, file, atLeast, exactly } of COUNTS) {
    if (!ids.isComplete(kind)) continue;
    const found = ids.idsOf(kind).length;
    const wrong = exactly ? found !== atLeast : found < atLeast;
    const expected = exactly ? `${atLeast}` : `at least ${atLeast}`;
    if (wrong) problems.add(`${catalogName}/${file}`, null, `holds ${found} ${kind} ids, expected ${expected}`);
  }
  if (!ids.isComplete('control')) return;
  checkRequirements(files, problems);
  checkControlsHavePolicies(files, ids, problems);
}

function checkRequirements(files: CatalogFiles, problems: Problems): void {
  const controls = files.controls.flatMap((file) => file?.content.controls ?? []);
  for (const { id: framework, file } of files.frameworks) {
    if (file === null) continue;
    const { source, content } = file;
    if (content.id !== framework) {
      problems.add(source.name, source.lineOf(['id']), `has the id ${content.id}; the file name says ${framework}`);
    }
    const mapped = new Map<string, string>();
    for (const control of controls) for (const id of control.mapsTo[framework] ?? []) mapped.set(id, control.id);
    content.groups.forEach((group, g) => {
      group.requirements.forEach((requirement, r) => {
        const report = (message: string) =>
          problems.add(source.name, source.lineOf(['groups', g, 'requirements', r, 'id']), message);
        const by = mapped.get(requirement.id);
        if (by === undefined && requirement.notCovered === undefined) {
          report(`${requirement.id} has no control; map one to it or say why in notCovered`);
        } else if (by !== undefined && requirement.notCovered !== undefined) {
          report(`${requirement.id} says notCovered, but ${by} maps to it`);
        }
        if (framework !== 'soc2') return;
        if (group.category === undefined) report(`group ${group.id} has no category`);
        if (requirement.meaning === undefined || requirement.forAiSystems === undefined) {
          report(`${requirement.id} needs a meaning and forAiSystems`);
        }
      });
    });
  }
}

function checkControlsHavePolicies(files: CatalogFiles, ids: Ids, problems: Problems): void {
  if (!ids.isComplete('policy')) return;
  const covered = new Set(files.policies.flatMap((file) => file?.content.controls ?? []));
  for (const file of files.controls) {
    file?.content.controls.forEach((control, c) => {
      if (covered.has(control.id)) return;
      const line = file.source.lineOf(['controls', c, 'id']);
      problems.add(file.source.name, line, `${control.id} is covered by no policy; add it to one in policies/`);
    });
  }
}
