import { and, asc, desc, eq, gte, isNull, lt, lte, max, min, sql } from 'drizzle-orm';
import type { ControlTest } from '#src/control-tests/define.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import type { NewEntry } from '#src/ledger/log/entry.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { ruleDigest } from './judge.ts';
import type { ExpectedRuns } from './model.ts';
import { hoursOf, missedStretches, periodsToAnnounce, type RunPeriod, runsDue } from './run-periods.ts';
import { judgePeriod, judgeRun } from './tables.ts';

const SCHEDULE = 'judge';
const SERIES = `schedule:${SCHEDULE}`;
// A late period after an outage is one stretch or two; a day has twelve at most.
const STRETCHES_MAX = 64;

/** Puts an entry into the ledger in the same transaction, and says under which id it waits. */
export type AppendRun = (tx: Transaction, entry: NewEntry) => Promise<{ pendingId: string }>;

/**
 * Announces the runs of today and tomorrow where that was not done yet, and tells of the periods that are over which of
 * their runs took place. Call it in the transaction of each scheduled run, after it.
 */
export async function announceRuns(
  tx: Transaction,
  parts: { tests: readonly ControlTest[]; nowMs: number; appendEntry: AppendRun },
): Promise<void> {
  // Two processes may run the same hour; the second finds it done.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('assay:judge-periods', 0))`);
  const [last] = await tx.select().from(judgePeriod).orderBy(desc(judgePeriod.toAt)).limit(1);
  for (const period of periodsToAnnounce(last?.toAt.getTime() ?? null, parts.nowMs)) await announce(tx, period, parts);
  const over = await tx
    .select()
    .from(judgePeriod)
    .where(and(isNull(judgePeriod.closedAt), lte(judgePeriod.toAt, new Date(parts.nowMs))))
    .orderBy(asc(judgePeriod.fromAt));
  for (const { fromAt, toAt } of over) await close(tx, { fromMs: fromAt.getTime(), toMs: toAt.getTime() }, parts);
}

async function announce(
  tx: Transaction,
  period: RunPeriod,
  { tests, nowMs, appendEntry }: { tests: readonly ControlTest[]; nowMs: number; appendEntry: AppendRun },
): Promise<void> {
  const runs = runsDue(period);
  const rules = tests.map((test) => [test.id, test.version, ruleDigest(test)]).sort();
  const { pendingId } = await appendEntry(
    tx,
    scheduleEntry('test.expected', period, {
      everyMinutes: HOUR_MS / 60_000,
      runs,
      tests: tests.length,
      rules: sha256Hex(canonicalJson(rules)),
      ...(period.late && { late: true }),
    }),
  );
  await tx.insert(judgePeriod).values({
    fromAt: new Date(period.fromMs),
    toAt: new Date(period.toMs),
    runs,
    late: period.late,
    announcedAt: new Date(nowMs),
    expectedPendingId: pendingId,
  });
}

async function close(
  tx: Transaction,
  period: Pick<RunPeriod, 'fromMs' | 'toMs'>,
  { nowMs, appendEntry }: { nowMs: number; appendEntry: AppendRun },
): Promise<void> {
  const runs = await runsWithin(tx, period);
  const missed = missedStretches(
    period,
    runs.map(({ atMs }) => atMs),
  );
  const done = runsDue(period) - hoursOf(missed);
  const { pendingId } = await appendEntry(
    tx,
    scheduleEntry('test.performed', period, {
      runs: runsDue(period),
      done,
      missed: missed
        .slice(0, STRETCHES_MAX)
        .map((stretch) => ({ from: toInstant(stretch.fromMs), to: toInstant(stretch.toMs) })),
      firstRun: runs[0]?.number ?? null,
      lastRun: runs.at(-1)?.number ?? null,
    }),
  );
  await tx
    .update(judgePeriod)
    .set({ done, closedAt: new Date(nowMs), performedPendingId: pendingId })
    .where(eq(judgePeriod.fromAt, new Date(period.fromMs)));
}

function scheduleEntry(
  type: 'test.expected' | 'test.performed',
  period: Pick<RunPeriod, 'fromMs' | 'toMs'>,
  body: NewEntry['body'],
): NewEntry {
  const from = toInstant(period.fromMs);
  return {
    type,
    actor: { kind: 'service', id: 'judge' },
    subject: { kind: 'schedule', id: SCHEDULE },
    series: SERIES,
    body: { from, to: toInstant(period.toMs), ...body },
    dedupeKey: `${type}:${SCHEDULE}:${from}`,
  };
}

async function runsWithin(
  executor: Executor,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<{ number: number; atMs: number }[]> {
  const rows = await executor
    .select({ number: judgeRun.number, at: judgeRun.at })
    .from(judgeRun)
    .where(and(eq(judgeRun.cause, 'schedule'), gte(judgeRun.at, new Date(fromMs)), lt(judgeRun.at, new Date(toMs))))
    .orderBy(asc(judgeRun.number));
  return rows.map(({ number, at }) => ({ number, atMs: at.getTime() }));
}

/** How many runs were due within the last days, and which of them did not take place. The hour under way is left out. */
export async function expectedRuns(executor: Executor, nowMs: number, days: number): Promise<ExpectedRuns> {
  const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const [announced] = await executor
    .select({ from: min(judgePeriod.fromAt), to: max(judgePeriod.toAt) })
    .from(judgePeriod);
  const sinceMs = announced?.from?.getTime() ?? hourMs;
  const announcedUntil = announced?.to?.toISOString() ?? null;
  // Hours after the end of what was announced count as well: not even announcing was done in them.
  const window = { fromMs: Math.min(hourMs, Math.max(sinceMs, hourMs - days * DAY_MS)), toMs: hourMs };
  const runs = await runsWithin(executor, window);
  const missed = missedStretches(
    window,
    runs.map(({ atMs }) => atMs),
  );
  const due = runsDue(window);
  return {
    days,
    due,
    done: due - hoursOf(missed),
    missed: missed
      .slice(-STRETCHES_MAX)
      .map((stretch) => ({ from: toInstant(stretch.fromMs), to: toInstant(stretch.toMs) }))
      .reverse(),
    announcedUntil,
  };
}
