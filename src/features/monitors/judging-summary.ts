import { sql } from 'drizzle-orm';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Decision, JudgingSummary } from './model.ts';
import type { Period } from './present.ts';
import { ALL } from './series-counts.ts';

/** Who was to be judged in a period, who was, by what, and what the last window came to: for monitors of hallucination. */
export async function judgingSummaries(
  executor: Executor,
  monitorIds: readonly string[],
  { fromMs, toMs }: Period,
): Promise<Map<string, JudgingSummary>> {
  const summaries = new Map<string, JudgingSummary>();
  if (monitorIds.length === 0) return summaries;
  const { rows } = await executor.execute<{ monitor_id: string; starts_at: string; record: Buffer }>(sql`
    select distinct on (decision.monitor_id, decision.starts_at) decision.monitor_id, decision.starts_at, decision.record
    from monitor_decision as decision
    where decision.monitor_id = any(${sql.param([...monitorIds])}::text[]) and decision.series = ${ALL}
      and decision.starts_at >= ${toInstant(fromMs)} and decision.starts_at < ${toInstant(toMs)}
    order by decision.monitor_id, decision.starts_at, decision.version desc`);
  for (const { monitor_id, starts_at, record } of rows) {
    const decision = JSON.parse(record.toString('utf8')) as Decision;
    if (!decision.judging) continue;
    const summary = summaries.get(monitor_id) ?? emptySummary();
    summaries.set(monitor_id, summary);
    addWindow(summary, decision, new Date(starts_at).toISOString());
  }
  return summaries;
}

function emptySummary(): JudgingSummary {
  return { eligible: 0, sampled: 0, judged: 0, decided: 0, notJudged: [], methods: [], last: null };
}

function addWindow(summary: JudgingSummary, { judging, more }: Decision, startsAt: string): void {
  for (const stratum of judging?.strata ?? []) {
    summary.eligible += stratum.eligible;
    summary.sampled += stratum.sampled;
    summary.judged += stratum.judged;
    summary.decided += stratum.decided;
  }
  for (const { reason, n } of judging?.notJudged ?? []) {
    const known = summary.notJudged.find((one) => one.reason === reason);
    if (known) known.n += n;
    else summary.notJudged.push({ reason, n });
  }
  for (const { method, n } of judging?.methods ?? []) {
    const known = summary.methods.find((one) => one.method === method);
    if (known) known.n += n;
    else summary.methods.push({ method, n });
  }
  const number = (name: string) => more.find((one) => one.name === name)?.value ?? null;
  const interval = (name: string): [number, number] | null => {
    const [low, high] = [number(`${name}_low`), number(`${name}_high`)];
    return low === null || high === null ? null : [low, high];
  };
  const raw = number('raw_rate');
  if (raw === null) return;
  summary.last = {
    startsAt,
    raw,
    rawInterval: interval('raw'),
    corrected: number('corrected_rate'),
    correctedInterval: interval('corrected'),
    gold: (number('gold_unsupported') ?? 0) + (number('gold_supported') ?? 0),
  };
}
