import * as z from 'zod';
import { MonitorDefinition } from './monitor-model.ts';
import { Level, StateCounts, WINDOW_STATES, WindowState } from './window-model.ts';

export const Judging = z
  .object({
    salt: z.string(),
    strata: z.array(
      z.object({
        /** `key=value`, or `rest`. */
        stratum: z.string(),
        rate: z.number(),
        /** Answers with a context, of which `sampled` were chosen by the rule. */
        eligible: z.int(),
        sampled: z.int(),
        judged: z.int(),
        /** Judged, and every claim that matters decided. */
        decided: z.int(),
        unsupported: z.int(),
      }),
    ),
    notJudged: z.array(z.object({ reason: z.string(), n: z.int() })),
    methods: z.array(z.object({ method: z.string(), n: z.int() })),
  })
  .meta({ id: 'MonitorJudging' });
export type Judging = z.infer<typeof Judging>;

/** What was decided of one series of one window, and on what. Everything in it follows from the stored window. */
export const Decision = z
  .object({
    series: z.string(),
    state: WindowState,
    level: Level,
    /** Why, in one closed word. */
    reason: z.enum([
      'within_thresholds',
      'not_significant',
      'beyond_warn',
      'beyond_fail',
      'trend',
      'too_few',
      'too_few_labels',
      'too_few_judged',
      'judge_uninformative',
      'no_baseline',
      'not_computable',
    ]),
    n: z.number().int(),
    missing: z.number().int(),
    nonfinite: z.number().int(),
    unreadable: z.number().int(),
    value: z.number().nullable(),
    noiseFloor: z.number().nullable(),
    effect: z.number().nullable(),
    interval: z.tuple([z.number(), z.number()]).nullable(),
    statistic: z.object({ name: z.string(), value: z.number(), dof: z.number().nullable() }).nullable(),
    p: z.number().nullable(),
    pAdjusted: z.number().nullable(),
    /** The smallest effect this many events can show, where a formula is known. */
    detectable: z.number().nullable(),
    thresholds: z.object({ warn: z.number(), fail: z.number() }),
    /** Only where the trend rule is on; null with too few windows. By the window, over those that came to a value. */
    trend: z
      .object({
        windows: z.number().int(),
        tau: z.number(),
        slope: z.number(),
        p: z.number(),
        pAdjusted: z.number(),
        /** After how many windows the line reaches the warn threshold; null where it leads away from it. */
        reachesIn: z.number().nullable(),
      })
      .nullable()
      .optional(),
    /** Only of hallucination: who was to be judged, who was, by what, and why not. */
    judging: Judging.optional(),
    /** More numbers of the metric, by name. */
    more: z.array(z.object({ name: z.string(), value: z.number().nullable() })),
  })
  .meta({ id: 'MonitorDecision' });
export type Decision = z.infer<typeof Decision>;

export const WindowDetail = z
  .object({
    id: z.string(),
    monitorId: z.string(),
    monitorVersion: z.number().int(),
    definition: MonitorDefinition,
    baselineId: z.string().nullable(),
    systemId: z.string(),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    dueAt: z.iso.datetime(),
    closedAt: z.iso.datetime(),
    version: z.number().int(),
    state: WindowState,
    level: Level,
    n: z.number().int(),
    cause: z.string().nullable(),
    sha256: z.string().nullable(),
    batchId: z.string(),
    batchDigest: z.string(),
    familySize: z.number().int(),
    codeVersion: z.string(),
    decisions: z.array(Decision.extend({ sha256: z.string() })),
    /** Other versions of the same window, oldest first. */
    versions: z.array(
      z.object({
        id: z.string(),
        version: z.number().int(),
        state: WindowState,
        closedAt: z.iso.datetime(),
        cause: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'MonitorWindow' });
export type WindowDetail = z.infer<typeof WindowDetail>;

export const Bar = z.object({
  label: z.string(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  reference: z.number(),
  current: z.number(),
});
export const Distribution = z
  .object({
    windowId: z.string().nullable(),
    baselineId: z.string().nullable(),
    series: z.string(),
    form: z.enum(['bins', 'categories', 'quantiles', 'reliability', 'groups', 'sources', 'none']),
    /** Shares; of `quantiles` the values. `low` and `high` are the ends of a bin, null where it is open. */
    bars: z.array(Bar),
    nReference: z.number().int(),
    nCurrent: z.number().int(),
    /** For calibration: mean probability and share of positives by bin, with Wilson's interval. */
    reliability: z.array(
      z.object({
        bin: z.number().int(),
        n: z.number().int(),
        meanPredicted: z.number(),
        share: z.number(),
        low: z.number(),
        high: z.number(),
      }),
    ),
    /** Categories the baseline never had, with their counts. */
    unseen: z.array(z.object({ label: z.string(), count: z.number().int() })),
    /** Missing numbers of a source as ranges, both ends included. */
    gaps: z.array(z.object({ source: z.string(), from: z.number().int(), to: z.number().int() })),
  })
  .meta({ id: 'MonitorDistribution' });
export type Distribution = z.infer<typeof Distribution>;
export const DistributionQuery = z.object({
  windowId: z.string().max(64).optional(),
  series: z.string().max(400).default('all'),
});

export const CalendarEntry = z
  .object({
    monitorId: z.string(),
    name: z.string(),
    counts: StateCounts,
    windows: z.array(
      z.object({
        startsAt: z.iso.datetime(),
        state: z.enum([...WINDOW_STATES, 'pending']),
        level: Level,
        windowId: z.string().nullable(),
        recomputed: WindowState.nullable(),
        corrected: z.boolean(),
        closedAt: z.iso.datetime().nullable(),
        cause: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'MonitorCalendarEntry' });
export const Calendar = z
  .object({ from: z.iso.datetime(), to: z.iso.datetime(), counts: StateCounts, items: z.array(CalendarEntry) })
  .meta({ id: 'MonitorCalendar' });
export type Calendar = z.infer<typeof Calendar>;
