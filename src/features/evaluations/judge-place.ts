import { eq } from 'drizzle-orm';
import { chatEndpoint } from '#src/features/gateway-policies/index.ts';
import { gatewayRoute } from '#src/features/gateway-policies/tables.ts';
import { gatewayProvider } from '#src/features/gateway-providers/tables.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { AskedProvider } from './ask-model.ts';
import { judgeKeySecret } from './judge-key.ts';
import type { JudgePlace } from './model.ts';

/** Where the gateway of this process answers; null where none runs in it. */
export type GatewayUrl = () => string | null;

/**
 * What a judge is asked at: a route of the gateway with the product's own key, or a provider without the gateway. Throws
 * `unavailable` where it cannot be asked now.
 */
export async function judgeEndpoint(
  executor: Executor,
  { providerId, routeId }: JudgePlace,
  { gatewayUrl, nowMs }: { gatewayUrl: GatewayUrl; nowMs: number },
): Promise<AskedProvider & { id: string }> {
  if (routeId === undefined) {
    const [provider] = await executor
      .select()
      .from(gatewayProvider)
      .where(eq(gatewayProvider.id, providerId ?? ''));
    if (!provider) throw new AppError('unavailable', 'The provider of the judge is not configured any more.');
    return provider;
  }
  const [route] = await executor
    .select({ path: gatewayRoute.path, kind: gatewayProvider.kind })
    .from(gatewayRoute)
    .innerJoin(gatewayProvider, eq(gatewayProvider.id, gatewayRoute.providerId))
    .where(eq(gatewayRoute.id, routeId));
  if (!route) throw new AppError('unavailable', 'The route of the judge is not configured any more.');
  const url = gatewayUrl();
  if (url === null)
    throw new AppError('unavailable', 'A judge behind a route is asked by the server, and this is another process.');
  const secretName = await judgeKeySecret(executor, nowMs);
  if (secretName === null)
    throw new AppError('unavailable', 'The key of judges is being made. It is there within two minutes.');
  const kind = route.kind === 'anthropic' ? 'anthropic' : 'openai_compatible';
  return {
    id: routeId,
    name: route.path,
    kind,
    chatUrl: reachable(url) + chatEndpoint(route.path, kind === 'anthropic' ? 'anthropic' : 'openai'),
    baseUrl: url,
    secretName,
    authStyle: kind === 'anthropic' ? 'x-api-key' : 'bearer',
    allowPrivateAddress: true,
  };
}

/** A gateway that listens on all addresses of a machine is asked on the one that stays within it. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
