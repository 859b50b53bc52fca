import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });

const TITLE = 'The AI policy was approved by the board';
let address = '';

test.describe('the author', () => {
  test.use({ storageState: signedInAs('engineer') });

  test('states something for a control, and cannot review it alone', async ({ page }) => {
    await page.goto('/controls/AIG-05');
    await page.getByRole('link', { name: 'Add statement or file' }).click();
    await expect(page.getByRole('heading', { name: 'Add a statement or file' })).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
    await page.getByRole('combobox', { name: 'Expected evidence' }).click();
    await page.getByRole('option').first().click();
    await page.getByLabel('Title').fill(TITLE);
    await page
      .getByRole('textbox', { name: 'Statement' })
      .fill('The board approved version 3 on October 2, see minutes 14.');
    await page.getByLabel('Source').fill('Board minutes');
    await page.getByLabel('How it was obtained').fill('Minutes folder, meeting of October 2.');
    await page.getByRole('button', { name: 'Submit for review' }).click();
    await expect(page.getByRole('heading', { name: TITLE, level: 1 })).toBeVisible();
    await expect(page.getByText('Waiting for review').first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'Accept' })).toHaveAttribute('aria-disabled', 'true');
    await expectAccessible(page);
    address = page.url();
  });

  test('files a document for another control', async ({ page }) => {
    await page.goto('/evidence/attestations/new?control=AIG-05');
    await page.getByText('File', { exact: true }).click();
    await page.getByLabel('Title').fill('Minutes of the board');
    await page.getByLabel('Drop a file here').setInputFiles({
      name: 'minutes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('Minutes 14\n\nThe AI policy, version 3, is approved.\n'),
    });
    await page.getByLabel('Source').fill('Board minutes');
    await page.getByLabel('How it was obtained').fill('Minutes folder, meeting of October 2.');
    await page.getByRole('button', { name: 'Submit for review' }).click();
    await expect(page.getByRole('heading', { name: 'Minutes of the board', level: 1 })).toBeVisible();
    await page.getByRole('button', { name: 'Show and check' }).click();
    await expect(page.getByText('Hashed here: it is the recorded content')).toBeVisible();
  });
});

test.describe('a second person', () => {
  test.use({ storageState: signedInAs('compliance') });

  test('finds what waits, accepts it, and it counts for the control', async ({ page }) => {
    await page.goto('/evidence/attestations?state=waiting');
    await expect(page.getByRole('table', { name: 'Statements and files' })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('link', { name: TITLE }).click();
    await page.getByRole('button', { name: 'Accept' }).click();
    await expect(page.getByText(/^Accepted by Katherine Johnson/)).toBeVisible();
    await expectAccessible(page);
    await page.goto('/controls/AIG-05');
    await expect(page.getByText('covers it until').first()).toBeVisible();
  });

  test('rejects with a comment that the author can read', async ({ page }) => {
    await page.goto('/evidence/attestations?state=waiting');
    await page.getByRole('link', { name: 'Minutes of the board' }).click();
    await page.getByRole('button', { name: 'Reject …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reject it?' });
    await dialog.getByLabel('Comment').fill('The signature page is missing.');
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await expect(page.getByText('The signature page is missing.')).toBeVisible();
  });
});

test.describe('without permission', () => {
  test.use({ storageState: signedInAs('auditor') });

  test('an auditor reads statements and can neither add nor review them', async ({ page }) => {
    await page.goto(address);
    await expect(page.getByRole('heading', { name: TITLE, level: 1 })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Accept' })).toHaveCount(0);
    await page.goto('/evidence/attestations/new');
    await expect(page.getByRole('heading', { name: 'You may not see this form' })).toBeVisible();
  });
});
