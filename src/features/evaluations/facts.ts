import { desc, eq, sql } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { purposeOf } from './model.ts';
import { listSuiteRows, versionInForce } from './suites.ts';
import { evaluationRelease, evaluationRun } from './tables.ts';

const RUNS_MAX = 2_000;

/** Every suite with the version in force, for the control tests. */
export async function evaluationSuiteFacts(executor: Executor): Promise<KnownFact<'evaluation-suite'>[]> {
  const suites = await listSuiteRows(executor);
  const facts: KnownFact<'evaluation-suite'>[] = [];
  // One after the other: a transaction answers one statement at a time.
  for (const suite of suites) {
    const version = await versionInForce(executor, suite.id);
    facts.push({
      kind: 'evaluation-suite',
      key: suite.id,
      body: {
        name: suite.name,
        systemId: suite.systemId,
        versionInForce: version?.version ?? null,
        approvedAt: version?.reviewedAt?.toISOString() ?? null,
        thresholds: version?.content.thresholds.length ?? 0,
        freshDays: version?.content.freshDays ?? null,
        decontaminationStated: (version?.content.decontamination ?? '').trim() !== '',
        purpose: version ? purposeOf(version.content) : null,
      },
    });
  }
  return facts;
}

/** The newest finished runs of suites. */
export async function evaluationRunFacts(executor: Executor): Promise<KnownFact<'evaluation-run'>[]> {
  const rows = await executor
    .select()
    .from(evaluationRun)
    .where(eq(evaluationRun.state, 'finished'))
    .orderBy(desc(evaluationRun.finishedAt))
    .limit(RUNS_MAX);
  // Newest first: the last word is that of the first run that passed.
  const passed = new Map<string, string>();
  for (const row of rows)
    if (row.verdict === 'pass' && row.finishedAt) passed.set(nameOf(row), row.finishedAt.toISOString());
  // Of one suite and model, the last run counts.
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const name = nameOf(row);
    if (row.suiteId === null || seen.has(name)) return [];
    seen.add(name);
    return [
      {
        kind: 'evaluation-run' as const,
        key: row.id,
        body: {
          suiteId: row.suiteId,
          suiteVersion: row.suiteVersion,
          title: row.title,
          model: row.model,
          modelDigest: row.target.modelDigest,
          requestedAt: row.requestedAt.toISOString(),
          finishedAt: row.finishedAt?.toISOString() ?? '',
          verdict: row.verdict ?? 'no_data',
          because: row.because ?? '',
          firstPassedAt: passed.get(name) ?? null,
        },
      },
    ];
  });
}

/** The last word of the gate on each model of each system. */
export async function modelReleaseFacts(executor: Executor): Promise<KnownFact<'model-release'>[]> {
  const rows = await executor
    .select()
    .from(evaluationRelease)
    .where(
      sql`${evaluationRelease.id} in (select distinct on (system_id, model) id from evaluation_release
        order by system_id, model, decided_at desc, id desc)`,
    );
  return rows.map((row) => ({
    kind: 'model-release' as const,
    key: row.id,
    body: {
      systemId: row.systemId,
      model: row.model,
      modelDigest: row.modelDigest,
      riskTier: row.riskTier,
      sensitiveData: row.sensitiveData,
      decidedAt: row.decidedAt.toISOString(),
      verdict: row.verdict,
      checks: row.checks.map(({ purpose, verdict, because }) => ({ purpose, verdict, because })),
    },
  }));
}

function nameOf(row: { suiteId: string | null; title: string; model: string }): string {
  return `${row.suiteId ?? row.title} ${row.model}`;
}
