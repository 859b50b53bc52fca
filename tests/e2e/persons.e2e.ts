import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });
test.use({ storageState: signedInAs('owner') });

let leaver = '';

test('a legal hold keeps somebody who is to be erased, and says so', async ({ page }) => {
  const invited = await page.request.post('/api/v1/users', {
    headers: { origin: test.info().project.use.baseURL ?? '' },
    data: { email: 'leaver@example.com', name: 'Lee Leaver', role: 'engineer' },
  });
  leaver = (await invited.json()).user.id;
  await page.goto('/settings/persons');
  await expect(page.getByRole('table', { name: 'Persons' }).getByText('Lee Leaver')).toBeVisible();
  await expect(page.getByText('No hold was ever placed')).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByLabel('Person, evidence, gateway tenant or day').fill(leaver);
  await page.getByLabel('Why it must be kept').fill('Litigation 7');
  await page.getByRole('button', { name: 'Place a hold' }).click();
  await expect(page.getByText('The hold stands')).toBeVisible();
  const erase = page.getByRole('button', { name: 'Erase Lee Leaver' });
  await expect(erase).toHaveAttribute('aria-disabled', 'true');
  await expect(erase).toHaveAccessibleDescription(/release the hold first/);
  await page.getByRole('button', { name: `Release the hold on ${leaver}` }).click();
  const dialog = page.getByRole('dialog', { name: 'Release this hold?' });
  await dialog.getByLabel('Why').fill('Settled');
  await dialog.getByRole('button', { name: 'Release' }).click();
  await expect(page.getByText('The hold is released')).toBeVisible();
});

test('a person is erased after the dialog said what will be lost', async ({ page }) => {
  await page.goto('/settings/persons');
  await page.getByRole('button', { name: 'Erase Lee Leaver' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase Lee Leaver?' });
  await expect(dialog).toContainText('cannot be undone');
  await expect(dialog).toContainText('Name, email address, password');
  await expectAccessible(page);
  await dialog.getByLabel('What it rests on').fill('request 2026-14');
  await dialog.getByLabel(/^Type usr_/).fill('somebody else');
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await expect(dialog.getByRole('alert')).toContainText('type the id');
  await dialog.getByLabel(/^Type usr_/).fill(leaver);
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await expect(page.getByText('Erased', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('Lee Leaver')).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('table', { name: 'Persons' }).getByText(leaver)).toBeVisible();
});

test('a class of evidence is given a time', async ({ page }) => {
  await page.goto('/settings/persons');
  await page.getByRole('button', { name: 'Change Statements' }).click();
  await page.getByRole('dialog').getByLabel('Days').fill('730');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('table', { name: 'Retention' }).getByText('730 days')).toBeVisible();
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('engineer') });

  test('an engineer may not see whose data is held', async ({ page }) => {
    await page.goto('/settings/persons');
    await expect(page.getByRole('heading', { name: 'You may not see the persons' })).toBeVisible();
  });
});
