import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.use({ storageState: signedInAs('auditor') });

test('an auditor finds an entry, follows its proof by keyboard, and sees that the ledger only grew', async ({
  page,
}) => {
  await page.goto('/evidence/ledger');
  const entries = page.getByRole('table', { name: 'Entries' });
  await expect(entries).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole('combobox', { name: 'Type' }).fill('evidence.collected');
  await page.getByRole('option', { name: 'evidence.collected' }).click();
  await expect(entries.getByRole('cell', { name: 'evidence.collected' }).first()).toBeVisible();
  await expect(entries.getByRole('cell', { name: 'key.announced' })).toHaveCount(0);

  await entries.locator('[data-row-link]').first().click();
  const entry = page.getByRole('dialog');
  await expect(entry.getByText('The proof holds')).toBeVisible();
  await expect(entry.getByRole('link', { name: /^evd_/ })).toBeVisible();
  const way = entry.getByRole('listbox', { name: /^Way from the root/ });
  await way.focus();
  await page.keyboard.press('Home');
  await expect(way.getByRole('option', { selected: true })).toHaveAccessibleName(/^Root of \d+ entries, hash/);
  await page.keyboard.press('ArrowDown');
  await expect(way.getByRole('option', { selected: true })).toHaveAccessibleName(/^Entr/);
  await entry.getByText('As a list').click();
  await expect(entry.getByText(/^Start: Entry \d/)).toBeVisible();
  await expectAccessible(page);
  await entry.getByRole('button', { name: 'Close panel' }).click();

  await page.getByRole('link', { name: 'Signed heads' }).click();
  await expect(page.getByText('It only grew')).toBeVisible();
  await page.getByRole('textbox', { name: 'Older head, entries' }).fill('1');
  await expect(page.getByText('No head of 1 entries was signed')).toBeVisible();
  await page
    .getByRole('link', { name: /^Compare from the head of/ })
    .last()
    .click();
  await expect(page.getByText('It only grew')).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test('a rewritten history does not pass for growth', async ({ page }) => {
  await page.route('**/api/v1/ledger/growth*', async (route) => {
    const response = await route.fetch();
    const growth = await response.json();
    growth.proof[0] = growth.proof.at(-1);
    growth.proof.push(growth.proof[0]);
    await route.fulfill({ response, json: growth });
  });
  await page.goto('/evidence/ledger/heads');
  await expect(page.getByText('It did not only grow')).toBeVisible();
});

test('the page of exports says who took what, or how to begin', async ({ page }) => {
  await page.goto('/evidence/ledger/exports');
  await expect(page.getByRole('heading', { name: 'Who exported what' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
});
