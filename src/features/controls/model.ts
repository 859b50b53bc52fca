import * as z from 'zod';
import { FrameworkId } from '#src/catalog/model.ts';
import { PERIODIC_FREQUENCIES } from './calendar-periods.ts';
import { ControlState, ResultCounts, StateCounts, TestResult } from './control-state.ts';

export * from './control-state.ts';

/*
 * Routes, all under /api/v1:
 *   GET  frameworks            -> FrameworkPage                      controls.read
 *   GET  controls              ControlQuery -> ControlPage           controls.read
 *   GET  controls/:id          -> ControlDetail                      controls.read
 *   GET  controls/:id/history  HistoryQuery -> ControlHistory        controls.read
 *   GET  tests                 -> TestPage                           controls.read
 *   GET  tests/:id/subjects    SubjectQuery -> SubjectPage           controls.read
 *   POST controls/run          -> JudgeRun                           controls.run
 */

const Instant = z.iso.datetime();
const Severity = z.enum(['critical', 'high', 'medium', 'low']);

export const RequirementStatus = z
  .object({
    id: z.string(),
    title: z.string(),
    meaning: z.string().nullable(),
    forAiSystems: z.string().nullable(),
    /** Why no control covers it; set exactly where `controls` is empty. */
    notCovered: z.string().nullable(),
    /** The worst state among its controls; `not_applicable` ones count only when there are no others. Null without controls. */
    state: ControlState.nullable(),
    counts: StateCounts,
    controls: z.array(z.string()),
  })
  .meta({ id: 'RequirementStatus' });
export type RequirementStatus = z.infer<typeof RequirementStatus>;

export const FrameworkStatus = z
  .object({
    id: FrameworkId,
    title: z.string(),
    fullTitle: z.string(),
    version: z.string(),
    note: z.string(),
    /** Controls mapped to it, each counted once. */
    counts: StateCounts,
    groups: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        /** Only in SOC 2: the trust category the group belongs to. */
        category: z.string().nullable(),
        requirements: z.array(RequirementStatus),
      }),
    ),
  })
  .meta({ id: 'FrameworkStatus' });
export type FrameworkStatus = z.infer<typeof FrameworkStatus>;

export const FrameworkPage = z.object({ items: z.array(FrameworkStatus), total: z.number().int() });
export type FrameworkPage = z.infer<typeof FrameworkPage>;

/** One row of the list of controls. */
export const ControlRow = z
  .object({
    id: z.string(),
    title: z.string(),
    category: z.string(),
    categoryTitle: z.string(),
    aiSpecific: z.boolean(),
    /** Whether the criteria it is mapped to lean on it most. */
    isKey: z.boolean(),
    ownerRole: z.string(),
    frequency: z.string(),
    execution: z.enum(['automated', 'hybrid', 'manual']),
    state: ControlState,
    /** One sentence: what makes the state. */
    because: z.string(),
    /** How many of its tests have each result; a stale test counts as `noData`. */
    tests: ResultCounts,
    /** Subjects that fail, over all its tests. */
    failingSubjects: z.number().int(),
    /** Expected evidence: how much there is, and how much is covered. */
    evidence: z.object({ expected: z.number().int(), covered: z.number().int() }),
    /** Requirement ids by framework; frameworks it does not map to are left out. */
    requirements: z.record(z.string(), z.array(z.string())),
  })
  .meta({ id: 'ControlRow' });
export type ControlRow = z.infer<typeof ControlRow>;

export const ControlQuery = z.object({
  framework: FrameworkId.optional(),
  /** Id of a requirement; without `framework`, of any framework. */
  requirement: z.string().trim().min(1).max(40).optional(),
  state: ControlState.optional(),
  /** `in`: only controls that the company's scope asks for. */
  scope: z.enum(['in']).optional(),
  category: z.string().trim().min(1).max(60).optional(),
  /** Words that must all be in id, title or statement. */
  q: z.string().trim().max(200).optional(),
  /** `true`: only AI-specific controls; `false`: only the others. */
  ai: z.enum(['true', 'false']).optional(),
  /** `true`: only key controls; `false`: only the others. */
  key: z.enum(['true', 'false']).optional(),
});
export type ControlQuery = z.infer<typeof ControlQuery>;

/** The whole list: the catalog is small. `counts` is over the filtered controls before `state` is applied. */
export const ControlPage = z.object({ items: z.array(ControlRow), total: z.number().int(), counts: StateCounts });
export type ControlPage = z.infer<typeof ControlPage>;

/** How one source stands for one test. */
export const TestSource = z
  .object({
    id: z.string(),
    title: z.string(),
    kind: z.enum(['repository', 'records']),
    /**
     * `read`: fresh and complete, counts in full. `empty`: read completely, and nothing of the population is there.
     * The others give no data: `stale` (read too long ago), `incomplete` (the last reading left something out),
     * `unread` (something the rule needs was never read anywhere); `error`: the rule broke on this source.
     */
    status: z.enum(['read', 'empty', 'stale', 'incomplete', 'unread', 'error']),
    because: z.string(),
    /** The last reading of what the test uses; null where there is none. */
    collectionId: z.string().nullable(),
    readAt: Instant.nullable(),
    /** Digest of that reading. */
    digest: z.string().nullable(),
    /** From this instant on the reading no longer counts. */
    freshUntil: Instant.nullable(),
    population: z.number().int(),
    counts: ResultCounts,
  })
  .meta({ id: 'TestSource' });
