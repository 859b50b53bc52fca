import type { AssetKind } from '../model.ts';
import type { Draft } from './detections.ts';

/** Which kinds can use which: an edge that no kind explains is not drawn. */
const CAN_USE: Partial<Record<AssetKind, readonly AssetKind[]>> = {
  inference_api: ['model', 'third_party_ai_service', 'prompt', 'agent', 'knowledge_base', 'guardrail'],
  agent: ['model', 'third_party_ai_service', 'prompt', 'agent_tool', 'knowledge_base', 'guardrail'],
  agent_tool: ['third_party_ai_service', 'knowledge_base'],
  training_pipeline: ['dataset', 'model'],
  eval_suite: ['model', 'third_party_ai_service', 'prompt', 'dataset', 'agent', 'knowledge_base'],
  knowledge_base: ['model', 'third_party_ai_service', 'dataset'],
  model: ['third_party_ai_service'],
};
// What a file imports belongs to the things that run in it, not to what merely stands there.
const FOLLOWS_IMPORTS: readonly AssetKind[] = ['inference_api', 'agent', 'eval_suite', 'training_pipeline'];
const EDGES_MAX = 100;

/**
 * Draws what each detection uses: what stands in the same file, and what stands in the files that one imports. `reached` gives
 * for a file the files it imports, directly or over others, each with the first import on the way.
 */
export function drawUses(drafts: readonly Draft[], reached: ReadonlyMap<string, ReadonlyMap<string, string>>): void {
  const byFile = new Map<string, Draft[]>();
  for (const draft of drafts)
    for (const file of draft.files) {
      const here = byFile.get(file);
      if (here) here.push(draft);
      else byFile.set(file, [draft]);
    }
  for (const draft of drafts) {
    const kinds = CAN_USE[draft.detection.kind];
    if (!kinds) continue;
    const because = new Map<string, string>();
    const add = (other: Draft, reason: string) => {
      const { detection } = other;
      if (other === draft || because.size >= EDGES_MAX || because.has(detection.key) || !kinds.includes(detection.kind))
        return;
      if (!isMeant(draft, other)) return;
      because.set(detection.key, reason);
    };
    const files = [...draft.files].sort();
    for (const file of files) for (const other of byFile.get(file) ?? []) add(other, `same file: ${file}`);
    if (FOLLOWS_IMPORTS.includes(draft.detection.kind))
      for (const file of files)
        for (const [target, through] of reached.get(file) ?? [])
          for (const other of byFile.get(target) ?? [])
            add(other, `${file} imports ${through === target ? target : `${target} through ${through}`}`);
    const sorted = [...because].sort(([a], [b]) => (a < b ? -1 : 1));
    draft.detection.uses = sorted.map(([key]) => key);
    draft.detection.usesBecause = sorted.map(([, reason]) => reason);
  }
}

/** A model run by a service uses that service and no other; weights and hub models use none. */
function isMeant(from: Draft, to: Draft): boolean {
  if (from.detection.kind !== 'model' || to.detection.kind !== 'third_party_ai_service') return true;
  return from.detection.details.servedBy?.split(', ').includes(to.detection.details.provider ?? '') ?? false;
}
