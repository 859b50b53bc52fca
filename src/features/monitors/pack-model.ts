import * as z from 'zod';

const instant = z.iso.datetime();
const count = z.number().int();
const Verdict = z.enum(['pass', 'fail', 'no_data']);

/** What was measured before a model went in: suites, their runs, and what the release gate said. */
export const PackGate = z.object({
  suites: z.array(
    z.object({
      suiteId: z.string(),
      name: z.string(),
      purpose: z.enum(['quality', 'robustness', 'memorization']),
      version: count.nullable(),
      approvedAt: instant.nullable(),
      items: count,
      thresholds: count,
    }),
  ),
  /** Of the time, newest first; the latest 200. */
  runs: z.array(
    z.object({
      runId: z.string(),
      suiteId: z.string(),
      suite: z.string(),
      model: z.string(),
      modelDigest: z.string().nullable(),
      at: instant,
      /** What a run without an end came to is its state: a gap that shows. */
      outcome: z.enum(['pass', 'fail', 'no_data', 'queued', 'running', 'failed', 'canceled']),
      because: z.string().nullable(),
      scores: z.array(
        z.object({
          scorer: z.string(),
          n: count,
          mean: z.number().nullable(),
          low: z.number().nullable(),
          high: z.number().nullable(),
          threshold: z.number().nullable(),
        }),
      ),
    }),
  ),
  runsTotal: count,
  releases: z.array(
    z.object({
      releaseId: z.string(),
      model: z.string(),
      modelDigest: z.string().nullable(),
      at: instant,
      verdict: Verdict,
      because: z.string(),
    }),
  ),
});

/** How answers are held against rules before anybody acts on them, by route of the gateway. */
export const PackOutputs = z.object({
  routes: z.array(
    z.object({
      routeId: z.string(),
      path: z.string(),
      policy: z.string().nullable(),
      policyVersion: count.nullable(),
      validators: z.array(z.string()),
      calls: count,
      /** Calls of which every check that should have been made was made. */
      checked: count,
      rejected: count,
      /** By the code of the refusal. */
      rejections: z.record(z.string(), count),
    }),
  ),
  /** Rejected answers of the time, newest first; the latest 20 whose decisions are still kept. */
  samples: z.array(
    z.object({
      decisionId: z.string(),
      at: instant,
      path: z.string(),
      code: z.string(),
      model: z.string().nullable(),
    }),
  ),
});

/** What people did about what was found, and how they checked what judges answers. */
export const PackReview = z.object({
  alerts: z.array(
    z.object({
      alertId: z.string(),
      title: z.string(),
      severity: z.string(),
      openedAt: instant,
      acknowledgedAt: instant.nullable(),
      resolvedAt: instant.nullable(),
      resolution: z.string().nullable(),
      onTime: z.boolean(),
      retestPassed: z.boolean().nullable(),
      incidentId: z.string().nullable(),
    }),
  ),
  alertsTotal: count,
  labels: z.array(
    z.object({
      sampleId: z.string(),
      scorer: z.string(),
      /** Null where the answers are of live traffic. */
      runId: z.string().nullable(),
      drawnAt: instant,
      sampled: count,
      labeledTwice: count,
      agreement: z.number().nullable(),
      correctedRate: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
  ),
});

/** How what is stored is kept whole. */
export const PackStore = z.object({
  /** Closed windows of the time, each with the digest of what it counted. */
  windowsSealed: count,
  /** Decisions of the gateway that were numbered and did not arrive, of all time. */
  decisionsMissing: count,
  decisions: count,
  decisionWindowsSealed: count,
});

export const PACK_STATES = ['shown', 'partly', 'not_shown'] as const;
/** What the pack says to one criterion. Computed: nobody sets it. */
export const PackAnswer = z.object({
  criterion: z.enum(['PI1.1', 'PI1.2', 'PI1.3', 'PI1.4', 'PI1.5']),
  title: z.string(),
  state: z.enum(PACK_STATES),
  shown: z.array(z.string()),
  missing: z.array(z.string()),
});
export type PackAnswer = z.infer<typeof PackAnswer>;
export type PackGate = z.infer<typeof PackGate>;
export type PackOutputs = z.infer<typeof PackOutputs>;
export type PackReview = z.infer<typeof PackReview>;
export type PackStore = z.infer<typeof PackStore>;
