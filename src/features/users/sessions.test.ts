import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { cookiesOf, type Door, openDoor, PASSWORD, tokenOf } from '../../../tests/support/door.ts';
import { SESSION_IDLE_MS, SESSION_MS } from './auth.ts';
import { ATTEMPTS_MAX, WINDOW_MS } from './sign-in-throttle.ts';

const database = testDatabase();
const START_MS = Date.parse('2026-11-23T09:00:00Z');
let door: Door;
let owner: string;
let engineer: Awaited<ReturnType<Door['join']>>;

beforeAll(async () => {
  const first = await openDoor(database.current);
  await first.setUp();
  const cookie = await first.signIn('owner@example.com');
  engineer = await first.join(cookie, 'engineer');
  await first.close();
});
beforeEach(async () => {
  door = await openDoor(database.current);
  await database.current.pool.query('delete from user_session');
  await database.current.pool.query("update user_account set disabled_at = null, role = 'engineer' where id = $1", [
    engineer.id,
  ]);
  owner = await door.signIn('owner@example.com');
});
afterEach(() => door.close());

const signIn = (body: unknown, headers: Record<string, string> = {}) =>
  door.call('POST', '/api/auth/sign-in/email', { body, headers });

describe('signing in', () => {
  test('gives a cookie that scripts cannot read and other sites do not send, and no token in the body', async () => {
    const answer = await signIn({ email: ' Owner@Example.com ', password: PASSWORD });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ twoFactorRedirect: false });
    const cookie = String([answer.headers['set-cookie']].flat()[0]);
    expect(cookie).toMatch(/^assay\.session_token=/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).toContain('Path=/');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test.each([
    ['a wrong password', { email: 'owner@example.com', password: 'not the right password' }],
    ['an unknown user', { email: 'nobody@example.com', password: PASSWORD }],
  ])('%s gives the same answer', async (_what, body) => {
    const answer = await signIn(body);
    expect(answer.statusCode).toBe(401);
    expect(answer.json().message).toBe('The email or the password is not right.');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test.each([
    ['password', { email: 'owner@example.com' }],
    ['email', { email: '', password: PASSWORD }],
    ['callbackURL', { email: 'owner@example.com', password: PASSWORD, callbackURL: 'https://evil.example' }],
    ['password', { email: 'owner@example.com', password: 'x'.repeat(129) }],
  ])('a body with a bad %s is refused by that name', async (field, body) => {
    const answer = await signIn(body);
    expect(answer.statusCode).toBe(400);
    expect(Object.keys(answer.json().fields)).toEqual([field]);
  });

  test('from another web site is refused', async () => {
    const answer = await signIn({ email: 'owner@example.com', password: PASSWORD }, { origin: 'https://evil.example' });
    expect(answer.statusCode).toBe(403);
  });

  test.each([
    'sign-up/email',
    'update-user',
    'delete-user',
    'get-session',
    'change-email',
    'request-password-reset',
    'ok',
    'error',
  ])('the library’s address %s is closed', async (path) => {
    const body = { email: 'eve@example.com', password: PASSWORD, name: 'Eve', role: 'owner' };
    expect((await door.call('POST', `/api/auth/${path}`, { cookie: owner, body })).statusCode).toBe(404);
    expect((await door.call('GET', `/api/auth/${path}`, { cookie: owner })).statusCode).toBe(404);
  });

  test('writes neither the password nor the address to the log', async () => {
    await signIn({ email: 'owner@example.com', password: PASSWORD });
    await signIn({ email: 'owner@example.com', password: 'not the right password' });
    expect(door.lines.length).toBeGreaterThan(2);
    expect(door.lines.join('')).not.toMatch(/correct horse|not the right password|owner@example/);
  });

  test('is limited per address of the caller', async () => {
    const strict = await openDoor(database.current, { signInsPerMinute: 3 });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const body = { email: `user${attempt}@example.com`, password: PASSWORD };
      statuses.push((await strict.call('POST', '/api/auth/sign-in/email', { body })).statusCode);
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
    await strict.close();
  });

  test('is limited per account, even with the right password, until some time has passed', async () => {
    const wrong = { email: 'owner@example.com', password: 'not the right password' };
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) expect((await signIn(wrong)).statusCode).toBe(401);
    const refused = await signIn({ email: 'OWNER@example.com', password: PASSWORD });
    expect(refused.statusCode).toBe(429);
    expect(refused.json().message).toContain('15 minutes');
    expect((await signIn({ email: engineer.email, password: PASSWORD })).statusCode).toBe(200);
    door.clock.nowMs += WINDOW_MS;
    expect((await signIn({ email: 'owner@example.com', password: PASSWORD })).statusCode).toBe(200);
  });
});

test('guesses sent all at once are not let through together', async () => {
  const guess = () => signIn({ email: 'owner@example.com', password: 'not the right password' });
  const answers = await Promise.all(Array.from({ length: ATTEMPTS_MAX + 5 }, guess));
  expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(5);
});

test('a new link helps somebody who locked the account out', async () => {
  const wrong = { email: engineer.email, password: 'not the right password' };
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) await signIn(wrong);
  expect((await signIn({ email: engineer.email, password: PASSWORD })).statusCode).toBe(429);
  const link = await door.call('POST', `users/${engineer.id}/invite`, { cookie: owner });
  const body = { token: tokenOf(link.json().inviteUrl), password: PASSWORD };
  expect((await door.call('POST', 'invitation', { body })).statusCode).toBe(200);
});

