import type { CheckResult } from '#src/features/groundedness-checks/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { JudgeGold } from '#src/statistics/agreement.ts';
import { REST, sampleNumber, stratumOf } from '#src/statistics/declared-sample.ts';
import type { StratumSums } from '#src/statistics/weighted-rate.ts';
import { fieldValue, segmentOf } from './event-values.ts';
import type { Metric } from './model.ts';
import type { Counter } from './series-counts.ts';

export type HallucinationMetric = Extract<Metric, { type: 'hallucination' }>;

/** One stratum of the sample. Of `sums`, an item is an answer in which something was decided. */
export type JudgedStratum = {
  name: string;
  eligible: number;
  sampled: number;
  judged: number;
  /** Judged, but words and whoever else was asked left open what decides about the answer. */
  open: number;
  /** Judged, and it claims nothing. */
  claimless: number;
  claims: number;
  supported: number;
  unsupported: number;
  contradicted: number;
  notChecked: number;
  sums: StratumSums;
};

export type JudgedCounts = {
  type: 'judged';
  strata: JudgedStratum[];
  /** Sampled answers that were not judged, by reason; `nothing_arrived` where nobody ever told of them. */
  notJudged: { reason: string; n: number }[];
  methods: { method: string; n: number }[];
};

/** How one method did on answers on which two people agree. */
export type MethodGold = JudgeGold & { method: string };

/** By which the checks of a monitor are found: monitors that sample and judge alike share them. */
export function samplingDigest({ sampling, judge }: Pick<HallucinationMetric, 'sampling' | 'judge'>): string {
  return sha256Hex(canonicalJson({ sampling, judge: judge ?? null }));
}

/**
 * Counts answers by stratum: which had to be judged follows from the ids of their events alone, what came of them from the
 * checks. An answer is an event that says `groundable`: it had a context.
 */
export function judgedCounter(metric: HallucinationMetric, checks: ReadonlyMap<string, CheckResult>): Counter {
  const { sampling } = metric;
  const strata = new Map<string, JudgedStratum>();
  for (const { key, value, rate } of sampling.strata) {
    const name = `${key}=${value}`;
    if (!strata.has(name)) strata.set(name, emptyStratum(name, rate));
  }
  strata.set(REST, emptyStratum(REST, sampling.rate));
  const notJudged = new Map<string, number>();
  const methods = new Map<string, number>();
  const add = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    take: ({ id, kind, body }) => {
      if ((kind !== 'operation' && kind !== 'prediction') || fieldValue(body, 'groundable') !== true) return;
      const { name, rate } = stratumOf(sampling, (key) => segmentOf(body, key));
      const stratum = strata.get(name);
      if (!stratum) return;
      stratum.eligible++;
      if (sampleNumber(id, sampling.salt) >= rate) return;
      stratum.sampled++;
      const check = checks.get(id);
      if (check?.state !== 'judged') {
        add(notJudged, check === undefined ? 'nothing_arrived' : (check.reason ?? 'waiting'));
        return;
      }
      add(methods, check.method ?? '');
      countJudged(stratum, check, metric.of);
    },
    state: () => ({
      type: 'judged',
      strata: [...strata.values()],
      notJudged: sorted(notJudged).map(([reason, n]) => ({ reason, n })),
      methods: sorted(methods).map(([method, n]) => ({ method, n })),
    }),
  };
}

function emptyStratum(name: string, rate: number): JudgedStratum {
  const counts = { eligible: 0, sampled: 0, judged: 0, open: 0, claimless: 0 };
  const claims = { claims: 0, supported: 0, unsupported: 0, contradicted: 0, notChecked: 0 };
  return { name, ...counts, ...claims, sums: { rate, n: 0, y: 0, x: 0, yy: 0, xy: 0, xx: 0 } };
}

function countJudged(stratum: JudgedStratum, check: CheckResult, of: HallucinationMetric['of']): void {
  const { claims, supported, unsupported, notChecked } = {
    claims: check.claims ?? 0,
    supported: check.supported ?? 0,
    unsupported: check.unsupported ?? 0,
    notChecked: check.notChecked ?? 0,
  };
  stratum.judged++;
  stratum.claims += claims;
  stratum.supported += supported;
  stratum.unsupported += unsupported;
  stratum.contradicted += check.contradicted ?? 0;
  stratum.notChecked += notChecked;
  if (claims === 0) {
    stratum.claimless++;
    return;
  }
  // One unsupported claim decides about an answer; all have to be supported for it to be.
  const [y, x] =
    of === 'claims'
      ? [unsupported, supported + unsupported]
      : unsupported > 0
        ? [1, 1]
        : notChecked === 0
          ? [0, 1]
          : [0, 0];
  if (x === 0) {
    stratum.open++;
    return;
  }
  const { sums } = stratum;
  sums.n++;
  sums.y += y;
  sums.x += x;
  sums.yy += y * y;
  sums.xy += x * y;
  sums.xx += x * x;
}

// By name, so that the same answers in any order give the same bytes.
function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
