/** Which part of the world a rule belongs to. `any` rules are always on. */
export type Locale =
  | 'any'
  | 'us'
  | 'ca'
  | 'gb'
  | 'ie'
  | 'fr'
  | 'es'
  | 'pt'
  | 'it'
  | 'de'
  | 'nl'
  | 'be'
  | 'ch'
  | 'pl'
  | 'se'
  | 'no'
  | 'fi'
  | 'tr'
  | 'br'
  | 'in'
  | 'cn'
  | 'jp'
  | 'kr'
  | 'sg'
  | 'au'
  | 'za';

/**
 * Letters of scripts that put spaces between words, for the inside of a character class. A Han sign or a kana may touch a
 * number that is none of its business; a Latin letter makes it part of a word. Written out because `\\p{L}` is slow.
 */
export const LETTERS = 'A-Za-z\\u00c0-\\u024f\\u0370-\\u0e00\\u0f00-\\u10ff\\u1200-\\u177f';

/** A form that personal data takes, and how sure its form, its check digits and the words before it make us. */
export type PersonalRule = {
  id: string;
  kind: string;
  locale: Locale;
  /** Global, bounded repetitions only. A group named `value` narrows the finding. */
  pattern: RegExp;
  /** What is left of the match before `isValid` sees it. */
  keeps: 'digits' | 'letters-and-digits' | 'all';
  isValid?: (compact: string) => boolean;
  /** Confidence without and with a context word; below the caller's threshold nothing is reported. */
  alone: number;
  inContext: number;
  /** Looked for in the text before the match. */
  context?: RegExp;
  /** Words before it that say it is something else. */
  against?: RegExp;
  because: string;
  /** A match that fails its check still claims its place, so that parts of it are not read as something else. */
  claims?: boolean;
  /** Digits that must stand close together for the rule to be tried at all; 0: tried on the whole text when `hint` is there. */
  leastDigits: number;
  hint?: RegExp;
  /** One of these must be in the text; looked for before `hint`. */
  signs?: readonly string[];
  /** Letters and digits in a row that a value has at least. */
  leastRun?: number;
  /** Groups of digits, apart from each other, that a value has at least. Default 1; a year alone is one. */
  leastGroups?: number;
};
