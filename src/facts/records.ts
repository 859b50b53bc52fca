import * as z from 'zod';
import { defineFact, ShareInterval } from './fact.ts';

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

/** One metric watched of one AI system, with how its windows of the last 31 days ended. */
export const monitor = defineFact(
  'monitor',
  'Monitor of an AI system',
  z.object({
    systemId: z.string(),
    systemName: z.string(),
    name: z.string(),
    metric: z.string(),
    metricTitle: z.string(),
    window: z.enum(['hour', 'day', 'week', 'month']),
    approved: z.boolean(),
    paused: z.boolean(),
    approvedAt: z.string().nullable(),
    proposedBy: z.string().nullable(),
    approvedBy: z.string().nullable(),
    baseline: z.enum(['approved', 'missing', 'not_needed']),
    countedFrom: z.string(),
    /** The sum of the five ends below. */
    expected: z.number().int(),
    ok: z.number().int(),
    breach: z.number().int(),
    insufficient_data: z.number().int(),
    error: z.number().int(),
    missed: z.number().int(),
    warned: z.number().int(),
    lastClosedAt: z.string().nullable(),
    lastN: z.number().int().nullable(),
    /** Open alerts of it that nobody acknowledged, or closed, in time. */
    alertsOverdue: z.number().int(),
  }),
);

/** What an AI system promises about its processing, each clause tied to a monitor. */
export const integritySpecification = defineFact(
  'integrity-specification',
  'Processing-integrity specification',
  z.object({
    systemId: z.string(),
    approved: z.boolean(),
    version: z.number().int(),
    approvedAt: z.string().nullable(),
    properties: z.array(z.string()),
    clauses: z.number().int(),
    /** Clauses whose monitor is not the one that was approved with them any more. */
    clausesChanged: z.number().int(),
  }),
);

/** The daily planted shift of one detector, and the clean stream beside it. */
export const monitorCanary = defineFact(
  'monitor-canary',
  'Canary of a detector',
  z.object({
    detector: z.string(),
    ranAt: z.string().nullable(),
    shiftedAlarmed: z.boolean().nullable(),
    cleanAlarmed: z.boolean().nullable(),
  }),
);

export const evaluationSuite = defineFact(
  'evaluation-suite',
  'Evaluation suite of this product',
  z.object({
    name: z.string(),
    systemId: z.string().nullable(),
    versionInForce: z.number().int().nullable(),
    approvedAt: z.string().nullable(),
    /** How many the version in force holds. */
    thresholds: z.number().int(),
    /** Days after an approval until the items must be looked at again. */
    freshDays: z.number().int().nullable(),
    decontaminationStated: z.boolean(),
    /** Null where no version is in force. */
    purpose: z.enum(['quality', 'robustness', 'memorization']).nullable(),
  }),
);

/** The last finished run of a suite over one model. */
export const evaluationRun = defineFact(
  'evaluation-run',
  'Evaluation run',
  z.object({
    suiteId: z.string(),
    suiteVersion: z.number().int().nullable(),
    title: z.string(),
    model: z.string(),
    modelDigest: z.string().nullable(),
    requestedAt: z.string(),
    finishedAt: z.string(),
    verdict: z.enum(['pass', 'fail', 'no_data']),
    because: z.string(),
    /** When a run of this suite over this model passed for the first time. */
    firstPassedAt: z.string().nullable(),
  }),
);

/** What the gate last said of a model that is to go into a system. */
export const modelRelease = defineFact(
  'model-release',
  'Release of a model',
  z.object({
    systemId: z.string(),
    model: z.string(),
    modelDigest: z.string().nullable(),
    riskTier: z.number().int().nullable(),
    sensitiveData: z.boolean().nullable(),
    decidedAt: z.string(),
    verdict: z.enum(['pass', 'fail', 'no_data']),
    checks: z.array(
      z.object({
        purpose: z.enum(['quality', 'robustness', 'memorization']),
        verdict: z.enum(['pass', 'fail', 'no_data']),
        because: z.string(),
      }),
    ),
  }),
);

/** Without its title: a person may have written it. */
export const incident = defineFact(
  'incident',
  'Incident',
  z.object({
    severity: z.enum(['critical', 'high', 'medium', 'low']),
    openedAt: z.string(),
    closedAt: z.string().nullable(),
    rootCauseStated: z.boolean(),
    lessonsStated: z.boolean(),
    retested: z.boolean(),
  }),
);

/** What users said of an AI system lately, and whether somebody looked at it in time. */
export const userFeedback = defineFact(
  'user-feedback',
  'Feedback of users',
  z.object({
    /** How many days the counts cover; what is older and still waits is counted, too. */
    days: z.number().int(),
    received: z.number().int(),
    /** All but praise alone. */
    toTriage: z.number().int(),
    waiting: z.number().int(),
    /** Looked at after more than three business days, or waiting for longer than that. */
    late: z.number().int(),
    addedToEvaluation: z.number().int(),
  }),
);

/** A sample of answers that people label, to tell how far the scorer that judged them can be trusted. */
export const labelSample = defineFact(
  'label-sample',
  'Sample of labeled answers',
  z.object({
    /** Null for a sample of live traffic. */
    runId: z.string().nullable(),
    /** Of the suite the answers come from, or of the live traffic; null where it belongs to none. */
    systemId: z.string().nullable(),
    scorer: z.string(),
    drawnAt: z.string(),
    lastLabeledAt: z.string().nullable(),
    sampled: z.number().int(),
    labeledTwice: z.number().int(),
    /** Items on which both persons agree and the scorer said something. */
    gold: z.number().int(),
    /** Share of them on which the scorer says the same. */
    agreement: z.number().nullable(),
    agreementInterval: ShareInterval,
  }),
);
