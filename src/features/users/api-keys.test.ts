import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Door, openDoor } from '../../../tests/support/door.ts';

const database = testDatabase();
const START_MS = Date.parse('2026-11-23T09:30:00Z');
let door: Door;
let owner: string;
let admin: Awaited<ReturnType<Door['join']>>;
let engineer: Awaited<ReturnType<Door['join']>>;

beforeAll(async () => {
  door = await openDoor(database.current, { startMs: START_MS });
  owner = await door.setUp();
  admin = await door.join(owner, 'admin');
  engineer = await door.join(owner, 'engineer');
});
afterAll(() => door.close());
beforeEach(async () => {
  door.clock.nowMs = START_MS;
  door.events.length = 0;
  await database.current.pool.query('delete from user_api_key');
});

const request = { name: 'CI', role: 'engineer', expiresOn: '2026-12-31' };
async function makeKey(
  cookie: string,
  more: object = {},
): Promise<{ key: { id: string; hint: string }; secret: string }> {
  const answer = await door.call('POST', 'keys', {
    cookie,
    body: { ...request, ...(cookie === owner && { role: 'owner' }), ...more },
  });
  expect(answer.statusCode).toBe(201);
  return answer.json();
}

describe('making a key', () => {
  test('shows the secret once, and stores only its hash', async () => {
    const { key, secret } = await makeKey(engineer.cookie);
    expect(secret).toMatch(/^ask_[\w-]{43}$/);
    expect(key).toMatchObject({ name: 'CI', hint: secret.slice(0, 10), role: 'engineer', state: 'active' });
    const listed = await door.call('GET', 'keys', { cookie: engineer.cookie });
    expect(listed.json()).toMatchObject({ total: 1, items: [{ id: key.id, lastUsedAt: null }] });
    expect(listed.body).not.toContain(secret.slice(12));
    const { rows } = await database.current.pool.query('select * from user_api_key');
    expect(JSON.stringify(rows)).not.toContain(secret.slice(12));
    expect(door.events).toMatchObject([
      {
        type: 'key.created',
        subject: { kind: 'api-key', id: key.id },
        body: { ownerId: engineer.id, expiresOn: '2026-12-31' },
      },
    ]);
    expect(JSON.stringify(door.events)).not.toContain(secret.slice(4));
    expect(door.lines.join('')).not.toContain(secret.slice(4));
  });

  test.each([
    ['a role above one’s own', { role: 'admin' }, 403, 'role'],
    ['a permission one does not have', { permissions: ['users.write'] }, 403, 'permissions'],
    ['a permission that does not exist', { permissions: ['users.erase'] }, 400, 'permissions'],
    ['an end in the past', { expiresOn: '2026-11-22' }, 400, 'expiresOn'],
    ['an end too far away', { expiresOn: '2027-11-25' }, 400, 'expiresOn'],
    ['nothing said of what it may do', { role: undefined }, 400, 'role'],
    ['no end', { expiresOn: undefined }, 400, 'expiresOn'],
    ['no name', { name: ' ' }, 400, 'name'],
  ])('with %s is refused', async (_what, more, status, field) => {
    const answer = await door.call('POST', 'keys', { cookie: engineer.cookie, body: { ...request, ...more } });
    expect(answer.statusCode).toBe(status);
    expect(answer.json().message).toContain(field);
  });

  test('is not for keys, nor for those who may only read', async () => {
    const { secret } = await makeKey(owner);
    expect((await door.call('POST', 'keys', { key: secret, body: request })).statusCode).toBe(403);
    const viewer = await door.join(owner, 'viewer');
    expect((await door.call('POST', 'keys', { cookie: viewer.cookie, body: request })).statusCode).toBe(403);
  });
});

