import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Holds the page, as it stands, to WCAG 2.2 AA. In dark only the colors are another thing than in light. */
export async function expectAccessible(page: Page): Promise<void> {
  // A page that is still on its way has no heading, and is not the one meant.
  await page.locator('h1').first().waitFor();
  await expectNoViolations(page, 'light', new AxeBuilder({ page }).withTags(TAGS));
  await expectNoViolations(page, 'dark', new AxeBuilder({ page }).withRules(['color-contrast']));
  await page.emulateMedia({ colorScheme: 'light' });
}

async function expectNoViolations(page: Page, colorScheme: 'light' | 'dark', rules: AxeBuilder): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
  const { violations } = await rules.analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`);
  expect(found, `in ${colorScheme}, at ${page.url()}`).toEqual([]);
}

/** No page is wider than the screen of a phone. */
export async function expectFitsPhone(page: Page): Promise<void> {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
  expect(tooWide, `pixels beyond the edge at ${page.url()}`).toBeLessThanOrEqual(0);
  if (size) await page.setViewportSize(size);
}
