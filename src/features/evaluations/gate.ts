import { and, desc, eq } from 'drizzle-orm';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { GateVerdict } from './model.ts';
import { findSuite, versionInForce } from './suites.ts';
import { evaluationRun } from './tables.ts';

/**
 * May this model go on, as far as this suite can tell? Passes only where the last finished run of the approved version over
 * this model (and digest, where one is named) met every threshold, after the version was approved. No run is `no_data`.
 */
export async function gateVerdict(
  executor: Executor,
  asked: { suite: string; model: string; digest?: string | undefined },
  at: Date,
): Promise<GateVerdict> {
  const suite = await findSuite(executor, asked.suite);
  const version = await versionInForce(executor, suite.id);
  const base = { suite: { id: suite.id, name: suite.name, version: version?.version ?? null }, model: asked.model };
  const none = (because: string): GateVerdict => ({
    ...base,
    verdict: 'no_data',
    because,
    runId: null,
    finishedAt: null,
  });
  if (!version?.reviewedAt) return none('No version of the suite is approved: nothing was frozen to be held against.');
  const rows = await executor
    .select()
    .from(evaluationRun)
    .where(
      and(
        eq(evaluationRun.suiteId, suite.id),
        eq(evaluationRun.suiteVersion, version.version),
        eq(evaluationRun.model, asked.model),
        eq(evaluationRun.state, 'finished'),
      ),
    )
    .orderBy(desc(evaluationRun.finishedAt), desc(evaluationRun.id));
  const run = rows.find((row) => asked.digest === undefined || row.target.modelDigest === asked.digest);
  if (!run) {
    const digest = asked.digest === undefined ? '' : ' with this digest';
    return none(`No finished run of version ${version.version} over ${asked.model}${digest}. Run the suite first.`);
  }
  const found = { ...base, runId: run.id, finishedAt: run.finishedAt?.toISOString() ?? null };
  if (run.requestedAt < version.reviewedAt)
    return {
      ...found,
      verdict: 'no_data',
      because: 'The run began before its thresholds were approved. Run it again.',
    };
  const freshUntil = version.reviewedAt.getTime() + version.content.freshDays * DAY_MS;
  if (at.getTime() > freshUntil)
    return {
      ...found,
      verdict: 'no_data',
      because: `The benchmark was last approved more than ${version.content.freshDays} days ago. Review it and approve it again.`,
    };
  return { ...found, verdict: run.verdict ?? 'no_data', because: run.because ?? '' };
}
