import * as z from 'zod';

/* Route: GET /api/v1/overview -> Overview, overview.read */

export const ControlCounts = z.object({
  failing: z.number().int(),
  error: z.number().int(),
  noData: z.number().int(),
  stale: z.number().int(),
  partial: z.number().int(),
  passing: z.number().int(),
  notApplicable: z.number().int(),
  total: z.number().int(),
});
export type ControlCounts = z.infer<typeof ControlCounts>;

/** One test that went from one result to another. */
export const TestChange = z
  .object({
    testId: z.string(),
    testTitle: z.string(),
    severity: z.string(),
    controls: z.array(z.object({ id: z.string(), title: z.string() })),
    from: z.string().nullable(),
    to: z.string(),
    at: z.string(),
    failing: z.number().int(),
    href: z.string(),
  })
  .meta({ id: 'TestChange' });
export type TestChange = z.infer<typeof TestChange>;

export const NextStep = z.object({
  title: z.string(),
  why: z.string(),
  /** A page of the web app. */
  href: z.string(),
  /** What the button says. */
  action: z.string(),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
});
export type NextStep = z.infer<typeof NextStep>;

export const Overview = z
  .object({
    asOf: z.string(),
    scope: z.object({
      organization: z.string().nullable(),
      categories: z.array(z.string()),
      frameworks: z.array(z.string()),
      windowFrom: z.string().nullable(),
      windowTo: z.string().nullable(),
      /** Days until the window closes, today not counted; null without a window. */
      daysLeft: z.number().int().nullable(),
      /** The scope in words. */
      sentence: z.string(),
    }),
    verdict: z.object({ sentence: z.string(), tone: z.enum(['good', 'attention', 'bad', 'unknown']) }),
    counts: ControlCounts,
    /** Passed before, fails now; newest first. */
    regressions: z.array(TestChange),
    /** Fails, and never passed. */
    newFailures: z.array(TestChange),
    doNext: z.array(NextStep),
    collectors: z.array(
      z.object({
        key: z.string(),
        title: z.string(),
        kind: z.string(),
        lastReadAt: z.string().nullable(),
        complete: z.boolean(),
        stale: z.boolean(),
        note: z.string().nullable(),
      }),
    ),
    systems: z.object({
      total: z.number().int(),
      inScope: z.number().int(),
      out: z.number().int(),
      undecided: z.number().int(),
      withoutOwner: z.number().int(),
      attestationDue: z.number().int(),
    }),
    inventory: z.object({
      proposed: z.number().int(),
      confirmed: z.number().int(),
      rejected: z.number().int(),
      gone: z.number().int(),
    }),
    attestationsWaiting: z.number().int(),
    criteria: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        category: z.string(),
        state: z.string(),
        controls: z.number().int(),
      }),
    ),
    /** Set while nothing has been read: what this page is for and the one command that fills it. */
    empty: z.object({ title: z.string(), why: z.string(), command: z.string() }).nullable(),
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof Overview>;
