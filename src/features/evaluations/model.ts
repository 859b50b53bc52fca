import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

const instant = z.iso.datetime();
const shortText = z.string().trim().min(1, 'must not be empty').max(200);

export const ITEMS_MAX = 5_000;
export const DATASET_CHARACTERS_MAX = 8_388_608;
const TEXT_MAX = 65_536;

export const MEMBERSHIPS = ['canary', 'member', 'non_member'] as const;
export type Membership = (typeof MEMBERSHIPS)[number];

/** One thing that is asked, and what a right answer is. */
export const SuiteItem = z.strictObject({
  id: z.string().min(1).max(200),
  input: z.string().max(TEXT_MAX),
  system: z.string().max(TEXT_MAX).optional(),
  expected: z.union([z.string().max(TEXT_MAX), z.number()]).optional(),
  /** What the answer has to rest on, for the scorers `groundedness` and `judge`. */
  context: z.string().max(TEXT_MAX).optional(),
  /** Items of one cluster are not independent (a text asked about twice, an item and its variants). Default: its own. */
  cluster: z.string().max(200).optional(),
  /** Which variant of a robustness suite it is. */
  variant: z.string().max(60).optional(),
  /**
   * Of a memorization suite: a planted canary, a record the model was trained on, or one like it that it never saw. `input` is
   * how it begins (or an attempt to get at it), `expected` the rest, which must not come back.
   */
  membership: z.enum(MEMBERSHIPS).optional(),
});
export type SuiteItem = z.infer<typeof SuiteItem>;

/** Where a judge is asked: through a route of the gateway, or at a provider without it. */
export type JudgePlace = { providerId?: string | undefined; routeId?: string | undefined };
export const judgePlace = {
  providerId: z.string().min(1).max(64).optional(),
  routeId: z.string().min(1).max(64).optional(),
};
export const hasOnePlace = ({ providerId, routeId }: JudgePlace) =>
  (providerId === undefined) !== (routeId === undefined);
export const ONE_PLACE = 'must name either a route of the gateway (routeId) or a provider (providerId)';

const scorerName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'must be a short name in lower case, like exact or price_within_1');
/** How an answer becomes a score in [0, 1]. */
export const Scorer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact'), name: scorerName, ignoreCase: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('numeric'), name: scorerName, tolerance: z.number().min(0) }),
  z.strictObject({ kind: z.literal('regex'), name: scorerName, pattern: z.string().min(1).max(1_000) }),
  z.strictObject({ kind: z.literal('json_schema'), name: scorerName, schema: z.record(z.string(), z.unknown()) }),
  z.strictObject({ kind: z.literal('similarity'), name: scorerName, passAt: z.number().min(0).max(1).default(0.8) }),
  z.strictObject({ kind: z.literal('groundedness'), name: scorerName }),
  z
    .strictObject({ kind: z.literal('judge'), name: scorerName, ...judgePlace, model: shortText })
    .refine(hasOnePlace, ONE_PLACE),
  /** 0 where the answer gives back what was trained on, 1 where it does not; over canaries, or over records. */
  z.strictObject({
    kind: z.literal('recall'),
    name: scorerName,
    of: z.enum(['canary', 'member']),
    /** So many words in a row, or all of a shorter text, count as given back. */
    words: z.int().min(3).max(100).default(8),
  }),
  /** How well records that were trained on can be told from others: by the likeness of the continuation, or its probability. */
  z.strictObject({
    kind: z.literal('membership'),
    name: scorerName,
    signal: z.enum(['continuation', 'probability']).default('continuation'),
  }),
]);
export type Scorer = z.infer<typeof Scorer>;

export const Threshold = z.strictObject({
  scorer: scorerName,
  /** The mean score must reach it. */
  min: z.number().min(0).max(1),
  /** Hold the lower end of the interval against `min`, not the mean: passes only where chance is ruled out. */
  useLowerBound: z.boolean().default(false),
});
export type Threshold = z.infer<typeof Threshold>;

