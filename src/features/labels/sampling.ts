import { sha256Hex } from '#src/kernel/hash.ts';

/** How items are chosen. Declared before, so that nobody can pick: the same rule chooses the same items for everybody. */
export type SamplingRule = { rate: number; seed: number };

/** Where an id falls in [0, 1) under a seed: the first 52 bits of SHA-256 over both. */
export function sampleNumber(id: string, seed: number): number {
  return Number.parseInt(sha256Hex(`assay-sample/1\n${seed}\n${id}`).slice(0, 13), 16) / 2 ** 52;
}

/** True for about `rate` of all ids, and for the same ones each time. Each stands for 1 / rate items. */
export function isSampled(id: string, { rate, seed }: SamplingRule): boolean {
  return sampleNumber(id, seed) < rate;
}
