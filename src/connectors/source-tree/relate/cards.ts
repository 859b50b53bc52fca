import type { KnownFact } from '#src/facts/index.ts';
import { folderOf } from '../walk/tree-path.ts';
import type { Draft } from './detections.ts';

/** Adds what a model card states to the weights of its folder: license, task, base models, training data. */
export function applyModelCards(drafts: readonly Draft[], facts: readonly KnownFact[]): void {
  const cards = new Map<string, KnownFact<'model-card'>>();
  for (const fact of facts) if (fact.kind === 'model-card') cards.set(folderOf(fact.body.place.path), fact);
  if (cards.size === 0) return;
  for (const { detection } of drafts) {
    if (detection.kind !== 'model' || detection.factKind !== 'model-file') continue;
    const card = cards.get(folderOf(detection.path));
    if (!card) continue;
    const { licence, task, baseModels, datasets } = card.body;
    if (licence) detection.details.licence = licence;
    if (task) detection.details.task = task;
    if (baseModels && baseModels.length > 0) detection.details.baseModels = baseModels.join(', ');
    if (datasets && datasets.length > 0) detection.details.datasets = datasets.join(', ');
    detection.details.card = card.body.place.path;
  }
}
