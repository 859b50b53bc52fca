import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.use({ storageState: signedInAs('owner') });

test('the files of another gateway are read in the browser, judged route by route, and forgotten', async ({ page }) => {
  await page.goto('/gateway/imports');
  await expect(page.getByText('No other gateway was imported')).toBeVisible();
  await expectAccessible(page);
  const text = `_format_version: "3.0"
services:
  - { name: llm, url: "https://api.example.com", routes: [{ name: chat, plugins: [{ name: key-auth }] }] }
`;
  await page.getByLabel('Name').fill('edge');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'kong.yaml', mimeType: 'application/yaml', buffer: Buffer.from(text) });
  await page.getByRole('button', { name: 'Import', exact: true }).press('Enter');
  const row = page.getByRole('table', { name: 'Routes of edge' }).getByRole('row', { name: /chat/ });
  await expect(row).toContainText('key-auth');
  await expect(row).toContainText('no plugin limits requests');
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole('button', { name: 'Forget edge' }).click();
  await expect(page.getByText('No other gateway was imported')).toBeVisible();
});
