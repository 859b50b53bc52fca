import type { Catalog, Control } from '#src/catalog/model.ts';
import type { OrganizationProfile } from './model.ts';

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
