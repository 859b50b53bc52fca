import * as z from 'zod';
import { Who } from '../records/model.ts';
import { Baseline } from './baseline-model.ts';
import { MonitorQuery, MonitorVersion } from './monitor-model.ts';
import { Level } from './window-model.ts';

/** One line of the change history. */
export const Change = z
  .object({
    at: z.iso.datetime(),
    kind: z.enum(['monitor', 'baseline', 'specification']),
    what: z.enum(['proposed', 'approved', 'refused']),
    monitorId: z.string().nullable(),
    systemId: z.string(),
    title: z.string(),
    version: z.number().int(),
    by: Who,
    reason: z.string().nullable(),
    loosens: z.array(z.string()),
    from: z.object({ warn: z.number(), fail: z.number() }).nullable(),
    to: z.object({ warn: z.number(), fail: z.number() }).nullable(),
  })
  .meta({ id: 'MonitorHistoryEntry' });
export type Change = z.infer<typeof Change>;
export const ChangeQuery = MonitorQuery.extend({
  monitorId: z.string().max(64).optional(),
  loosening: z.enum(['true', 'false']).optional(),
});
export const ChangeList = z.object({ items: z.array(Change) });

export const InForceQuery = z.object({ at: z.iso.datetime({ offset: true }) });
export const InForce = z.object({
  at: z.iso.datetime(),
  version: MonitorVersion.nullable(),
  baseline: Baseline.nullable(),
});

export const ReplayRequest = z.strictObject({
  thresholds: z.strictObject({ warn: z.number(), fail: z.number() }),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
});
export const Replay = z
  .object({
    windows: z.number().int(),
    fired: z.number().int(),
    wouldFire: z.number().int(),
    /** Windows whose level differs. */
    differences: z.array(z.object({ windowId: z.string(), startsAt: z.iso.datetime(), was: Level, wouldBe: Level })),
  })
  .meta({ id: 'MonitorReplay' });
