/** A 64-bit SimHash as two 32-bit halves, and how long the prompt was. */
export type PromptMark = { high: number; low: number; characters: number };

/** Null for what is not 16 hexadecimal digits: a call without text has no mark. */
export function markOf(simhash: string, characters: number): PromptMark | null {
  if (!/^[0-9a-f]{16}$/.test(simhash) || characters <= 0) return null;
  return { high: Number.parseInt(simhash.slice(0, 8), 16), low: Number.parseInt(simhash.slice(8), 16), characters };
}

/** How many of the 64 bits differ. Prompts that share nothing differ in about 32. Source: Charikar (2002). */
export function distance(a: PromptMark, b: PromptMark): number {
  return bits(a.high ^ b.high) + bits(a.low ^ b.low);
}

function bits(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
