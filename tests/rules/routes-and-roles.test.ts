import { afterAll, beforeAll, expect, test } from 'vitest';
import { organization } from '#src/features/organization/index.ts';
import { ROLES, type Role } from '#src/features/users/model.ts';
import { testDatabase } from '../support/database.ts';
import { type Door, openDoor } from '../support/door.ts';
import { expectPassages, publicRoutes, walkRoutes } from '../support/walk-routes.ts';

const database = testDatabase();
let door: Door;
let keys: Record<Role, string>;

beforeAll(async () => {
  door = await openDoor(database.current, {
    mount: ({ users, clock, record }) => [
      organization({ database: database.current, clock, record, namesOf: users.namesOf, frameworkIds: ['soc2'] })
        .routes,
    ],
  });
  const owner = await door.setUp();
  const made: Partial<Record<Role, string>> = {};
  // One key per role, all of the owner: a key does no more than its role.
  for (const role of ROLES) {
    const body = { name: role, role, expiresOn: '2026-12-31' };
    made[role] = (await door.call('POST', 'keys', { cookie: owner, body })).json().secret;
  }
  keys = made as Record<Role, string>;
});
afterAll(() => door.close());

test('every route lets in whom its permission allows, and nobody else', async () => {
  const passages = await walkRoutes(door.app, keys);
  expect(new Set(passages.map(({ route }) => route)).size).toBeGreaterThan(20);
  expect(passages.filter(({ got }) => got === 'out').length).toBeGreaterThan(20);
  expect(passages.filter(({ status }) => status >= 500)).toEqual([]);
  expectPassages(passages);
});

test('what is open to strangers is this and no more', () => {
  expect(publicRoutes(door.app)).toEqual([
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
