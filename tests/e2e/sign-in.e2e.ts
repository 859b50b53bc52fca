import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { PASSWORD, PEOPLE, signedInAs } from './support/people.ts';

test('whoever is signed out is asked to sign in and then led where they wanted to go', async ({ page }) => {
  await page.goto('/controls?framework=soc2');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByLabel('Email').fill(PEOPLE.engineer.email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/controls?framework=soc2');
  await expect(page.getByRole('heading', { name: 'Controls', level: 1 })).toBeVisible();
});

test('a wrong password is refused in words and the email stays', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(PEOPLE.viewer.email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('The email or the password is not right.');
  await expect(page.getByLabel('Email')).toHaveValue(PEOPLE.viewer.email);
});

test('a link to another site is not followed after signing in', async ({ page }) => {
  await page.goto('/sign-in?next=//evil.example/');
  await page.getByLabel('Email').fill(PEOPLE.engineer.email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/');
});

test('when the session ends, what was typed stays and is sent after signing in again', async ({ page, context }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(PEOPLE.owner.email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Inventory' }).click();
  await page.getByRole('button', { name: 'Add a system' }).click();
  const form = page.getByRole('dialog', { name: 'Add an AI system' });
  await form.getByLabel('Name').fill('Typed before the session ended');
  await context.clearCookies();
  await form.getByRole('button', { name: 'Add' }).click();

  const again = page.getByRole('dialog', { name: 'Your session has ended' });
  await expect(again).toBeVisible();
  await again.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await again.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Typed before the session ended', level: 1 })).toBeVisible();
});

test.describe('keyboard', () => {
  test.use({ storageState: signedInAs('viewer') });

  test('the first stop of the keyboard skips to the content, and a new page gives its heading the focus', async ({
    page,
  }) => {
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Controls' }).press('Enter');
    await expect(page.getByRole('heading', { name: 'Controls', level: 1 })).toBeFocused();
    await expect(page).toHaveTitle('Controls · Assay');
  });

  test('Ctrl-K finds a control by a part of its name', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.keyboard.press('Control+k');
    const search = page.getByRole('combobox', { name: /^Search/ });
    await search.fill('inventory risk tier');
    await expect(page.getByRole('option', { name: /^AIG-01/ })).toBeVisible();
    await expectAccessible(page);
    await search.press('Enter');
    await expect(page).toHaveURL('/controls/AIG-01');
  });
});

test('signing out ends the session', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(PEOPLE.viewer.email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: `Account of ${PEOPLE.viewer.name}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/sign-in');
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});
