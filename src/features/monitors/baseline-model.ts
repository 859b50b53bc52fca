import * as z from 'zod';
import { Proposal, Reason } from './proposal-model.ts';

export const SizeCheck = z
  .object({
    /** Events an average window of the period holds. */
    windowN: z.number(),
    /** Baseline over window; below 10 one unlucky baseline makes many windows alarm together. */
    ratio: z.number(),
    verdict: z.enum(['enough', 'thin']),
  })
  .meta({ id: 'BaselineSizeCheck' });
export type SizeCheck = z.infer<typeof SizeCheck>;

export const Baseline = z
  .object({
    id: z.string(),
    monitorId: z.string(),
    version: z.number().int(),
    periodFrom: z.iso.datetime(),
    periodTo: z.iso.datetime(),
    n: z.number().int(),
    sizeCheck: SizeCheck,
    sha256: z.string(),
    ...Proposal,
  })
  .meta({ id: 'MonitorBaseline' });
export type Baseline = z.infer<typeof Baseline>;
export const BaselineList = z.object({ items: z.array(Baseline) });
/** Two baselines of a monitor side by side. `first` is the older one. */
export const BaselineComparison = z
  .object({
    monitorId: z.string(),
    monitorName: z.string(),
    series: z.string(),
    /** Names of the series both hold. */
    allSeries: z.array(z.string()),
    first: Baseline,
    second: Baseline,
    /** `cumulative`: the share at or below each x; `calibration`: what a score turned out to be worth. */
    form: z.enum(['cumulative', 'calibration', 'categories', 'none']),
    curves: z.object({
      first: z.array(z.object({ x: z.number(), y: z.number() })),
      second: z.array(z.object({ x: z.number(), y: z.number() })),
    }),
    categories: z.array(z.object({ label: z.string(), first: z.number(), second: z.number() })),
    /** Each number of both, by name. */
    numbers: z.array(z.object({ name: z.string(), first: z.number().nullable(), second: z.number().nullable() })),
  })
  .meta({ id: 'MonitorBaselineComparison' });
export type BaselineComparison = z.infer<typeof BaselineComparison>;
export const ComparisonQuery = z.object({
  first: z.string().max(64),
  second: z.string().max(64),
  series: z.string().max(400).default('all'),
});

export const NewBaseline = z.strictObject({
  periodFrom: z.iso.datetime({ offset: true }),
  periodTo: z.iso.datetime({ offset: true }),
  reason: Reason,
});
export type NewBaseline = z.infer<typeof NewBaseline>;
