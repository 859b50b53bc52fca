import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.use({ storageState: signedInAs('auditor') });

test('an item shows where it comes from, and its proof is checked in the browser', async ({ page }) => {
  await page.goto('/evidence');
  await expect(page.getByRole('table', { name: 'Evidence' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page
    .getByRole('table', { name: 'Evidence' })
    .getByRole('link', { name: /assistant/ })
    .first()
    .click();
  await expect(page.getByRole('heading', { name: 'Where it comes from' })).toBeVisible();
  await expect(page.getByText('The proof holds')).toBeVisible();
  for (const check of [
    'The leaf names the digest of this item',
    'The text of the leaf hashes to its leaf hash',
    'The path leads to the root of the checkpoint',
    'The checkpoint is signed by the ledger’s key',
    'The checkpoint is of this ledger',
  ])
    await expect(page.getByText(check, { exact: true })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test('an answer of the server that was changed on the way does not pass for a proof', async ({ page }) => {
  await page.route('**/api/v1/evidence/evd_*', async (route) => {
    const response = await route.fetch();
    const item = await response.json();
    // One digit of the recorded content's digest, inside the leaf.
    item.ledger.leaf = item.ledger.leaf.replace(
      /("sha256":")(.)/,
      (_: string, before: string, digit: string) => `${before}${digit === '0' ? '1' : '0'}`,
    );
    await route.fulfill({ response, json: item });
  });
  await page.goto('/evidence');
  await page
    .getByRole('table', { name: 'Evidence' })
    .getByRole('link', { name: /assistant/ })
    .first()
    .click();
  await expect(page.getByText('The proof does not hold')).toBeVisible();
  await expect(page.getByText('Not so:').first()).toBeVisible();
});

test('the content is fetched, hashed here and shown without being run', async ({ page }) => {
  await page.goto('/evidence');
  await page
    .getByRole('table', { name: 'Evidence' })
    .getByRole('link', { name: /assistant/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Show and check' }).click();
  await expect(page.getByText('Hashed here: it is the recorded content')).toBeVisible();
  await expect(page.getByRole('region', { name: /\.json$/ })).toBeVisible();
  await expectAccessible(page);
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('viewer') });

  test('a viewer is told that evidence is not open to the role', async ({ page }) => {
    await page.goto('/evidence');
    await expect(page.getByRole('heading', { name: 'You may not see the evidence' })).toBeVisible();
    await expectAccessible(page);
  });
});