export type TestSource = z.infer<typeof TestSource>;

/** One thing a test says something about, with what was seen. */
export const Subject = z
  .object({
    subject: z.string(),
    result: TestResult,
    because: z.string(),
    observed: z.string().nullable(),
    expected: z.string().nullable(),
    path: z.string().nullable(),
    line: z.number().int().nullable(),
    source: z.object({ id: z.string(), title: z.string() }),
    /** When this verdict was first given, unchanged since. For a passing subject: when the fact was first read as it is. */
    since: Instant,
    /** The raw fact behind it; null where the verdict is about a whole source. Untrusted text. */
    fact: z.object({ kind: z.string(), key: z.string(), digest: z.string(), body: z.unknown() }).nullable(),
  })
  .meta({ id: 'Subject' });
export type Subject = z.infer<typeof Subject>;

export const TestStatus = z
  .object({
    id: z.string(),
    title: z.string(),
    /** The question, as an auditor would put it. */
    asks: z.string(),
    why: z.string(),
    severity: Severity,
    version: z.number().int(),
    controls: z.array(z.string()),
    /** Expected evidence that a passing run of it is. */
    evidence: z.array(z.string()),
    /** As judged last; `no_data` where it was never judged or what it used has become stale since. */
    result: TestResult,
    because: z.string(),
    counts: ResultCounts,
    /** When it first had this result without a break; null where it was never judged. */
    since: Instant.nullable(),
    /** The last run that judged it or found nothing changed; null where it was never judged. */
    judgedAt: Instant.nullable(),
    /** Since when facts it uses are too old; null where they are fresh. */
    staleSince: Instant.nullable(),
    fix: z.object({ summary: z.string(), steps: z.array(z.string()), example: z.string().nullable() }),
  })
  .meta({ id: 'TestStatus' });
export type TestStatus = z.infer<typeof TestStatus>;

export const TestPage = z.object({ items: z.array(TestStatus), total: z.number().int() });
export type TestPage = z.infer<typeof TestPage>;

/** What speaks for one item of expected evidence. */
export const Coverage = z.object({
  kind: z.enum(['test', 'attestation']),
  /** Id of the test or of the attestation. */
  id: z.string(),
  title: z.string(),
  /** Only `covers` counts. `not_needed`: the test proved that there is nothing it could be about. */
  state: z.enum(['covers', 'not_needed', 'not_passing', 'waiting', 'rejected', 'expired', 'withdrawn']),
  /** Last day it counts; null for tests. */
  expiresOn: z.iso.date().nullable(),
});
export type Coverage = z.infer<typeof Coverage>;

export const ExpectedEvidenceStatus = z.object({
  id: z.string(),
  expect: z.string(),
  covered: z.boolean(),
  coverage: z.array(Coverage),
});
export type ExpectedEvidenceStatus = z.infer<typeof ExpectedEvidenceStatus>;

/** One thing that keeps the control from passing, and the next step. */
export const Missing = z.object({
  kind: z.enum(['test', 'evidence', 'reading']),
  /** Id of the test or of the expected evidence. */
  id: z.string(),
  what: z.string(),
  next: z.string(),
});
export type Missing = z.infer<typeof Missing>;

/** Runs of the control tests that were due: one an hour, announced in the ledger ahead of time. */
export const ExpectedRuns = z
  .object({
    /** Days looked back. */
    days: z.number().int(),
    due: z.number().int(),
    done: z.number().int(),
    /** Stretches without a run, newest first, at most 64. `to` is not included. */
    missed: z.array(z.object({ from: Instant, to: Instant })),
    /** Null until the first run was announced. */
    announcedUntil: Instant.nullable(),
  })
  .meta({ id: 'ExpectedRuns' });
export type ExpectedRuns = z.infer<typeof ExpectedRuns>;

