import * as z from 'zod';
import { Change } from './change-model.ts';
import { JudgingSummary } from './judging-model.ts';
import { Metric } from './metric-model.ts';
import { PeriodQuery } from './monitor-model.ts';
import { PackAnswer, PackGate, PackOutputs, PackReview, PackStore } from './pack-model.ts';
import { Specification } from './specification-model.ts';
import { StateCounts, WindowLength } from './window-model.ts';

export const Canary = z
  .object({
    day: z.iso.date(),
    detector: z.string(),
    /** A planted shift raised an alarm. */
    shiftedAlarmed: z.boolean(),
    /** A clean stream raised one. */
    cleanAlarmed: z.boolean(),
    passed: z.boolean(),
    ranAt: z.iso.datetime(),
  })
  .meta({ id: 'MonitorCanary' });
export type Canary = z.infer<typeof Canary>;
export const CanaryList = z.object({ items: z.array(Canary) });

export const Measure = z.object({
  monitorId: z.string(),
  name: z.string(),
  metric: Metric,
  window: WindowLength,
  counts: StateCounts,
  /** By series: one number a step (`stepMs`), null where no window said anything. */
  series: z.array(
    z.object({
      series: z.string(),
      values: z.array(z.number().nullable()),
      breaches: z.number().int(),
      warnings: z.number().int(),
    }),
  ),
  firstMissed: z.array(z.iso.datetime()),
  /** Of hallucination: over the newest version of every window of the time. */
  judging: JudgingSummary.nullable(),
});
export type Measure = z.infer<typeof Measure>;

export const Evidence = z
  .object({
    systemId: z.string(),
    systemName: z.string(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    specification: Specification.nullable(),
    counts: StateCounts,
    monitors: z.array(Measure),
    stepMs: z.number().int(),
    steps: z.number().int(),
    changes: z.array(Change),
    canaries: z.object({ days: z.number().int(), passed: z.number().int(), failed: z.array(Canary) }),
    gate: PackGate,
    outputs: PackOutputs,
    review: PackReview,
    store: PackStore,
    /** PI1.1 to PI1.5, from all of the above. */
    answers: z.array(PackAnswer),
    /** Every model that a run, a release or a declared segment of the time speaks of. */
    models: z.array(z.string()),
  })
  .meta({ id: 'MonitorEvidence' });
export type Evidence = z.infer<typeof Evidence>;

/** One model in one system. */
export const Reliability = z
  .object({
    systemId: z.string(),
    systemName: z.string(),
    model: z.string(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    runs: PackGate.shape.runs,
    /** Share of unsupported claims in a run, by scorer. */
    hallucination: z.array(
      z.object({
        runId: z.string(),
        at: z.iso.datetime(),
        scorer: z.string(),
        n: z.number().int(),
        rate: z.number().nullable(),
        low: z.number().nullable(),
        high: z.number().nullable(),
      }),
    ),
    labels: PackReview.shape.labels,
    releases: PackGate.shape.releases,
    /** `ofModel`: the series is that of the model alone, not of the whole system. */
    monitors: z.array(Measure.extend({ ofModel: z.boolean() })),
    stepMs: z.number().int(),
    steps: z.number().int(),
  })
  .meta({ id: 'MonitorReliability' });
export type Reliability = z.infer<typeof Reliability>;
export const ReliabilityQuery = PeriodQuery.extend({ model: z.string().min(1).max(200) });
