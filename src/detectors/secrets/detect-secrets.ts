import { sha256Hex } from '#src/kernel/hash.ts';
import type { Finding } from '../finding.ts';
import { HintIndex } from '../text/hints.ts';
import { identityOf, type MappedText, toOriginal } from '../text/mapped-text.ts';
import { ASSIGNMENT_HINTS, assignmentsIn } from './assignments.ts';
import { isLikelyPlaceholder } from './judge-value.ts';
import { PATTERN_FORMATS, type PatternFormat } from './other-formats.ts';
import { ALPHABETS, isDrawnBody, VENDOR_FORMATS, type VendorFormat } from './vendor-formats.ts';

export type SecretsOptions = {
  /** When given, findings carry a truncated SHA-256 of salt and value, so that the same secret can be recognized. */
  salt?: string;
  /** Also values that look like the examples of manuals, with confidence 0.3. Default: left out. */
  placeholders?: boolean;
  /** Findings below this are not reported. Default 0.5; with `placeholders` 0.3. */
  minConfidence?: number;
  /** Most findings of one text. Default 1,000. */
  mostFindings?: number;
};

export type SecretsDetector = (text: MappedText | string) => Finding[];

const DEFAULT_CONFIDENCE = 0.5;
const PLACEHOLDER_CONFIDENCE = 0.3;
const DEFAULT_MOST = 1000;
const FINGERPRINT_DIGITS = 16;
const VENDOR_CONFIDENCE = 0.95;

type Compiled = { format: VendorFormat; body: RegExp };
type Match = {
  start: number;
  end: number;
  confidence: number;
  kind: string;
  rule: string;
  title: string;
  always: boolean;
};

/** The groups of the formats in their order, then that of assignments. */
const HINTS = new HintIndex([...PATTERN_FORMATS.map((format) => format.hints), ASSIGNMENT_HINTS]);
const ASSIGNMENTS = PATTERN_FORMATS.length;

const STARTS = 128 * 128;
/** By the first two signs of the start: most words of a text then cost one look into a table. */
const BY_START = vendorTable();

function startOf(text: string, at: number): number {
  return ((text.charCodeAt(at) & 127) << 7) | (text.charCodeAt(at + 1) & 127);
}

function vendorTable(): readonly (readonly Compiled[] | undefined)[] {
  const table = new Map<number, Compiled[]>();
  for (const format of VENDOR_FORMATS) {
    const signs = ALPHABETS[format.alphabet];
    const body = new RegExp(`[${signs}]{${format.least},${format.most}}(?![A-Za-z0-9_])`, 'y');
    const first = startOf(format.prefix, 0);
    table.set(first, [...(table.get(first) ?? []), { format, body }]);
  }
  return Array.from({ length: STARTS }, (_, start) => table.get(start));
}

export function compileSecrets(options: SecretsOptions = {}): SecretsDetector {
  const minConfidence = options.minConfidence ?? (options.placeholders ? PLACEHOLDER_CONFIDENCE : DEFAULT_CONFIDENCE);
  const most = options.mostFindings ?? DEFAULT_MOST;
  return (source) => {
    const mapped = typeof source === 'string' ? identityOf(source) : source;
    const { text } = mapped;
    const present = HINTS.find(text.toLowerCase());
    const found: Match[] = [...vendorMatches(text, most), ...patternMatches(text, present, most)];
    const assigned = present[ASSIGNMENTS] === 1 ? assignmentsIn(text).slice(0, most) : [];
    for (const one of assigned) {
      const title =
        one.kind === 'key' ? 'random value after a word for key or token' : 'value after a word for password';
      found.push({ ...one, kind: one.kind === 'key' ? 'generic_key' : 'password', title, always: false });
    }
    const judged: Match[] = [];
    for (const match of found) {
      const isPlaceholder = !match.always && isLikelyPlaceholder(text.slice(match.start, match.end));
      const confidence = isPlaceholder ? PLACEHOLDER_CONFIDENCE : match.confidence;
      if (isPlaceholder && !options.placeholders) continue;
      if (confidence >= minConfidence) judged.push({ ...match, confidence });
    }
    return surest(judged)
      .slice(0, most)
      .map((match) => findingOf(match, mapped, options.salt));
  };
}

/** Looks at the starts of words only, so its cost does not grow with the number of formats. */
function vendorMatches(text: string, most: number): Match[] {
  const found: Match[] = [];
  let isInside = false;
  for (let i = 0; i < text.length && found.length < most; i++) {
    const unit = text.charCodeAt(i);
    const isWord = (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 48 && unit <= 57);
    const isStart = isWord && !isInside;
    isInside = isWord;
    if (!isStart) continue;
    const formats = BY_START[startOf(text, i)];
    if (formats === undefined) continue;
    for (const { format, body } of formats) {
      if (!text.startsWith(format.prefix, i)) continue;
      body.lastIndex = i + format.prefix.length;
      const match = body.exec(text);
      if (match === null || !isDrawnBody(format, match[0])) continue;
      const end = body.lastIndex;
      found.push({
        start: i,
        end,
        confidence: VENDOR_CONFIDENCE,
        kind: format.id,
        rule: `secrets.${format.id}`,
        title: format.title,
        always: false,
      });
      break;
    }
  }
  return found;
}

function patternMatches(text: string, present: Uint8Array, most: number): Match[] {
  const found: Match[] = [];
  for (const [number, format] of PATTERN_FORMATS.entries()) {
    if (present[number] === 0) continue;
    let count = 0;
    for (const match of text.matchAll(format.pattern)) {
      const value = match.groups?.value ?? '';
      if (value === '' || ++count > most) continue;
      if (!format.always && !isPlausible(value, format)) continue;
      const start = match.index + match[0].lastIndexOf(value);
      found.push({
        start,
        end: start + value.length,
        confidence: format.confidence,
        kind: format.id,
        rule: `secrets.${format.id}`,
        title: format.title,
        always: format.always ?? false,
      });
    }
  }
  return found;
}

function isPlausible(value: string, format: PatternFormat): boolean {
  if (format.id === 'url-password') return !/^\d{2,5}$/.test(value);
  if (format.id === 'basic-authorization') return isBasicCredentials(value);
  return value.length >= 4;
}

/** `user:password` in base64 (RFC 7617, section 2): after the word "basic" ordinary words stand just as often. */
function isBasicCredentials(value: string): boolean {
  try {
    return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(atob(value));
  } catch {
    return false;
  }
}

/** Named formats before guesses, longer before shorter; nothing overlaps. */
function surest(matches: Match[]): Match[] {
  const sorted = matches.sort((a, b) => a.start - b.start || b.confidence - a.confidence);
  const kept: Match[] = [];
  for (const match of sorted) {
    const last = kept.at(-1);
    if (last === undefined || last.end <= match.start) kept.push(match);
    else if (match.confidence > last.confidence) kept[kept.length - 1] = match;
  }
  return kept;
}

function findingOf(match: Match, mapped: MappedText, salt: string | undefined): Finding {
  const finding: Finding = {
    detector: 'secrets',
    kind: match.kind,
    ...toOriginal(mapped, match.start, match.end),
    confidence: match.confidence,
    rule: match.rule,
    because: `has the form of: ${match.title}`,
  };
  if (salt === undefined) return finding;
  const value = mapped.text.slice(match.start, match.end);
  return { ...finding, fingerprint: sha256Hex(`${salt}\u0000${value}`).slice(0, FINGERPRINT_DIGITS) };
}