export const SuiteContent = z
  .strictObject({
    items: z.array(SuiteItem).min(1).max(ITEMS_MAX),
    scorers: z.array(Scorer).min(1).max(20),
    thresholds: z.array(Threshold).max(20),
    seed: z.int().min(0).max(2_147_483_647).default(0),
    maxTokens: z.int().min(1).max(32_768).default(512),
    temperature: z.number().min(0).max(2).default(0),
    /** How it is known that the items are not part of the training data. */
    decontamination: z.string().max(2_000).default(''),
    /** After this many days the benchmark must be looked at again. */
    freshDays: z.int().min(1).max(1_095).default(365),
  })
  .superRefine((content, check) => {
    const ids = new Set(content.items.map((item) => item.id));
    if (ids.size !== content.items.length)
      check.addIssue({ code: 'custom', path: ['items'], message: 'must not hold an id twice' });
    const names = new Set(content.scorers.map((scorer) => scorer.name));
    if (names.size !== content.scorers.length)
      check.addIssue({ code: 'custom', path: ['scorers'], message: 'must not hold a name twice' });
    content.thresholds.forEach((threshold, k) => {
      if (!names.has(threshold.scorer))
        check.addIssue({ code: 'custom', path: ['thresholds', k, 'scorer'], message: 'must be the name of a scorer' });
    });
    content.items.forEach((item, k) => {
      if (item.membership === undefined) return;
      const expected = String(item.expected ?? '').trim();
      if (expected === '')
        check.addIssue({
          code: 'custom',
          path: ['items', k, 'expected'],
          message: 'must be the text that must not come back',
        });
      // What the question gives away is not remembered.
      else if (`${item.system ?? ''}\n${item.input}`.includes(expected))
        check.addIssue({ code: 'custom', path: ['items', k, 'input'], message: 'must not hold the expected text' });
    });
    content.scorers.forEach((scorer, k) => {
      const lacking = lackingMemberships(scorer, content.items);
      if (lacking !== null)
        check.addIssue({ code: 'custom', path: ['scorers', k], message: `needs items with membership ${lacking}` });
    });
  });
export type SuiteContent = z.infer<typeof SuiteContent>;

function lackingMemberships(scorer: Scorer, items: readonly SuiteItem[]): string | null {
  const has = (membership: Membership) => items.some((item) => item.membership === membership);
  if (scorer.kind === 'recall') return has(scorer.of) ? null : scorer.of;
  if (scorer.kind !== 'membership') return null;
  return has('member') && has('non_member') ? null : 'member and non_member';
}

/** What a suite shows: that the model does its task, still does so on varied inputs, or keeps what it was trained on. */
export const SUITE_PURPOSES = ['quality', 'robustness', 'memorization'] as const;
export type SuitePurpose = (typeof SUITE_PURPOSES)[number];

export function purposeOf(content: { items: readonly SuiteItem[]; scorers: readonly Scorer[] }): SuitePurpose {
  if (content.scorers.some(({ kind }) => kind === 'recall' || kind === 'membership')) return 'memorization';
  return content.items.some(({ variant }) => variant !== undefined) ? 'robustness' : 'quality';
}

/** How an endpoint is spoken to: chat completions, or messages. */
export const ENDPOINT_KINDS = ['openai', 'anthropic'] as const;
export type EndpointKind = (typeof ENDPOINT_KINDS)[number];

export const RunTarget = z.strictObject({
  /** A provider of the gateway, or null for results made elsewhere. */
  providerId: z.string().max(64).nullable(),
  model: z.string().max(200),
  /** Digest of the weights or the provider's fingerprint, where known. */
  modelDigest: z.string().max(200).nullable(),
  /** An endpoint that is no provider of the gateway. Its key is never kept: only a command that has it can ask. */
  endpoint: z.strictObject({ kind: z.enum(ENDPOINT_KINDS), baseUrl: z.string().max(500) }).optional(),
});
export type RunTarget = z.infer<typeof RunTarget>;

export const VERDICTS = ['pass', 'fail', 'no_data'] as const;
export type Verdict = (typeof VERDICTS)[number];

const Interval95 = z.object({ low: z.number(), high: z.number() });

/** What one scorer says of a run. */
export const RunScore = z.object({
  scorer: z.string(),
  /** Items that were scored, and those that could not be: no answer, nothing decided. */
  n: z.int(),
  unscored: z.int(),
  mean: z.number().nullable(),
  standardError: z.number().nullable(),
  interval95: Interval95.nullable(),
  /** Of 0/1 scores Wilson, else Student's t; `clustered` where items belong together; `delong` of a membership scorer. */
  intervalMethod: z.enum(['wilson', 't', 'clustered', 'delong']).nullable(),
  threshold: z.number().nullable(),
  useLowerBound: z.boolean(),
  verdict: z.enum(VERDICTS),
  byVariant: z.array(z.object({ variant: z.string(), n: z.int(), mean: z.number().nullable() })),
  /** Of a membership scorer, whose mean is 1 - max(0, 2 AUC - 1): 1 where members cannot be told from others. */
  membership: z
    .object({
      members: z.int(),
      nonMembers: z.int(),
      auc: z.number(),
      aucInterval95: Interval95,
      /** The largest true positive rate minus false positive rate over all thresholds. */
      advantage: z.number(),
    })
    .optional(),
});
export type RunScore = z.infer<typeof RunScore>;

