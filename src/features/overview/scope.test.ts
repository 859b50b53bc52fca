import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalog } from '#src/catalog/load.ts';
import { controlsInScope } from '#src/features/organization/index.ts';
import { DEFAULT_PROFILE, type OrganizationProfile } from '#src/features/organization/model.ts';
import { installationRoot } from '#src/platform/root.ts';
import { daysLeft, describeScope } from './scope.ts';

const catalog = loadCatalog(join(installationRoot(), 'catalog'));
const profile = (change: Partial<OrganizationProfile>): OrganizationProfile => ({ ...DEFAULT_PROFILE, ...change });
const NOW = Date.parse('2026-11-23T09:00:00Z');
const SYSTEMS = { total: 3, inScope: 1, out: 0, undecided: 2, withoutOwner: 0, attestationDue: 0 };

test('a further category of SOC 2 brings the controls of its criteria, and none goes', () => {
  const security = controlsInScope(catalog, profile({}));
  const withPrivacy = controlsInScope(catalog, profile({ categories: ['security', 'privacy'] }));
  expect(withPrivacy.size).toBeGreaterThan(security.size);
  for (const id of security) expect(withPrivacy).toContain(id);
  const privacyOnly = catalog.criteria.filter(({ category }) => category === 'privacy').map(({ id }) => id);
  const added = catalog.controls.filter(({ id }) => withPrivacy.has(id) && !security.has(id));
  for (const control of added)
    expect(control.mapsTo.soc2?.some((requirement) => privacyOnly.includes(requirement))).toBe(true);
});

test('another framework brings what is mapped to it', () => {
  const scope = controlsInScope(catalog, profile({ frameworks: ['soc2', 'iso-42001'] }));
  for (const control of catalog.controls) if (control.mapsTo['iso-42001']) expect(scope).toContain(control.id);
});

test.each([
  ['2026-11-23', 0],
  ['2026-11-24', 1],
  ['2026-12-31', 38],
  ['2026-11-22', -1],
])('a window that ends on %s has %i days left', (endsOn, days) => {
  expect(daysLeft(profile({ observationWindow: { startsOn: '2026-08-01', endsOn } }), NOW)).toBe(days);
});

test('the scope is said in words', () => {
  const scope = describeScope(
    catalog,
    profile({
      companyName: 'Acme',
      categories: ['security', 'availability'],
      observationWindow: { startsOn: '2026-10-01', endsOn: '2026-12-31' },
    }),
    SYSTEMS,
    NOW,
  );
  expect(scope).toMatchObject({ organization: 'Acme', daysLeft: 38 });
  expect(scope.sentence).toBe(
    'SOC 2 with Security and Availability; window 2026-10-01 to 2026-12-31; 1 AI system in scope, 2 undecided.',
  );
  expect(describeScope(catalog, profile({}), { ...SYSTEMS, total: 0 }, NOW).sentence).toBe(
    'SOC 2 with Security; no observation window set; no AI system registered.',
  );
});
