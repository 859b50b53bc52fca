import { randomBytes } from 'node:crypto';
import type { ProviderRoutes } from '#src/features/gateway-providers/index.ts';
import { gatewayProvider, type ProviderRow } from '#src/features/gateway-providers/tables.ts';
import {
  type Actor,
  type Append,
  actorText,
  databaseCode,
  ledgerActor,
  type NamesOf,
  type Records,
  resolveWho,
} from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { loosenedBy } from './loosening.ts';
import type { GatewayRoute, NewRoute, RouteChange } from './model.ts';
import { type PolicyMoves, waitingMoves } from './policy-moves.ts';
import { listPolicyRows, versionsInForce } from './policy-store.ts';
import {
  deleteRoute,
  findRoute,
  insertRoute,
  listRouteRows,
  policyOfRemovedPath,
  routesOfProvider,
  updateRoute,
} from './route-store.ts';
import { screeningOf } from './screening.ts';
import type { RouteRow } from './tables.ts';

export type GatewayRoutesService = ReturnType<typeof createGatewayRoutes>;

const LOCK = 'gateway';
const KINDS = ['gateway-route'] as const;
const FOREIGN_KEY_VIOLATION = '23503';

type Writing = { append: Append; clock: Clock };

/** Paths of the gateway: which provider they lead to and under which policy. */
export function createGatewayRoutes({
  records,
  namesOf,
  moves,
}: {
  records: Records;
  namesOf: NamesOf;
  moves: Pick<PolicyMoves, 'mayMove'>;
}) {
  const { drizzle } = records.database;
  const writing: Writing = records;

  async function list(): Promise<GatewayRoute[]> {
    const rows = await listRouteRows(drizzle);
    const [providers, policies, inForce, waiting, who] = await Promise.all([
      drizzle.select().from(gatewayProvider),
      listPolicyRows(drizzle),
      versionsInForce(drizzle, records.clock()),
      waitingMoves(drizzle, 'route'),
      resolveWho(
        namesOf,
        rows.map(({ createdBy }) => createdBy),
      ),
    ]);
    return rows.map(({ createdAt, createdBy, ...row }) => {
      const version = inForce.find(({ policyId }) => policyId === row.policyId);
      return {
        ...row,
        providerName: providers.find(({ id }) => id === row.providerId)?.name ?? row.providerId,
        policyName: policies.find(({ id }) => id === row.policyId)?.name ?? null,
        policyMoveId: waiting.get(row.id) ?? null,
        policyVersion: version?.version ?? null,
        screening: screeningOf(version?.document ?? null),
        onFailure: version?.document.onFailure ?? null,
        createdAt: toInstant(createdAt.getTime()),
        createdBy: who(createdBy),
      };
    });
  }

  async function read(id: string): Promise<GatewayRoute> {
    const found = (await list()).find((route) => route.id === id);
    if (!found) throw new AppError('not_found', 'There is no such route. Reload the list.');
    return found;
  }

  return {
    list,
    find: (idOrPath: string): Promise<RouteRow> => findRoute(drizzle, idOrPath),

    async add(actor: Actor, input: NewRoute): Promise<GatewayRoute> {
      const row = makeRoute(input, actor, records.clock());
      await withKnownParts(() =>
        records.change(LOCK, KINDS, async (tx) => {
          const covering = coveringRoute(await listRouteRows(tx), row);
          // A path inside another is under that one's policy until a milder one is approved for it; one that was removed and
          // comes again is under the policy it had.
          const asked = row.policyId;
          const before = covering?.policyId ?? (await policyOfRemovedPath(tx, row.path));
          if (before) row.policyId = before;
          if (!(await addRoute(tx, row, actor, writing)))
            throw new AppError(
              'conflict',
              `The path ${row.path} leads somewhere already. Change that route, or choose another path.`,
            );
          if (asked === null || asked === row.policyId) return;
          const target = { kind: 'route', id: row.id, from: row.policyId, to: asked } as const;
          if (!(await moves.mayMove(tx, actor, target))) return;
          await updateRoute(tx, row.id, { policyId: asked });
          await routeEntry(tx, writing, actor, row.id, {
            change: 'changed',
            fields: ['policyId'],
            from: { policyId: row.policyId },
            to: { policyId: asked },
          });
        }),
      );
      return read(row.id);
    },

    async change(actor: Actor, idOrPath: string, input: RouteChange): Promise<GatewayRoute> {
      const known = await findRoute(drizzle, idOrPath);
      await withKnownParts(() =>
        records.change(LOCK, KINDS, async (tx) => {
          const row = await findRoute(tx, known.id);
          let names = (Object.keys(input) as (keyof RouteChange)[])
            .filter((name) => JSON.stringify(input[name]) !== JSON.stringify(row[name]))
            .sort();
          if (names.includes('policyId')) {
            const target = { kind: 'route', id: row.id, from: row.policyId, to: input.policyId ?? null } as const;
            if (!(await moves.mayMove(tx, actor, target))) names = names.filter((name) => name !== 'policyId');
          }
          if (names.length === 0) return;
          await updateRoute(tx, row.id, Object.fromEntries(names.map((name) => [name, input[name]])));
          await routeEntry(tx, writing, actor, row.id, {
            change: 'changed',
            fields: [...names],
            from: Object.fromEntries(names.map((name) => [name, row[name]])),
            to: Object.fromEntries(names.map((name) => [name, input[name]])),
          });
        }),
      );
      return read(known.id);
    },

    async remove(actor: Actor, idOrPath: string): Promise<void> {
      const known = await findRoute(drizzle, idOrPath);
      await records.change(LOCK, KINDS, async (tx) => {
        await refuseToUncover(tx, known, records.clock());
        await removeRoute(tx, known, actor, writing);
      });
    },

    /** Puts every route that has no policy under this one. Returns their paths. */
    async coverBare(actor: Actor, policyId: string): Promise<string[]> {
      return records.change(LOCK, KINDS, async (tx) => {
        const bare = (await listRouteRows(tx)).filter((row) => row.policyId === null);
        for (const row of bare) {
          await updateRoute(tx, row.id, { policyId });
          await routeEntry(tx, writing, actor, row.id, {
            change: 'changed',
            fields: ['policyId'],
            from: { policyId: null },
            to: { policyId },
          });
        }
        return bare.map(({ path }) => path);
      });
    },
  };
}

