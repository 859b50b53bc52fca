import type { DetectionRule } from '../rule.ts';
import { AGENT_TOOLS } from './agent-tools.ts';
import { AGENTS } from './agents.ts';
import { DATASETS } from './datasets.ts';
import { DELIVERY, DOCUMENTS, MANIFESTS } from './delivery.ts';
import { ENDPOINTS } from './endpoints.ts';
import { EVALS } from './evals.ts';
import { DATA_FILES, WEIGHTS } from './files.ts';
import { FIXED_START_SECRETS } from './fixed-start-secrets.ts';
import { GUARDRAILS } from './guardrails.ts';
import { HOSTED_MODELS } from './hosted-models.ts';
import { HUGGINGFACE_MODELS } from './hub-models.ts';
import { OTHER_MODELS } from './other-models.ts';
import { PROMPTS } from './prompts.ts';
import { RETRIEVAL } from './retrieval.ts';
import { HOST_SERVICES } from './services-hosts.ts';
import { LAB_SERVICES } from './services-labs.ts';
import { MEDIA_SERVICES } from './services-media.ts';
import { SURROUNDED_SECRETS } from './surrounded-secrets.ts';
import { TRAINING } from './training.ts';
import { TRAITS } from './traits.ts';
import { UNSAFE_CODE } from './unsafe-code.ts';

/** Every detection rule, in the order in which findings of one file are made. */
export const RULES: readonly DetectionRule[] = [
  ...LAB_SERVICES,
  ...HOST_SERVICES,
  ...MEDIA_SERVICES,
  ...TRAITS,
  ...HOSTED_MODELS,
  ...HUGGINGFACE_MODELS,
  ...OTHER_MODELS,
  ...WEIGHTS,
  ...TRAINING,
  ...DATASETS,
  ...DATA_FILES,
  ...PROMPTS,
  ...ENDPOINTS,
  ...AGENTS,
  ...AGENT_TOOLS,
  ...EVALS,
  ...RETRIEVAL,
  ...GUARDRAILS,
  ...UNSAFE_CODE,
  ...FIXED_START_SECRETS,
  ...SURROUNDED_SECRETS,
  ...DELIVERY,
  ...MANIFESTS,
  ...DOCUMENTS,
];

/** The rules for files of weights (`model`) or of data (`dataset`), by extension. */
export function formatRulesOf(rules: readonly DetectionRule[], kind: 'model' | 'dataset'): Map<string, DetectionRule> {
  const byExtension = new Map<string, DetectionRule>();
  for (const rule of rules)
    if (rule.match.form === 'format' && rule.kind === kind)
      for (const extension of rule.match.extensions) byExtension.set(extension, rule);
  return byExtension;
}
