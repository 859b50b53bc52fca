const list = new Intl.ListFormat('en-US', { type: 'conjunction' });

/** `1 control`, `2,304 controls`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString('en-US')} ${amount === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b, and c`. */
export function listOf(words: readonly string[]): string {
  return list.format(words);
}

/** `processing_integrity` as `Processing integrity`. */
export function sentenceCase(slug: string): string {
  const words = slug.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
