import type { Catalog, Control } from '#src/catalog/model.ts';
import { CATEGORY_TITLES, type OrganizationProfile } from '#src/features/organization/model.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Overview } from './model.ts';
import { amount, listed } from './words.ts';

/**
 * Controls that the company's scope asks for: those mapped to a criterion of a chosen category of SOC 2, or to any
 * requirement of another chosen framework.
 */
export function controlsInScope(catalog: Catalog, profile: OrganizationProfile): Set<string> {
  const categories = new Set<string>(profile.categories);
  const criteria = new Set(
    catalog.criteria.filter((criterion) => categories.has(criterion.category)).map((criterion) => criterion.id),
  );
  const frameworks = new Set<string>(profile.frameworks);
  const asksFor = (control: Control) =>
    Object.entries(control.mapsTo).some(([framework, requirements]) => {
      if (!frameworks.has(framework)) return false;
      return framework !== 'soc2' || (requirements ?? []).some((id) => criteria.has(id));
    });
  return new Set(catalog.controls.filter(asksFor).map((control) => control.id));
}

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
