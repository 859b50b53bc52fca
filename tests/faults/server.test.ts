import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clearUp, databaseProcesses, REPOSITORY } from './installation.ts';

let folder = '';
let port = 0;
let serverFile = '';
const started: ChildProcess[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-server-'));
  port = await freePort();
  const build = (await import(join(REPOSITORY, 'scripts/build.mjs'))) as { ensureBuilt(name: string): Promise<string> };
  serverFile = join(await build.ensureBuilt('app'), 'server.js');
});
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  clearUp([cluster()], [folder]);
});
const cluster = () => join(folder, 'data/postgres');

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: found } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return found;
}

const environment = (more: Record<string, string> = {}) => ({
  ...process.env,
  ASSAY_DATA_DIR: join(folder, 'data'),
  ASSAY_PORT: String(port),
  ASSAY_GATEWAY_PORT: '0',
  ...more,
});

/** Starts the server. `told` is everything it said until it said `word`, or until it ended. */
function start(more: Record<string, string> = {}, args: string[] = []) {
  const child = spawn(process.execPath, [serverFile, ...args], { env: environment(more), cwd: '/' });
  started.push(child);
  let said = '';
  let look: () => void = () => undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      said += text;
      look();
    });
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code ?? signal, said }));
  const told = (word: string) =>
    new Promise<string>((resolve, reject) => {
      look = () => said.includes(word) && resolve(said);
      look();
      void ended.then(({ said: all, code }) => reject(new Error(`ended with ${code}: ${all}`)));
    });
  return { child, told, ended };
}

function assay(program: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { env: environment(), cwd: '/' }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

describe.skipIf(process.platform !== 'linux')('the server', { timeout: 90_000 }, () => {
  test('answers, is alone on its data, shares it with commands, and takes everything with it when it stops', async () => {
    const server = start();
    await server.told('Ctrl-C stops it.');
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    expect(databaseProcesses(cluster())).not.toEqual([]);

    const second = await start().ended;
    expect(second.code).toBe(3);
    expect(second.said).toContain(
      `already runs on ${folder}/data: process ${server.child.pid}, http://127.0.0.1:${port}`,
    );

    const link = join(folder, 'assay');
    symlinkSync(join(REPOSITORY, 'bin/assay'), link);
    const status = await assay(link, 'status', '--json');
    expect(JSON.parse(status.out)).toMatchObject({ server: { pid: server.child.pid }, database: { embedded: true } });

    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
    expect(databaseProcesses(cluster())).toEqual([]);

    const alone = await assay(link, 'status', '--json');
    expect(JSON.parse(alone.out)).toMatchObject({ server: null });
    expect(databaseProcesses(cluster())).toEqual([]);
  });

  test('says which port is taken and by which variable to choose another, and stops what it started', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const { code, said } = await start().ended;
    await new Promise((resolve) => other.close(resolve));
    expect(code).toBe(3);
    expect(said).toContain(`Port ${port} on 127.0.0.1 is taken`);
    expect(said).toContain('ASSAY_PORT');
    expect(databaseProcesses(cluster())).toEqual([]);
  });

  test('a signal while it starts stops it cleanly', async () => {
    const server = start({ ASSAY_DATA_DIR: join(folder, 'second') });
    await once(server.child, 'spawn');
    const begun = new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (databaseProcesses(join(folder, 'second/postgres')).length > 0) resolve(clearInterval(look));
      }, 5);
    });
    await Promise.race([begun, server.ended]);
    server.child.kill('SIGINT');
    expect((await server.ended).code).toBe(0);
    expect(databaseProcesses(join(folder, 'second/postgres'))).toEqual([]);
  });

  test('wrong settings and unknown arguments end it with 2, naming what is wrong', async () => {
    expect(await start({ ASSAY_PORT: 'http' }).ended).toMatchObject({
      code: 2,
      said: expect.stringContaining('ASSAY_PORT'),
    });
    expect(await start({}, ['--port=1']).ended).toMatchObject({ code: 2, said: expect.stringContaining('--port=1') });
  });
});

describe('the command', { timeout: 60_000 }, () => {
  test('ends with 2 when it was called wrongly and says what is known', async () => {
    const program = join(REPOSITORY, 'bin/assay');
    expect(await assay(program, 'stauts')).toMatchObject({ code: 2, err: expect.stringContaining('status') });
    expect(await assay(program, 'status', '--loud')).toMatchObject({ code: 2, err: expect.stringContaining('--loud') });
    expect(await assay(program, '--help')).toMatchObject({ code: 0, out: expect.stringContaining('Exit codes') });
  });
});
