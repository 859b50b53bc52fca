import { expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });
test.use({ storageState: signedInAs('owner') });

const SYSTEM = 'Returns desk (fictional)';
let systemId = '';
let path = '';

test.beforeAll(async ({ playwright, baseURL }) => {
  const owner = await playwright.request.newContext({
    ...(baseURL && { baseURL, extraHTTPHeaders: { origin: baseURL } }),
    storageState: signedInAs('owner'),
  });
  const send = async (to: string, data: object) => {
    const sent = await owner.post(`/api/v1/${to}`, { data });
    expect(sent.ok(), await sent.text()).toBe(true);
    return sent.json();
  };
  systemId = (await send('inventory/systems', { name: SYSTEM })).id;
  const { id } = await send('gateway/providers', {
    name: 'returns-model',
    kind: 'openai_compatible',
    baseUrl: 'http://127.0.0.1:9/v1',
    authStyle: 'none',
    allowPrivateAddress: true,
  });
  const { items } = await (await owner.get('/api/v1/gateway/routes')).json();
  path = items.find((one: { providerId: string }) => one.providerId === id).path;
  await send('feedback', {
    items: [{ id: 'click-1', eventId: 'answer-1', systemId, thumb: 'down', text: 'The deadline is another one.' }],
  });
  await owner.dispose();
});

test('a route of the gateway is given to an AI system on its page, and taken away again', async ({ page }) => {
  await page.goto(`/inventory/systems/${systemId}`);
  await expect(page.getByText('calls through the gateway are operations of no system')).toBeVisible();
  await page.getByRole('combobox', { name: 'Assign a route' }).click();
  await page.getByRole('option', { name: path, exact: true }).click();
  const routes = page.getByRole('table', { name: 'Gateway routes' });
  await expect(routes).toContainText(path);
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.goto('/gateway');
  await expect(page.getByRole('combobox', { name: `AI system of ${path}` })).toHaveValue(SYSTEM);
  await page.goto(`/inventory/systems/${systemId}`);
  await page.getByRole('button', { name: `Take ${path} away` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take away', exact: true }).click();
  await expect(routes).toHaveCount(0);
  await page.getByRole('link', { name: 'History in the ledger' }).click();
  await expect(page.getByText('gateway.route-changed').first()).toBeVisible();
});

test('what a user said is looked at and closed with what was done', async ({ page }) => {
  await page.goto('/evaluations/feedback');
  const look = page.getByRole('button', { name: 'Thumb down, with a text' });
  await expect(look).toBeVisible();
  await expectAccessible(page);
  await look.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('The deadline is another one.')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'It is a problem' }).click();
  await dialog.getByLabel('Where').fill('evs_1/deadline');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Close with this' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('table', { name: 'Feedback' })).toContainText('Added to an evaluation: evs_1/deadline');
  await expectFitsPhone(page);
});
