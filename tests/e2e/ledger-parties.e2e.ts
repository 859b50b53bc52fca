import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.use({ storageState: signedInAs('owner') });

test('a mirror is set up, sees the newest head, raises what is said, and is removed with a warning', async ({
  page,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-e2e-mirror-'));
  await page.goto('/settings/ledger-parties');
  await expect(page.getByRole('heading', { name: 'Nobody outside sees the heads of this ledger' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: /Add a witness/ });
  await dialog.getByLabel('Kind').click();
  await page.getByRole('option', { name: 'Mirror' }).click();
  await dialog.getByLabel('Name').fill('share');
  await dialog.getByLabel('Path of the folder').fill(join(folder, 'missing'));
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect(dialog.getByRole('alert')).toContainText('There is no folder');
  await dialog.getByLabel('Path of the folder').fill(folder);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect(page.getByRole('table').getByText('Up to date')).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Remove share' }).click();
  const confirm = page.getByRole('dialog', { name: 'Remove share?' });
  await expect(confirm).toContainText('What it has signed stays.');
  await confirm.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('heading', { name: 'Nobody outside sees the heads of this ledger' })).toBeVisible();
});

test.describe('an auditor', () => {
  test.use({ storageState: signedInAs('auditor') });
  test('sees the level and cannot change who sees the heads', async ({ page }) => {
    await page.goto('/settings/ledger-parties');
    await expect(page.getByText('Signed', { exact: true })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Add', exact: true })).toBeDisabled();
  });
});
