import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

const instant = z.iso.datetime();
const text = z.string().trim().min(1, 'must not be empty');

/** An event that broke, or could have broken, a commitment: from an alert to its cause, the change and the proof that it helped. */
export const Incident = z
  .object({
    id: z.string(),
    title: z.string(),
    severity: z.enum(['critical', 'high', 'medium', 'low']),
    state: z.enum(['open', 'closed']),
    openedAt: instant,
    openedBy: Who,
    rootCause: z.string().nullable(),
    /** Where the change is: a pull request, a commit, a model version. */
    changeRef: z.string().nullable(),
    /** What shows that it helped: a window, an evaluation run. */
    retestRef: z.string().nullable(),
    closedAt: instant.nullable(),
    closedBy: Who.nullable(),
  })
  .meta({ id: 'Incident' });
export type Incident = z.infer<typeof Incident>;

export const IncidentPage = z
  .object({ items: z.array(Incident), nextCursor: z.string().optional() })
  .meta({ id: 'IncidentPage' });
export const IncidentQuery = z.object({
  state: z.enum(['open', 'closed']).optional(),
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type IncidentQuery = z.infer<typeof IncidentQuery>;
export const ChangeIncident = z
  .strictObject({
    rootCause: text.max(4_000).optional(),
    changeRef: text.max(500).optional(),
    retestRef: text.max(500).optional(),
    /** Needs a root cause. A closed incident stays closed; a new event is a new incident. */
    state: z.literal('closed').optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must name at least one change');
export type ChangeIncident = z.infer<typeof ChangeIncident>;