/** The route that would take calls of a path if it had none of its own. */
function coveringRoute(rows: readonly RouteRow[], { id, path }: Pick<RouteRow, 'id' | 'path'>): RouteRow | undefined {
  return rows
    .filter((row) => row.id !== id && path.startsWith(`${row.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/** Calls of a path that is removed go where the next shorter one leads: under its policy, which must not be milder. */
async function refuseToUncover(tx: Transaction, row: RouteRow, atMs: number): Promise<void> {
  const covering = coveringRoute(await listRouteRows(tx), row);
  if (!covering?.policyId) return;
  const changes = await loosenedBy(tx, { kind: 'route', id: row.id, from: row.policyId, to: covering.policyId }, atMs);
  if (changes.every(({ effect }) => effect === 'tightened')) return;
  throw new AppError(
    'conflict',
    `Without ${row.path} its calls go to ${covering.path}, under a milder policy. Move ${row.path} to that policy first: a second person approves it.`,
  );
}

/** What providers need of routes. Runs in the transaction, and under the lock, of the caller. */
export function createProviderRoutes(writing: Writing): ProviderRoutes {
  return {
    addFor: async (tx, provider, actor) => {
      for (const path of usualPaths(provider)) {
        const input = { path, providerId: provider.id };
        // A path that is taken already stays with whom it leads to.
        await addRoute(tx, makeRoute(input, actor, writing.clock()), actor, writing);
      }
    },
    removeOf: async (tx, providerId, actor) => {
      for (const row of await routesOfProvider(tx, providerId)) await removeRoute(tx, row, actor, writing);
    },
    pathsByProvider: async (executor: Executor) => {
      const paths = new Map<string, string[]>();
      for (const { providerId, path } of await listRouteRows(executor))
        paths.set(providerId, [...(paths.get(providerId) ?? []), path]);
      return paths;
    },
  };
}

/** One of its own, and the one an unchanged client of its kind asks for. */
function usualPaths({ name, kind }: Pick<ProviderRow, 'name' | 'kind'>): string[] {
  return [`/${name}/v1`, kind === 'anthropic' ? '/v1/messages' : '/v1'];
}

function makeRoute(input: NewRoute, actor: Actor, nowMs: number): RouteRow {
  return {
    id: makeId('grt', nowMs, randomBytes(10)),
    path: input.path,
    providerId: input.providerId,
    modelAliases: input.modelAliases ?? {},
    policyId: input.policyId ?? null,
    limits: input.limits ?? null,
    captureDays: 0,
    createdAt: new Date(nowMs),
    createdBy: actorText(actor),
  };
}

async function addRoute(tx: Transaction, row: RouteRow, actor: Actor, writing: Writing): Promise<boolean> {
  if (!(await insertRoute(tx, row))) return false;
  const { path, providerId, policyId, limits, modelAliases } = row;
  await routeEntry(tx, writing, actor, row.id, { change: 'added', path, providerId, policyId, limits, modelAliases });
  return true;
}

async function removeRoute(tx: Transaction, row: RouteRow, actor: Actor, writing: Writing): Promise<void> {
  await deleteRoute(tx, row, new Date(writing.clock()));
  await routeEntry(tx, writing, actor, row.id, { change: 'removed', path: row.path });
}

async function routeEntry(
  tx: Transaction,
  { append, clock }: Writing,
  actor: Actor,
  id: string,
  body: Record<string, JsonValue>,
): Promise<void> {
  await append(tx, {
    type: 'gateway.route-changed',
    actor: ledgerActor(actor),
    subject: { kind: 'gateway-route', id },
    series: 'gateway',
    body: { at: toInstant(clock()), ...body },
    dedupeKey: `gateway:${makeId('chg', clock(), randomBytes(10))}`,
  });
}

async function withKnownParts<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (databaseCode(error) === FOREIGN_KEY_VIOLATION)
      throw new AppError(
        'invalid_input',
        'The route names a provider or a policy that is not there. List them to see their ids.',
      );
    throw error;
  }
}