describe('a key', () => {
  const users = (key: string) => door.call('GET', 'users', { key });

  test('does what its owner may do', async () => {
    expect((await users((await makeKey(owner)).secret)).statusCode).toBe(200);
    expect((await users((await makeKey(engineer.cookie)).secret)).statusCode).toBe(403);
  });

  test('does only what it was made for', async () => {
    const asViewer = await makeKey(owner, { role: 'viewer' });
    expect((await users(asViewer.secret)).statusCode).toBe(403);
    const scoped = await makeKey(owner, { permissions: ['users.read'] });
    expect((await users(scoped.secret)).statusCode).toBe(200);
    const invite = { email: 'eve@example.com', name: 'Eve', role: 'viewer' };
    expect((await door.call('POST', 'users', { key: scoped.secret, body: invite })).statusCode).toBe(403);
    const session = (await door.call('GET', 'session', { key: scoped.secret })).json();
    expect(session.permissions).toEqual(['users.read']);
  });

  test('of an owner cannot make owners or change a password', async () => {
    const { secret } = await makeKey(owner);
    const invite = { email: 'eve@example.com', name: 'Eve', role: 'owner' };
    expect((await door.call('POST', 'users', { key: secret, body: invite })).statusCode).toBe(403);
    const body = { currentPassword: 'x', newPassword: 'a new set of plain words' };
    expect((await door.call('POST', 'session/password', { key: secret, body })).statusCode).toBe(403);
    const password = { password: 'x' };
    expect((await door.call('POST', '/api/auth/two-factor/disable', { key: secret, body: password })).statusCode).toBe(
      403,
    );
  });

  test('loses what its owner loses, and ends when the owner is disabled', async () => {
    const { secret } = await makeKey(admin.cookie, { role: 'admin' });
    expect((await users(secret)).statusCode).toBe(200);
    await door.call('PATCH', `users/${admin.id}`, { cookie: owner, body: { role: 'engineer' } });
    expect((await users(secret)).statusCode).toBe(403);
    await door.call('PATCH', `users/${admin.id}`, { cookie: owner, body: { disabled: true } });
    const answer = await users(secret);
    expect(answer.statusCode).toBe(401);
    expect(answer.json().message).toContain('owner of the API key');
    const listed = (await door.call('GET', 'keys', { cookie: owner })).json();
    expect(listed.items[0]).toMatchObject({ state: 'owner_inactive', ownerName: 'The admin' });
  });

  test('works through its last day and not after', async () => {
    const { secret } = await makeKey(owner, { expiresOn: '2026-11-24' });
    door.clock.nowMs = Date.parse('2026-11-24T23:59:59.999Z');
    expect((await users(secret)).statusCode).toBe(200);
    door.clock.nowMs += 1;
    const answer = await users(secret);
    expect(answer.statusCode).toBe(401);
    expect(answer.json().message).toContain('expired on 2026-11-24');
  });

  test('works no more once it is revoked, and is gone from the list', async () => {
    const { key, secret } = await makeKey(engineer.cookie);
    expect((await door.call('DELETE', `keys/${key.id}`, { cookie: engineer.cookie })).statusCode).toBe(204);
    const answer = await door.call('GET', 'session', { key: secret });
    expect(answer.json()).toMatchObject({ user: null, notice: expect.stringContaining('was revoked') });
    expect((await door.call('GET', 'keys', { cookie: engineer.cookie })).json().total).toBe(0);
    expect((await door.call('DELETE', `keys/${key.id}`, { cookie: engineer.cookie })).statusCode).toBe(404);
    expect(door.events.map(({ type }) => type)).toEqual(['key.created', 'key.revoked']);
  });

  test('of somebody else is seen and revoked only by those who manage users', async () => {
    const { key } = await makeKey(owner);
    expect((await door.call('GET', 'keys', { cookie: engineer.cookie })).json().total).toBe(0);
    expect((await door.call('DELETE', `keys/${key.id}`, { cookie: engineer.cookie })).statusCode).toBe(404);
    const other = await makeKey(engineer.cookie);
    expect((await door.call('GET', 'keys', { cookie: owner })).json().total).toBe(2);
    expect((await door.call('DELETE', `keys/${other.key.id}`, { cookie: owner })).statusCode).toBe(204);
  });

  test('has its use written down by the hour', async () => {
    const { secret } = await makeKey(owner);
    const lastUsed = async () => (await door.call('GET', 'keys', { cookie: owner })).json().items[0].lastUsedAt;
    await users(secret);
    expect(await lastUsed()).toBe('2026-11-23T09:00:00.000Z');
    door.clock.nowMs += HOUR_MS;
    await users(secret);
    expect(await lastUsed()).toBe('2026-11-23T10:00:00.000Z');
  });

  test.each(['ask_unknown', `ask_${'x'.repeat(43)}`, 'sk-something-else', '', ' '])('%j is no key', async (secret) => {
    const answer = await users(secret);
    expect(answer.statusCode).toBe(401);
    expect(answer.json().message).toMatch(/API key/);
  });

  test('is read before the cookie, so that a bad key is not covered by a good session', async () => {
    const answer = await door.call('GET', 'users', { key: 'ask_unknown', cookie: owner });
    expect(answer.statusCode).toBe(401);
  });

  test('needs no origin to change something', async () => {
    const { secret } = await makeKey(owner);
    door.clock.nowMs += DAY_MS;
    const invite = { email: 'ci@example.com', name: 'CI user', role: 'viewer' };
    expect((await door.call('POST', 'users', { key: secret, body: invite })).statusCode).toBe(201);
  });
});
