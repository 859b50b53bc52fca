import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { LedgerHead } from '#src/features/ledger/model.ts';
import type { Scan } from '#src/features/scans/model.ts';
import { cookiesOf, PASSWORD, tokenOf } from '../support/door.ts';
import { clearUp, REPOSITORY } from './installation.ts';

// Enough for the scan to last until it is seen running, even on a fast machine.
const FILES = 4_000;

const folder = mkdtempSync(join(tmpdir(), 'assay-killed-scan-'));
const tree = join(folder, 'code');
const started: ChildProcess[] = [];
let serverFile = '';

beforeAll(async () => {
  for (let i = 0; i < FILES; i++) {
    const service = join(tree, `service-${Math.floor(i / 100)}`);
    if (i % 100 === 0) mkdirSync(service, { recursive: true });
    writeFileSync(
      join(service, `m${i}.py`),
      `import openai\n${`x${i} = openai.OpenAI()  # a line of code\n`.repeat(40)}`,
    );
  }
  const build = (await import(join(REPOSITORY, 'scripts/build.mjs'))) as { ensureBuilt(name: string): Promise<string> };
  serverFile = join(await build.ensureBuilt('app'), 'server.js');
});
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  clearUp([join(folder, 'data/postgres')], []);
  rmSync(folder, { recursive: true, force: true });
});

type Running = { child: ChildProcess; url: string; said: () => string };

async function startServer(): Promise<Running> {
  const env = { ...process.env, ASSAY_DATA_DIR: join(folder, 'data'), ASSAY_PORT: '0', ASSAY_GATEWAY_PORT: '0' };
  const child = spawn(process.execPath, [serverFile], { env, cwd: '/' });
  started.push(child);
  let text = '';
  const answered = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => {
        text += part;
        if (text.includes('Ctrl-C stops it.')) resolve(/Assay answers at (\S+)/.exec(text)?.[1] ?? '');
      });
    child.once('close', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  return { child, url: await answered, said: () => text };
}

describe.skipIf(process.platform !== 'linux')('a server killed in the middle of a scan', { timeout: 180_000 }, () => {
  test('has stored nothing of it, and finishes it after the next start', async () => {
    const first = await startServer();
    const token = tokenOf(/http\S+token=\S+/.exec(first.said())?.[0] ?? '');
    const owner = { token, name: 'Olga Owner', email: 'owner@example.com', password: PASSWORD };
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(owner);
    const made = await fetch(`${first.url}/api/v1/setup`, { method: 'POST', headers, body });
    const cookie = cookiesOf(made.headers.getSetCookie());
    const ask = async <T>(server: Running, path: string, post?: object): Promise<T> => {
      const answer = await fetch(`${server.url}/api/v1/${path}`, {
        headers: { cookie, origin: server.url, ...(post && headers) },
        ...(post && { method: 'POST', body: JSON.stringify(post) }),
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    };

    const { id } = await ask<Scan>(first, 'scans', { path: tree });
    await vi.waitFor(async () => expect(await ask<Scan>(first, `scans/${id}`)).toMatchObject({ state: 'running' }), {
      timeout: 30_000,
      interval: 10,
    });
    first.child.kill('SIGKILL');
    await once(first.child, 'close');

    const second = await startServer();
    const interrupted = await ask<Scan>(second, `scans/${id}`);
    expect(['queued', 'running', 'recorded']).toContain(interrupted.state);
    const done = await vi.waitFor(
      async () => {
        const scan = await ask<Scan>(second, `scans/${id}`);
        expect(['recorded', 'failed']).toContain(scan.state);
        return scan;
      },
      { timeout: 90_000, interval: 200 },
    );
    expect(done).toMatchObject({ state: 'recorded', summary: { unchanged: false } });
    const { total } = await ask<{ total: number }>(second, 'evidence?kind=scan');
    expect(total).toBe(1);
    await vi.waitFor(async () => expect((await ask<LedgerHead>(second, 'ledger')).pending).toBe(0), {
      timeout: 30_000,
    });
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'close')).toEqual([0, null]);
  });
});
