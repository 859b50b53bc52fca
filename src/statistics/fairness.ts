import { expectedCalibrationError, reliability } from './calibration.ts';
import { type Interval, wilson } from './proportion.ts';
import type { Status } from './sample.ts';

export type Rate = { count: number; of: number; rate: number; interval95: Interval } | null;

export type GroupFairness = {
  group: string;
  n: number;
  status: Status;
  /** Share the model selects (predicts positive). */
  selection: Rate;
  /** Of the true positives, the share selected; null without any. */
  truePositiveRate: Rate;
  /** Of the true negatives, the share selected; null without any. */
  falsePositiveRate: Rate;
  calibrationError: number | null;
};

export type Fairness = {
  groups: GroupFairness[];
  /** Largest minus smallest rate over the groups with enough items; null with fewer than two. */
  gaps: { selection: number | null; truePositiveRate: number | null; falsePositiveRate: number | null };
  /** Smallest selection rate over the largest (the four-fifths rule looks at 0.8); null where it cannot be formed. */
  selectionRatio: number | null;
};

export type FairnessItem = { group: string; predicted: boolean; label: boolean | null; probability?: number };

/** Rates by group, each with its interval. Groups smaller than `minItems` are listed and say so, and are left out of the gaps. */
export function fairnessByGroup(items: readonly FairnessItem[], minItems = 30): Fairness {
  const byGroup = new Map<string, FairnessItem[]>();
  for (const item of items) {
    const held = byGroup.get(item.group);
    if (held) held.push(item);
    else byGroup.set(item.group, [item]);
  }
  const groups = [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, members]) => describe(group, members, minItems));
  const enough = groups.filter(({ status }) => status === 'ok');
  const selections = ratesOf(enough.map(({ selection }) => selection));
  const largest = Math.max(...selections);
  return {
    groups,
    gaps: {
      selection: gapOf(selections),
      truePositiveRate: gapOf(ratesOf(enough.map(({ truePositiveRate }) => truePositiveRate))),
      falsePositiveRate: gapOf(ratesOf(enough.map(({ falsePositiveRate }) => falsePositiveRate))),
    },
    selectionRatio: selections.length < 2 || largest === 0 ? null : Math.min(...selections) / largest,
  };
}

function describe(group: string, members: readonly FairnessItem[], minItems: number): GroupFairness {
  const positives = members.filter(({ label }) => label === true);
  const negatives = members.filter(({ label }) => label === false);
  const scored = members.filter(({ label, probability }) => label !== null && probability !== undefined);
  const selected = (list: readonly FairnessItem[]) =>
    rateOf(list.filter(({ predicted }) => predicted).length, list.length);
  return {
    group,
    n: members.length,
    status: members.length >= minItems ? 'ok' : 'insufficient_data',
    selection: selected(members),
    truePositiveRate: selected(positives),
    falsePositiveRate: selected(negatives),
    calibrationError:
      scored.length >= minItems
        ? expectedCalibrationError(
            reliability(
              scored.map(({ label }) => (label ? 1 : 0)),
              scored.map(({ probability }) => probability as number),
            ),
          )
        : null,
  };
}

function rateOf(count: number, of: number): Rate {
  const interval95 = wilson(count, of);
  return interval95 ? { count, of, rate: count / of, interval95 } : null;
}

function ratesOf(rates: readonly Rate[]): number[] {
  return rates.flatMap((rate) => (rate ? [rate.rate] : []));
}

function gapOf(rates: readonly number[]): number | null {
  return rates.length < 2 ? null : Math.max(...rates) - Math.min(...rates);
}
