import { eq } from 'drizzle-orm';
import { gatewayProvider } from '#src/features/gateway-providers/tables.ts';
import { gatewayCanary, gatewayJwtIssuer, gatewayKey, gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import { type CompiledPolicy, GatewaySnapshot } from '#src/gateway/snapshot.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import { listPolicyRows, nextActivation, versionsInForce } from './policy-store.ts';
import { withTrials } from './policy-trial.ts';
import { listModelLimitRows, listPriceRows, listRouteRows } from './route-store.ts';
import { gatewayConfiguration } from './tables.ts';

// Callers of a key that ended lately are told that it was revoked or has expired; later it is a key nobody knows.
const ENDED_KEYS_KEPT_MS = 30 * DAY_MS;
/** No route can lead here: the gateway refuses a route whose policy is not in the snapshot. */
const NO_POLICY = '';

export type LoadedSnapshot = {
  snapshot: GatewaySnapshot;
  /** When a policy version that waits comes into force, and the snapshot is another without a change. */
  changesAtMs: number | null;
};

/** Everything a node runs on, read in one transaction, so that it is one moment's truth. `atMs` decides which policies are in force. */
export async function loadSnapshot(database: Pick<Database, 'drizzle'>, atMs: number): Promise<LoadedSnapshot> {
  return database.drizzle.transaction(
    async (tx) => ({ snapshot: await read(tx, atMs), changesAtMs: await nextActivation(tx, atMs) }),
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** The number of the configuration; it grows with each change. */
export async function configurationVersion(executor: Executor): Promise<number> {
  const [row] = await executor
    .select({ version: gatewayConfiguration.version })
    .from(gatewayConfiguration)
    .where(eq(gatewayConfiguration.id, 'configuration'));
  if (!row) throw new AppError('internal', 'The gateway has no configuration row. Were the migrations run?');
  return row.version;
}

async function read(executor: Executor, atMs: number): Promise<GatewaySnapshot> {
  const version = await configurationVersion(executor);
  const tenants = await executor.select().from(gatewayTenant).orderBy(gatewayTenant.id);
  const keys = (await executor.select().from(gatewayKey).orderBy(gatewayKey.id))
    .filter(({ state, stateChangedAt, expiresAt }) => {
      const endedAt = state === 'revoked' ? stateChangedAt : expiresAt;
      return endedAt === null || endedAt.getTime() > atMs - ENDED_KEYS_KEPT_MS;
    })
    .map((key) => ({ ...key, expiresAt: key.expiresAt?.getTime() ?? null }));
  const policies = await policiesInForce(executor, atMs);
  return GatewaySnapshot.parse({
    version,
    providers: await executor.select().from(gatewayProvider).orderBy(gatewayProvider.id),
    ...(await withTrials(executor, { tenants, keys, policies }, atMs)),
    jwtIssuers: await executor.select().from(gatewayJwtIssuer).orderBy(gatewayJwtIssuer.id),
    routes: (await listRouteRows(executor)).map((route) => ({ ...route, policyId: route.policyId ?? NO_POLICY })),
    prices: await listPriceRows(executor),
    modelLimits: await listModelLimitRows(executor),
    canaries: await executor
      .select({ tenantId: gatewayCanary.tenantId, value: gatewayCanary.value })
      .from(gatewayCanary)
      .orderBy(gatewayCanary.tenantId, gatewayCanary.value),
  });
}

async function policiesInForce(executor: Executor, atMs: number): Promise<CompiledPolicy[]> {
  const policies = new Map((await listPolicyRows(executor)).map((row) => [row.id, row]));
  const versions = await versionsInForce(executor, atMs);
  return versions
    .map(({ policyId, version, digest, document }) => ({
      id: policyId,
      version,
      digest,
      name: policies.get(policyId)?.name ?? policyId,
      ...document,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
