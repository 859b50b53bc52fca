import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import type { AssetKind, Confidence } from '../model.ts';
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

/** One fact for each outside AI service a file uses, from the hits on services and on hosted models. */
export function serviceFindings(
  path: string,
  serviceHits: Hit[],
  modelHits: Hit[],
  pointsElsewhere: boolean,
): Finding[] {
  const uses = new Map<string, Use>();
  const useOf = (provider: string): Use => {
    let use = uses.get(provider);
    if (!use) {
      use = { provider, hits: [], models: [] };
      uses.set(provider, use);
    }
    return use;
  };
  for (const hit of serviceHits) useOf(hit.captures.provider ?? 'unknown').hits.push(hit);
  const reseller = [...uses.keys()].find((provider) => RESELLERS.has(provider));
  for (const hit of modelHits) {
    const maker = hit.captures.provider ?? 'unknown';
    useOf(uses.has(maker) || !reseller ? maker : reseller).models.push(hit);
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

function findingsOf(path: string, { provider, hits, models }: Use): Finding[] {
  const first =
    [...hits].sort((a, b) => rank(a.rule.confidence) - rank(b.rule.confidence) || a.line - b.line)[0] ?? models[0];
  if (!first) return [];
  const host = hits.find((hit) => hit.captures.host !== undefined)?.captures.host ?? null;
  const keyNames = [...new Set(hits.flatMap((hit) => hit.captures.keyName ?? []).map(shown))].sort();
  const seen = new Map<string, { modelId: string; pin: ReturnType<typeof pinOfHostedModel>; line: number }>();
  for (const hit of models) {
    const modelId = shown(hit.captures.modelId ?? '');
    if (!seen.has(modelId))
      seen.set(modelId, { modelId, pin: pinOfHostedModel(hit.captures.provider ?? provider, modelId), line: hit.line });
  }
  const fact = {
    kind: 'ai-service' as const,
    key: keyIn(path, provider),
    body: {
      place: placeIn(path, first.line),
      provider,
      host: host === null ? null : shown(host),
      through: throughOf(first),
      models: [...seen.values()],
      keyNames: keyNames.slice(0, 20),
    },
  };
  const service: Finding = {
    rule: first.rule,
    line: first.line,
    fact,
    asset: {
      kind: 'third_party_ai_service',
      identity: provider,
      title: provider,
      details: {
        provider,
        ...(host === null ? {} : { host: shown(host) }),
        ...(keyNames.length > 0 ? { keyNames: keyNames.slice(0, 20).join(', ') } : {}),
        ...(seen.size > 0 ? { models: [...seen.keys()].slice(0, 20).join(', ') } : {}),
      },
    },
  };
  const hosted = models.filter(
    (hit, index) => models.findIndex((other) => other.captures.modelId === hit.captures.modelId) === index,
  );
  return [
    service,
    ...hosted.map((hit): Finding => {
      const modelId = shown(hit.captures.modelId ?? '');
      const maker = hit.captures.provider ?? provider;
      return {
        rule: hit.rule,
        line: hit.line,
        fact,
        asset: {
          kind: 'model' satisfies AssetKind,
          identity: `${maker}:${modelId}`,
          title: modelId,
          details: {
            hosted: 'yes',
            provider: maker,
            servedBy: provider,
            modelId,
            pin: pinOfHostedModel(maker, modelId),
          },
        },
      };
    }),
  ];
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
