import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { PASSWORD, PEOPLE, type Person, signedInAs, sourceTree } from './support/people.ts';

// One story after the other, on a server that nobody has touched: all other files start from where this one ends.
test.describe.configure({ mode: 'serial' });

test('before the first user every page leads to where the link is explained', async ({ page }) => {
  await page.goto('/controls');
  await expect(page).toHaveURL('/setup');
  await expect(page.getByRole('heading', { name: 'Open the sign-in link' })).toBeVisible();
  await expectAccessible(page);
});

test('the one-time link makes the owner and signs in', async ({ page }) => {
  await page.goto(process.env.ASSAY_E2E_LINK ?? '');
  await expect(page.getByRole('heading', { name: 'Become the owner' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Name').fill(PEOPLE.owner.name);
  await page.getByLabel('Email').fill(PEOPLE.owner.email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create and sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page).toHaveURL('/');
  await page.context().storageState({ path: signedInAs('owner') });
});

test('the link does not work a second time', async ({ page }) => {
  await page.goto(process.env.ASSAY_E2E_LINK ?? '');
  await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
});

test.describe('as the owner', () => {
  test.use({ storageState: signedInAs('owner') });

  test('an overview over nothing says what fills it', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByText('bin/assay scan')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Scan a folder from here' })).toBeVisible();
    await expect(page).toHaveTitle('Overview · Assay');
    await expectAccessible(page);
    await expectFitsPhone(page);
  });

  test('somebody is invited by a link and chooses a password', async ({ page, browser }) => {
    await page.goto('/settings/users');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite a user' });
    await dialog.getByLabel('Name').fill(PEOPLE.auditor.name);
    await dialog.getByLabel('Email').fill(PEOPLE.auditor.email);
    await dialog.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: /^Auditor:/ }).click();
    await dialog.getByLabel('Last day of access').fill('2099-12-31');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Make the invitation link' }).click();
    const shown = page.getByRole('dialog', { name: `Link for ${PEOPLE.auditor.name}` });
    const link = await shown.getByText(/\/invitation\?token=/).innerText();

    const visitor = await browser.newContext();
    const theirs = await visitor.newPage();
    await theirs.goto(link);
    await expect(theirs.getByRole('heading', { name: `Welcome, ${PEOPLE.auditor.name}` })).toBeVisible();
    await theirs.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await theirs.getByRole('button', { name: 'Set password and sign in' }).click();
    await expect(theirs.getByRole('navigation', { name: 'Main' })).toBeVisible();
    await visitor.storageState({ path: signedInAs('auditor') });
    await visitor.close();
  });

  test('the other roles join the same way, through the API', async ({ page, baseURL, playwright }) => {
    const headers = { origin: baseURL ?? '' };
    for (const role of ['compliance', 'engineer', 'viewer'] as const satisfies readonly Person[]) {
      const invited = await page.request.post('/api/v1/users', { headers, data: { ...PEOPLE[role], role } });
      expect(invited.status()).toBe(201);
      const token = new URL((await invited.json()).inviteUrl).searchParams.get('token');
      const visitor = await playwright.request.newContext({ baseURL, extraHTTPHeaders: headers });
      expect((await visitor.post('/api/v1/invitation', { data: { token, password: PASSWORD } })).status()).toBe(200);
      await visitor.storageState({ path: signedInAs(role) });
      await visitor.dispose();
    }
  });

  test('a scan started here shows its progress and is recorded', async ({ page }) => {
    await page.goto('/inventory/scans');
    await expect(page.getByRole('heading', { name: 'Nothing was scanned yet' })).toBeVisible();
    await expectAccessible(page);
    await page.getByLabel('Folder on the machine that runs Assay').fill(sourceTree());
    await page.getByRole('button', { name: 'Scan and record' }).click();
    await expect(page).toHaveURL(/\/inventory\/scans\/scn_/);
    await expect(page.getByRole('heading', { name: 'Outcome' })).toBeVisible({ timeout: 45_000 });
    await expect(page.getByText('Recorded.')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Confirm or reject them' })).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
  });
});
