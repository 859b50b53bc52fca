import type { Catalog } from '#src/catalog/model.ts';
import { CATEGORY_TITLES, type OrganizationProfile } from '#src/features/organization/model.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Overview } from './model.ts';
import { amount, listed } from './words.ts';

/** Days until the window closes, today not counted; negative once it has. */
export function daysLeft(profile: OrganizationProfile, nowMs: number): number | null {
  if (profile.observationWindow === null) return null;
  const today = Math.floor(nowMs / DAY_MS);
  return Math.floor(Date.parse(profile.observationWindow.endsOn) / DAY_MS) - today;
}

/** What the report covers, in words. */
export function describeScope(
  catalog: Catalog,
  profile: OrganizationProfile,
  systems: Overview['systems'],
  nowMs: number,
): Overview['scope'] {
  const titles = catalog.frameworks.filter(({ id }) => profile.frameworks.includes(id)).map(({ title }) => title);
  const categories = profile.categories.map((category) => CATEGORY_TITLES[category]);
  const window = profile.observationWindow;
  const parts = [
    `${listed(titles)} with ${listed(categories)}`,
    window ? `window ${window.startsOn} to ${window.endsOn}` : 'no observation window set',
    systems.total === 0
      ? 'no AI system registered'
      : `${amount(systems.inScope, 'AI system')} in scope${systems.undecided > 0 ? `, ${systems.undecided} undecided` : ''}`,
  ];
  return {
    organization: profile.companyName === '' ? null : profile.companyName,
    categories: [...profile.categories],
    frameworks: [...profile.frameworks],
    windowFrom: window?.startsOn ?? null,
    windowTo: window?.endsOn ?? null,
    daysLeft: daysLeft(profile, nowMs),
    sentence: `${parts.join('; ')}.`,
  };
}
