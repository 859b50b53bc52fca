import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Door, openDoor } from '../../../tests/support/door.ts';
import { userFacts } from './index.ts';

const database = testDatabase();
let door: Door;
let owner: string;
let ownerId: string;

beforeAll(async () => {
  door = await openDoor(database.current);
  owner = await door.setUp();
  ownerId = (await door.call('GET', 'session', { cookie: owner })).json().user.id;
});
afterAll(() => door.close());
beforeEach(async () => {
  await database.current.pool.query('delete from user_account where id <> $1', [ownerId]);
  await database.current.pool.query("update user_account set role = 'owner', disabled_at = null");
  door.events.length = 0;
});

const change = (id: string, body: unknown, cookie = owner) => door.call('PATCH', `users/${id}`, { cookie, body });

describe('changing a user', () => {
  test('tells the ledger what was and what is, the name apart from the rest', async () => {
    const engineer = await door.join(owner, 'engineer');
    door.events.length = 0;
    const answer = await change(engineer.id, { role: 'compliance', name: 'Ellen' });
    expect(answer.json()).toMatchObject({ role: 'compliance', name: 'Ellen' });
    expect(door.events).toEqual([
      {
        type: 'user.changed',
        actor: { kind: 'user', id: ownerId },
        subject: { kind: 'user', id: engineer.id },
        body: {
          changed: ['name', 'role'],
          before: { role: 'engineer', disabled: false, expiresOn: null },
          after: { role: 'compliance', disabled: false, expiresOn: null },
        },
        personal: { name: 'Ellen' },
        dedupeKey: expect.stringMatching(/^evt_/),
      },
    ]);
  });

  test('that changes nothing tells the ledger nothing', async () => {
    const engineer = await door.join(owner, 'engineer');
    door.events.length = 0;
    expect((await change(engineer.id, { role: 'engineer', disabled: false })).statusCode).toBe(200);
    expect(door.events).toEqual([]);
  });

  test('is undone when the ledger cannot take it', async () => {
    const engineer = await door.join(owner, 'engineer');
    door.failing.record = true;
    expect((await change(engineer.id, { role: 'admin' })).statusCode).toBe(500);
    door.failing.record = false;
    const { items } = (await door.call('GET', 'users', { cookie: owner })).json();
    expect(items.find((user: { id: string }) => user.id === engineer.id).role).toBe('engineer');
  });

  test.each([
    ['an unknown role', { role: 'root' }, 'role'],
    ['an unknown field', { name: 'Ada', isOwner: true }, 'isOwner'],
    ['a day that does not exist', { expiresOn: '2027-02-30' }, 'expiresOn'],
    ['nothing', {}, 'body'],
  ])('to %s is refused by name', async (_what, body, field) => {
    const answer = await change(ownerId, body);
    expect(answer.statusCode).toBe(400);
    expect(Object.keys(answer.json().fields)).toEqual([field]);
  });

  test('that does not exist is not found', async () => {
    expect((await change('usr_nobody', { disabled: true })).statusCode).toBe(404);
  });

  test('to auditor needs a last day that is not over, and an owner has none', async () => {
    const viewer = await door.join(owner, 'viewer');
    expect((await change(viewer.id, { role: 'auditor' })).json().message).toContain('expiresOn');
    expect((await change(viewer.id, { role: 'auditor', expiresOn: '2026-11-22' })).json().message).toContain('past');
    expect((await change(viewer.id, { role: 'auditor', expiresOn: '2026-11-23' })).json().expiresOn).toBe('2026-11-23');
    expect((await change(viewer.id, { role: 'owner' })).json().message).toContain('expiresOn');
    expect((await change(viewer.id, { role: 'owner', expiresOn: null })).json().role).toBe('owner');
  });
});

describe('the last owner', () => {
  test('cannot become something else or be disabled', async () => {
    expect((await change(ownerId, { role: 'admin' })).statusCode).toBe(409);
    expect((await change(ownerId, { disabled: true })).statusCode).toBe(409);
    const admin = await door.join(owner, 'admin');
    expect((await change(ownerId, { disabled: true }, admin.cookie)).statusCode).toBe(403);
  });

  test('is still the last when another owner never came in or is disabled', async () => {
    const invite = { email: 'second@example.com', name: 'Second', role: 'owner' };
    const second = (await door.call('POST', 'users', { cookie: owner, body: invite })).json().user;
    expect((await change(ownerId, { role: 'admin' })).statusCode).toBe(409);
    await change(second.id, { disabled: true });
    expect((await change(ownerId, { role: 'admin' })).statusCode).toBe(409);
  });

  test('is kept when two owners step down at the same moment', async () => {
    const second = await door.join(owner, 'owner', 'second@example.com');
    const answers = await Promise.all([
      change(ownerId, { role: 'admin' }),
      change(second.id, { role: 'admin' }, second.cookie),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
  });

  test('may step down once there is another', async () => {
    await door.join(owner, 'owner', 'second@example.com');
    expect((await change(ownerId, { role: 'viewer' })).statusCode).toBe(200);
    expect((await door.call('GET', 'users', { cookie: owner })).statusCode).toBe(403);
  });
});

describe('an admin', () => {
  test('manages everybody but owners', async () => {
    const admin = await door.join(owner, 'admin');
    const viewer = await door.join(owner, 'viewer');
    expect((await change(viewer.id, { role: 'engineer' }, admin.cookie)).statusCode).toBe(200);
    expect((await change(viewer.id, { role: 'owner' }, admin.cookie)).statusCode).toBe(403);
    expect((await change(ownerId, { name: 'Mallory' }, admin.cookie)).statusCode).toBe(403);
    expect((await door.call('POST', `users/${ownerId}/invite`, { cookie: admin.cookie })).statusCode).toBe(403);
    expect((await door.call('DELETE', `users/${ownerId}/two-factor`, { cookie: admin.cookie })).statusCode).toBe(403);
    const invite = { email: 'eve@example.com', name: 'Eve', role: 'owner' };
    expect((await door.call('POST', 'users', { cookie: admin.cookie, body: invite })).statusCode).toBe(403);
  });

  test('cannot disable the own account', async () => {
    const admin = await door.join(owner, 'admin');
    const answer = await change(admin.id, { disabled: true }, admin.cookie);
    expect(answer.statusCode).toBe(409);
    expect(answer.json().message).toContain('your own account');
  });
});

test('users are facts without names', async () => {
  await door.join(owner, 'auditor');
  const facts = await userFacts(database.current.drizzle);
  // Made at the same moment, so either may come first.
  const byRole = facts.map(({ body }) => body).sort((one, other) => other.role.localeCompare(one.role));
  expect(byRole).toEqual([
    { role: 'owner', disabled: false, twoFactor: false, lastSignInAt: '2026-11-23T00:00:00.000Z' },
    { role: 'auditor', disabled: false, twoFactor: false, lastSignInAt: '2026-11-23T00:00:00.000Z' },
  ]);
  expect(JSON.stringify(facts)).not.toContain('@');
});
