import type { KnownFact } from '#src/facts/index.ts';
import { placeIn, shown } from '../finding.ts';
import { purposeOf } from '../purpose.ts';
import { folderOf } from '../walk/tree-path.ts';
import type { Owners } from './owners.ts';

const HOLDS: Partial<Record<KnownFact['kind'], string>> = {
  'model-file': 'models',
  'training-pipeline': 'training code',
  prompt: 'prompts',
  'container-image': 'deployment',
  'cloud-resource': 'deployment',
  'ci-workflow': 'ci',
  'dataset-file': 'data',
  guardrail: 'guardrails',
  'eval-suite': 'evaluations',
};

/** Folders that hold what should have an owner, with the CODEOWNERS rule that covers every file found there. */
export function sensitivePaths(facts: readonly KnownFact[], owners: Owners | null): KnownFact[] {
  const folders = new Map<string, { holds: Set<string>; files: Set<string> }>();
  for (const fact of facts) {
    const holds = HOLDS[fact.kind];
    if (holds === undefined || !('place' in fact.body)) continue;
    const { path } = fact.body.place;
    const purpose = purposeOf(path);
    if (purpose !== 'product' && !(purpose === 'vendored' && holds === 'models')) continue;
    const folder = folderOf(path);
    const known = folders.get(folder) ?? { holds: new Set(), files: new Set() };
    known.holds.add(holds);
    known.files.add(path);
    folders.set(folder, known);
  }
  return [...folders].map(([folder, { holds, files }]): KnownFact => {
    const path = folder === '' ? '.' : folder;
    const rules = new Set([...files].map((file) => owners?.ruleFor(file) ?? null));
    // Owned means that every sensitive file of the folder is.
    const ownedBy = rules.has(null) ? null : [...rules].sort().join(', ');
    return {
      kind: 'sensitive-path',
      key: path,
      body: {
        place: placeIn(path, null),
        holds: [...holds].sort().join(', '),
        ownedBy: ownedBy === null ? null : shown(ownedBy),
      },
    };
  });
}
