/** Of the places where something is made to fail: `all`, or how many in each test. All of them take many minutes. */
const FAULTS = process.env.ASSAY_TEST_FAULTS ?? '10';
/** How long one test may take: a sample is over in minutes, every place takes hours. */
export const FAULTS_TIMEOUT_MS = FAULTS === 'all' ? 6 * 3_600_000 : Math.max(600_000, Number(FAULTS) * 20_000);
/** Which of them, so that a run can be repeated. */
export const SEED = Number(process.env.ASSAY_TEST_SEED ?? Date.now() % 1_000_000);

/** Some of `all` by the seed, in their order; all of them with `ASSAY_TEST_FAULTS=all`. */
export function someOf<T>(all: readonly T[]): readonly T[] {
  if (FAULTS === 'all') return all;
  const count = Number(FAULTS);
  if (!Number.isInteger(count) || count < 1) throw new Error(`ASSAY_TEST_FAULTS is "all" or a count, not "${FAULTS}"`);
  let random = SEED;
  const drawn = all.map((item, i) => {
    // A linear congruential generator (Numerical Recipes): any spread will do, and it can be repeated.
    random = (random * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return { item, i, by: random };
  });
  const kept = drawn.sort((a, b) => a.by - b.by).slice(0, count);
  return kept.sort((a, b) => a.i - b.i).map(({ item }) => item);
}
