/**
 * A made-up secret for the examples of a rule. Put together at run time, so that no file of this repository holds text that
 * looks like a secret to a scanner.
 */
export function madeUp(prefix: string, alphabet: string, length: number): string {
  let text = prefix;
  let state = 2_166_136_261;
  for (const sign of prefix) state = Math.imul(state ^ sign.charCodeAt(0), 16_777_619) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += alphabet[(state >>> 16) % alphabet.length];
  }
  return text;
}

export const DIGITS = '0123456789';
export const HEX = '0123456789abcdef';
export const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
export const MIXED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