test('no header that claims to be a sign-in brings the server down', async () => {
  const header = fc.string({ unit: 'binary-ascii', maxLength: 120 }).map((text) => text.replace(/[^\x20-\x7e]/g, ''));
  await fc.assert(
    fc.asyncProperty(header, header, async (one, other) => {
      const cookies = [`assay.session_token=${one}`, `assay.session_token=${one}.${other}`, one];
      for (const cookie of cookies)
        expect((await door.call('GET', 'users', { headers: { cookie } })).statusCode).toBe(401);
      for (const authorization of [`Bearer ask_${one}`, `Bearer ${one}`, other])
        expect((await door.call('GET', 'users', { headers: { authorization } })).statusCode).toBe(401);
    }),
    { numRuns: 60 },
  );
});

test('a text that cannot be stored is refused and not an error of the server', async () => {
  const body = { email: 'nul@example.com', name: 'NUL\u0000', role: 'viewer' };
  expect((await door.call('POST', 'users', { cookie: owner, body })).statusCode).toBe(400);
  expect((await door.call('PATCH', 'users/%00', { cookie: owner, body: { name: 'x' } })).statusCode).toBe(400);
});

describe('a session', () => {
  const ask = (cookie: string) => door.call('GET', 'users', { cookie });

  test('ends twelve hours after sign-in, however busy it was, and says so', async () => {
    for (let hour = 0; hour < 11; hour++) {
      door.clock.nowMs += HOUR_MS;
      expect((await ask(owner)).statusCode).toBe(200);
    }
    door.clock.nowMs = START_MS + SESSION_MS;
    const answer = await ask(owner);
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({
      code: 'unauthenticated',
      message: 'Your session has expired. Sign in again.',
    });
    expect((await door.call('GET', 'session', { cookie: owner })).json()).toEqual({
      user: null,
      permissions: [],
      notice: 'Your session has expired. Sign in again.',
      setupNeeded: false,
    });
  });

  test('ends when nobody used it for two hours', async () => {
    door.clock.nowMs += SESSION_IDLE_MS - 1;
    expect((await ask(owner)).statusCode).toBe(200);
    door.clock.nowMs += SESSION_IDLE_MS;
    expect((await ask(owner)).statusCode).toBe(401);
  });

  test('ends with sign-out', async () => {
    const answer = await door.call('POST', '/api/auth/sign-out', { cookie: owner });
    expect(answer.statusCode).toBe(200);
    expect(cookiesOf(answer.headers['set-cookie'])).toBe('');
    expect((await ask(owner)).json().message).toBe('Your session has ended. Sign in again.');
  });

  test.each([
    ['a changed token', (cookie: string) => cookie.replace(/=(.)/, (_, first) => `=${first === 'a' ? 'b' : 'a'}`)],
    ['no signature', (cookie: string) => cookie.split('.').slice(0, 2).join('.')],
    ['nothing', () => 'assay.session_token=.'],
    ['a signature of somebody else', (cookie: string) => `${cookie.slice(0, -6)}AAAA%3D`],
  ])('with %s is no session', async (_what, change) => {
    expect((await ask(change(owner))).statusCode).toBe(401);
  });

  test('of a user whose role changes has the new role from the next request on', async () => {
    expect((await ask(engineer.cookie)).statusCode).toBe(401);
    const cookie = await door.signIn(engineer.email);
    expect((await ask(cookie)).statusCode).toBe(403);
    await door.call('PATCH', `users/${engineer.id}`, { cookie: owner, body: { role: 'compliance' } });
    expect((await ask(cookie)).statusCode).toBe(200);
  });

  test('of a user who is disabled ends at once, and there is no new one', async () => {
    const cookie = await door.signIn(engineer.email);
    expect((await door.call('GET', 'keys', { cookie })).statusCode).toBe(200);
    await door.call('PATCH', `users/${engineer.id}`, { cookie: owner, body: { disabled: true } });
    expect((await door.call('GET', 'keys', { cookie })).statusCode).toBe(401);
    const answer = await signIn({ email: engineer.email, password: PASSWORD });
    expect(answer.statusCode).toBe(403);
    expect(answer.json().message).toContain('disabled');
  });

  test('of an auditor ends after the last day', async () => {
    const auditor = await door.join(owner, 'auditor');
    door.clock.nowMs = Date.parse('2027-03-31T23:00:00Z');
    const cookie = await door.signIn(auditor.email);
    expect((await door.call('GET', 'session', { cookie })).json().user.role).toBe('auditor');
    door.clock.nowMs += HOUR_MS;
    expect((await door.call('GET', 'session', { cookie })).json()).toMatchObject({
      user: null,
      notice: expect.stringContaining('ended on 2027-03-31'),
    });
    await expect(door.signIn(auditor.email)).rejects.toThrow('403');
  });

  test('cannot be used by another web site to change anything', async () => {
    const invite = { email: 'eve@example.com', name: 'Eve', role: 'admin' };
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ];
    for (const headers of foreign)
      expect((await door.call('POST', 'users', { cookie: owner, body: invite, headers })).statusCode).toBe(403);
  });

  test('that expired is dropped from the database at the next sign-in', async () => {
    door.clock.nowMs += 2 * DAY_MS;
    await door.signIn('owner@example.com');
    const { rows } = await database.current.pool.query('select count(*) from user_session');
    expect(rows[0].count).toBe(1);
  });
});
