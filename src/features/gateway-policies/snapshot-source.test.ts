import { pino } from 'pino';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { snapshotDigest } from '#src/gateway/snapshot.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { gatewayControlOf } from '../../../tests/support/gateway-control.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { loadSnapshot, type OpenSnapshotSource, openSnapshotSource } from './index.ts';

const ACTOR = { kind: 'service', id: 'command-line' } as const;
const NEVER_MS = 3_600_000;

const database = testDatabase();
let control: ReturnType<typeof gatewayControlOf>;
const started = testProduct(database, (parts) => {
  control = gatewayControlOf(parts);
  return [];
});
let product: Product;
const open: OpenSnapshotSource[] = [];

beforeAll(() => {
  product = started.current;
});
afterEach(async () => {
  for (const source of open.splice(0)) await source.close();
});

async function openNode(pollMs = NEVER_MS): Promise<OpenSnapshotSource> {
  const { services } = product;
  const log = pino({ level: 'silent' });
  const source = await openSnapshotSource({
    database: database.current,
    secrets: services.secrets,
    clock: services.clock,
    log,
    pollMs,
  });
  open.push(source);
  return source;
}

/** Resolves when `met` holds for what a node has, now or after one of its changes. */
async function until(source: OpenSnapshotSource, met: () => boolean): Promise<void> {
  if (met()) return;
  await new Promise<void>((resolve) => {
    const stop = source.onChange(() => {
      if (!met()) return;
      stop();
      resolve();
    });
  });
}

test('a revoked key is refused by every node as soon as the change is told', async () => {
  const tenant = await control.tenants.add(ACTOR, { name: 'Two nodes' });
  const { key } = await control.keys.create(ACTOR, { tenantId: tenant.id, name: 'service' });
  const nodes = [await openNode(), await openNode()];
  const stateOn = (node: OpenSnapshotSource) => node.current().keys.find(({ id }) => id === key.id)?.state;
  for (const node of nodes) expect(stateOn(node)).toBe('active');
  await control.keys.changeState(ACTOR, key.id, 'revoked', 'Leaked.');
  for (const node of nodes) await until(node, () => stateOn(node) === 'revoked');
  const [one, other] = nodes.map((node) => snapshotDigest(node.current()));
  expect(one).toBe(other);
});

test('a change whose notification is lost is seen by looking', async () => {
  const node = await openNode(20);
  // Whoever listens loses the connection here, and no notification is kept for it.
  await database.current.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen gateway_snapshot%' and datname = current_database()",
  );
  await control.tenants.add(ACTOR, { name: 'After the cut' });
  await until(node, () => node.current().tenants.some(({ name }) => name === 'After the cut'));
});

test('a node that lost its connection listens again', async () => {
  const node = await openNode();
  await database.current.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen gateway_snapshot%' and datname = current_database()",
  );
  await control.tenants.add(ACTOR, { name: 'While away' });
  await until(node, () => node.current().tenants.some(({ name }) => name === 'While away'));
  await control.tenants.add(ACTOR, { name: 'Back again' });
  await until(node, () => node.current().tenants.some(({ name }) => name === 'Back again'));
});

test('every writer raises the number and changes the digest, also one that goes past the features', async () => {
  const before = (await loadSnapshot(database.current, product.clock.nowMs)).snapshot;
  await database.current.pool.query("update gateway_tenant set state = 'suspended' where name = 'Two nodes'");
  const after = (await loadSnapshot(database.current, product.clock.nowMs)).snapshot;
  expect(after.version).toBeGreaterThan(before.version);
  expect(snapshotDigest(after)).not.toBe(snapshotDigest(before));
});

test('a change that is rolled back is never told', async () => {
  const node = await openNode();
  const version = node.current().version;
  await expect(
    database.current.transaction(async (tx) => {
      await tx.execute("insert into gateway_price values ('openai', 'x', 1, 1, now(), 'service:x')");
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await node.refresh();
  expect(node.current().version).toBe(version);
});

test('the snapshot names secrets and holds none; the source gives the key of the provider it names', async () => {
  const node = await openNode();
  await control.providers.add(ACTOR, { name: 'openai', kind: 'openai', key: 'sk-only-here' });
  await until(node, () => node.current().providers.length > 0);
  expect(JSON.stringify(node.current())).not.toContain('sk-only-here');
  const first = node.current().providers[0];
  expect(await node.providerSecret(first?.secretName ?? '')).toBe('sk-only-here');
  await control.providers.change(ACTOR, first?.id ?? '', { key: 'sk-the-next' });
  await until(node, () => node.current().providers[0]?.secretName !== first?.secretName);
  expect(await node.providerSecret(node.current().providers[0]?.secretName ?? '')).toBe('sk-the-next');
  expect(await node.providerSecret(first?.secretName ?? '')).toBeNull();
});

test('a route without a policy leads nowhere until it is put under one', async () => {
  const atMs = product.clock.nowMs;
  const { snapshot } = await loadSnapshot(database.current, atMs);
  expect(snapshot.routes.map(({ policyId }) => policyId)).toEqual(['', '']);
  expect(snapshot.policies).toEqual([]);
  const { id } = await control.policies.adoptStarter(ACTOR);
  await control.routes.coverBare(ACTOR, id);
  const covered = await loadSnapshot(database.current, atMs);
  expect(covered.snapshot.policies).toMatchObject([{ id, version: 1, onFailure: 'closed' }]);
  expect(covered.snapshot.routes.map(({ policyId }) => policyId)).toEqual([id, id]);
  expect(covered.changesAtMs).toBeNull();
});
