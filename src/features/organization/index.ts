import type { KnownFact } from '#src/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Routes } from '#src/platform/http/route.ts';
import { organizationRoutes } from './routes.ts';
import { createOrganizationService, type OrganizationDependencies, readProfile } from './service.ts';

export { controlsInScope } from './scope.ts';
export type { OrganizationDependencies } from './service.ts';
export { readProfile } from './service.ts';

/** Who the company is and what its report covers. */
export function organization(dependencies: OrganizationDependencies): { routes: Routes } {
  return { routes: organizationRoutes(createOrganizationService(dependencies)) };
}

/** The scope as a fact for the control tests; one, also while nobody saved a profile. */
export async function organizationFacts(executor: Executor): Promise<KnownFact<'organization-scope'>[]> {
  const profile = await readProfile(executor);
  return [
    {
      kind: 'organization-scope',
      key: 'organization',
      body: {
        named: profile.companyName !== '',
        categories: profile.categories,
        frameworks: profile.frameworks,
        windowFrom: profile.observationWindow?.startsOn ?? null,
        windowTo: profile.observationWindow?.endsOn ?? null,
      },
    },
  ];
}
