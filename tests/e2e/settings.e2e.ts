import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { PEOPLE, signedInAs } from './support/people.ts';

test.use({ storageState: signedInAs('owner') });

test('the company and what the report covers are saved, and a change of scope is kept', async ({ page }) => {
  await page.goto('/settings/company');
  await expect(page.getByRole('heading', { name: 'Scope of the report' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await expect(page.getByRole('button', { name: 'Save' })).toHaveAccessibleDescription('Nothing was changed.');
  await page.getByLabel('Company name').fill('Northwind AI');
  await page.getByLabel('Availability').check();
  await page.getByLabel('Window opens').fill('2026-10-01');
  await page.getByLabel('Window closes').fill('2026-12-31');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: /^Changes of scope/ })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Company name')).toHaveValue('Northwind AI');
  await expect(page.getByLabel('Availability')).toBeChecked();
});

test('a window that ends before it begins is refused beside the field', async ({ page }) => {
  await page.goto('/settings/company');
  await page.getByLabel('Window opens').fill('2026-12-31');
  await page.getByLabel('Window closes').fill('2026-10-01');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('must be after the first day').first()).toBeVisible();
  await expect(page.getByLabel('Window closes')).toHaveValue('2026-10-01');
});

test('users are listed with their roles, and disabling one says what will be lost', async ({ page }) => {
  await page.goto('/settings/users');
  await expect(page.getByRole('table', { name: 'Users' }).getByText(PEOPLE.viewer.email)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'What each role may do' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole('button', { name: `Actions for ${PEOPLE.viewer.name}` }).click();
  await page.getByRole('menuitem', { name: 'Disable …' }).click();
  const dialog = page.getByRole('dialog', { name: `Disable ${PEOPLE.viewer.name}?` });
  await expect(dialog).toContainText('Open sessions and API keys stop working at once.');
  // While it fades away, the menu is one without items.
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('an API key is shown once and can be revoked', async ({ page }) => {
  await page.goto('/settings/keys');
  await expect(page.getByRole('heading', { name: 'No API key yet' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByLabel('Name').fill('CI of the model repository');
  await page.getByRole('button', { name: 'Make the key' }).click();
  const shown = page.getByRole('dialog', { name: /CI of the model repository/ });
  const secret = await shown.getByText(/^ask_/).innerText();
  const answer = await page.request.fetch('/api/v1/controls', {
    headers: { authorization: `Bearer ${secret}`, cookie: '' },
  });
  expect(answer.status()).toBe(200);
  await shown.getByRole('button', { name: 'I have stored it' }).click();
  await page.reload();
  await expect(page.getByText(secret)).toHaveCount(0);
  await page.getByRole('button', { name: 'Revoke CI of the model repository' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(page.getByText('Revoked', { exact: true })).toBeVisible();
  await expectFitsPhone(page);
});

test('sign-in security and the fingerprint of the ledger are shown', async ({ page }) => {
  await page.goto('/settings/security');
  await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.goto('/settings/about');
  await expect(page.getByText(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/)).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('engineer') });

  test('an engineer may neither see the users nor change the company', async ({ page }) => {
    await page.goto('/settings/users');
    await expect(page.getByRole('heading', { name: 'You may not see the users' })).toBeVisible();
    await expectAccessible(page);
    await page.goto('/settings/company');
    await expect(page.getByLabel('Company name')).toBeDisabled();
  });
});
