import * as z from 'zod';
import { Metric } from './metric-model.ts';
import { Proposal, Reason } from './proposal-model.ts';
import { WindowLength } from './window-model.ts';

export const PROPERTIES = ['complete', 'valid', 'accurate', 'timely', 'authorized'] as const;
export const Clause = z.strictObject({
  property: z.enum(PROPERTIES),
  statement: z.string().trim().min(10, 'must say what is promised').max(1_000),
  monitorId: z.string().max(64),
  ownerId: z.string().max(64),
});
export const SpecificationInput = z.strictObject({
  task: z.string().trim().min(10, 'must say what the system does').max(2_000),
  clauses: z.array(Clause).min(1).max(50),
});
export type SpecificationInput = z.infer<typeof SpecificationInput>;
/** A clause as it is frozen: with the metric, thresholds and window its monitor had. */
export const FrozenClause = Clause.extend({
  monitorVersion: z.number().int(),
  monitorDigest: z.string(),
  metric: Metric,
  thresholds: z.object({ warn: z.number(), fail: z.number() }),
  window: WindowLength,
});
export const SpecificationContent = z.object({ task: z.string(), clauses: z.array(FrozenClause) });
export type SpecificationContent = z.infer<typeof SpecificationContent>;
export const NewSpecification = z.strictObject({
  systemId: z.string().max(64),
  content: SpecificationInput,
  reason: Reason,
});
export type NewSpecification = z.infer<typeof NewSpecification>;
export const Specification = z
  .object({
    id: z.string(),
    systemId: z.string(),
    systemName: z.string(),
    version: z.number().int(),
    task: z.string(),
    clauses: z.array(
      FrozenClause.extend({
        monitorName: z.string(),
        /** False where the monitor was changed after the clause was frozen. */
        asFrozen: z.boolean(),
      }),
    ),
    /** Which of complete, valid, accurate, timely and authorized no clause speaks of. */
    uncovered: z.array(z.enum(PROPERTIES)),
    digest: z.string(),
    ...Proposal,
  })
  .meta({ id: 'MonitorSpecification' });
export type Specification = z.infer<typeof Specification>;
export const SpecificationList = z.object({ items: z.array(Specification) });
