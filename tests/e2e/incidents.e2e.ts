import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });
const TITLE = 'Answers about returns were wrong';

test.describe('a compliance lead', () => {
  test.use({ storageState: signedInAs('compliance') });

  test('opens an incident, is told what is missing, and closes it once all is there', async ({ page }) => {
    await page.goto('/incidents');
    await expect(page.getByRole('heading', { name: 'Incidents', level: 1 })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Open an incident' }).click();
    await page.getByLabel('What happened').fill(TITLE);
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(page.getByRole('heading', { name: TITLE, level: 1 })).toBeVisible();
    await expect(page.getByText('say why it happened')).toBeVisible();
    await page.getByRole('button', { name: 'Close the incident' }).click();
    await expect(page.getByText(/cannot be closed yet/).first()).toBeVisible();
    await page.getByLabel('Note for the timeline').fill('The prompt of Monday is suspected.');
    await page.getByRole('button', { name: 'Add the note' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: 'The prompt of Monday is suspected.' })).toBeVisible();
    await page.getByLabel('Root cause').fill('A prompt was changed without an evaluation.');
    await page.getByLabel('Lessons').fill('Prompts go through the gate.');
    await page.getByLabel('Retest').fill('window of Tuesday');
    await page.getByRole('button', { name: 'Store' }).click();
    await expect(page.getByText('Everything is there: it can be closed.')).toBeVisible();
    await page.reload();
    await expect(page.getByText('Everything is there: it can be closed.')).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
    await page.getByRole('button', { name: 'Close the incident' }).click();
    await expect(page.getByText(/Closed by Katherine Johnson/)).toBeVisible();
    await page.reload();
    await expect(page.getByText(/Closed by Katherine Johnson/)).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('main').getByRole('link', { name: 'Incidents' }).click();
    await expect(page.getByRole('row', { name: new RegExp(TITLE) })).toContainText('Closed');
    await expect(page.getByText('Median time to resolve')).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
  });
});

test.describe('a viewer', () => {
  test.use({ storageState: signedInAs('viewer') });

  test('is told why incidents are not shown, or reads them without changing anything', async ({ page }) => {
    await page.goto('/incidents');
    await expect(page.getByText(/You may not see the incidents/)).toBeVisible();
  });
});
