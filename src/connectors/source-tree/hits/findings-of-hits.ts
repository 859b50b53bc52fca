import type { Finding } from '../finding.ts';
import type { Hit, RuleKind } from '../rule.ts';
import type { FileContext } from './context.ts';
import { datasetFindings } from './datasets.ts';
import { hubModelFindings } from './models.ts';
import {
  agentFindings,
  endpointFindings,
  evalFindings,
  guardrailFindings,
  indexFindings,
  unsafeFindings,
} from './parts.ts';
import { promptFindings } from './prompts.ts';
import { secretFindings } from './secrets.ts';
import { serviceFindings } from './services.ts';
import { toolFindings } from './tools.ts';
import { trainingFindings } from './training.ts';

/** Marks what counts only where the file, or one it imports, reaches a model. */
export const ONLY_WITH_AI = 'onlyWithAi';

/** Findings of one text, from all hits of line and import rules in it. `onSecret` is told every secret value. */
export function findingsOfHits(context: FileContext, hits: Hit[], onSecret: (value: string) => void): Finding[] {
  const of = (kind: RuleKind): Hit[] => hits.filter((hit) => hit.rule.kind === kind);
  // Output of a notebook is no program: only what leaked into it matters.
  if (context.document.part === 'notebook-output') return secretFindings(context, of('secret'), onSecret);
  const models = of('model');
  return [
    ...serviceFindings(
      context.path,
      of('third_party_ai_service'),
      models.filter((hit) => hit.captures.provider !== undefined),
      context.traits.has('points-elsewhere'),
    ),
    ...hubModelFindings(
      context,
      models.filter((hit) => hit.captures.hub !== undefined),
    ),
    ...datasetFindings(context, of('dataset')),
    ...trainingFindings(context, of('training_pipeline')),
    ...promptFindings(context, of('prompt')),
    ...endpointFindings(context, of('inference_api')),
    ...agentFindings(context, of('agent')),
    ...toolFindings(context, of('agent_tool')),
    ...evalFindings(context, of('eval_suite')),
    ...indexFindings(context, of('knowledge_base')),
    ...guardrailFindings(context, of('guardrail')),
    ...unsafeFindings(context, of('unsafe_code')),
    ...secretFindings(context, of('secret'), onSecret),
  ];
}
