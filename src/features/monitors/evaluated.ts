import type { Decision } from './model.ts';

export type Evaluated = Pick<
  Decision,
  | 'n'
  | 'missing'
  | 'nonfinite'
  | 'unreadable'
  | 'value'
  | 'noiseFloor'
  | 'effect'
  | 'interval'
  | 'statistic'
  | 'p'
  | 'detectable'
  | 'more'
  | 'judging'
> & {
  insufficient:
    | 'too_few'
    | 'too_few_labels'
    | 'too_few_judged'
    | 'judge_uninformative'
    | 'no_baseline'
    | 'not_computable'
    | null;
};

export const NOTHING = {
  n: 0,
  missing: 0,
  nonfinite: 0,
  unreadable: 0,
  value: null,
  noiseFloor: null,
  effect: null,
  interval: null,
  statistic: null,
  p: null,
  detectable: null,
  more: [],
  insufficient: null,
} satisfies Evaluated;

export const Z95 = 1.959963984540054;

export function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** JSON has no number for what is not finite: then there is none. */
export function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

export function pair(low: number, high: number): [number, number] | null {
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null;
}

export function finiteStatistic(name: string, value: number, dof: number | null): Evaluated['statistic'] {
  return Number.isFinite(value) ? { name, value, dof } : null;
}
