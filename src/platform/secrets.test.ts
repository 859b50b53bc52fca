import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../tests/support/database.ts';
import { fingerprintOf, seal, unseal } from './envelope.ts';
import { masterKeyFile, newMasterKey, readMasterKeys, writeMasterKeys } from './master-key.ts';
import { openSecrets } from './secrets.ts';

const database = testDatabase();
const folders: string[] = [];
let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'assay-secrets-'));
  folders.push(dataDir);
});
afterEach(async () => {
  await database.current.pool.query('delete from secret');
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
const open = (given?: Uint8Array) => openSecrets(database.current, dataDir, given);

test('a secret comes back, is replaced, and is gone once removed', async () => {
  const secrets = open();
  expect(await secrets.get('github')).toBeNull();
  await secrets.put('github', 'ghp_1 ☃');
  expect(await secrets.get('github')).toBe('ghp_1 ☃');
  await secrets.put('github', 'ghp_2');
  expect(await open().get('github')).toBe('ghp_2');
  expect(await secrets.list()).toMatchObject([{ name: 'github', rotatedAt: expect.any(Date) }]);
  expect(await secrets.remove('github')).toBe(true);
  expect(await secrets.remove('github')).toBe(false);
  expect(await secrets.get('github')).toBeNull();
});

test('neither the plaintext nor the master key is in the database, and the key file is private', async () => {
  await open().put('okta', 'plain-text-of-okta');
  const { rows } = await database.current.pool.query('select s::text as row from secret s');
  const dump = JSON.stringify(rows);
  const [key] = readMasterKeys(dataDir) ?? [];
  expect(dump).not.toContain(Buffer.from('plain-text-of-okta').toString('hex'));
  expect(dump).not.toContain(Buffer.from(key ?? []).toString('hex'));
  expect(statSync(masterKeyFile(dataDir)).mode & 0o777).toBe(0o600);
});

test('a secret moved to another name does not open', async () => {
  const secrets = open();
  await secrets.put('viewer', 'small');
  await secrets.put('owner', 'large');
  await database.current.pool.query(
    `update secret v set wrapped_key = o.wrapped_key, nonce = o.nonce, ciphertext = o.ciphertext
     from secret o where v.name = 'viewer' and o.name = 'owner'`,
  );
  await expect(secrets.get('viewer')).rejects.toThrow(/was changed in the database by something else/);
  expect(await secrets.get('owner')).toBe('large');
});

test('any changed byte of an envelope is noticed', () => {
  const master = newMasterKey();
  const sealed = seal(Buffer.from('secret'), 'sec_1', master);
  expect(unseal(sealed, 'sec_1', master)?.toString()).toBe('secret');
  for (const part of ['wrappedKey', 'nonce', 'ciphertext'] as const)
    for (let at = 0; at < sealed[part].length; at++) {
      const changed = Buffer.from(sealed[part]);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      let opened: Buffer | null = null;
      try {
        opened = unseal({ ...sealed, [part]: changed }, 'sec_1', master);
      } catch {
        // Refused outright, which is as good.
      }
      expect(opened).toBeNull();
    }
});

test('asked at once, everybody gets the one secret that was made', async () => {
  let made = 0;
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => open().getOrCreate('session', () => `made-${++made}`)),
  );
  expect(new Set(answers)).toEqual(new Set(['made-1']));
});

test('a new master key takes over every secret, and the old one opens none', async () => {
  const secrets = open();
  await secrets.put('a', 'one');
  await secrets.put('b', 'two');
  const [before] = readMasterKeys(dataDir) ?? [];
  expect(await secrets.rotateMasterKey()).toBe(2);
  const after = readMasterKeys(dataDir) ?? [];
  expect(after).toHaveLength(1);
  expect(fingerprintOf(after[0] ?? new Uint8Array())).not.toBe(fingerprintOf(before ?? new Uint8Array()));
  expect([await secrets.get('a'), await open().get('b')]).toEqual(['one', 'two']);
  await expect(open(before).get('a')).rejects.toThrow(/stored under another master key/);
});

test('first secrets stored at once share one key, and changes of the key at once lose none', async () => {
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(names.map((name) => open().put(name, `of ${name}`)));
  await Promise.all([open().rotateMasterKey(), open().rotateMasterKey(), open().put('e', 'of e')]);
  expect(readMasterKeys(dataDir)).toHaveLength(1);
  for (const name of [...names, 'e']) expect(await open().get(name)).toBe(`of ${name}`);
});

test('a change of keys that was cut short still opens everything and is finished by the next', async () => {
  const secrets = open();
  await secrets.put('a', 'one');
  const [old] = readMasterKeys(dataDir) ?? [];
  writeMasterKeys(dataDir, [newMasterKey(), ...(old ? [old] : [])]);
  expect(await secrets.get('a')).toBe('one');
  await secrets.put('b', 'two');
  expect(await secrets.rotateMasterKey()).toBe(2);
  expect([await secrets.get('a'), await secrets.get('b')]).toEqual(['one', 'two']);
});

test('a key from the environment takes over from the file', async () => {
  await open().put('a', 'one');
  const given = newMasterKey();
  await expect(open(given).get('a')).rejects.toMatchObject({ code: 'unavailable' });
  expect(await open(given).rotateMasterKey()).toBe(1);
  expect(await open(given).get('a')).toBe('one');
});

test('a lost key file is reported and not replaced by a new key', async () => {
  await open().put('a', 'one');
  rmSync(masterKeyFile(dataDir));
  await expect(open().put('b', 'two')).rejects.toThrow(/is gone, and without it/);
  expect(() => readFileSync(masterKeyFile(dataDir))).toThrow(/ENOENT/);
});

test('a secret that is too large is refused', async () => {
  await expect(open().put('big', 'x'.repeat(70_000))).rejects.toMatchObject({ code: 'too_large' });
});
