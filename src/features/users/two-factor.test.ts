import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { cookiesOf, type Door, openDoor, PASSWORD } from '../../../tests/support/door.ts';

const database = testDatabase();
let door: Door;

beforeEach(async () => {
  await database.current.pool.query('truncate user_account, user_link cascade');
  // Codes follow the clock of the machine, so the rest does too.
  door = await openDoor(database.current, { startMs: Date.now() });
  await door.setUp('olga@example.com');
  door.events.length = 0;
});
afterEach(() => door.close());

const post = (path: string, cookie: string, body: unknown) => door.call('POST', `/api/auth/${path}`, { cookie, body });

/** The code an authenticator app shows. Source: RFC 6238 with SHA-1, 30 seconds, 6 digits. */
function codeFor(uri: string, atMs = Date.now()): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const secret = new URL(uri).searchParams.get('secret') ?? '';
  const digest = createHmac('sha1', base32(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

function base32(text: string): Buffer {
  const bits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** Turns it on for the owner; resolves to what the authenticator app would hold. */
async function turnOn(): Promise<{ uri: string; backupCodes: string[]; cookie: string }> {
  const cookie = await door.signIn('olga@example.com');
  const started = await post('two-factor/enable', cookie, { password: PASSWORD });
  expect(started.statusCode).toBe(200);
  const { totpURI: uri, backupCodes } = started.json();
  const verified = await post('two-factor/verify-totp', cookie, { code: codeFor(uri) });
  expect(verified.statusCode).toBe(200);
  return { uri, backupCodes, cookie: cookiesOf(verified.headers['set-cookie']) };
}

test('is on after the first right code, and the ledger is told in the same transaction', async () => {
  const cookie = await door.signIn('olga@example.com');
  const wrongPassword = await post('two-factor/enable', cookie, { password: 'not the right password' });
  expect(wrongPassword.statusCode).toBe(400);
  const { totpURI } = (await post('two-factor/enable', cookie, { password: PASSWORD })).json();
  expect(totpURI).toMatch(/^otpauth:\/\/totp\/Assay:olga/);
  expect((await door.call('GET', 'users', { cookie })).json().items[0].twoFactor).toBe(false);
  expect((await post('two-factor/verify-totp', cookie, { code: '000000' })).statusCode).toBe(400);
  expect(door.events).toEqual([]);

  door.failing.record = true;
  expect((await post('two-factor/verify-totp', cookie, { code: codeFor(totpURI) })).statusCode).toBe(500);
  door.failing.record = false;
  expect((await door.call('GET', 'users', { cookie })).json().items[0].twoFactor).toBe(false);

  const verified = await post('two-factor/verify-totp', cookie, { code: codeFor(totpURI) });
  const renewed = cookiesOf(verified.headers['set-cookie']);
  expect((await door.call('GET', 'users', { cookie: renewed })).json().items[0].twoFactor).toBe(true);
  expect(door.events).toMatchObject([{ type: 'user.two_factor_changed', body: { enabled: true } }]);
  const { rows } = await database.current.pool.query('select secret, backup_codes from user_two_factor');
  expect(JSON.stringify(rows)).not.toContain(new URL(totpURI).searchParams.get('secret'));
});

test('asks for a code after the password, and the password alone opens nothing', async () => {
  const { uri } = await turnOn();
  const half = await door.call('POST', '/api/auth/sign-in/email', {
    body: { email: 'olga@example.com', password: PASSWORD },
  });
  expect(half.json()).toEqual({ twoFactorRedirect: true });
  const halfCookie = cookiesOf(half.headers['set-cookie']);
  expect((await door.call('GET', 'session', { cookie: halfCookie })).json().user).toBeNull();
  expect((await post('two-factor/verify-totp', halfCookie, { code: '000000' })).statusCode).toBe(400);
  const whole = await post('two-factor/verify-totp', halfCookie, { code: codeFor(uri) });
  expect(whole.statusCode).toBe(200);
  const cookie = cookiesOf(whole.headers['set-cookie']);
  expect((await door.call('GET', 'session', { cookie })).json().user.email).toBe('olga@example.com');
});

test('takes a backup code once', async () => {
  const { backupCodes } = await turnOn();
  const code = backupCodes[0];
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 2; attempt++) {
    const half = await door.call('POST', '/api/auth/sign-in/email', {
      body: { email: 'olga@example.com', password: PASSWORD },
    });
    const cookie = cookiesOf(half.headers['set-cookie']);
    statuses.push((await post('two-factor/verify-backup-code', cookie, { code })).statusCode);
  }
  expect(statuses).toEqual([200, 400]);
});

test('a guesser is locked out after a few codes, and stays out with the right one', async () => {
  const { uri } = await turnOn();
  const half = await door.call('POST', '/api/auth/sign-in/email', {
    body: { email: 'olga@example.com', password: PASSWORD },
  });
  const cookie = cookiesOf(half.headers['set-cookie']);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 6; attempt++)
    statuses.push((await post('two-factor/verify-totp', cookie, { code: '000000' })).statusCode);
  expect(statuses.slice(0, 5)).toEqual([400, 400, 400, 400, 400]);
  expect(statuses[5]).toBe(429);
  expect((await post('two-factor/verify-totp', cookie, { code: codeFor(uri) })).statusCode).toBe(401);
});

test('can be turned off with the password, and taken off by another owner when the device is lost', async () => {
  const { cookie } = await turnOn();
  const second = await door.join(cookie, 'owner', 'second@example.com');
  expect((await post('two-factor/disable', cookie, { password: 'not the right password' })).statusCode).toBe(400);
  const off = await post('two-factor/disable', cookie, { password: PASSWORD });
  expect(off.statusCode).toBe(200);
  await turnOn();
  const { items } = (await door.call('GET', 'users', { cookie: second.cookie })).json();
  const olga = items.find((user: { email: string }) => user.email === 'olga@example.com');
  const removed = await door.call('DELETE', `users/${olga.id}/two-factor`, { cookie: second.cookie });
  expect(removed.json().twoFactor).toBe(false);
  const cookieAgain = await door.signIn('olga@example.com');
  expect((await door.call('GET', 'session', { cookie: cookieAgain })).json().user.email).toBe('olga@example.com');
  expect(door.events.filter(({ type }) => type === 'user.two_factor_changed').map(({ body }) => body.enabled)).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test('codes are refused without a sign-in under way', async () => {
  expect((await door.call('POST', '/api/auth/two-factor/verify-totp', { body: { code: '123456' } })).statusCode).toBe(
    401,
  );
  expect((await door.call('POST', '/api/auth/two-factor/enable', { body: { password: PASSWORD } })).statusCode).toBe(
    401,
  );
});
