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
export const NewBaseline = z.strictObject({
  periodFrom: z.iso.datetime({ offset: true }),
  periodTo: z.iso.datetime({ offset: true }),
  reason: Reason,
});
export type NewBaseline = z.infer<typeof NewBaseline>;
