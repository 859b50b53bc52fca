/** Numbers of the gateway in the words of its screens. */

export function say(value: number): string {
  return value.toLocaleString('en-US');
}

/** Millionths of a US dollar as dollars, with as many digits as it takes to tell it from nothing. */
export function dollars(microUsd: number | null): string {
  if (microUsd === null) return '–';
  const usd = microUsd / 1_000_000;
  const digits = usd === 0 || usd >= 1 ? 2 : usd >= 0.01 ? 3 : 5;
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

export function millis(us: number | null): string {
  if (us === null) return '–';
  const ms = us / 1_000;
  return ms >= 100 ? `${say(Math.round(ms))} ms` : `${ms.toFixed(ms >= 10 ? 1 : 2)} ms`;
}

export function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(part / whole < 0.1 ? 1 : 0)} %`;
}

/** `injection_user` as `injection user`. */
export function spaced(id: string): string {
  return id.replaceAll('_', ' ');
}

/** Calls of models without a price are in no sum of money: a sum over some of them is what was spent at least. */
export function spend({ costMicroUsd, unpriced }: { costMicroUsd: number; unpriced: number }): string {
  if (unpriced === 0) return dollars(costMicroUsd);
  return costMicroUsd === 0 ? 'none known' : `at least ${dollars(costMicroUsd)}`;
}
