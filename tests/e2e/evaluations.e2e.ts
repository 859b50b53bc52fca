import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });

// A model on this machine that adds up; the one called "worse" is off by one on even numbers.
const model = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const question = JSON.parse(body);
    const [a, b] = (question.messages.at(-1).content.match(/\d+/g) ?? []).map(Number);
    const wrong = question.model === 'worse' && (a ?? 0) % 2 === 0 ? 1 : 0;
    const content = `The sum is ${(a ?? 0) + (b ?? 0) + wrong}.`;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }));
  });
});
test.beforeAll(() => new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve)));
test.afterAll(() => {
  model.closeAllConnections();
  model.close();
});

const SUITE = 'Sums up to forty';
const CONTENT = {
  items: Array.from({ length: 24 }, (_, k) => ({ id: `sum${k}`, input: `What is ${k} + 3?`, expected: k + 3 })),
  scorers: [{ kind: 'numeric', name: 'sum', tolerance: 0 }],
  thresholds: [{ scorer: 'sum', min: 0.9 }],
  seed: 11,
};
const suiteRow = (page: Page, name = SUITE) => page.getByRole('row', { name: new RegExp(`^${name} `) });

async function runOver(page: Page, name: string) {
  await page.goto('/evaluations/suites');
  await suiteRow(page).getByRole('button', { name: 'Run …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Provider' }).click();
  await page.getByRole('option', { name: 'sums' }).click();
  await dialog.getByLabel('Model').fill(name);
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('heading', { name: `${SUITE} over ${name}`, level: 1 })).toBeVisible();
}

test.describe('the owner', () => {
  test.use({ storageState: signedInAs('owner') });

  test('proposes a suite, and cannot approve it alone', async ({ page }) => {
    await page.goto('/evaluations/suites');
    await page.getByLabel('Name').fill(SUITE);
    await page.locator('input[type=file]').setInputFiles({
      name: 'suite.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(CONTENT)),
    });
    await page.getByLabel('Why').fill('First version.');
    await page.getByRole('button', { name: 'Propose', exact: true }).click();
    await expect(suiteRow(page)).toBeVisible();
    await suiteRow(page).getByRole('button', { name: 'Approve …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(page.getByText(/another person than the one who proposed it/).first()).toBeVisible();
    await page.reload();
    await expect(suiteRow(page)).toBeVisible();
    await expectAccessible(page);
    await expectFitsPhone(page);
  });
});

test.describe('a second person', () => {
  test.use({ storageState: signedInAs('compliance') });

  test('approves it', async ({ page }) => {
    await page.goto('/evaluations/suites');
    await suiteRow(page).getByRole('button', { name: 'Approve …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(suiteRow(page).getByRole('button', { name: 'Approve …' })).toHaveCount(0);
  });
});

test.describe('the owner again', () => {
  test.use({ storageState: signedInAs('owner') });

  test('runs it over two models, and sees in pairs which one got worse', async ({ page, baseURL }) => {
    const provider = await page.request.post('/api/v1/gateway/providers', {
      headers: { origin: baseURL ?? '' },
      data: {
        name: 'sums',
        kind: 'openai_compatible',
        baseUrl: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`,
        authStyle: 'none',
        allowPrivateAddress: true,
      },
    });
    expect(provider.status(), await provider.text()).toBe(201);
    await runOver(page, 'good');
    await expect(page.getByText('All 1 thresholds are met.')).toBeVisible({ timeout: 60_000 });
    await expectAccessible(page);
    await expectFitsPhone(page);
    await runOver(page, 'worse');
    await expect(page.getByText('sum: 0.500 is below 0.9.')).toBeVisible({ timeout: 60_000 });
    await page.goto('/evaluations');
    for (const name of ['good', 'worse'])
      await page
        .getByRole('row', { name: new RegExp(`${SUITE}.*${name}`) })
        .getByRole('checkbox')
        .check();
    await page.getByRole('button', { name: 'Compare two runs' }).click();
    await expect(page.getByRole('heading', { name: 'Comparison', level: 1 })).toBeVisible();
    await expect(page.getByRole('table', { name: 'Comparison' }).getByText('Worse')).toBeVisible();
    await expect(page.getByRole('table', { name: 'Changed items' }).getByRole('row')).toHaveCount(13);
    await expectAccessible(page);
    await expectFitsPhone(page);
  });

  test('proposes variants of the approved suite', async ({ page }) => {
    await page.goto('/evaluations/suites');
    await suiteRow(page).getByRole('button', { name: 'Variants …' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('Name')).toHaveValue(`${SUITE}, varied`);
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Propose', exact: true }).click();
    await expect(suiteRow(page, `${SUITE}, varied`)).toContainText('96');
  });

  test('draws a sample for people to label; the server chooses the seed', async ({ page }) => {
    await page.goto('/evaluations/labels');
    await page.getByRole('combobox', { name: 'Run' }).click();
    await page.getByRole('option', { name: new RegExp(`${SUITE}, worse`) }).click();
    await page.getByRole('combobox', { name: 'Scorer' }).click();
    await page.getByRole('option', { name: 'sum' }).click();
    await page.getByLabel('Rate').fill('1');
    await page.getByRole('button', { name: 'Draw' }).click();
    await expect(page.getByText(/24 of 24 items, by seed \d+/)).toBeVisible();
    await expect(page.getByText('24 wait for you')).toBeVisible();
  });
});

test.describe('a labeler', () => {
  test.use({ storageState: signedInAs('engineer') });

  test('labels one item after the other by keyboard alone', async ({ page }) => {
    await page.goto('/evaluations/labels');
    await expect(page.getByText('24 wait for you')).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press('1');
    await expect(page.getByText('23 wait for you')).toBeVisible();
    await page.keyboard.press('2');
    await expect(page.getByText('22 wait for you')).toBeVisible();
    await page.keyboard.press('3');
    await expect(page.getByText('21 wait for you')).toBeVisible();
    // Keys that mean nothing here label nothing.
    await page.keyboard.press('4');
    await page.keyboard.press('Control+1');
    await expect(page.getByText('21 wait for you')).toBeVisible();
    await expectFitsPhone(page);
  });
});
