const list = new Intl.ListFormat('en-US', { type: 'conjunction' });

/** `1 control`, `2,304 controls`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString('en-US')} ${amount === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b, and c`. */
export function listOf(words: readonly string[]): string {
  return list.format(words);
}

const ACRONYMS = new Set(['ai', 'api', 'ci', 'id', 'llm', 'ml', 'sdk', 'sre']);

/** `processing_integrity` as `Processing integrity`, `ai_system` as `AI system`. */
export function sentenceCase(slug: string): string {
  const words = wordsOf(slug);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `inference_api` as `inference API`, for the middle of a sentence. */
export function wordsOf(slug: string): string {
  return slug
    .split(/[_\-\s]+/)
    .map((word) => (ACRONYMS.has(word.toLowerCase()) ? word.toUpperCase() : word))
    .join(' ')
    .trim();
}
