import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { makeLinkedBundles } from '../support/bundle.ts';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });
test.use({ storageState: signedInAs('compliance') });

const folder = mkdtempSync(join(tmpdir(), 'assay-verifier-'));
const verifier = join(folder, 'verifier.html');
let bundle = Buffer.alloc(0);
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The page from disk, in a browser whose network is off; every request it tries all the same is written down. */
async function openFromDisk(page: Page, context: BrowserContext): Promise<string[]> {
  const requests: string[] = [];
  page.on('request', (request) => {
    if (!/^(file|blob|data):/.test(request.url())) requests.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') requests.push(message.text());
  });
  await context.setOffline(true);
  await page.goto(pathToFileURL(verifier).href);
  return requests;
}

const drop = (page: Page, name: string, buffer: Buffer) =>
  page.getByLabel('Drop bundles here').setInputFiles({ name, mimeType: 'application/zip', buffer });

test('the verifier is saved from the page of bundles, as one file', async ({ page }) => {
  await page.goto('/bundles');
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download the verifier' }).click();
  await (await saved).saveAs(verifier);
  expect((await saved).suggestedFilename()).toBe('assay-verifier.html');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const download = page.getByRole('table', { name: 'Bundles' }).getByRole('link', { name: /^Download / });
  await expect(download.first()).toBeVisible({ timeout: 30_000 });
  const href = await download.first().getAttribute('href');
  bundle = Buffer.from(await (await page.request.get(href ?? '')).body());
});

test('from disk and without a network it says that a bundle is whole', async ({ page, context }) => {
  const outside = await openFromDisk(page, context);
  await expect(page.getByRole('heading', { name: 'Bundle verifier' })).toBeVisible();
  await drop(page, 'bundle.zip', bundle);
  await expect(page.getByText('The bundle is whole and unchanged')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Checked', exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Not checked' })).toBeVisible();
  await expect(page.getByText('Whose key signed the log')).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  expect(outside).toEqual([]);
});

test('it holds a bundle against the keys of a policy, and names what is wrong first', async ({ page, context }) => {
  const outside = await openFromDisk(page, context);
  await page.getByText('With what you trust:').click();
  await page
    .getByLabel('Policy', { exact: true })
    .fill('log ledger.example/other+d3b07384+ATt0yTRPZCDkbsEhW5/V3WKXtwYnrVUCO9BQV8hQzvwV\nquorum none\n');
  await drop(page, 'bundle.zip', bundle);
  await expect(page.getByText('The bundle is not right')).toBeVisible();
  const tampered = Buffer.from(bundle);
  const at = tampered.indexOf('"type":"');
  tampered[at + 8] = (tampered[at + 8] ?? 0) ^ 1;
  await page.getByLabel('Policy', { exact: true }).fill('');
  await drop(page, 'tampered.zip', tampered);
  await expect(page.getByText('Found to hold before that')).toBeVisible();
  expect(outside).toEqual([]);
});

test('several bundles are verified together, and it says what joins them', async ({ page, context }) => {
  const outside = await openFromDisk(page, context);
  const file = (name: string, bytes: Uint8Array) => ({ name, mimeType: 'application/zip', buffer: Buffer.from(bytes) });
  const dropAll = (...files: ReturnType<typeof file>[]) => page.getByLabel('Drop bundles here').setInputFiles(files);
  const { older, newer } = await makeLinkedBundles();
  const status = page.getByRole('status');
  await dropAll(file('old.zip', older), file('new.zip', newer));
  await expect(status.getByText('The bundle is whole and unchanged')).toHaveCount(2);
  await expect(status).toContainText(
    /The log of new\.zip continues that of old\.zip \(ended\).*No entry between the two ranges was left out/,
  );
  await expectAccessible(page);
  await expectFitsPhone(page);
  const { newer: elsewhere } = await makeLinkedBundles(`${'A'.repeat(43)}=`);
  await dropAll(file('old.zip', older), file('new.zip', elsewhere));
  await expect(status).toContainText('One of the two is not what the operator showed others.');
  await dropAll(file('old.zip', older), file('bundle.zip', bundle));
  await expect(status).toContainText('None of these logs says that it continues another one here.');
  const broken = new Uint8Array(newer);
  broken[broken.length - 30] = (broken[broken.length - 30] as number) ^ 1;
  await dropAll(file('old.zip', older), file('broken.zip', broken));
  await expect(status).toContainText('Bundles that are not right are not compared.');
  await expect(status.getByText('The bundle is not right')).toHaveCount(1);
  expect(outside).toEqual([]);
});

test('heads kept elsewhere are dropped as files: the same one is a mirror, another of its size two histories', async ({
  page,
  context,
}) => {
  let head = '';
  await verifyBundle(bundle, {
    mirrorsHolding: async ({ text }) => {
      head = text;
      return [];
    },
  });
  const note = (text: string) => Buffer.from(`${text}\n— example.test/log AAAAAAAA\n`);
  const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
  const outside = await openFromDisk(page, context);
  await page.getByText('With what you trust:').click();
  const files = page.getByLabel('Drop policies, certificates and heads here');
  await files.setInputFiles([file('12', note(head)), file('notes.txt', Buffer.from('nothing to trust'))]);
  await expect(page.getByRole('alert')).toContainText('notes.txt is none of these');
  await drop(page, 'bundle.zip', bundle);
  await expect(page.getByText('The bundle is whole and unchanged')).toBeVisible();
  await expect(page.getByText(/12/).first()).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  const [origin, size] = head.split('\n');
  await files.setInputFiles([file('fork', note(`${origin}\n${size}\n${'A'.repeat(43)}=\n`))]);
  await page.getByRole('button', { name: 'Verify again with this' }).click();
  await expect(page.getByText('The log has two histories.')).toBeVisible();
  await page.getByRole('button', { name: 'Remove the heads' }).click();
  await files.setInputFiles([file('1', note(`${origin}\n1\n${'A'.repeat(43)}=\n`))]);
  await page.getByRole('button', { name: 'Verify again with this' }).click();
  await expect(page.getByText('None of the heads you gave is the head of this bundle.')).toBeVisible();
  expect(outside).toEqual([]);
});

test('it is used by keyboard alone, and shown in the dark', async ({ page, context }) => {
  await openFromDisk(page, context);
  writeFileSync(join(folder, 'by-keyboard.zip'), bundle);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Choose files' })).toBeFocused();
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(join(folder, 'by-keyboard.zip'));
  await expect(page.getByRole('status')).toContainText('The bundle is whole and unchanged');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
});
