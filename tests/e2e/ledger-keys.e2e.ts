import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });

test.describe('an admin', () => {
  test.use({ storageState: signedInAs('owner') });

  test('rotates the key of bundles and retires the old one, each confirmed by its id', async ({ page }) => {
    await page.goto('/settings/ledger-keys');
    const table = page.getByRole('table', { name: 'Ledger keys' });
    const bundles = table.getByRole('row').filter({ hasText: 'Manifests of bundles' });
    await expect(bundles).toHaveCount(1);
    await expect(page.getByText('bin/assay ledger seal --reason key-stolen --yes')).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
    const id = (await bundles.locator('code').first().textContent()) ?? '';
    await bundles.getByRole('button', { name: `Rotate the key ${id}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    await expect(dialog.getByRole('alert')).toContainText(id);
    await dialog.getByLabel(`Type ${id} to confirm`).fill(id);
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(bundles).toHaveCount(2);
    await expect(bundles.filter({ hasText: id })).toContainText('Retiring');
    await expectAccessible(page);
    await bundles.getByRole('button', { name: `Retire the key ${id}` }).click();
    await page.getByLabel(`Type ${id} to confirm`).fill(id);
    await page.getByRole('dialog').getByRole('button', { name: 'Retire' }).click();
    await expect(bundles.filter({ hasText: id })).toContainText('Retired');
    await page.screenshot({ path: 'test-results/ledger-keys.png', fullPage: true });
  });
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('auditor') });

  test('an auditor sees the keys and is told why they stay', async ({ page }) => {
    await page.goto('/settings/ledger-keys');
    const rotate = page.getByRole('button', { name: /^Rotate the key/ }).first();
    await expect(rotate).toHaveAttribute('aria-disabled', 'true');
    await expect(rotate).toHaveAccessibleDescription(/does not allow you to change the keys of the ledger/);
  });
});
