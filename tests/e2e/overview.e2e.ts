import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.use({ storageState: signedInAs('compliance') });

test('the verdict is a sentence whose numbers open to what they count', async ({ page }) => {
  await page.goto('/');
  const verdict = page.getByRole('heading', { level: 1 });
  await expect(verdict).toContainText(/Of \d+ controls in scope/);
  const failing = verdict.getByRole('link').first();
  const amount = Number((await failing.innerText()).replaceAll(',', ''));
  expect(amount).toBeGreaterThan(0);
  await failing.click();
  await expect(page).toHaveURL(/\/controls\?(state=failing&scope=in|scope=in&state=failing)/);
  await expect(page.getByRole('table', { name: 'Controls' }).locator('tbody tr')).toHaveCount(amount);
});

test('every criterion in scope shows its own state in words and leads to its controls', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { name: /^Criteria/ })).toBeVisible();
  const criterion = page.getByRole('link', { name: /^CC6\.1 / });
  await expect(criterion).toHaveAccessibleName(/: (failing|no data|stale|partial|passing|error|not applicable)$/);
  await criterion.click();
  await expect(page).toHaveURL(/framework=soc2&requirement=CC6\.1/);
  await expect(page.getByRole('heading', { name: /^CC6\.1 / })).toBeVisible();
});

test('what broke and what to do next lead to where it can be mended', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { name: /^What broke/ })).toBeVisible();
  await expect(page.getByRole('heading', { name: /^Do next/ })).toBeVisible();
  await expect(page.getByRole('heading', { name: /^Sources/ })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  const broken = page
    .getByRole('region', { name: /^What broke/ })
    .or(page.locator('section', { hasText: 'What broke' }))
    .first();
  await broken.getByRole('listitem').first().getByRole('link').first().click();
  await expect(page).toHaveURL(/\/controls\//);
  await expect(page.getByText('How to fix it.').first()).toBeVisible();
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('viewer') });

  test('a viewer sees the verdict but no way to scan', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toContainText('controls in scope');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Inventory' }).click();
    await expect(page.getByRole('link', { name: 'Scan a folder' })).toHaveCount(0);
  });
});
