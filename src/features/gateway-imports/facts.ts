import type { KnownFact } from '#src/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { gatewayImport } from './tables.ts';

const CUT = { state: 'unknown', by: 'the rest of the files was not read' } as const;

/**
 * Each route of every other gateway, as its files say it. Where they were not read whole, one more stands for what may be in the
 * rest: nothing is known of it.
 */
export async function otherGatewayRouteFacts(executor: Executor): Promise<KnownFact<'other-gateway-route'>[]> {
  const rows = await executor.select().from(gatewayImport).orderBy(gatewayImport.name);
  return rows.flatMap(({ name, gateway, importedAt, cut, routes }) => {
    const of = { name, gateway, importedAt: importedAt.toISOString() };
    const read = routes.map(({ route, file, line, ...said }) => ({
      kind: 'other-gateway-route' as const,
      key: `${name}:${route}`,
      body: { ...of, route, place: { path: file, line }, ...said },
    }));
    if (cut === null) return read;
    const rest = {
      kind: 'other-gateway-route' as const,
      // No route is called so: their names are trimmed.
      key: `${name}: rest`,
      body: {
        ...of,
        route: 'what was not read',
        place: { path: cut, line: null },
        isClosed: false,
        authenticated: CUT,
        requestsLimited: CUT,
        tokensLimited: CUT,
      },
    };
    return [...read, rest];
  });
}
