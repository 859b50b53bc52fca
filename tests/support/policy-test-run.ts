import { type AttackResult, SUITE_NAMES } from '#src/features/gateway-probes/model.ts';
import type { Database } from '#src/platform/database/connect.ts';

/** Writes a run of all suites under what a policy version says now, as if it had just ended: one that passes unless changed. */
export async function addTestRun(
  database: Database,
  { policyId, version, atMs }: { policyId: string; version: number; atMs: number },
  change: Partial<AttackResult> = {},
): Promise<string> {
  const result: AttackResult = {
    kind: 'attack',
    suites: [...SUITE_NAMES],
    routeId: 'grt_1',
    path: '/v1',
    policyId,
    policyVersion: version,
    attacks: 92,
    stopped: 85,
    stoppedByGateway: 85,
    harmless: 16,
    falseAlarms: 1,
    unevaluated: 0,
    classes: [],
    passed: [],
    ...change,
  };
  const { rows } = await database.pool.query<{ id: string }>(
    `insert into gateway_probe_run (id, kind, state, suites, route_id, requested_by, requested_at, started_at, finished_at,
       result, policy_id, policy_version, policy_digest)
     select 'gpb_' || replace(gen_random_uuid()::text, '-', ''), 'attack', 'clean', $3, 'grt_1', 'service:gateway', $4, $4, $4, $5,
       policy_id, version, digest
     from gateway_policy_version where policy_id = $1 and version = $2 returning id`,
    [policyId, version, result.suites, new Date(atMs), JSON.stringify(result)],
  );
  const [row] = rows;
  if (!row) throw new Error(`the policy ${policyId} has no version ${version}`);
  return row.id;
}
