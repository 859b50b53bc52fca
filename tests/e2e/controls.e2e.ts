import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.use({ storageState: signedInAs('compliance') });

test('controls are found by framework, requirement and state, and the address keeps it', async ({ page }) => {
  await page.goto('/controls');
  await expect(page.getByRole('table', { name: 'Controls' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole('navigation', { name: 'Frameworks' }).getByRole('link', { name: 'OWASP LLM' }).click();
  await page.getByRole('navigation', { name: 'Requirements of OWASP LLM' }).getByRole('link').first().click();
  await expect(page).toHaveURL(/framework=owasp-llm&requirement=/);
  const rows = page.getByRole('table', { name: 'Controls' }).locator('tbody tr');
  const narrowed = await rows.count();
  expect(narrowed).toBeLessThan(50);
  await expectAccessible(page);
  await page.reload();
  await expect(rows).toHaveCount(narrowed);
  await page.goBack();
  await expect(page).not.toHaveURL(/requirement=/);
});

test('the list sorts by any column and leaves as CSV', async ({ page }) => {
  await page.goto('/controls');
  const table = page.getByRole('table', { name: 'Controls' });
  await table.getByRole('button', { name: 'Control' }).click();
  await expect(table.getByRole('columnheader', { name: 'Control' })).toHaveAttribute('aria-sort', 'ascending');
  const first = await table.locator('tbody tr').first().innerText();
  await table.getByRole('button', { name: 'Control' }).click();
  await expect(table.locator('tbody tr').first()).not.toHaveText(first);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  expect((await download).suggestedFilename()).toBe('controls.csv');
});

test('a failing control shows what was observed where, what was expected, and the fix', async ({ page }) => {
  await page.goto('/controls?state=failing');
  await page.getByRole('table', { name: 'Controls' }).locator('[data-row-link]').first().click();
  await expect(page.getByRole('heading', { name: 'What the company does' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Why it matters for AI' })).toBeVisible();
  await expect(page.getByRole('heading', { name: /^What is missing/ })).toBeVisible();
  await expect(page.getByText('How to fix it.').first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'History' })).toBeVisible();
  await expect(page.getByRole('slider', { name: 'Moment to look at' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test('every subject of a test opens to the raw fact behind its verdict', async ({ page }) => {
  await page.goto('/controls?state=failing');
  await page.getByRole('table', { name: 'Controls' }).locator('[data-row-link]').first().click();
  await page.getByRole('list', { name: 'Subjects by result' }).first().getByRole('link').first().click();
  await expect(page).toHaveURL(/\/controls\/tests\/.+result=fail/);
  await expect(page.getByRole('table', { name: 'Subjects' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole('table', { name: 'Subjects' }).locator('[data-row-link]').first().click();
  const panel = page.getByRole('dialog');
  await expect(panel.getByText(/^The fact behind it|about the whole source/).first()).toBeVisible();
  await expectAccessible(page);
});

test('the slider asks how the control stood before', async ({ page }) => {
  await page.goto('/controls/AIG-01');
  const slider = page.getByRole('slider', { name: 'Moment to look at' });
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(page.getByText(/^On .+:/).first()).toBeVisible();
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('viewer') });

  test('a viewer reads controls and is told why the tests cannot be run', async ({ page }) => {
    await page.goto('/controls');
    const run = page.getByRole('button', { name: 'Run tests now' });
    await expect(run).toHaveAttribute('aria-disabled', 'true');
    await run.focus();
    await expect(page.getByRole('tooltip')).toHaveText('Your role, viewer, does not allow you to run the tests.');
  });
});
