import { gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import { type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { diffPolicy } from './diff-policy.ts';
import type { Policy, PolicyDocument, PolicyVersion, TestRun } from './model.ts';
import { type VersionSummary, versionInForceAt } from './policy-store.ts';
import { listRouteRows } from './route-store.ts';
import type { PolicyRow, VersionRow } from './tables.ts';
import { type FinishedRun, judgeTestRun, limitsFor, newestTestRuns, runOf } from './test-run.ts';

const instant = (at: Date | null) => (at ? toInstant(at.getTime()) : null);

export async function presentPolicy(
  executor: Executor,
  {
    rows,
    versions,
    who,
    nowMs,
  }: {
    rows: readonly PolicyRow[];
    versions: readonly VersionSummary[];
    who: Awaited<ReturnType<typeof resolveWho>>;
    nowMs: number;
  },
): Promise<Policy[]> {
  const routes = await listRouteRows(executor);
  const tenants = await executor.select({ policyId: gatewayTenant.policyId }).from(gatewayTenant);
  return rows.map((row) => {
    const own = versions.filter(({ policyId }) => policyId === row.id);
    const open = own.find(({ state }) => state === 'draft' || state === 'submitted');
    return {
      id: row.id,
      name: row.name,
      description: row.description,
      inForceVersion: versionInForceAt(own, nowMs)?.version ?? null,
      openVersion: open?.version ?? null,
      openState: open?.state ?? null,
      routes: routes.filter(({ policyId }) => policyId === row.id).map(({ path }) => path),
      tenants: tenants.filter(({ policyId }) => policyId === row.id).length,
      createdAt: toInstant(row.createdAt.getTime()),
      createdBy: who(row.createdBy),
    };
  });
}

/** Versions of one policy, newest first, each against the one it took or would take the place of. */
export async function presentVersions(
  executor: Executor,
  rows: readonly VersionRow[],
  namesOf: NamesOf,
  nowMs: number,
): Promise<PolicyVersion[]> {
  const who = await resolveWho(
    namesOf,
    rows.flatMap((row) => [...row.authors, row.decidedBy, row.emergencyReviewedBy]),
  );
  const inForce = versionInForceAt(rows, nowMs);
  const runs = await newestTestRuns(executor);
  const history = rows
    .filter((row): row is VersionRow & { inForceFrom: Date } => row.state === 'approved' && row.inForceFrom !== null)
    .sort((a, b) => a.inForceFrom.getTime() - b.inForceFrom.getTime() || a.version - b.version);
  return rows.map((row) => {
    const place = history.findIndex(({ version }) => version === row.version);
    const before = place < 0 ? inForce : history[place - 1];
    return {
      policyId: row.policyId,
      version: row.version,
      state: row.state,
      inForce: row.version === inForce?.version,
      digest: row.digest,
      note: row.note,
      authors: row.authors.map(who),
      createdAt: toInstant(row.createdAt.getTime()),
      changedAt: toInstant(row.changedAt.getTime()),
      submittedAt: instant(row.submittedAt),
      decidedAt: instant(row.decidedAt),
      decidedBy: row.decidedBy ? who(row.decidedBy) : null,
      decisionReason: row.decisionReason,
      inForceFrom: instant(row.inForceFrom),
      inForceUntil: place < 0 ? null : instant(history[place + 1]?.inForceFrom ?? null),
      changes: diffPolicy(before?.document ?? null, row.document),
      testRun: row.testRun ?? newestRun(runs, row, before?.document ?? null, nowMs),
      emergency:
        row.emergencyReason === null || row.emergencyReviewDueAt === null
          ? null
          : {
              reason: row.emergencyReason,
              reviewDueAt: toInstant(row.emergencyReviewDueAt.getTime()),
              reviewedAt: instant(row.emergencyReviewedAt),
              reviewedBy: row.emergencyReviewedBy ? who(row.emergencyReviewedBy) : null,
              reviewNote: row.emergencyReviewNote,
            },
    };
  });
}

function newestRun(
  runs: ReadonlyMap<string, FinishedRun>,
  row: VersionRow,
  inForce: PolicyDocument | null,
  nowMs: number,
): TestRun | null {
  const run = runOf(runs, row);
  return run === null ? null : judgeTestRun(run, limitsFor(row.document, inForce), nowMs);
}
