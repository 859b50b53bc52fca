import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe('a compliance lead', () => {
  test.use({ storageState: signedInAs('compliance') });

  test('finds an empty inbox that says what fills it, and asks for a mute that waits for a colleague', async ({
    page,
  }) => {
    await page.goto('/alerts');
    await expect(page.getByRole('heading', { name: 'Alerts', level: 1 })).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
    await page.getByRole('link', { name: 'Mutes' }).click();
    await page.getByLabel('Id of the source').fill('mon_load_test');
    await page.getByLabel('Reason').fill('Load test on Saturday.');
    await page.getByRole('button', { name: 'Ask for it' }).click();
    const row = page.getByRole('row', { name: /mon_load_test/ });
    await expect(row.getByText('Waiting for review')).toBeVisible();
    await row.getByRole('button', { name: 'Approve …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(page.getByText('approved by another person')).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
  });

  test('adds a webhook, sees its key once, and reads why a test message did not arrive', async ({ page }) => {
    await page.goto('/settings/alerts');
    await page.getByLabel('Name').fill('Pager');
    await page.getByLabel('Address').fill('https://127.0.0.1:9/hook');
    await page.getByRole('button', { name: 'Add the channel' }).click();
    await expect(page.getByText(/whsec_/)).toBeVisible();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await expect(page.getByText('private network').first()).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
  });
});

test.describe('a viewer', () => {
  test.use({ storageState: signedInAs('viewer') });

  test('may not see alerts', async ({ page }) => {
    await page.goto('/alerts');
    await expect(page.getByText('You may not see the alerts')).toBeVisible();
  });
});
