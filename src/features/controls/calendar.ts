import { sql } from 'drizzle-orm';
import type { Control } from '#src/catalog/model.ts';
import { testsOfControl } from '#src/control-tests/index.ts';
import type { Condition } from '#src/features/alerts/model.ts';
import { instantOf } from '#src/features/facts/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { PERIODIC_FREQUENCIES, type PeriodicFrequency, periodsEnding } from './calendar-periods.ts';
import type { Occurrence, PeriodicControl } from './model.ts';
import { testSpans } from './verdict-history.ts';

/* When each control that comes round by the calendar was done: evidence of it was recorded, or a test of it said something. */

export type CalendarReading = {
  executor: Executor;
  /** Controls that are asked for, in the order of screens. */
  controls: readonly Control[];
  nowMs: number;
};

/** Every periodic control with its dated occurrences of the time. */
export async function periodicControls(
  { executor, controls, nowMs }: CalendarReading,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<PeriodicControl[]> {
  const periodic = controls.flatMap((control) => {
    const frequency = PERIODIC_FREQUENCIES.find((one) => one === control.frequency);
    return frequency ? [{ control, frequency }] : [];
  });
  const startedMs = await startOf(executor);
  // The first period may have begun a year before the time that is asked for.
  const earliest = toInstant(Math.min(...periodic.map(({ frequency }) => beginOf(frequency, fromMs)), fromMs));
  const recorded = await recordedOf(executor, earliest, toInstant(Math.min(toMs, nowMs)));
  const testIds = [...new Set(periodic.flatMap(({ control }) => testsOfControl(control.id).map(({ id }) => id)))];
  const { spans } = await testSpans(executor, testIds, { from: earliest, to: toInstant(Math.min(toMs, nowMs)) });
  return periodic.map(({ control, frequency }) => {
    const tests = testsOfControl(control.id).map(({ id }) => id);
    const own = recorded.filter(
      ({ kind, ref }) => (kind === 'control' && ref === control.id) || (kind === 'test' && tests.includes(ref)),
    );
    const said = tests.flatMap((id) =>
      (spans.get(id) ?? []).flatMap(({ fromAt, toAt, result }) =>
        result === 'pass' || result === 'fail'
          ? [{ id, fromMs: Date.parse(fromAt), toMs: toAt === null ? nowMs : Date.parse(toAt) }]
          : [],
      ),
    );
    const occurrences = periodsEnding(frequency, fromMs, toMs).map((period): Occurrence => {
      const evidence = own.find(({ atMs }) => atMs >= period.fromMs && atMs < period.toMs);
      const test = said.find((span) => span.fromMs < period.toMs && span.toMs >= period.fromMs);
      const testMs = test && Math.max(test.fromMs, period.fromMs);
      const isByTest = testMs !== undefined && (!evidence || testMs <= evidence.atMs);
      const doneMs = isByTest ? testMs : evidence?.atMs;
      return {
        from: toInstant(period.fromMs),
        to: toInstant(period.toMs),
        state:
          doneMs !== undefined
            ? 'done'
            : period.toMs > nowMs
              ? 'due'
              : startedMs === null || period.fromMs < startedMs
                ? 'not_asked'
                : 'overdue',
        doneAt: doneMs === undefined ? null : toInstant(doneMs),
        evidenceId: isByTest ? null : (evidence?.evidenceId ?? null),
        testId: isByTest ? (test?.id ?? null) : null,
      };
    });
    return { id: control.id, title: control.title, frequency, ownerRole: control.ownerRole, occurrences };
  });
}

/** Controls whose last period ended without an occurrence, while the one under way has none yet either. */
export async function overdueControls(reading: CalendarReading): Promise<Condition[]> {
  const { nowMs } = reading;
  const controls = await periodicControls(reading, { fromMs: nowMs - LONGEST_MS, toMs: nowMs });
  return controls.flatMap(({ id, title, frequency, occurrences }): Condition[] => {
    const [last, current] = occurrences.slice(-2);
    if (last?.state !== 'overdue' || current?.state === 'done') return [];
    return [
      {
        subject: { kind: 'control', id, title: title.slice(0, 120) },
        severity: 'medium',
        title: `${id} is overdue: ${title}`.slice(0, 200),
        reasons: [
          `It is done ${WORDS[frequency]}, and nothing shows it from ${last.from.slice(0, 10)} to ${last.to.slice(0, 10)}.`,
        ],
        since: new Date(last.to),
        link: `/controls/${id}`,
      },
    ];
  });
}

const LONGEST_MS = 366 * 86_400_000;
const WORDS: Record<PeriodicFrequency, string> = {
  daily: 'every day',
  weekly: 'every week',
  monthly: 'every month',
  quarterly: 'every quarter',
  semiannual: 'every half year',
  annual: 'every year',
};

function beginOf(frequency: PeriodicFrequency, fromMs: number): number {
  return periodsEnding(frequency, fromMs, fromMs)[0]?.fromMs ?? fromMs;
}

/** When the product began to judge: nothing is asked of a period that began before. */
async function startOf(executor: Executor): Promise<number | null> {
  const { rows } = await executor.execute<{ at: string | null }>(sql`select min(at) as at from judge_run`);
  return rows[0]?.at ? Date.parse(instantOf(rows[0].at)) : null;
}

type Recorded = { evidenceId: string; kind: string; ref: string; atMs: number };

async function recordedOf(executor: Executor, from: string, to: string): Promise<Recorded[]> {
  const { rows } = await executor.execute<{ evidence_id: string; kind: string; ref: string; at: string }>(sql`
    select link.evidence_id, link.kind, link.ref, item.recorded_at as at
    from evidence_link as link join evidence_item as item on item.id = link.evidence_id
    where item.recorded_at >= ${from}::timestamptz and item.recorded_at <= ${to}::timestamptz
    union all
    select link.evidence_id, link.kind, link.ref, confirmed.at
    from evidence_link as link join evidence_confirmation as confirmed on confirmed.evidence_id = link.evidence_id
    where confirmed.at >= ${from}::timestamptz and confirmed.at <= ${to}::timestamptz
    order by at`);
  return rows.map((row) => ({
    evidenceId: row.evidence_id,
    kind: row.kind,
    ref: row.ref,
    atMs: Date.parse(instantOf(row.at)),
  }));
}
