import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });
test.use({ storageState: signedInAs('owner') });

test('an empty gateway teaches the way to the first call', async ({ page }) => {
  await page.goto('/gateway');
  await expect(page.getByRole('heading', { name: 'From nothing to the first call' })).toBeVisible();
  await expect(page.getByText('assay gateway provider add openai').first()).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test('a provider is added, its key shown to nobody, and its paths have no policy until one is adopted', async ({
  page,
}) => {
  await page.goto('/gateway/providers');
  await page.getByRole('button', { name: 'Add a provider' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a provider' });
  await dialog.getByLabel('Key', { exact: true }).fill('sk-only-in-the-secret-store');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Providers' }).getByText('https://api.openai.com/v1')).toBeVisible();
  await expect(page.getByText('sk-only-in-the-secret-store')).toHaveCount(0);
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.goto('/gateway');
  await expect(page.getByText(/Nothing is screened on/)).toBeVisible();
  await page.goto('/gateway/policies');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Adopt the starter policy' }).click();
  await expect(page.getByText('The starter policy is in force')).toBeVisible();
  await page.goto('/gateway');
  await expect(page.getByText(/Nothing is screened on/)).toHaveCount(0);
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test('a tenant gets a key that is shown once, and loses it', async ({ page }) => {
  await page.goto('/gateway/tenants');
  await page.getByRole('button', { name: 'Add a tenant' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Order assistant');
  await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('backend');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Make the key' }).click();
  const secret = await page.getByText(/^agk_[\w-]{43}$/).innerText();
  await page.getByRole('button', { name: 'I have stored it' }).click();
  await page.reload();
  await expect(page.getByText(secret)).toHaveCount(0);
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole('button', { name: 'Actions for key backend of Order assistant' }).click();
  await page.getByRole('menuitem', { name: 'Revoke …' }).click();
  await page.getByLabel('Why').fill('A story is over.');
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('table', { name: 'Keys' }).getByText('Revoked')).toBeVisible();
});

test('a milder policy is written, says what it loosens, and waits for a second person', async ({ page, browser }) => {
  await page.goto('/gateway/policies');
  await page.getByRole('link', { name: 'starter' }).click();
  await page.getByRole('button', { name: 'Write the next version' }).click();
  await expect(page.getByRole('group', { name: 'Checks' })).toBeVisible();
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByLabel('Expression').fill('request.turns >\n  nothing');
  await expect(page.getByText(/Line \d+, column \d+/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Remove rule new' }).click();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByText('JSON', { exact: true }).click();
  const text = page.getByLabel('What it says');
  await text.fill((await text.inputValue()).replace('"onFailure": "closed"', '"onFailure": "ajar"'));
  await expect(page.getByText(/onFailure/).first()).toBeVisible();
  await text.fill((await text.inputValue()).replace('"ajar"', '"open"'));
  await expect(page.getByText(/When a check fails: closed → open/)).toBeVisible();
  await page.getByLabel('What changes, and why').fill('Availability first, for a week.');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  await page.getByRole('button', { name: 'Submit for review' }).click();
  await expect(page.getByRole('button', { name: 'Approve …' })).toHaveAccessibleDescription(
    /another person has to approve/,
  );
  await expectAccessible(page);
  await expectFitsPhone(page);
  const other = await browser.newContext({ storageState: signedInAs('compliance') });
  const theirs = await other.newPage();
  await theirs.goto(page.url());
  await theirs.getByRole('button', { name: 'Approve …' }).click();
  await expect(theirs.getByRole('dialog')).toContainText('It loosens 1 of the settings before it.');
  await expect(theirs.getByRole('dialog')).toContainText('No test run of it has passed.');
  await theirs.getByLabel('Why it cannot wait for a test run').fill('The provider is slow today.');
  await expectAccessible(theirs);
  await theirs.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
  await expect(theirs.getByRole('row', { name: /Version 2/ }).getByText('In force')).toBeVisible();
  await expect(theirs.getByText(/Approved in an emergency by .*The provider is slow today/)).toBeVisible();
  await expect(theirs.getByRole('button', { name: 'Review the emergency …' })).toHaveAccessibleDescription(
    /another person has to review it/,
  );
  await expectAccessible(theirs);
  await expectFitsPhone(theirs);
  await other.close();
  await page.goto('/gateway');
  await expect(page.getByText(/fail open/)).toBeVisible();
});

test('a price is set', async ({ page }) => {
  await page.goto('/gateway/prices');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Set a price' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set a price' });
  await dialog.getByLabel('Model').fill('gpt-4o*');
  await dialog.getByLabel('Prompts, USD').fill('2.5');
  await dialog.getByLabel('Answers, USD').fill('10');
  await dialog.getByRole('button', { name: 'Set', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Prices' }).getByText('$2.5')).toBeVisible();
  await expectFitsPhone(page);
});

test.describe('somebody who only reads', () => {
  test.use({ storageState: signedInAs('viewer') });
  test('is told that the gateway is not for them', async ({ page }) => {
    await page.goto('/gateway/providers');
    await expect(page.getByRole('alert').getByText(/You may not see the providers/)).toBeVisible();
  });
});