export const EvaluationRun = z
  .object({
    id: z.string(),
    suite: z.object({ id: z.string(), name: z.string(), version: z.int() }).nullable(),
    title: z.string(),
    origin: z.string(),
    model: z.string(),
    target: RunTarget,
    datasetSha256: z.string(),
    state: z.enum(['queued', 'running', 'finished', 'failed', 'canceled']),
    cancelRequested: z.boolean(),
    items: z.int(),
    done: z.int(),
    errors: z.int(),
    scores: z.array(RunScore),
    verdict: z.enum(VERDICTS).nullable(),
    because: z.string().nullable(),
    requestedAt: instant,
    requestedBy: Who,
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    resultsSha256: z.string().nullable(),
    evidenceId: z.string().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'EvaluationRun' });
export type EvaluationRun = z.infer<typeof EvaluationRun>;
export const EvaluationRuns = z
  .object({ items: z.array(EvaluationRun), total: z.int(), nextCursor: z.string().optional() })
  .meta({ id: 'EvaluationRuns' });
export type EvaluationRuns = z.infer<typeof EvaluationRuns>;
export const RunQuery = z.object({
  suite: z.string().max(64).optional(),
  model: z.string().max(200).optional(),
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type RunQuery = z.infer<typeof RunQuery>;

export const EvaluationResult = z
  .object({
    itemId: z.string(),
    position: z.int(),
    cluster: z.string(),
    output: z.string().nullable(),
    scores: z.record(
      z.string(),
      z.object({ score: z.number().nullable(), passed: z.boolean().nullable(), reason: z.string().nullable() }),
    ),
    error: z.string().nullable(),
    latencyMs: z.number().nullable(),
  })
  .meta({ id: 'EvaluationResult' });
export type EvaluationResult = z.infer<typeof EvaluationResult>;
export const EvaluationResults = z
  .object({ items: z.array(EvaluationResult), total: z.int(), nextCursor: z.string().optional() })
  .meta({ id: 'EvaluationResults' });
export const ResultQuery = z.object({
  failedOnly: z.enum(['true', 'false']).optional(),
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const SuiteVersion = z.object({
  version: z.int(),
  datasetSha256: z.string(),
  items: z.int(),
  scorers: z.array(Scorer),
  thresholds: z.array(Threshold),
  seed: z.int(),
  decontamination: z.string(),
  freshDays: z.int(),
  reason: z.string(),
  proposedAt: instant,
  proposedBy: Who,
  review: z.enum(['waiting', 'approved', 'refused']),
  reviewedAt: instant.nullable(),
  reviewedBy: Who.nullable(),
  comment: z.string().nullable(),
});
export const EvaluationSuite = z
  .object({
    id: z.string(),
    name: z.string(),
    systemId: z.string().nullable(),
    /** Of the version in force, or of the latest. */
    purpose: z.enum(SUITE_PURPOSES),
    /** The approved version that runs; null while none is approved. */
    inForce: z.int().nullable(),
    versions: z.array(SuiteVersion),
  })
  .meta({ id: 'EvaluationSuite' });
export type EvaluationSuite = z.infer<typeof EvaluationSuite>;
export const EvaluationSuites = z.object({ items: z.array(EvaluationSuite) }).meta({ id: 'EvaluationSuites' });

export const NewSuite = z.strictObject({
  name: shortText,
  systemId: z.string().max(64).nullable().default(null),
  content: SuiteContent,
  reason: z.string().trim().min(1, 'must say why').max(2_000),
});
export type NewSuite = z.infer<typeof NewSuite>;
export const ChangeSuite = NewSuite.pick({ content: true, reason: true });
export const ReviewSuite = z.strictObject({
  decision: z.enum(['approved', 'refused']),
  comment: z.string().trim().min(1).max(2_000).optional(),
});
export const PERTURBATIONS = ['typos', 'case', 'spacing', 'paraphrase', 'encoding', 'suffix'] as const;
export const RobustnessOf = z.strictObject({
  name: shortText,
  kinds: z.array(z.enum(PERTURBATIONS)).min(1).max(PERTURBATIONS.length),
  seed: z.int().min(0).max(2_147_483_647).default(0),
});
export const StartRun = z.strictObject({
  providerId: z.string().max(64),
  model: shortText,
  modelDigest: z.string().max(200).nullable().default(null),
});
export type StartRun = z.infer<typeof StartRun>;

const ScoreComparison = z.object({
  scorer: z.string(),
  n: z.int(),
  clusters: z.int(),
  meanBefore: z.number().nullable(),
  meanAfter: z.number().nullable(),
  /** After minus before. */
  difference: z.number().nullable(),
  standardError: z.number().nullable(),
  interval95: Interval95.nullable(),
  test: z.enum(['mcnemar_exact', 'paired_z', 'none']),
  p: z.number().nullable(),
  /** After Benjamini-Hochberg over all tests of the same list. */
  pAdjusted: z.number().nullable(),
  /** The smallest difference that this many items would show four times in five. */
  minimumDetectable: z.number().nullable(),
  improved: z.int(),
  worsened: z.int(),
  finding: z.enum(['better', 'worse', 'no_difference_shown', 'insufficient_data']),
});

/** Two runs over the same items, item by item. */
export const Comparison = z
  .object({
    before: EvaluationRun,
    after: EvaluationRun,
    sameDataset: z.boolean(),
    pairs: z.int(),
    onlyBefore: z.int(),
    onlyAfter: z.int(),
    scores: z.array(ScoreComparison),
    /** Of a robustness suite: each kind of variant, paired with the plain items it was made from. */
    variants: z.array(ScoreComparison.extend({ variant: z.string() })),
    changed: z.array(z.object({ itemId: z.string(), scorer: z.string(), before: z.number(), after: z.number() })),
  })
  .meta({ id: 'EvaluationComparison' });
export type Comparison = z.infer<typeof Comparison>;
export const ComparisonQuery = z.object({ before: z.string().max(64), after: z.string().max(64) });

/** May this model be used, as far as this suite can tell? */
export const GateVerdict = z
  .object({
    suite: z.object({ id: z.string(), name: z.string(), version: z.int().nullable() }),
    model: z.string(),
    verdict: z.enum(VERDICTS),
    because: z.string(),
    runId: z.string().nullable(),
    finishedAt: instant.nullable(),
  })
  .meta({ id: 'EvaluationGate' });
export type GateVerdict = z.infer<typeof GateVerdict>;
export const GateQuery = z.object({ model: z.string().max(200), digest: z.string().max(200).optional() });

/** What one suite said of a model that is to be released. */
export const ReleaseCheck = z.object({
  purpose: z.enum(SUITE_PURPOSES),
  /** Null where a suite of this purpose is needed and there is none. */
  suite: z.object({ id: z.string(), name: z.string(), version: z.int().nullable() }).nullable(),
  verdict: z.enum(VERDICTS),
  because: z.string(),
  runId: z.string().nullable(),
});
export type ReleaseCheck = z.infer<typeof ReleaseCheck>;

/** A decision of the gate: may this model go into this system? */
export const EvaluationRelease = z
  .object({
    id: z.string(),
    system: z.object({ id: z.string(), name: z.string() }),
    model: z.string(),
    modelDigest: z.string().nullable(),
    /** As they stood when it was decided. */
    riskTier: z.int().nullable(),
    sensitiveData: z.boolean().nullable(),
    verdict: z.enum(VERDICTS),
    because: z.string(),
    checks: z.array(ReleaseCheck),
    decidedAt: instant,
    askedBy: Who,
  })
  .meta({ id: 'EvaluationRelease' });
export type EvaluationRelease = z.infer<typeof EvaluationRelease>;
export const EvaluationReleases = z
  .object({ items: z.array(EvaluationRelease), total: z.int() })
  .meta({ id: 'EvaluationReleases' });
export const ReleaseQuery = z.object({ systemId: z.string().max(64).optional() });
export const AskRelease = z.strictObject({
  /** Id or name of an AI system of the inventory. */
  system: shortText,
  model: shortText,
  modelDigest: z.string().trim().min(1).max(200).nullable().default(null),
});
export type AskRelease = z.infer<typeof AskRelease>;
