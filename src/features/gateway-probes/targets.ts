import { loadSnapshot } from '#src/features/gateway-policies/index.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Target } from './gateway-client.ts';

/** More routes than this are not probed in one run; each costs about a dozen short calls. */
const ROUTES_MAX = 12;
const DEFAULT_MODELS = { openai: 'gpt-4o-mini', anthropic: 'claude-3-5-haiku-latest' } as const;

/** Every route a chat call can go through, with a model its provider is set up for. */
export async function probeTargets(
  database: Pick<Database, 'drizzle'>,
  nowMs: number,
  model?: string,
): Promise<Target[]> {
  const { snapshot } = await loadSnapshot(database, nowMs);
  const providers = new Map(snapshot.providers.map((provider) => [provider.id, provider]));
  return snapshot.routes
    .flatMap((route): Target[] => {
      const provider = providers.get(route.providerId);
      if (!provider) return [];
      const kind = provider.kind === 'anthropic' ? 'anthropic' : 'openai';
      const named = provider.models?.find((name) => !name.endsWith('*'));
      const alias = Object.keys(route.modelAliases ?? {})[0];
      return [{ routeId: route.id, path: route.path, kind, model: model ?? alias ?? named ?? DEFAULT_MODELS[kind] }];
    })
    .slice(0, ROUTES_MAX);
}
