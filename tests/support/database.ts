import pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { connectDatabase, type Database } from '#src/platform/database/connect.ts';
import { databaseUrl } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    postgresTemplate: string;
  }
}

let made = 0;

/** A database of its own for the calling test file: a clone of the migrated template, dropped afterwards. */
export function testDatabase(): { readonly current: Database; readonly url: string } {
  const serverUrl = inject('postgresUrl');
  const name = `assay_test_${process.pid}_${Date.now().toString(36)}_${made++}_${Math.random().toString(36).slice(2, 8)}`;
  const url = databaseUrl(serverUrl, name);
  let database: Database | undefined;
  beforeAll(async () => {
    await asAdmin(serverUrl, `create database ${name} template ${inject('postgresTemplate')}`);
    database = connectDatabase(url, { maxConnections: 8 });
  });
  afterAll(async () => {
    await database?.close();
    await asAdmin(serverUrl, `drop database if exists ${name} with (force)`);
  });
  return {
    url,
    get current() {
      if (!database) throw new Error('the test database is there only while tests run');
      return database;
    },
  };
}

async function asAdmin(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
