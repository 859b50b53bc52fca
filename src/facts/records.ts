import * as z from 'zod';
import { defineFact } from './fact.ts';

/** The product's own records, as facts: judged by the same tests as the outside world. */

export const inventoryItem = defineFact(
  'inventory-item',
  'Inventory item',
  z.object({
    itemKind: z.string(),
    title: z.string(),
    state: z.enum(['proposed', 'confirmed', 'rejected', 'gone']),
    systemId: z.string().nullable(),
    proposedAt: z.string(),
    decidedAt: z.string().nullable(),
    source: z.string().nullable(),
    provider: z.string().nullable(),
  }),
);

export const aiSystem = defineFact(
  'ai-system',
  'AI system',
  z.object({
    name: z.string(),
    purpose: z.string().nullable(),
    ownerId: z.string().nullable(),
    dataClasses: z.array(z.string()),
    riskTier: z.number().int().min(1).max(3).nullable(),
    environment: z.string().nullable(),
    autonomyLevel: z.number().int().min(0).max(3).nullable(),
    inScope: z.enum(['in', 'out', 'undecided']),
    attestedAt: z.string().nullable(),
  }),
);

export const attestation = defineFact(
  'attestation',
  'Attestation or manual evidence',
  z.object({
    controlId: z.string(),
    evidenceId: z.string().nullable(),
    form: z.enum(['file', 'statement']),
    periodFrom: z.string(),
    periodTo: z.string(),
    expiresAt: z.string(),
    ownerId: z.string(),
    review: z.enum(['waiting', 'accepted', 'rejected']),
    reviewerId: z.string().nullable(),
  }),
);

export const user = defineFact(
  'user',
  'User of this product',
  z.object({ role: z.string(), disabled: z.boolean(), twoFactor: z.boolean(), lastSignInAt: z.string().nullable() }),
);

export const organizationScope = defineFact(
  'organization-scope',
  'Company profile and scope',
  z.object({
    named: z.boolean(),
    categories: z.array(z.string()),
    frameworks: z.array(z.string()),
    windowFrom: z.string().nullable(),
    windowTo: z.string().nullable(),
  }),
);

export const alert = defineFact(
  'alert',
  'Alert',
  z.object({
    source: z.string(),
    severity: z.enum(['critical', 'high', 'medium', 'low']),
    title: z.string(),
    openedAt: z.string(),
    ownerId: z.string().nullable(),
    /** Kept quiet by an approved mute at this moment: its clocks do not run. */
    muted: z.boolean(),
    acknowledgeDueAt: z.string(),
    acknowledgedAt: z.string().nullable(),
    resolveDueAt: z.string(),
    resolvedAt: z.string().nullable(),
    resolution: z.string().nullable(),
    acceptedUntil: z.string().nullable(),
    /** The last repetition of the measure that raised it. */
    retestedAt: z.string().nullable(),
    retestPassed: z.boolean().nullable(),
    incidentId: z.string().nullable(),
  }),
);
