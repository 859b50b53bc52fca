import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });
test.use({ storageState: signedInAs('compliance') });

let bundle = Buffer.alloc(0);

async function drop(page: Page, name: string, buffer: Buffer) {
  await page.getByLabel('Drop bundles here').setInputFiles({ name, mimeType: 'application/zip', buffer });
}

test('the whole ledger is exported and downloaded', async ({ page }) => {
  await page.goto('/bundles');
  await expect(page.getByRole('heading', { name: 'Export', exact: true })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const download = page
    .getByRole('table', { name: 'Bundles' })
    .getByRole('link', { name: /^Download / })
    .first();
  await expect(download).toBeVisible({ timeout: 30_000 });
  const file = page.waitForEvent('download');
  await download.click();
  bundle = readFileSync(await (await file).path());
  expect(bundle.length).toBeGreaterThan(1000);
});

test('the bundle verifies in the browser with the network off', async ({ page, context }) => {
  await page.goto('/bundles');
  await expect(page.getByRole('heading', { name: 'Verify' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  await context.setOffline(true);
  await drop(page, 'bundle.zip', bundle);
  await expect(page.getByText('The bundle is whole and unchanged')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Checked', exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Not checked' })).toBeVisible();
  await expect(page.getByText('Events that were never recorded')).toBeVisible();
  await context.setOffline(false);
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test('a changed byte is found and the first problem is named', async ({ page }) => {
  const tampered = Buffer.from(bundle);
  const at = Math.floor(tampered.length / 2);
  tampered[at] = (tampered[at] ?? 0) ^ 1;
  await page.goto('/bundles');
  await drop(page, 'tampered.zip', tampered);
  await expect(page.getByText('The bundle is not right')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Found to hold before that' })).toBeVisible();
  await expectAccessible(page);
});

test('a file that is no bundle is refused in words', async ({ page }) => {
  await page.goto('/bundles');
  await drop(page, 'notes.zip', Buffer.from('these are not the bytes of a ZIP file'));
  await expect(page.getByText('The bundle is not right')).toBeVisible();
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('auditor') });

  test('an auditor takes bundles away but is told why none can be exported', async ({ page }) => {
    await page.goto('/bundles');
    const button = page.getByRole('button', { name: 'Export', exact: true });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleDescription('Your role, auditor, does not allow you to export bundles.');
    await expect(page.getByRole('link', { name: /^Download / }).first()).toBeVisible();
  });
});
