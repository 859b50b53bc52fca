import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type APIRequestContext, expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

test.describe.configure({ mode: 'serial' });
test.use({ storageState: signedInAs('compliance') });

let provider: Server;
let gateway = '';
let key = '';
let amount = 250;

/** A model that always wants to pay. */
const answer = () => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'c',
            type: 'function',
            function: { name: 'pay', arguments: JSON.stringify({ amount, to: 'account 12' }) },
          },
        ],
      },
    },
  ],
});

test.beforeAll(async ({ playwright, baseURL }) => {
  provider = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer()));
    });
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const { port } = provider.address() as AddressInfo;
  const as = (person: 'owner' | 'compliance') =>
    playwright.request.newContext({
      ...(baseURL && { baseURL, extraHTTPHeaders: { origin: baseURL } }),
      storageState: signedInAs(person),
    });
  const [owner, reviewer] = [await as('owner'), await as('compliance')];
  const send = async (who: APIRequestContext, path: string, data: object = {}) => {
    const sent = await who.post(`/api/v1/gateway/${path}`, { data });
    expect(sent.ok(), await sent.text()).toBe(true);
    return sent.json();
  };
  const policy = await send(owner, 'policies', {
    name: 'payments',
    note: 'A person approves payments.',
    document: {
      detectors: [],
      onFailure: 'closed',
      streamMode: 'hold_back',
      rules: [],
      output: {
        jsonSchema: null,
        maxOutputTokens: null,
        tools: [{ name: 'pay', argumentsSchema: null, approval: 'human' }],
        grounding: 'off',
      },
      terms: [],
      patterns: [],
    },
  });
  await send(owner, `policies/${policy.id}/versions/1/submit`);
  const { digest } = policy.versions[0];
  await send(reviewer, `policies/${policy.id}/versions/1/decide`, {
    decision: 'approved',
    digest,
    emergency: 'This story is about tool calls; no suite is played.',
  });
  const made = await send(owner, 'providers', {
    name: 'payer',
    kind: 'openai_compatible',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    authStyle: 'none',
    allowPrivateAddress: true,
  });
  await send(owner, 'routes', { path: '/payments/v1', providerId: made.id, policyId: policy.id });
  const tenant = await send(owner, 'tenants', { name: 'payments' });
  key = (await send(owner, 'keys', { tenantId: tenant.id, name: 'agent' })).secret;
  gateway = (await (await owner.get('/api/v1/gateway/routes')).json()).address;
});
test.afterAll(() => {
  provider.close();
});

const call = async () => {
  const response = await fetch(`${gateway}/payments/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Pay.' }] }),
  });
  return { status: response.status, body: (await response.json()) as { error: { approvals: { id: string }[] } } };
};

test('a payment of an agent waits, is read and approved by a person, and passes once', async ({ page }) => {
  await page.goto('/gateway/approvals');
  await expect(page.getByText('No tool call has asked for a person')).toBeVisible();
  await expectAccessible(page);
  await expect(async () => expect((await call()).status).toBe(403)).toPass();
  const refused = await call();
  const id = refused.body.error.approvals[0]?.id;
  const status = await fetch(`${gateway}/approvals/${id}`, { headers: { authorization: `Bearer ${key}` } });
  expect(await status.json()).toMatchObject({ id, state: 'waiting', tool: 'pay' });
  expect((await fetch(`${gateway}/approvals/${id}`)).status).toBe(401);

  await page.getByRole('link', { name: 'pay' }).click();
  const drawer = page.getByRole('dialog', { name: 'Call of pay' });
  await expect(drawer.getByText('"amount": 250')).toBeVisible();
  await expectAccessible(page);
  await drawer.getByRole('button', { name: 'Approve …' }).click();
  const question = page.getByRole('dialog', { name: 'Let this call of pay pass?' });
  await question.getByRole('button', { name: 'Approve', exact: true }).click();
  await expect(question.getByText('Say why')).toBeVisible();
  await question.getByLabel('Why').fill('Invoice 4711');
  await question.getByRole('button', { name: 'Approve', exact: true }).click();
  await expect(drawer.getByText('Approved, not used yet')).toBeVisible();
  expect((await call()).status).toBe(200);
  await expect(drawer.getByText('Approved and used')).toBeVisible();
  amount = 251;
  expect((await call()).status).toBe(403);
  amount = 250;
  expect((await call()).status).toBe(403);
  await page.goto('/gateway/approvals');
  await expectFitsPhone(page);
});

test.describe('whoever made the key', () => {
  test.use({ storageState: signedInAs('owner') });
  test('reads the call and cannot decide it', async ({ page }) => {
    await page.goto('/gateway/approvals?state=waiting');
    await page.getByRole('link', { name: 'pay' }).first().click();
    const drawer = page.getByRole('dialog', { name: 'Call of pay' });
    await expect(drawer.getByRole('button', { name: 'Approve …' })).toHaveAccessibleDescription(/You made the key/);
  });
});

test('a path goes to a milder policy only by the word of a second person', async ({ page, browser }) => {
  const owner = await browser.newContext({ storageState: signedInAs('owner') });
  const theirs = await owner.newPage();
  const made = await (await theirs.request.get('/api/v1/gateway/routes')).json();
  const route = made.items.find((one: { path: string }) => one.path === '/payments/v1');
  await theirs.goto('/gateway');
  const asked = await theirs.request.patch(`/api/v1/gateway/routes/${route.id}`, {
    headers: { origin: new URL(theirs.url()).origin },
    data: { policyId: null },
  });
  expect((await asked.json()).policyMoveId).toMatch(/^gpm_/);
  await page.goto('/gateway/policies');
  await expect(page.getByText('Milder policies that wait for a second person')).toBeVisible();
  await expect(page.getByText(/none: no call is checked or let through/)).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole('button', { name: 'Refuse …' }).first().click();
  await page.getByRole('dialog').getByLabel('Why').fill('Not while agents run on it');
  await page.getByRole('dialog').getByRole('button', { name: 'Refuse', exact: true }).click();
  await expect(page.getByText('Milder policies that wait for a second person')).toHaveCount(0);
  await owner.close();
});
