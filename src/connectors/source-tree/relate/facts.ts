import type { FactKindName, KnownFact } from '#src/facts/index.ts';
import type { Finding } from '../finding.ts';
import type { LeftOut } from '../walk/left-out.ts';
import { folderOf } from '../walk/tree-path.ts';
import { ownersOf } from './owners.ts';
import { sensitivePaths } from './sensitive-paths.ts';

/** All facts of the tree, each key once, by kind and key. `ownersText` is the CODEOWNERS file that counts. */
export function factsOf(
  findings: readonly Finding[],
  repository: KnownFact<'repository'>,
  ownersText: string | null,
  factsPerKind: number,
  leftOut: LeftOut,
): KnownFact[] {
  const byKey = new Map<string, KnownFact>();
  // The first finding of a key stands; findings come in path order, and in a file the surest first.
  for (const { fact } of findings) {
    const key = `${fact.kind} ${fact.key}`;
    if (!byKey.has(key)) byKey.set(key, fact);
  }
  const found = [...byKey.values()];
  stateLicences(found);
  const all: KnownFact[] = [
    repository,
    ...found,
    ...sensitivePaths(found, ownersText === null ? null : ownersOf(ownersText)),
  ];
  all.sort((a, b) => compare(a.kind, b.kind) || compare(a.key, b.key));
  return bounded(all, factsPerKind, leftOut);
}

/** A dataset card speaks for the data files of its folder and those below it. */
function stateLicences(facts: readonly KnownFact[]): void {
  const cards = new Map<string, string>();
  for (const fact of facts)
    if (fact.kind === 'dataset-card' && fact.body.licence !== null)
      cards.set(folderOf(fact.body.place.path), fact.body.licence);
  if (cards.size === 0) return;
  for (const fact of facts) {
    if (fact.kind !== 'dataset-file' && !(fact.kind === 'dataset-reference' && fact.body.origin === 'dvc')) continue;
    for (let folder = folderOf(fact.body.place.path); ; folder = folderOf(folder)) {
      const licence = cards.get(folder);
      if (licence !== undefined) fact.body.licence = licence;
      if (licence !== undefined || folder === '') break;
    }
  }
}

function bounded(facts: readonly KnownFact[], factsPerKind: number, leftOut: LeftOut): KnownFact[] {
  const counts = new Map<FactKindName, number>();
  return facts.filter((fact) => {
    const count = (counts.get(fact.kind) ?? 0) + 1;
    counts.set(fact.kind, count);
    if (count === factsPerKind + 1) leftOut.stopBecause(`more than ${factsPerKind} facts of the kind ${fact.kind}`);
    return count <= factsPerKind;
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
