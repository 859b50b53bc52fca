import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.use({ storageState: signedInAs('auditor') });

test('before the first call, each page of the record says what fills it', async ({ page }) => {
  for (const [path, says] of [
    ['/gateway/traffic', 'No call has gone through the gateway yet'],
    ['/gateway/decisions', 'No decision in this span of time'],
    ['/gateway/abuse', 'What is looked for'],
    ['/gateway/probes', 'Nothing has been tried yet'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByText(says)).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
  }
});

test('an auditor may look and not act', async ({ page }) => {
  await page.goto('/gateway/probes');
  const button = page.getByRole('button', { name: 'Probe isolation on every route' });
  await expect(button).toHaveAttribute('aria-disabled', 'true');
});