export const ControlDetail = ControlRow.extend({
  statement: z.string(),
  whyForAi: z.string(),
  nature: z.enum(['preventive', 'detective', 'corrective']),
  appliesTo: z.array(z.string()),
  population: z.string(),
  manualFallback: z.string(),
  asOf: Instant,
  testStatus: z.array(
    TestStatus.extend({
      sources: z.array(TestSource),
      /** The first subjects that fail, at most 10; the rest is behind `tests/:id/subjects?result=fail`. */
      failing: z.array(Subject),
    }),
  ),
  /** What a full automated test would read and decide, where the tests above do not decide everything yet. */
  testPlan: z.object({ id: z.string(), dataNeeded: z.string(), passRule: z.string() }),
  expectedEvidence: z.array(ExpectedEvidenceStatus),
  missing: z.array(Missing),
  /** Newest first, at most 20; the rest is behind `evidence?control=`. */
  evidenceItems: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      kind: z.string(),
      state: z.string(),
      recordedAt: z.string(),
      ledgerIndex: z.number().int().nullable(),
    }),
  ),
  /** Null where no test decides the control. */
  expectedRuns: ExpectedRuns.nullable(),
  attestations: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      expectedEvidenceId: z.string().nullable(),
      form: z.enum(['file', 'statement']),
      state: z.enum(['waiting', 'accepted', 'rejected', 'expired', 'withdrawn']),
      periodFrom: z.string(),
      periodTo: z.string(),
      expiresOn: z.string(),
    }),
  ),
  mappedTo: z.array(
    z.object({
      framework: FrameworkId,
      title: z.string(),
      requirements: z.array(z.object({ id: z.string(), title: z.string() })),
    }),
  ),
}).meta({ id: 'ControlDetail' });
export type ControlDetail = z.infer<typeof ControlDetail>;

export const HistoryQuery = z.object({
  /** What did it look like at this instant? Default: now. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** Spans that ended before this instant are left out. Default: 400 days before now. */
  from: z.iso.datetime({ offset: true }).optional(),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const TestSpan = z.object({
  fromAt: Instant,
  /** Null while it lasts. */
  toAt: Instant.nullable(),
  result: TestResult,
  version: z.number().int(),
  because: z.string(),
  counts: ResultCounts,
});
export type TestSpan = z.infer<typeof TestSpan>;

export const ControlHistory = z
  .object({
    controlId: z.string(),
    /** The control as it was at `at`. */
    asOf: z.object({
      at: Instant,
      state: ControlState,
      because: z.string(),
      tests: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          result: TestResult,
          because: z.string(),
          counts: ResultCounts,
          version: z.number().int(),
        }),
      ),
    }),
    /** How the state went, oldest first, neighbors of one state joined. */
    states: z.array(z.object({ fromAt: Instant, toAt: Instant.nullable(), state: ControlState, because: z.string() })),
    /** Every span of every test, oldest first. */
    tests: z.array(z.object({ id: z.string(), title: z.string(), spans: z.array(TestSpan) })),
    /** True where there is more before `from`. */
    earlier: z.boolean(),
  })
  .meta({ id: 'ControlHistory' });
export type ControlHistory = z.infer<typeof ControlHistory>;

export const SubjectQuery = z.object({
  result: TestResult.optional(),
  /** Id of a source. */
  source: z.string().max(64).optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  cursor: z.string().max(8000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type SubjectQuery = z.infer<typeof SubjectQuery>;

/** In the order fail, error, no_data, pass, not_applicable, then source, then subject. `total` fits the counts of the test. */
export const SubjectPage = z
  .object({
    testId: z.string(),
    asOf: Instant,
    items: z.array(Subject),
    total: z.number().int(),
    counts: ResultCounts,
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'SubjectPage' });
export type SubjectPage = z.infer<typeof SubjectPage>;

export const ResultChange = z.object({ id: z.string(), from: TestResult.nullable(), to: TestResult.nullable() });
export type ResultChange = z.infer<typeof ResultChange>;

/** What one run of the judge did. */
export const JudgeRun = z
  .object({
    run: z.number().int(),
    at: Instant,
    tests: z.array(z.object({ id: z.string(), result: TestResult, counts: ResultCounts })),
    /** Tests of which at least one part was judged in this run. */
    judged: z.array(z.string()),
    /** Tests whose result differs from the run before; `from` is null for a new test, `to` for one that is no more. */
    changedTests: z.array(ResultChange),
    /** Rows of verdict storage opened or closed. */
    spansWritten: z.number().int(),
  })
  .meta({ id: 'JudgeRun' });
export type JudgeRun = z.infer<typeof JudgeRun>;

/** One period in which a periodic control had to be done. `not_asked`: it began before the product judged anything. */
export const Occurrence = z.object({
  from: Instant,
  to: Instant,
  state: z.enum(['done', 'due', 'overdue', 'not_asked']),
  doneAt: Instant.nullable(),
  /** What shows it: evidence that was recorded, or a test that had data. */
  evidenceId: z.string().nullable(),
  testId: z.string().nullable(),
});
export type Occurrence = z.infer<typeof Occurrence>;
export const PeriodicControl = z.object({
  id: z.string(),
  title: z.string(),
  frequency: z.enum(PERIODIC_FREQUENCIES),
  ownerRole: z.string(),
  /** Those that end in the year, oldest first. */
  occurrences: z.array(Occurrence),
});
export type PeriodicControl = z.infer<typeof PeriodicControl>;
export const ControlCalendar = z
  .object({ year: z.number().int(), items: z.array(PeriodicControl) })
  .meta({ id: 'ControlCalendar' });
export type ControlCalendar = z.infer<typeof ControlCalendar>;
export const CalendarQuery = z.object({ year: z.coerce.number().int().min(2000).max(2200) });
