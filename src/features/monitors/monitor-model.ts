import * as z from 'zod';
import { Baseline } from './baseline-model.ts';
import { JudgingSummary } from './judging-model.ts';
import { Metric, worseOf } from './metric-model.ts';
import { Proposal, Reason } from './proposal-model.ts';
import { Point, StateCounts, WINDOW_STATES, WindowLength } from './window-model.ts';

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

const SERIES_MAX = 200;

export const MonitorDefinition = z
  .strictObject({
    name: z.string().trim().min(1).max(120),
    metric: Metric,
    window: WindowLength,
    /** How long after its end a window waits for events, in minutes. */
    watermarkMinutes: z.number().int().min(0).max(10_080).default(15),
    /** Groups watched one by one beside the whole, declared before. `model_version` is the model's version. */
    segments: z
      .array(
        z.strictObject({
          key: z.string().trim().min(1).max(100),
          values: z.array(z.string().max(200)).min(1).max(100),
        }),
      )
      .max(10)
      .default([]),
    thresholds: z.strictObject({ warn: z.number(), fail: z.number() }),
    /**
     * Warns before a threshold is reached: where the last `windows` windows go the worse way by more than chance, and would
     * reach the warn threshold within `horizon` more of them. Off where absent.
     */
    trend: z
      .strictObject({ windows: z.number().int().min(8).max(60), horizon: z.number().int().min(1).max(60) })
      .optional(),
    /** Below this many events a window says `insufficient_data`. */
    minimumN: z.number().int().min(1).max(1_000_000).default(50),
    ownerId: z.string().max(64),
    severity: z.enum(SEVERITIES).default('high'),
    paused: z.boolean().default(false),
  })
  .superRefine(({ metric, thresholds, segments }, context) => {
    const { warn, fail } = thresholds;
    if (worseOf(metric) === 'higher' ? warn > fail : warn < fail)
      context.addIssue({ code: 'custom', path: ['thresholds', 'warn'], message: 'must be reached before fail is' });
    if (segments.reduce((sum, { values }) => sum + values.length, 0) >= SERIES_MAX)
      context.addIssue({
        code: 'custom',
        path: ['segments'],
        message: `may name at most ${SERIES_MAX - 1} groups in all`,
      });
  });
export type MonitorDefinition = z.infer<typeof MonitorDefinition>;

export const NewMonitor = z.strictObject({
  systemId: z.string().max(64),
  definition: MonitorDefinition,
  reason: Reason,
});
export type NewMonitor = z.infer<typeof NewMonitor>;
export const MonitorChange = z.strictObject({ definition: MonitorDefinition, reason: Reason });
export type MonitorChange = z.infer<typeof MonitorChange>;

export const MonitorVersion = z
  .object({
    version: z.number().int(),
    definition: MonitorDefinition,
    digest: z.string(),
    /** In which ways it is less strict than the one before; empty where it is not. */
    loosens: z.array(z.string()),
    ...Proposal,
  })
  .meta({ id: 'MonitorVersion' });
export type MonitorVersion = z.infer<typeof MonitorVersion>;

export const MonitorRow = z
  .object({
    id: z.string(),
    systemId: z.string(),
    systemName: z.string(),
    /** In force; null while the first version waits for its approval. */
    current: MonitorVersion.nullable(),
    proposed: MonitorVersion.nullable(),
    baseline: Baseline.nullable(),
    baselineNeeded: z.boolean(),
    counts: StateCounts,
    /** The series `all` over the asked time, gaps included. */
    points: z.array(Point),
    lastState: z.enum([...WINDOW_STATES, 'pending']).nullable(),
  })
  .meta({ id: 'Monitor' });
export type MonitorRow = z.infer<typeof MonitorRow>;

export const PeriodQuery = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export const MonitorQuery = PeriodQuery.extend({ systemId: z.string().max(64).optional() });
export const MonitorPage = z.object({ items: z.array(MonitorRow), from: z.iso.datetime(), to: z.iso.datetime() });

export const MonitorDetail = z
  .object({
    monitor: MonitorRow,
    series: z.array(z.object({ series: z.string(), points: z.array(Point) })),
    versions: z.array(MonitorVersion),
    baselines: z.array(Baseline),
    /** Of hallucination: over the asked time. */
    judging: JudgingSummary.nullable(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
  })
  .meta({ id: 'MonitorDetail' });
export type MonitorDetail = z.infer<typeof MonitorDetail>;
