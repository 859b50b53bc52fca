import * as z from 'zod';
import { Change } from './change-model.ts';
import { Metric } from './metric-model.ts';
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

export const Evidence = z
  .object({
    systemId: z.string(),
    systemName: z.string(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    specification: Specification.nullable(),
    counts: StateCounts,
    monitors: z.array(
      z.object({
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
      }),
    ),
    stepMs: z.number().int(),
    steps: z.number().int(),
    changes: z.array(Change),
    canaries: z.object({ days: z.number().int(), passed: z.number().int(), failed: z.array(Canary) }),
  })
  .meta({ id: 'MonitorEvidence' });
export type Evidence = z.infer<typeof Evidence>;
