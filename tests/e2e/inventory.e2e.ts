import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs, sourceTree } from './support/people.ts';

test.use({ storageState: signedInAs('engineer') });

async function openItem(page: Page, name: string | RegExp) {
  await page.getByRole('table', { name: 'Items' }).getByRole('link', { name }).first().click();
  const panel = page.getByRole('dialog');
  await expect(panel).toBeVisible();
  return panel;
}

test('the items found by the scan name file, line and rule, and one can be confirmed', async ({ page }) => {
  await page.goto('/inventory/items');
  await expect(page.getByRole('table', { name: 'Items' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  const panel = await openItem(page, /all-MiniLM-L6-v2/);
  await expect(panel.getByText('app/answer.py').first()).toBeVisible();
  await expect(panel.getByText(/^rule /).first()).toBeVisible();
  await expectAccessible(page);
  await panel.getByRole('button', { name: 'Confirm' }).click();
  await expect(panel.getByText('Confirmed', { exact: true }).first()).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Take the decision back' })).toBeVisible();
});

test('rejecting asks for a reason, keeps it, and can be taken back', async ({ page }) => {
  await page.goto('/inventory/items?q=imdb&state=all');
  const panel = await openItem(page, /imdb/);
  await panel.getByRole('button', { name: 'Reject …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Reject this item?' });
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await expect(dialog.getByText('Say why: it is recorded with the decision.')).toBeVisible();
  await dialog.getByLabel('Reason').fill('An example in a training script, not our data.');
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await expect(panel.getByText('An example in a training script, not our data.')).toBeVisible();
  await panel.getByRole('button', { name: 'Take the decision back' }).click();
  await expect(panel.getByText('To confirm', { exact: true }).first()).toBeVisible();
});

test('several items are confirmed with one decision', async ({ page }) => {
  await page.goto('/inventory/items?state=proposed');
  const table = page.getByRole('table', { name: 'Items' });
  await expect(table).toBeVisible();
  await table
    .getByRole('checkbox', { name: /^Select / })
    .nth(1)
    .check();
  await table
    .getByRole('checkbox', { name: /^Select / })
    .nth(2)
    .check();
  const bar = page.getByRole('toolbar', { name: 'Decide about the selected items' });
  await expect(bar.getByText('2 items selected')).toBeVisible();
  await expectAccessible(page);
  await bar.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('2 items changed')).toBeVisible();
  await expect(bar).toHaveCount(0);
});

test('the keyboard moves through the rows and selects them', async ({ page }) => {
  await page.goto('/inventory/items');
  const links = page.getByRole('table', { name: 'Items' }).locator('[data-row-link]');
  await links.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(links.nth(1)).toBeFocused();
  await page.keyboard.press('x');
  await expect(page.getByText('1 item selected')).toBeVisible();
});

test('a system gets owner, data and tier, is confirmed and attested', async ({ page }) => {
  await page.goto('/inventory');
  await expect(page.getByRole('table', { name: 'AI systems' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('table', { name: 'AI systems' }).locator('[data-row-link]').first().click();
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('combobox', { name: 'Owner' }).click();
  await page.getByRole('option', { name: /\(you\)$/ }).click();
  await page.getByLabel('Purpose').fill('Answers questions of customers about their orders.');
  // The field itself is a sliver between the chosen values; people click the box around it.
  await page.getByRole('combobox', { name: 'Data it handles' }).click({ force: true });
  await page.getByRole('option', { name: 'Customer content' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'Risk tier' }).click();
  await page.getByRole('option', { name: /^2:/ }).click();
  await page.getByRole('combobox', { name: 'Environment' }).click();
  await page.getByRole('option', { name: 'Production' }).click();
  await page.getByRole('combobox', { name: 'Autonomy' }).click();
  await page.getByRole('option', { name: /^0:/ }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('By the scoping rule it belongs in')).toBeVisible();
  await page.getByRole('button', { name: 'Put in scope' }).click();
  await expect(page.getByText('In scope', { exact: true })).toBeVisible();
  const confirm = page.getByRole('button', { name: 'Confirm', exact: true });
  if (await confirm.isVisible()) await confirm.click();
  await page.getByRole('button', { name: 'Attest that this is right' }).click();
  await expect(page.getByText('Attested', { exact: true })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test('the graph can be walked by keyboard and read as a table', async ({ page }) => {
  await page.goto('/inventory/graph');
  const drawing = page.getByRole('region', { name: 'Drawing of what uses what' });
  await expect(drawing.getByRole('button', { name: /^AI system / }).first()).toBeVisible();
  await expectAccessible(page);
  const item = drawing.getByRole('button', { name: /^Model / }).first();
  await item.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByText('Table', { exact: true }).click();
  await expect(page.getByRole('table', { name: 'Links' })).toBeVisible();
  await expectAccessible(page);
});

test('the inventory leaves as a CycloneDX bill of materials', async ({ page }) => {
  await page.goto('/inventory');
  await page.getByRole('button', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'ML-BOM, CycloneDX 1.6' }).click();
  expect((await download).suggestedFilename()).toMatch(/\.json$/);
});

test('a folder that does not exist is refused in words, and the path stays typed', async ({ page }) => {
  await page.goto('/inventory/scans');
  const path = page.getByLabel('Folder on the machine that runs Assay');
  await path.fill(`${sourceTree()}-gone`);
  await page.getByRole('button', { name: 'Scan and record' }).click();
  await expect(page.getByText(/there is no folder/).first()).toBeVisible();
  await expect(path).toHaveValue(`${sourceTree()}-gone`);
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('viewer') });

  test('a viewer reads the inventory and is told why nothing can be decided', async ({ page }) => {
    await page.goto('/inventory/items');
    await expect(page.getByRole('table', { name: 'Items' }).getByRole('checkbox')).toHaveCount(0);
    const panel = await openItem(page, /.+/);
    const confirm = panel.getByRole('button', { name: /^(Confirm|Reject …)$/ }).first();
    await expect(confirm).toHaveAttribute('aria-disabled', 'true');
    await confirm.hover();
    await expect(page.getByText('Your role, viewer, does not allow you to decide about items.')).toBeVisible();
    await page.goto('/inventory/scans');
    await expect(page.getByRole('heading', { name: 'You may not see the scans' })).toBeVisible();
    await expectAccessible(page);
  });
});
