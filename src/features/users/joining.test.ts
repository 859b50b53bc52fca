import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Door, openDoor, PASSWORD, tokenOf } from '../../../tests/support/door.ts';

const database = testDatabase();
let door: Door;

beforeEach(async () => {
  await database.current.pool.query('truncate user_account, user_link cascade');
  door = await openDoor(database.current);
});
afterEach(() => door.close());

const setupBody = (token: string) => ({ token, name: 'Olga Owner', email: 'Olga@Example.com', password: PASSWORD });
async function setupToken(): Promise<string> {
  return tokenOf((await door.users.ensureSetupLink())?.url ?? '');
}

describe('the set-up link', () => {
  test('makes the first user an owner, who is signed in at once', async () => {
    const token = await setupToken();
    expect((await door.call('GET', 'session')).json()).toMatchObject({ user: null, setupNeeded: true });
    expect((await door.call('GET', `setup?token=${token}`)).json()).toEqual({ valid: true });
    const cookie = await door.setUp('Olga@Example.com');
    const session = (await door.call('GET', 'session', { cookie })).json();
    expect(session.user).toMatchObject({ name: 'Olga Owner', email: 'olga@example.com', role: 'owner' });
    expect(session.permissions).toContain('users.write');
    expect(session.setupNeeded).toBe(false);
    expect(door.events.map(({ type }) => type)).toEqual(['user.created', 'user.password_set']);
    // The rest of an event reaches the leaf; what is personal becomes commitments.
    const leaves = door.events.map(({ personal: _, ...event }) => event);
    expect(door.events[0]?.personal).toEqual({ name: 'Olga Owner', email: 'olga@example.com' });
    expect(JSON.stringify(leaves)).not.toMatch(/olga/i);
  });

  test('works once', async () => {
    const token = await setupToken();
    expect((await door.call('POST', 'setup', { body: setupBody(token) })).statusCode).toBe(201);
    const again = await door.call('POST', 'setup', { body: { ...setupBody(token), email: 'eve@example.com' } });
    expect(again.statusCode).toBe(403);
    expect(again.json().message).toContain('was used');
    expect(await door.users.ensureSetupLink()).toBeNull();
  });

  test('makes one owner when it is used twice at the same moment', async () => {
    const token = await setupToken();
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        door.call('POST', 'setup', { body: { ...setupBody(token), email: `${name}@example.com` } }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 403, 403]);
    const { rows } = await database.current.pool.query('select count(*) from user_account');
    expect(rows[0].count).toBe(1);
  });

  test('is replaced at the next start', async () => {
    const first = await setupToken();
    const second = await setupToken();
    expect((await door.call('POST', 'setup', { body: setupBody(first) })).statusCode).toBe(403);
    expect((await door.call('GET', `setup?token=${first}`)).json()).toEqual({ valid: false });
    expect((await door.call('POST', 'setup', { body: setupBody(second) })).statusCode).toBe(201);
  });

  test('ends after a day', async () => {
    const token = await setupToken();
    door.clock.nowMs += DAY_MS;
    expect((await door.call('POST', 'setup', { body: setupBody(token) })).statusCode).toBe(403);
  });

  test('is not readable from the database', async () => {
    const token = await setupToken();
    const { rows } = await database.current.pool.query('select * from user_link');
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test('is refused with the field named when the input is not right, and stays usable', async () => {
    const token = await setupToken();
    const bad = await door.call('POST', 'setup', { body: { ...setupBody(token), email: 'olga', password: 'short' } });
    expect(bad.statusCode).toBe(400);
    expect(Object.keys(bad.json().fields)).toEqual(['password', 'email']);
    const obvious = await door.call('POST', 'setup', { body: { ...setupBody(token), password: 'OLGA@example.com' } });
    expect(obvious.json().message).toContain('too easy to guess');
    expect((await door.call('POST', 'setup', { body: setupBody(token) })).statusCode).toBe(201);
  });

  test('leaves nothing behind when the ledger cannot take the event', async () => {
    const token = await setupToken();
    door.failing.record = true;
    expect((await door.call('POST', 'setup', { body: setupBody(token) })).statusCode).toBe(500);
    door.failing.record = false;
    expect((await door.call('POST', 'setup', { body: setupBody(token) })).statusCode).toBe(201);
  });
});

describe('an invitation', () => {
  const invitation = { email: 'eli@example.com', name: 'Eli', role: 'engineer' };

  test('lets the invited person set a password and come in with the given role', async () => {
    const owner = await door.setUp();
    const invited = await door.call('POST', 'users', { cookie: owner, body: invitation });
    expect(invited.statusCode).toBe(201);
    expect(invited.json().user).toMatchObject({ state: 'invited', role: 'engineer' });
    expect(invited.json().inviteUrl).toMatch(/^http:\/\/localhost\/invitation\?token=[\w-]{43}$/);
    const token = tokenOf(invited.json().inviteUrl);
    expect((await door.call('GET', `invitation?token=${token}`)).json()).toEqual({
      valid: true,
      name: 'Eli',
      email: 'eli@example.com',
    });
    const accepted = await door.call('POST', 'invitation', { body: { token, password: PASSWORD } });
    expect(accepted.statusCode).toBe(200);
    const cookie = await door.signIn('eli@example.com');
    expect((await door.call('GET', 'session', { cookie })).json().user.role).toBe('engineer');
    const users = (await door.call('GET', 'users', { cookie: owner })).json();
    expect(users).toMatchObject({ total: 2, items: [{ state: 'active', name: 'Eli' }, { role: 'owner' }] });
  });

  test('works once, and not after a week', async () => {
    const owner = await door.setUp();
    const token = tokenOf((await door.call('POST', 'users', { cookie: owner, body: invitation })).json().inviteUrl);
    const late = tokenOf(
      (await door.call('POST', 'users', { cookie: owner, body: { ...invitation, email: 'late@example.com' } })).json()
        .inviteUrl,
    );
    expect((await door.call('POST', 'invitation', { body: { token, password: PASSWORD } })).statusCode).toBe(200);
    expect((await door.call('POST', 'invitation', { body: { token, password: PASSWORD } })).statusCode).toBe(403);
    door.clock.nowMs += 7 * DAY_MS;
    expect((await door.call('GET', `invitation?token=${late}`)).json()).toEqual({
      valid: false,
      name: null,
      email: null,
    });
    expect((await door.call('POST', 'invitation', { body: { token: late, password: PASSWORD } })).statusCode).toBe(403);
  });

  test('does not set up a server, and the set-up link invites nobody', async () => {
    const setup = await setupToken();
    expect((await door.call('POST', 'invitation', { body: { token: setup, password: PASSWORD } })).statusCode).toBe(
      403,
    );
  });

  test('to an address that is taken is refused', async () => {
    const owner = await door.setUp('olga@example.com');
    const answer = await door.call('POST', 'users', {
      cookie: owner,
      body: { ...invitation, email: 'OLGA@example.com' },
    });
    expect(answer.statusCode).toBe(409);
    expect(answer.json().message).toContain('email');
  });

  test('can be made again, which ends the first link and every session', async () => {
    const owner = await door.setUp();
    const engineer = await door.join(owner, 'engineer');
    const link = await door.call('POST', `users/${engineer.id}/invite`, { cookie: owner });
    const newPassword = 'another set of plain words';
    const body = { token: tokenOf(link.json().inviteUrl), password: newPassword };
    expect((await door.call('POST', 'invitation', { body })).statusCode).toBe(200);
    expect((await door.call('GET', 'overview', { cookie: engineer.cookie })).statusCode).toBe(404);
    expect((await door.call('GET', 'keys', { cookie: engineer.cookie })).statusCode).toBe(401);
    await expect(door.signIn(engineer.email)).rejects.toThrow('401');
    expect(await door.signIn(engineer.email, newPassword)).toContain('session_token');
  });

  test('to somebody who was disabled meanwhile opens nothing', async () => {
    const owner = await door.setUp();
    const invited = (await door.call('POST', 'users', { cookie: owner, body: invitation })).json();
    await door.call('PATCH', `users/${invited.user.id}`, { cookie: owner, body: { disabled: true } });
    const body = { token: tokenOf(invited.inviteUrl), password: PASSWORD };
    expect((await door.call('POST', 'invitation', { body })).statusCode).toBe(403);
    expect((await door.call('POST', `users/${invited.user.id}/invite`, { cookie: owner })).statusCode).toBe(409);
  });
});

test('changing one’s password needs the old one, keeps this session and ends the others', async () => {
  await door.setUp('olga@example.com');
  const here = await door.signIn('olga@example.com');
  const elsewhere = await door.signIn('olga@example.com');
  door.clock.nowMs += HOUR_MS;
  const wrong = await door.call('POST', 'session/password', {
    cookie: here,
    body: { currentPassword: 'not this one at all', newPassword: 'a new set of plain words' },
  });
  expect(wrong.statusCode).toBe(400);
  expect(wrong.json().message).toContain('currentPassword');
  const changed = await door.call('POST', 'session/password', {
    cookie: here,
    body: { currentPassword: PASSWORD, newPassword: 'a new set of plain words' },
  });
  expect(changed.statusCode).toBe(204);
  expect((await door.call('GET', 'users', { cookie: here })).statusCode).toBe(200);
  expect((await door.call('GET', 'users', { cookie: elsewhere })).statusCode).toBe(401);
  await expect(door.signIn('olga@example.com')).rejects.toThrow('401');
});
