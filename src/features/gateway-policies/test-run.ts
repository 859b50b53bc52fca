import { sql } from 'drizzle-orm';
import { type AttackResult, SUITE_NAMES } from '#src/features/gateway-probes/model.ts';
import { gatewayProbeRun } from '#src/features/gateway-probes/tables.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { type PolicyDocument, percent, type TestRun, type TestRunLimits, USUAL_LIMITS } from './model.ts';
import type { VersionRow } from './tables.ts';

/** Detectors and suites change; an older run says nothing of what would be put in force. */
const RUN_AGE_MAX_DAYS = 30;
const UNEVALUATED_SHARE_MAX = 0.1;

/**
 * The limits a version is held against: of those in force and those it declares itself the stricter, so that no version
 * lowers the bar it has to take.
 */
export function limitsFor(document: PolicyDocument, inForce: PolicyDocument | null): TestRunLimits {
  const own = document.testRun ?? USUAL_LIMITS;
  const before = inForce === null ? own : (inForce.testRun ?? USUAL_LIMITS);
  return {
    stoppedShareMin: Math.max(own.stoppedShareMin, before.stoppedShareMin),
    falseAlarmShareMax: Math.min(own.falseAlarmShareMax, before.falseAlarmShareMax),
  };
}

export type FinishedRun = { runId: string; evidenceId: string | null; ranAt: Date; result: AttackResult };

/** Of each version the newest finished run of the suites under exactly what it says, by `policy version`. */
export async function newestTestRuns(executor: Executor): Promise<Map<string, FinishedRun>> {
  // A version in force never changes; one that does not count yet is known by its digest.
  const { rows } = await executor.execute<{
    policy: string;
    version: number;
    id: string;
    evidence_id: string | null;
    finished_at: string;
    result: AttackResult;
  }>(sql`
    select distinct on (policy, version)
      coalesce(run.policy_id, run.result ->> 'policyId') as policy,
      coalesce(run.policy_version, (run.result ->> 'policyVersion')::int) as version,
      run.id, run.evidence_id, run.finished_at, run.result
    from ${gatewayProbeRun} run
    left join gateway_policy_version stated on stated.policy_id = run.policy_id and stated.version = run.policy_version
    where run.kind = 'attack' and run.result is not null
      and (run.policy_id is null or stated.digest = run.policy_digest)
      and coalesce(run.policy_id, run.result ->> 'policyId') is not null
      and coalesce(run.policy_version, (run.result ->> 'policyVersion')::int) is not null
    order by policy, version, run.finished_at desc`);
  return new Map(
    rows.map((row) => [
      `${row.policy} ${row.version}`,
      { runId: row.id, evidenceId: row.evidence_id, ranAt: new Date(row.finished_at), result: row.result },
    ]),
  );
}

export function runOf(
  runs: ReadonlyMap<string, FinishedRun>,
  { policyId, version }: Pick<VersionRow, 'policyId' | 'version'>,
): FinishedRun | null {
  return runs.get(`${policyId} ${version}`) ?? null;
}

/** Holds a run against limits, as of an instant. */
export function judgeTestRun({ result, ...run }: FinishedRun, limits: TestRunLimits, atMs: number): TestRun {
  const { path, attacks, stoppedByGateway, harmless, falseAlarms, unevaluated } = result;
  const counts = { path, attacks, stoppedByGateway, harmless, falseAlarms, unevaluated };
  return { ...run, ranAt: run.ranAt.toISOString(), ...counts, limits, ...verdictOf(result, limits, run.ranAt, atMs) };
}

function verdictOf(
  { suites, attacks, stoppedByGateway, harmless, falseAlarms, unevaluated }: AttackResult,
  { stoppedShareMin, falseAlarmShareMax }: TestRunLimits,
  ranAt: Date,
  atMs: number,
): Pick<TestRun, 'verdict' | 'because'> {
  const left = SUITE_NAMES.filter((name) => !suites.includes(name));
  if (left.length > 0) return { verdict: 'no_data', because: `The run left out the suites ${left.join(', ')}.` };
  if (atMs - ranAt.getTime() > RUN_AGE_MAX_DAYS * DAY_MS)
    return { verdict: 'no_data', because: `The run is older than ${RUN_AGE_MAX_DAYS} days.` };
  const tried = attacks + harmless + unevaluated;
  if (attacks === 0 || harmless === 0 || unevaluated > UNEVALUATED_SHARE_MAX * tried)
    return { verdict: 'no_data', because: `${unevaluated} of ${tried} attempts came to no result.` };
  const stopped = `${stoppedByGateway} of ${attacks} attacks were stopped`;
  if (stoppedByGateway < stoppedShareMin * attacks)
    return { verdict: 'fail', because: `${stopped}; the limit is ${percent(stoppedShareMin)}.` };
  if (falseAlarms > falseAlarmShareMax * harmless)
    return {
      verdict: 'fail',
      because: `${falseAlarms} of ${harmless} harmless questions were stopped; the limit is ${percent(falseAlarmShareMax)}.`,
    };
  return { verdict: 'pass', because: `${stopped}, and ${falseAlarms} of ${harmless} harmless questions.` };
}
