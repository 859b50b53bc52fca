import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../tests/support/database.ts';
import { openDataKeys } from './data-keys.ts';
import { newDataKey, openUnder, sealUnder } from './envelope.ts';
import { masterKeyFile } from './master-key.ts';
import { openSecrets } from './secrets.ts';

const database = testDatabase();
const dataDir = mkdtempSync(join(tmpdir(), 'assay-data-keys-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const keys = () => openDataKeys(database.current, dataDir);
const make = (id: string) => database.current.transaction((tx) => keys().getOrCreate(tx, id));
const get = (id: string) => keys().get(database.current.drizzle, id);

test('whoever asks for a key by its id gets the same one, also at once', async () => {
  const made = await Promise.all(Array.from({ length: 6 }, () => make('usr_1')));
  expect(new Set(made.map((key) => key.toString('hex'))).size).toBe(1);
  expect((await get('usr_1'))?.equals(made[0] as Buffer)).toBe(true);
  expect((await make('usr_2')).equals(made[0] as Buffer)).toBe(false);
  expect(await get('usr_none')).toBeNull();
  const { rows } = await database.current.pool.query('select k::text as row from data_key k');
  expect(JSON.stringify(rows)).not.toContain(made[0]?.toString('hex'));
});

test('a change of the master key keeps every key, and the old file opens none', async () => {
  const before = await make('usr_1');
  const old = readFileSync(masterKeyFile(dataDir));
  expect(await openSecrets(database.current, dataDir).rotateMasterKey()).toBe(2);
  expect((await get('usr_1'))?.equals(before)).toBe(true);
  const fresh = readFileSync(masterKeyFile(dataDir));
  writeFileSync(masterKeyFile(dataDir), old);
  await expect(get('usr_1')).rejects.toThrow('another master key');
  writeFileSync(masterKeyFile(dataDir), fresh);
});

test('a destroyed key is gone for good: its id is never given out again', async () => {
  const at = new Date('2026-11-23T09:00:00Z');
  await make('usr_gone');
  expect(await database.current.transaction((tx) => keys().destroy(tx, 'usr_gone', at))).toBe(true);
  expect(await database.current.transaction((tx) => keys().destroy(tx, 'usr_gone', at))).toBe(false);
  expect(await get('usr_gone')).toBeNull();
  await expect(make('usr_gone')).rejects.toThrow('erased for good');
  expect(await keys().destroyed(database.current.drizzle, ['usr_gone', 'usr_1'])).toEqual(new Map([['usr_gone', at]]));
});

test('a key made in a transaction that fails was never there', async () => {
  const failing = database.current.transaction(async (tx) => {
    await keys().getOrCreate(tx, 'usr_failed');
    throw new Error('the change failed');
  });
  await expect(failing).rejects.toThrow('the change failed');
  expect(await get('usr_failed')).toBeNull();
});

test('what is sealed opens under its key and its place only, and not when changed', () => {
  const key = newDataKey();
  const sealed = sealUnder(key, Buffer.from('ada'), 'here');
  expect(openUnder(key, sealed, 'here').toString()).toBe('ada');
  expect(() => openUnder(key, sealed, 'there')).toThrow();
  expect(() => openUnder(newDataKey(), sealed, 'here')).toThrow();
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(() => openUnder(key, changed, 'here')).toThrow();
  }
});
