import { sha256Hex } from '#src/kernel/hash.ts';

/** How items are chosen. Declared before, so that nobody can pick: the same rule chooses the same items for everybody. */
export type SamplingRule = { rate: number; seed: number };

/** Shares by stratum: the first stratum that names a value of the item gives its share, `rate` is that of all others. */
export type StratifiedSampling = {
  salt: string;
  rate: number;
  strata: readonly { key: string; value: string; rate: number }[];
};

/** Where an id falls in [0, 1) under a seed or a salt: the first 52 bits of SHA-256 over both. */
export function sampleNumber(id: string, seed: number | string): number {
  return Number.parseInt(sha256Hex(`assay-sample/1\n${seed}\n${id}`).slice(0, 13), 16) / 2 ** 52;
}

/** True for about `rate` of all ids, and for the same ones each time. Each stands for 1 / rate items. */
export function isSampled(id: string, { rate, seed }: SamplingRule): boolean {
  return sampleNumber(id, seed) < rate;
}

export const REST = 'rest';

/** The stratum of an item and the share taken of it. */
export function stratumOf(
  { strata, rate }: Pick<StratifiedSampling, 'rate' | 'strata'>,
  labelOf: (key: string) => string | undefined,
): { name: string; rate: number } {
  for (const stratum of strata)
    if (labelOf(stratum.key) === stratum.value) return { name: `${stratum.key}=${stratum.value}`, rate: stratum.rate };
  return { name: REST, rate };
}

/** The largest share of any stratum: an id whose number is not below it is not sampled, whatever its stratum. */
export function largestRate({ strata, rate }: Pick<StratifiedSampling, 'rate' | 'strata'>): number {
  return strata.reduce((most, stratum) => Math.max(most, stratum.rate), rate);
}
