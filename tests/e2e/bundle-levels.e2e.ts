import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, type Page, test } from '@playwright/test';
import { makeAuthority, missingOpenssl, serveAuthority } from '../support/time-stamp-authority.ts';
import { signedInAs } from './support/people.ts';

test.skip(missingOpenssl() !== null, 'openssl is not installed');
test.use({ storageState: signedInAs('owner') });

const ASSAY = join(import.meta.dirname, '../../bin/assay');
const folder = mkdtempSync(join(tmpdir(), 'assay-e2e-levels-'));
const at = (name: string) => join(folder, name);
const NAME = 'witness.example/e2e';
const closing: (() => void | Promise<void>)[] = [() => rmSync(folder, { recursive: true, force: true })];
test.afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** `bin/assay` in the folder of this story; what it printed, also where it found something wrong. */
async function assay(...args: string[]): Promise<{ code: number; text: string }> {
  try {
    const { stdout } = await promisify(execFile)(ASSAY, args, { cwd: folder });
    return { code: 0, text: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, text: stdout };
  }
}

/** `bin/assay witness` on loopback, following one log; its address and key. */
async function startWitness(logKey: string): Promise<{ url: string; vkey: string }> {
  const data = ['witness', '--data', at('witness')];
  const { text } = await assay(...data, '--name', NAME, '--print-key');
  const child: ChildProcess = spawn(ASSAY, [...data, '--log', logKey, '--listen', '127.0.0.1:0', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closing.push(() => void child.kill('SIGTERM'));
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port) return { url: `http://127.0.0.1:${port}`, vkey: text.trim() };
  }
  throw new Error('the witness did not say where it listens');
}

/** A file dropped by the mouse: the browser itself makes the events, with the file as it lies on disk. */
async function dropFile(page: Page, label: string, path: string): Promise<void> {
  const place = page.getByText(label, { exact: true });
  await place.scrollIntoViewIfNeeded();
  const box = await place.boundingBox();
  if (!box) throw new Error(`there is no place to drop a file on: ${label}`);
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  const point = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...point, data });
  await session.detach();
}

const notReached = (page: Page) => page.getByText(': not reached');

test('all four levels at once: made by the server, told by the command, and by the page from disk', async ({
  page,
  context,
  baseURL,
}) => {
  const headers = { origin: baseURL ?? '' };
  const get = async (path: string) => (await page.request.get(`/api/v1/${path}`)).json();
  const { vkey: logKey } = await get('ledger');
  const witness = await startWitness(logKey);
  const authority = await makeAuthority(at('authority'));
  const stamps = await serveAuthority(async (request) => ({ body: await authority.reply(request) }));
  closing.push(stamps.close);
  mkdirSync(at('mirror'));
  const ids: string[] = [];
  for (const body of [
    { settings: { kind: 'witness', url: witness.url, vkey: witness.vkey, allowPrivateAddress: true } },
    {
      name: 'tsa',
      settings: { kind: 'timestamp', url: stamps.url, trusted: authority.root, allowPrivateAddress: true },
    },
    { name: 'share', settings: { kind: 'mirror', place: 'folder', path: at('mirror'), tiles: true } },
    { name: 'git', settings: { kind: 'mirror', place: 'git', path: at('mirror.git') } },
  ]) {
    const answer = await page.request.post('/api/v1/ledger-parties', { headers, data: body });
    expect(answer.status(), await answer.text()).toBe(201);
    ids.push((await answer.json()).id);
  }

  const asked = await (await page.request.post('/api/v1/bundles', { headers, data: {} })).json();
  await expect.poll(async () => (await get(`bundles/${asked.id}`)).state, { timeout: 60_000 }).toBe('ready');
  expect((await get(`bundles/${asked.id}`)).assurance.level).toBe('mirrored');
  const zip = at('bundle.zip');
  writeFileSync(zip, await (await page.request.get(`/api/v1/bundles/${asked.id}/download`)).body());
  writeFileSync(at('verifier.html'), await (await page.request.get('/api/v1/bundles/verifier')).body());
  const policy = `log ${logKey}\nwitness auditor ${witness.vkey}\nquorum auditor\n`;
  writeFileSync(at('policy'), policy);
  writeFileSync(at('root.pem'), authority.root);
  for (const id of ids) await page.request.delete(`/api/v1/ledger-parties/${id}`, { headers });

  const trusted = ['bundle', 'verify', 'bundle.zip', '--policy', 'policy', '--tsa-ca', 'root.pem'];
  for (const mirror of ['mirror', 'mirror.git']) {
    const { code, text } = await assay(...trusted, '--mirror', mirror, '--json');
    expect(code).toBe(0);
    const { facts } = JSON.parse(text);
    expect(facts.level).toBe('mirrored');
    expect(facts.assurance.map((step: { reached: boolean }) => step.reached)).toEqual([true, true, true, true]);
  }
  expect(JSON.parse((await assay(...trusted, '--json')).text).facts.level).toBe('witnessed');

  await context.setOffline(true);
  await page.goto(pathToFileURL(at('verifier.html')).href);
  await dropFile(page, 'Drop bundles here', zip);
  await expect(page.getByText('The bundle is whole and unchanged')).toBeVisible({ timeout: 60_000 });
  await page.screenshot({ path: join(process.env.ASSAY_E2E_SHOTS ?? folder, 'dropped.png'), fullPage: true });
  await page.getByText('With what you trust:').click();
  await page.getByLabel('Policy', { exact: true }).pressSequentially(policy);
  await page.getByLabel('Time-stamp authorities').fill(authority.root);
  const head = `${execFileSync('git', ['--git-dir', at('mirror.git'), 'show', 'main:checkpoint'], { encoding: 'utf8' })}`;
  const size = head.split('\n')[1] ?? '';
  expect(readFileSync(at(`mirror/checkpoints/${size}`), 'utf8').split('\n\n')[0]).toBe(head.split('\n\n')[0]);
  await dropFile(page, 'Drop policies, certificates and heads here', at(`mirror/checkpoints/${size}`));
  await page.getByRole('button', { name: 'Verify again with this' }).click();
  await expect(page.getByText('signed by a key you trust')).toBeVisible({ timeout: 60_000 });
  await page.screenshot({ path: join(process.env.ASSAY_E2E_SHOTS ?? folder, 'trusted.png'), fullPage: true });
  await expect(page.getByText(`Held by ${size}.`)).toBeVisible();
  await expect(notReached(page)).toHaveCount(0);
  await expect(page.getByText('Whether mirrors hold this head')).toHaveCount(0);

  await page.getByLabel('Time-stamp authorities').fill('-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n');
  await page.getByLabel('Drop bundles here').setInputFiles(zip);
  await expect(notReached(page).filter({ hasText: 'Time-stamped' })).toHaveCount(1);
  await context.setOffline(false);
});
