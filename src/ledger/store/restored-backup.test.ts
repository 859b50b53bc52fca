import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, expect, inject, test } from 'vitest';
import { connectDatabase, type Database } from '#src/platform/database/connect.ts';
import { databaseUrl } from '../../../tests/support/postgres.ts';
import { readLeaf } from '../log/leaf.ts';
import { appendEntry } from './append.ts';
import { publishLedger, readPublishedHead } from './publish.ts';
import { sealLedger } from './seal.ts';
import type { HeadSource } from './signer.ts';
import { type Ledger, openLedger } from './store.ts';
import { checkLedger } from './store-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-restored-'));
const server = inject('postgresUrl');
const name = `assay_restored_${process.pid}_${Date.now().toString(36)}`;
const backup = `${name}_backup`;
const clock = () => Date.parse('2026-11-23T08:53:33.123Z');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const blobs = { has: async () => false, stream: async function* () {} };
const actor = { kind: 'user', id: 'usr_1' } as const;
const published = join(folder, 'tiles');

let database: Database;
let dataDir = '';
let ledger: Ledger;
let runs = 0;

async function asAdmin(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const open = async (headSources: readonly HeadSource[] = []) => {
  database = connectDatabase(databaseUrl(server, name), { maxConnections: 4 });
  ledger = await openLedger({ database, blobs, dataDir, clock, log: silent, headSources });
};
// Both need the database to themselves, as a backup by copying does.
const takeBackup = async () => {
  await database.close();
  await asAdmin(`drop database if exists ${backup}`, `create database ${backup} template ${name}`);
};
const restoreBackup = async () => {
  await database.close();
  await asAdmin(`drop database ${name} with (force)`, `create database ${name} template ${backup}`);
};

async function append(count: number, from = 'a'): Promise<void> {
  for (let i = 0; i < count; i++)
    await appendEntry(
      database.drizzle,
      {
        type: 'evidence.collected',
        actor,
        subject: { kind: 'evidence', id: `${from}${i}` },
        body: {},
        dedupeKey: `${from}-${i}`,
      },
      clock,
    );
  await ledger.integrate();
}

beforeEach(async () => {
  dataDir = join(folder, `data-${runs++}`);
  await asAdmin(`create database ${name} template ${inject('postgresTemplate')}`);
  await open();
  await append(3, 'before');
});
afterEach(async () => {
  await database.close();
  await asAdmin(`drop database if exists ${name} with (force)`, `drop database if exists ${backup}`);
  rmSync(published, { recursive: true, force: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a database restored from a backup is not signed; the head file is named, entries wait, and sealing starts anew', async () => {
  await takeBackup();
  await open();
  await append(4, 'lost');
  const newest = await ledger.checkpoint();
  await restoreBackup();

  await open();
  const old = ledger.origin;
  const append4 = append(4, 'after');
  await expect(append4).rejects.toThrow(
    `${join(dataDir, 'ledger-head')} holds a signed head of ${newest.size} entries, and the database has only ${newest.size - 4}`,
  );
  await expect(ledger.integrate()).rejects.toThrow(/assay ledger seal --reason backup-restored/);
  expect(await ledger.pendingCount()).toBe(4);
  expect((await checkLedger(ledger, { dataDir })).firstDifference).toContain('an older backup was restored');

  const parts = { database, dataDir, clock, host: 'acme.example', headSources: [] };
  await expect(sealLedger(parts, { reason: 'ended', actor })).rejects.toThrow(/two histories/);
  const sealed = await sealLedger(parts, { reason: 'backup-restored', actor });
  expect(sealed.previous).toMatchObject({ origin: old, finalHeadSigned: false, lostFrom: newest.size - 4 });
  await database.close();
  await open();
  await ledger.integrate();
  expect(await ledger.pendingCount()).toBe(0);
  const { body } = readLeaf((await ledger.entryAt(0))?.bytes ?? new Uint8Array(), { profile: true }).value;
  expect(body).toMatchObject({ previous: { origin: old, known: { size: newest.size, root: newest.root } } });
  // What waited is in the new ledger.
  expect((await ledger.entries({ limit: 10, type: 'evidence.collected' })).total).toBe(4);
});

test('restored data folder and database together are noticed through a published folder', async () => {
  const copy = join(folder, `copy-${runs}`);
  cpSync(dataDir, copy, { recursive: true });
  await takeBackup();
  await open();
  await append(2, 'lost');
  await publishLedger(ledger, published);
  await restoreBackup();
  rmSync(dataDir, { recursive: true });
  cpSync(copy, dataDir, { recursive: true });

  await open([async () => [readPublishedHead(published, ledger.ring.logKeys)].filter((head) => head !== null)]);
  await expect(append(1, 'after')).rejects.toThrow(
    `${join(published, 'checkpoint')} holds a signed head of 7 entries, and the database has only 5`,
  );
});

test('a database of before the ledger was sealed names the head that was set aside', async () => {
  await takeBackup();
  await open();
  const old = ledger.origin;
  await append(2, 'more');
  await sealLedger(
    { database, dataDir, clock, host: 'acme.example', headSources: [] },
    { reason: 'key-stolen', actor },
  );
  await restoreBackup();
  await open();
  expect(ledger.origin).toBe(old);
  await expect(append(1, 'after')).rejects.toThrow(/ledger-head/);
  await expect(ledger.integrate()).rejects.toThrow(/two histories/);
});
