import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { openDatabase, whoUses } from './supervisor.ts';

const database = testDatabase();
const log = createLog({ output: { write: () => undefined } });
const servers: Server[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-supervisor-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

function open(url: string, purpose: 'server' | 'command' = 'command') {
  const config = readConfig({ ASSAY_DATA_DIR: join(folder, 'data'), DATABASE_URL: url }, '/');
  return openDatabase({ config, log, purpose, url: 'http://127.0.0.1:4998' });
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('the server of DATABASE_URL is used, and still runs afterwards', async () => {
  const opened = await open(database.url, 'server');
  expect(opened).toMatchObject({ embedded: false, url: database.url, dataDir: join(folder, 'data') });
  expect((await opened.database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await opened.close();
  expect((await database.current.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('a data folder of a server refuses to start an embedded database when DATABASE_URL is forgotten', async () => {
  await (await open(database.url)).close();
  const before = readdirSync(join(folder, 'data')).sort();
  const forgotten = readConfig({ ASSAY_DATA_DIR: join(folder, 'data') }, '/');
  const opening = openDatabase({ config: forgotten, log, purpose: 'server' });
  await expect(opening).rejects.toThrow(/belongs to the database \S+ at .*DATABASE_URL is not set/);
  await expect(opening).rejects.not.toThrow(new URL(database.url).password || 'postgres://');
  expect(readdirSync(join(folder, 'data')).sort()).toEqual(before);
  await (await open(database.url)).close();
});

test('one server at a time uses a data folder, beside any number of commands', async () => {
  const server = await open(database.url, 'server');
  const command = await open(database.url);
  await expect(open(database.url, 'server')).rejects.toThrow(
    new RegExp(`process ${process.pid}, http://127.0.0.1:4998, since 20`),
  );
  server.announce('http://127.0.0.1:5000');
  expect((await whoUses(server.dataDir)).map(({ purpose, url }) => [purpose, url])).toEqual(
    expect.arrayContaining([
      ['server', 'http://127.0.0.1:5000'],
      ['command', 'http://127.0.0.1:4998'],
    ]),
  );
  await server.close();
  const next = await open(database.url, 'server');
  await next.close();
  await command.close();
  expect(await whoUses(join(folder, 'data'))).toEqual([]);
});

test('a command does not change the database under a server of an older version', async () => {
  const server = await open(database.url, 'server');
  await server.database.pool.query(
    'delete from schema_migration where number = (select max(number) from schema_migration)',
  );
  await expect(open(database.url)).rejects.toThrow(/was started from an older version/);
  await server.database.pool.query('truncate schema_migration');
  await server.close();
});

test('a server nobody answers at is named without the password', async () => {
  const port = await listen(createServer());
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await expect(open(`postgres://ada:hunter2@127.0.0.1:${port}/assay`)).rejects.toMatchObject({
    code: 'unavailable',
    message: `No database answers at 127.0.0.1:${port} (ECONNREFUSED). Start it, or correct DATABASE_URL.`,
  });
  expect(await whoUses(join(folder, 'data'))).toEqual([]);
});

test('a database that does not exist is named', async () => {
  const url = new URL(database.url);
  url.pathname = '/not_there';
  await expect(open(url.href)).rejects.toThrow(/has no database "not_there"/);
});

test('a server that is too old is refused', async () => {
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (message) => socket.write(answerAsPostgres14(message)));
    }),
  );
  await expect(open(`postgres://ada@127.0.0.1:${port}/assay`)).rejects.toThrow(
    /is Postgres 14; Assay needs 15 or newer/,
  );
});

/** Source: PostgreSQL, "Message Formats": enough of them to connect and be asked for the version. */
function answerAsPostgres14(message: Buffer): Buffer {
  const packet = (type: string, body: Buffer) => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const ready = packet('Z', Buffer.from('I'));
  const isQuery = message[0] === 'Q'.charCodeAt(0);
  if (!isQuery) return Buffer.concat([packet('R', Buffer.alloc(4)), ready]);
  const column = Buffer.concat([Buffer.from([0, 1]), Buffer.from('server_version_num\0'), Buffer.alloc(18)]);
  column.writeInt32BE(25, column.length - 12);
  const value = Buffer.from('140005');
  const row = Buffer.concat([Buffer.from([0, 1, 0, 0, 0, value.length]), value]);
  return Buffer.concat([packet('T', column), packet('D', row), packet('C', Buffer.from('SHOW\0')), ready]);
}
