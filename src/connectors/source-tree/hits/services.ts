import type { KnownFact, Pin } from '#src/facts/index.ts';
import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import type { Confidence } from '../model.ts';
import { pinOfHostedModel } from '../pins.ts';
import type { Hit } from '../rule.ts';

// Services through which models of several makers are reached: in a file that uses one of them and not the maker's own
// service, a model id belongs to it.
const RESELLERS = new Set([
  'azure-openai',
  'aws-bedrock',
  'google-vertex-ai',
  'openrouter',
  'together',
  'fireworks',
  'groq',
  'replicate',
  'huggingface-inference',
  'azure-ai',
  'databricks',
  'cloudflare-workers-ai',
  'nvidia-nim',
  'cerebras',
]);
// The OpenAI SDK is also the client for whatever speaks the same protocol.
const COMPATIBLE_CLIENT = 'openai';

type Use = { provider: string; hits: Hit[]; models: Hit[] };

// A file that names more models than a program would call is a price list or a table of what a library knows.
const MODELS_MAX = 12;
const LISTED_MAX = 20;

/** One fact for each outside AI service a file uses, from the hits on services and on hosted models. */
export function serviceFindings(
  path: string,
  serviceHits: Hit[],
  modelHits: Hit[],
  pointsElsewhere: boolean,
): Finding[] {
  const uses = new Map<string, Use>();
  const into = (provider: string): Use => {
    const known = uses.get(provider) ?? { provider, hits: [], models: [] };
    uses.set(provider, known);
    return known;
  };
  for (const hit of serviceHits) into(hit.captures.provider ?? 'unknown').hits.push(hit);
  const reseller = [...uses.keys()].find((provider) => RESELLERS.has(provider));
  const isCatalog = new Set(modelHits.map((hit) => hit.captures.modelId)).size > MODELS_MAX;
  for (const hit of isCatalog ? [] : modelHits) {
    const maker = hit.captures.provider ?? 'unknown';
    into(uses.has(maker) || !reseller ? maker : reseller).models.push(hit);
  }
  dropCompatibleClient(uses, pointsElsewhere);
  return [...uses.values()].sort((a, b) => (a.provider < b.provider ? -1 : 1)).flatMap((use) => findingsOf(path, use));
}

/** Leaves out OpenAI where only its SDK is seen and the file names another address. */
function dropCompatibleClient(uses: Map<string, Use>, pointsElsewhere: boolean): void {
  const use = uses.get(COMPATIBLE_CLIENT);
  if (!use || use.models.length > 0 || use.hits.some((hit) => !hit.rule.id.endsWith('.sdk'))) return;
  const other = [...uses.values()].some(
    ({ provider, hits }) => provider !== COMPATIBLE_CLIENT && hits.some((hit) => hit.captures.host !== undefined),
  );
  if (other || pointsElsewhere) uses.delete(COMPATIBLE_CLIENT);
}

type Model = { modelId: string; maker: string; pin: Pin; line: number; hit: Hit };

function modelsOf({ provider, models }: Use): Model[] {
  const seen = new Map<string, Model>();
  for (const hit of models) {
    const modelId = shown(hit.captures.modelId ?? '');
    const maker = hit.captures.provider ?? provider;
    if (!seen.has(modelId))
      seen.set(modelId, { modelId, maker, pin: pinOfHostedModel(maker, modelId), line: hit.line, hit });
  }
  return [...seen.values()];
}

function findingsOf(path: string, use: Use): Finding[] {
  const { provider, hits } = use;
  const first = surest(hits) ?? use.models[0];
  if (!first) return [];
  const models = modelsOf(use);
  const host = hits.find((hit) => hit.captures.host !== undefined)?.captures.host;
  const keyNames = [...new Set(hits.flatMap((hit) => hit.captures.keyName ?? []).map(shown))]
    .sort()
    .slice(0, LISTED_MAX);
  const fact: KnownFact<'ai-service'> = {
    kind: 'ai-service',
    key: keyIn(path, provider),
    body: {
      place: placeIn(path, first.line),
      provider,
      host: host === undefined ? null : shown(host),
      through: throughOf(first),
      models: models.map(({ modelId, pin, line }) => ({ modelId, pin, line })),
      keyNames,
    },
  };
  const details: Record<string, string> = { provider };
  if (host !== undefined) details.host = shown(host);
  if (keyNames.length > 0) details.keyNames = keyNames.join(', ');
  if (models.length > 0) details.models = models.map(({ modelId }) => modelId).join(', ');
  const service: Finding = {
    rule: first.rule,
    line: first.line,
    fact,
    asset: { kind: 'third_party_ai_service', identity: provider, title: provider, details },
    // An id alone says which model is meant, but not for sure that it is called here.
    ...(hits.length === 0 ? { confidence: 'medium' } : {}),
  };
  return [service, ...models.map((model) => hostedModel(model, provider, fact))];
}

function hostedModel(
  { modelId, maker, pin, line, hit }: Model,
  servedBy: string,
  fact: KnownFact<'ai-service'>,
): Finding {
  return {
    rule: hit.rule,
    line,
    fact,
    asset: {
      kind: 'model',
      identity: `${maker}:${modelId}`,
      title: modelId,
      details: { hosted: 'yes', provider: maker, servedBy, modelId, pin },
    },
  };
}

function throughOf(hit: Hit): string {
  const { module, host, keyName, modelId } = hit.captures;
  return shown(
    module
      ? `import of ${module}`
      : host
        ? `address ${host}`
        : keyName
          ? `key name ${keyName}`
          : modelId
            ? `model id ${modelId}`
            : hit.rule.title,
  );
}

export function rank(confidence: Confidence): number {
  return confidence === 'high' ? 0 : confidence === 'medium' ? 1 : 2;
}

/** The rule to name for a thing that several rules found: the surest, then the first. */
export function surest(hits: readonly Hit[]): Hit | undefined {
  return [...hits].sort((a, b) => rank(a.rule.confidence) - rank(b.rule.confidence) || a.line - b.line)[0];
}
