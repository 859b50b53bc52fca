import { expect, test } from '@playwright/test';
import { expectAccessible } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

const FORM = { system: /./, name: 'Error rate of answers', field: 'status' };

test.describe('the owner', () => {
  test.use({ storageState: signedInAs('owner') });

  test('proposes a monitor, and cannot approve it alone', async ({ page }) => {
    await page.goto('/monitors');
    await expect(page.getByRole('heading', { name: 'Monitors', level: 1 })).toBeVisible();
    await page.getByRole('button', { name: 'Propose a monitor' }).first().click();
    await page.getByRole('combobox', { name: 'AI system' }).click();
    await page.getByRole('option').first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill(FORM.name);
    await page.getByRole('textbox', { name: 'Field' }).fill(FORM.field);
    await page.getByRole('textbox', { name: 'Counts when it is' }).fill('error');
    await page.getByRole('textbox', { name: 'Why this monitor' }).fill('Agreed with the team that answers for it');
    await page.getByRole('button', { name: 'Propose', exact: true }).click();
    await expect(page.getByRole('heading', { name: FORM.name, level: 1 })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Waits for approval' })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await expect(page.getByRole('alert')).toContainText(/second person|somebody else|another person|yourself/i);
  });
});

test.describe('a second person', () => {
  test.use({ storageState: signedInAs('compliance') });

  test('approves it, and the calendar expects its windows', async ({ page }) => {
    await page.goto('/monitors');
    await page.getByRole('link', { name: FORM.name }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await expect(page.getByRole('heading', { name: 'Waits for approval' })).toBeHidden();
    await page.getByRole('navigation', { name: 'Monitors' }).getByRole('link', { name: 'Calendar' }).click();
    await expect(page.getByRole('link', { name: FORM.name })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('navigation', { name: 'Monitors' }).getByRole('link', { name: 'Changes' }).click();
    await expect(page.getByRole('table', { name: 'Changes' })).toContainText(FORM.name);
    await expectAccessible(page);
  });
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('viewer') });

  test('a viewer reads monitors and is told why none can be proposed', async ({ page }) => {
    await page.goto('/monitors');
    await expect(page.getByRole('link', { name: FORM.name })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Propose a monitor' })).toHaveAttribute(
      'aria-description',
      /does not allow/,
    );
    await expectAccessible(page);
  });
});
