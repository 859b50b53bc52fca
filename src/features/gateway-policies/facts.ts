import type { KnownFact } from '#src/facts/index.ts';
import { gatewayProvider } from '#src/features/gateway-providers/tables.ts';
import { type Actor, parseActor, personOf } from '#src/features/records/index.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { listPolicyRows, versionsInForce } from './policy-store.ts';
import { listRouteRows } from './route-store.ts';
import { screeningOf } from './screening.ts';
import type { VersionRow } from './tables.ts';
import { type FinishedRun, judgeTestRun, limitsFor, newestTestRuns, runOf } from './test-run.ts';
import { validatorsOf } from './validators.ts';

/** Every route for the control tests, with what the policy version in force does on it. */
export async function gatewayRouteFacts(executor: Executor, clock: Clock): Promise<KnownFact<'gateway-route'>[]> {
  const rows = await listRouteRows(executor);
  if (rows.length === 0) return [];
  const providers = await executor.select({ id: gatewayProvider.id, name: gatewayProvider.name }).from(gatewayProvider);
  const inForce = await versionsInForce(executor, clock());
  return rows.map((row) => {
    const version = inForce.find(({ policyId }) => policyId === row.policyId);
    const screening = screeningOf(version?.document ?? null);
    return {
      kind: 'gateway-route',
      key: row.id,
      body: {
        path: row.path,
        provider: providers.find(({ id }) => id === row.providerId)?.name ?? row.providerId,
        policyId: row.policyId,
        policyVersion: version?.version ?? null,
        input: screening.input,
        output: screening.output,
        onFailure: version?.document.onFailure ?? null,
        validatesOutput: version ? validatorsOf(version.document).length > 0 : false,
        probabilities: version ? probabilitiesOf(version) : null,
      },
    };
  });
}

function probabilitiesOf(version: VersionRow): NonNullable<KnownFact<'gateway-route'>['body']['probabilities']> {
  const rule = version.document.output.probabilities;
  return {
    calls: rule?.calls ?? 'undecided',
    untilOn: rule?.calls === 'pass' ? rule.untilOn : null,
    decidedAt: (version.inForceFrom ?? version.changedAt).toISOString(),
    secondPerson: secondPerson(version),
  };
}

/** The version in force of every policy: who wrote it and who approved it. */
export async function gatewayPolicyFacts(executor: Executor, clock: Clock): Promise<KnownFact<'gateway-policy'>[]> {
  const rows = await listPolicyRows(executor);
  const inForce = await versionsInForce(executor, clock());
  const runs = await newestTestRuns(executor);
  return inForce.map((version) => ({
    kind: 'gateway-policy',
    key: version.policyId,
    body: {
      name: rows.find(({ id }) => id === version.policyId)?.name ?? version.policyId,
      version: version.version,
      digest: version.digest,
      inForceFrom: version.inForceFrom?.toISOString() ?? version.changedAt.toISOString(),
      secondPerson: secondPerson(version),
      onFailure: version.document.onFailure,
      approvedOn: version.emergencyReason !== null ? 'emergency' : version.testRun !== null ? 'test_run' : 'nothing',
      testRun: testRunOf(version, runs),
      emergency:
        version.emergencyReviewDueAt === null
          ? null
          : {
              reviewDueAt: version.emergencyReviewDueAt.toISOString(),
              reviewedAt: version.emergencyReviewedAt?.toISOString() ?? null,
            },
    },
  }));
}

/** The run it was approved on; of one that was approved without, the newest since, judged as of when it was made. */
function testRunOf(version: VersionRow, runs: ReadonlyMap<string, FinishedRun>) {
  const run = runOf(runs, version);
  const judged =
    version.testRun ??
    (run === null ? null : judgeTestRun(run, limitsFor(version.document, null), run.ranAt.getTime()));
  if (judged === null) return null;
  const { ranAt, path, verdict, because } = judged;
  return { ranAt, path, verdict, because };
}

/** Unknown where the author or the approver is whoever sat at the command line. */
function secondPerson({ authors, decidedBy }: VersionRow): 'yes' | 'no' | 'unknown' {
  const approver = decidedBy === null ? null : personOf(parseActor(decidedBy));
  if (approver === null) return 'unknown';
  const wrote = authors.map(parseActor);
  if (wrote.some((author) => personOf(author) === approver)) return 'no';
  return wrote.some(isUnknownPerson) ? 'unknown' : 'yes';
}

function isUnknownPerson(author: Actor): boolean {
  return author.kind === 'service' && author.id !== 'assay';
}
