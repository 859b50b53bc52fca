import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type APIRequestContext, expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.use({ storageState: signedInAs('owner') });

let provider: Server;
let gateway = '';
let key = '';
let policyId = '';

test.beforeAll(async ({ playwright, baseURL }) => {
  provider = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const message = { role: 'assistant', content: 'It is done.' };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ id: 'c', object: 'chat.completion', model: 'm', choices: [{ index: 0, message }] }),
      );
    });
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const { port } = provider.address() as AddressInfo;
  const owner: APIRequestContext = await playwright.request.newContext({
    ...(baseURL && { baseURL, extraHTTPHeaders: { origin: baseURL } }),
    storageState: signedInAs('owner'),
  });
  const send = async (path: string, data: object = {}) => {
    const sent = await owner.post(`/api/v1/gateway/${path}`, { data });
    expect(sent.ok(), await sent.text()).toBe(true);
    return sent.json();
  };
  policyId = (await send('policies', { name: 'company', note: 'The rules of the company.' })).id;
  const made = await send('providers', {
    name: 'tried',
    kind: 'openai_compatible',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    authStyle: 'none',
    allowPrivateAddress: true,
  });
  await send('routes', { path: '/tried/team/v1', providerId: made.id, policyId });
  const tenant = await send('tenants', { name: 'team' });
  key = (await send('keys', { tenantId: tenant.id, name: 'app' })).secret;
  gateway = (await (await owner.get('/api/v1/gateway/routes')).json()).address;
});
test.afterAll(() => {
  provider.close();
});

/** The code of the refusal; empty where the call passed. */
const call = async (maxTokens: number): Promise<string> => {
  const answer = await fetch(`${gateway}/tried/team/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', max_tokens: maxTokens, messages: [{ role: 'user', content: 'Good morning.' }] }),
  });
  return ((await answer.json()) as { error?: { code: string } }).error?.code ?? '';
};

test('a rule of the company is written, passes a test run, is approved on it and then blocks', async ({
  page,
  browser,
}) => {
  await page.goto(`/gateway/policies/${policyId}`);
  await page.getByRole('button', { name: 'Change version 1' }).click();
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByLabel('Expression').fill('request.maxTokens > 1000');
  await page.getByLabel('What changes, and why').fill('Long answers are not for this team.');
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  await expect(page.getByText('No run of the suites was made')).toBeVisible();
  await page.getByLabel('Route the suites go through').first().click();
  await page.getByRole('option', { name: '/tried/team/v1' }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Play all suites' }).click();
  await expect(page.getByRole('status').getByText('The suites are being played')).toBeVisible();
  await expect(page.getByText(/\d+ of 92 attacks were stopped, and \d of 16 harmless questions/)).toBeVisible({
    timeout: 120_000,
  });
  await expectAccessible(page);
  await expectFitsPhone(page);
  expect(await call(2_000), 'not in force yet').toBe('no_policy');
  await page.getByRole('button', { name: 'Submit for review' }).click();
  await expect(page.getByRole('button', { name: 'Approve …' })).toBeVisible();

  const other = await browser.newContext({ storageState: signedInAs('compliance') });
  const theirs = await other.newPage();
  await theirs.goto(page.url());
  await theirs.getByRole('button', { name: 'Approve …' }).click();
  await expect(theirs.getByRole('dialog', { name: 'Approve version 1?' })).toBeVisible();
  await theirs.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
  await expect(theirs.getByRole('row', { name: /Version 1/ }).getByText('In force')).toBeVisible();
  await other.close();
  await expect(async () => expect(await call(2_000)).toBe('rule_blocked')).toPass();
  expect(await call(500)).toBe('');
});
