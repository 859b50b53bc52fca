import type { Executor } from '#src/platform/database/connect.ts';
import { diffPolicy } from './diff-policy.ts';
import type { PolicyChange, PolicyDocument } from './model.ts';
import { versionsInForce } from './policy-store.ts';
import { listRouteRows } from './route-store.ts';

/** A route, or a tenant with a policy of its own, and the policies it leaves and goes to; null is none. */
export type MoveTarget = { kind: 'route' | 'tenant'; id: string; from: string | null; to: string | null };

/**
 * What a move changes for calls, and what that does to the protection. A route without a policy in force refuses every call,
 * so that going there covers nothing any more, and coming from there loosens nothing. Without a policy of its own a tenant
 * is under those of the routes: each of them counts.
 */
export async function loosenedBy(executor: Executor, target: MoveTarget, atMs: number): Promise<PolicyChange[]> {
  const versions = await versionsInForce(executor, atMs);
  const inForce = (id: string | null): PolicyDocument | null =>
    versions.find(({ policyId }) => policyId === id)?.document ?? null;
  if (target.kind === 'route' || (target.from !== null && target.to !== null))
    return between(inForce(target.from), inForce(target.to));
  const routes = (await listRouteRows(executor)).filter(({ policyId }) => inForce(policyId) !== null);
  return routes.flatMap(({ path, policyId }) => {
    const ofRoute = inForce(policyId);
    const changes = target.to === null ? between(inForce(target.from), ofRoute) : between(ofRoute, inForce(target.to));
    return changes.map((change) => ({ ...change, what: `On ${path}: ${change.what}` }));
  });
}

function between(before: PolicyDocument | null, after: PolicyDocument | null): PolicyChange[] {
  if (before === null) return [];
  if (after === null)
    return [
      { what: 'Policy in force', before: 'one', after: 'none: no call is checked or let through', effect: 'loosened' },
    ];
  return diffPolicy(before, after);
}
