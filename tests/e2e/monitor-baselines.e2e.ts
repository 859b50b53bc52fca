import { type APIRequestContext, expect, test } from '@playwright/test';
import { expectAccessible, expectFitsPhone } from './support/accessible.ts';
import { signedInAs } from './support/people.ts';

const DAY_MS = 86_400_000;
// At midnight in UTC, so that the periods are whole days.
const TODAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS;

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
async function ask(request: APIRequestContext, method: 'GET' | 'POST', path: string, data?: unknown): Promise<any> {
  const type = typeof data === 'string' ? 'application/x-ndjson' : 'application/json';
  const headers = { origin: new URL(test.info().project.use.baseURL ?? '').origin, 'content-type': type };
  const answer = await request.fetch(`/api/v1/${path}`, { method, headers, ...(data !== undefined && { data }) });
  expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
  return answer.json();
}

test.describe('two people', () => {
  test.use({ storageState: signedInAs('owner') });

  test('freeze a second baseline, and see it drawn beside the first', async ({ page, playwright, baseURL }) => {
    const owner = page.request;
    const second = await playwright.request.newContext({
      ...(baseURL !== undefined && { baseURL }),
      storageState: signedInAs('compliance'),
    });
    const system = await ask(owner, 'POST', 'inventory/systems', { name: 'Route planner' });
    const me = await ask(owner, 'GET', 'session');
    const made = await ask(owner, 'POST', 'monitors', {
      systemId: system.id,
      definition: {
        name: 'Drift of the estimated time',
        metric: { type: 'numeric_drift', eventKind: 'prediction', field: 'minutes' },
        window: 'day',
        thresholds: { warn: 0.1, fail: 0.25 },
        trend: { windows: 14, horizon: 14 },
        ownerId: me.user.id,
      },
      reason: 'Agreed with the team that answers for it.',
    });
    const id = made.monitor.id;
    await ask(second, 'POST', `monitors/${id}/review`, { decision: 'approved' });
    const events = Array.from({ length: 600 }, (_, k) =>
      JSON.stringify({
        id: `trip-${k}`,
        source: 'planner',
        occurredAt: TODAY_MS - 20 * DAY_MS + k * (DAY_MS / 60),
        systemId: system.id,
        kind: 'prediction',
        values: { minutes: 10 + ((k * 37) % 50) + (k >= 300 ? 8 : 0) },
      }),
    );
    await ask(owner, 'POST', 'events', events.join('\n'));
    for (const [from, to] of [
      [20, 15],
      [15, 10],
    ] as const) {
      const { items } = await ask(owner, 'POST', `monitors/${id}/baselines`, {
        periodFrom: new Date(TODAY_MS - from * DAY_MS).toISOString(),
        periodTo: new Date(TODAY_MS - to * DAY_MS).toISOString(),
        reason: from === 20 ? 'The first five days.' : 'The fleet changed.',
      });
      await ask(second, 'POST', `monitors/baselines/${items[0].id}/review`, {
        decision: 'approved',
        comment: 'Small, and all there is.',
      });
    }
    await page.goto(`/monitors/${id}`);
    await expect(page.getByText('looks back over 14 windows and 14 ahead')).toBeVisible();
    await page.getByRole('link', { name: 'Beside version 1' }).click();
    await expect(page.getByRole('heading', { name: 'Baselines side by side', level: 1 })).toBeVisible();
    const drawing = page.getByRole('img', { name: /Share at or below each value/ });
    await expect(drawing).toHaveAccessibleName(/version 1: middle at 3\d.*version 2: middle at 4\d/);
    const table = page.getByRole('table', { name: 'Both baselines' });
    await expect(table.getByRole('row', { name: /Reviewed/ })).toContainText('Katherine Johnson');
    await expect(table.getByRole('row', { name: /^State/ })).toContainText('Superseded');
    await expectAccessible(page);
    await expectFitsPhone(page);
  });
});

test.describe('on a phone', () => {
  test.use({ storageState: signedInAs('compliance'), viewport: { width: 390, height: 844 } });

  test('business hours are set day by day, and a wrong time is told beside them', async ({ page }) => {
    await page.goto('/settings/alerts');
    const days = page.getByRole('group', { name: 'Business hours' });
    await days.getByRole('checkbox', { name: 'Saturday' }).check();
    await days.getByRole('textbox', { name: 'Saturday: closes at' }).fill('8:00');
    await page.getByLabel('Why').fill('Support works on Saturdays.');
    await page.getByRole('button', { name: /^Save as version/ }).click();
    await expect(days.getByRole('alert')).toContainText('must be a time like 09:00');
    await expectAccessible(page);
    await days.getByRole('textbox', { name: 'Saturday: closes at' }).fill('13:00');
    await page.getByRole('button', { name: /^Save as version/ }).click();
    await expect(page.getByText('Saved as a new version')).toBeVisible();
    await page.reload();
    await expect(days.getByRole('textbox', { name: 'Saturday: closes at' })).toHaveValue('13:00');
    await expect(days.getByRole('checkbox', { name: 'Sunday' })).not.toBeChecked();
    await expectFitsPhone(page);
  });

  test('a panel at the side brings no second banner to the page', async ({ page }) => {
    await page.goto('/inventory/items');
    await page.getByRole('table', { name: 'Items' }).getByRole('link').first().click();
    await expect(page.getByRole('button', { name: 'Close panel' })).toBeVisible();
    await expectAccessible(page);
  });
});
