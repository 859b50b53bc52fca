import { beforeAll, expect, test } from 'vitest';
import { openQueues } from '#src/apps/server/background.ts';
import { featureRoutes } from '#src/apps/server/compose.ts';
import { openGroundednessChecks } from '#src/features/groundedness-checks/index.ts';
import { ROLES, type Role } from '#src/features/users/model.ts';
import { readConfig } from '#src/platform/config.ts';
import { testDatabase } from '../support/database.ts';
import { testProduct } from '../support/product.ts';
import { expectPassages, publicRoutes, walkRoutes } from '../support/walk-routes.ts';

const database = testDatabase();
const product = testProduct(database, ({ services, users }) =>
  featureRoutes(services, {
    people: users,
    queues: openQueues(services, readConfig({}, process.cwd())),
    checks: openGroundednessChecks({ ...services, entailment: null, gatewayUrl: () => null }),
    version: '0.0.0',
  }),
);
let keys: Record<Role, string>;

beforeAll(async () => {
  const { call, people } = product.current;
  const made: Partial<Record<Role, string>> = {};
  // One key per role, all of the owner: a key does no more than its role.
  for (const role of ROLES) {
    const body = { name: role, role, expiresOn: '2026-12-31' };
    made[role] = (await call('POST', 'keys', { cookie: people.owner.cookie, body })).json().secret;
  }
  keys = made as Record<Role, string>;
});

test('every route lets in whom its permission allows, and nobody else', async () => {
  const passages = await walkRoutes(product.current.app, keys);
  expect(new Set(passages.map(({ route }) => route)).size).toBeGreaterThan(60);
  expect(passages.filter(({ got }) => got === 'out').length).toBeGreaterThan(60);
  expect(passages.filter(({ status }) => status >= 500)).toEqual([]);
  expectPassages(passages);
});

test('what is open to strangers is this and no more', () => {
  expect(publicRoutes(product.current.app)).toEqual([
    'GET /api/openapi.json',
    'GET /api/v1/invitation',
    'GET /api/v1/session',
    'GET /api/v1/setup',
    'GET /health',
    'GET /metrics',
    'GET /ready',
    'POST /api/auth/sign-in/email',
    'POST /api/auth/sign-out',
    'POST /api/auth/two-factor/verify-backup-code',
    'POST /api/auth/two-factor/verify-totp',
    'POST /api/v1/invitation',
    'POST /api/v1/setup',
  ]);
});
