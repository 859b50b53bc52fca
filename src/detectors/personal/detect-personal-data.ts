import type { Finding } from '../finding.ts';
import { identityOf, type MappedText, toOriginal } from '../text/mapped-text.ts';
import { isAsciiLetter } from '../text/signs.ts';
import { isSpecimen } from './documentation-values.ts';
import { GENERAL_RULES } from './general-rules.ts';
import { nameAndAddressFindings } from './names-and-addresses.ts';
import { NATIONAL_RULES } from './national-rules.ts';
import type { Locale, PersonalRule } from './rule.ts';

export type PersonalDataOptions = {
  /** Locale packs that are on besides the general rules; all by default. */
  locales?: readonly Locale[];
  /** Kinds to leave out. */
  without?: readonly string[];
  /** Names of people and street addresses: guesses from titles, labels and forms. Off by default. */
  namesAndAddresses?: boolean;
  /** Findings below this are not reported. Default 0.5. */
  minConfidence?: number;
  /** Values (without separators) that are never reported, besides the specimens of manuals. */
  allow?: readonly string[];
  /** Most findings of one text. Default 1,000. */
  mostFindings?: number;
};

export type PersonalDataDetector = (text: MappedText | string) => Finding[];

const DEFAULT_CONFIDENCE = 0.5;
const DEFAULT_MOST = 1000;
/** How far before a value a context word may stand, in UTF-16 units. */
const CONTEXT_UNITS = 48;
/** Digits further apart than this do not belong to one number. */
/** A number that words before it name outright stands even inside a claimed place. */
const SURE_ENOUGH = 0.96;
const GAP_UNITS = 16;
/** A number may begin or end with this many letters, and what touches it is looked at. */
const MARGIN_UNITS = 24;
const FEWEST_DIGITS = 4;

/** Compiles the options once; the result is called for every text. */
export function compilePersonalData(options: PersonalDataOptions = {}): PersonalDataDetector {
  const without = new Set(options.without ?? []);
  const locales = options.locales ? new Set<Locale>(options.locales) : null;
  const rules = [...GENERAL_RULES, ...NATIONAL_RULES]
    .filter(
      (rule) => !without.has(rule.kind) && (rule.locale === 'any' || locales === null || locales.has(rule.locale)),
    )
    // Rules are compiled patterns with a position of their own; a copy keeps detectors apart.
    .map((rule) => ({ ...rule, pattern: new RegExp(rule.pattern.source, rule.pattern.flags) }));
  const wholeTextRules = rules.filter((rule) => rule.leastDigits === 0);
  const numberRules = rules.filter((rule) => rule.leastDigits > 0);
  const allow = new Set((options.allow ?? []).map((value) => value.toUpperCase()));
  const minConfidence = options.minConfidence ?? DEFAULT_CONFIDENCE;
  const most = options.mostFindings ?? DEFAULT_MOST;
  return (source) => {
    const mapped = typeof source === 'string' ? identityOf(source) : source;
    const found: Match[] = [];
    const limits: Limits = { minConfidence, allow, most };
    const { islands, longestRun } = survey(mapped.text);
    for (const rule of wholeTextRules) {
      if (mayHold(rule, mapped.text, longestRun)) collect(rule, mapped.text, 0, mapped.text.length, found, limits);
    }
    for (const island of islands) {
      for (const rule of numberRules) {
        if (island.digits >= rule.leastDigits && island.groups >= (rule.leastGroups ?? 1))
          collect(rule, mapped.text, island.start, island.end, found, limits);
      }
    }
    if (options.namesAndAddresses) found.push(...nameAndAddressFindings(mapped.text));
    return resolve(found)
      .slice(0, most)
      .map((match) => findingOf(match, mapped));
  };
}

export type Match = { start: number; end: number; confidence: number; kind: string; rule: string; because: string };

type Limits = { minConfidence: number; allow: ReadonlySet<string>; most: number };

type Island = { start: number; end: number; digits: number; groups: number };

function mayHold({ signs, leastRun, hint }: PersonalRule, text: string, longestRun: number): boolean {
  if (leastRun !== undefined && longestRun < leastRun) return false;
  if (signs !== undefined && !signs.some((sign) => text.includes(sign))) return false;
  return hint === undefined || hint.test(text);
}

/**
 * The stretches of a text in which digits stand close together, with a margin, and how long its longest row of ASCII letters
 * and digits is. Most sentences have no such stretch.
 */
function survey(text: string): { islands: Island[]; longestRun: number } {
  const islands: Island[] = [];
  let runStart = 0;
  let longestRun = 0;
  let first = -1;
  let last = -1;
  let digits = 0;
  let groups = 0;
  const close = () => {
    if (digits >= FEWEST_DIGITS) {
      islands.push({
        start: Math.max(0, first - MARGIN_UNITS),
        end: Math.min(text.length, last + 1 + MARGIN_UNITS),
        digits,
        groups,
      });
    }
  };
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 48 || unit > 57) {
      if (isAsciiLetter(unit)) continue;
      if (i - runStart > longestRun) longestRun = i - runStart;
      runStart = i + 1;
      continue;
    }
    if (first >= 0 && i - last > GAP_UNITS) {
      close();
      first = -1;
    }
    if (first < 0) {
      first = i;
      digits = 0;
      groups = 0;
    }
    if (digits === 0 || i - last > 1) groups++;
    digits++;
    last = i;
  }
  if (first >= 0) close();
  return { islands, longestRun: Math.max(longestRun, text.length - runStart) };
}

function collect(rule: PersonalRule, whole: string, from: number, to: number, found: Match[], limits: Limits): void {
  const text = from === 0 && to === whole.length ? whole : whole.slice(from, to);
  let count = 0;
  for (const match of text.matchAll(rule.pattern)) {
    if (count >= limits.most) break;
    const start = from + match.index;
    const end = start + match[0].length;
    const compact = compactOf(match[0], rule.keeps);
    const claim = { start, end, confidence: 0, kind: rule.kind, rule: rule.id, because: '' };
    if (isSpecimen(compact) || limits.allow.has(compact.toUpperCase())) {
      found.push(claim);
      continue;
    }
    if (rule.isValid && !rule.isValid(compact)) {
      if (rule.claims) found.push(claim);
      continue;
    }
    const before = whole.slice(Math.max(0, start - CONTEXT_UNITS), start).toLowerCase();
    if (rule.against?.test(before) && !rule.context?.test(before.slice(-16))) continue;
    const inContext = rule.context?.test(before) ?? false;
    const confidence = inContext ? rule.inContext : rule.alone;
    if (confidence < limits.minConfidence) continue;
    count++;
    found.push({
      ...claim,
      confidence,
      because: inContext ? `${rule.because}, and the words before it fit` : rule.because,
    });
  }
}

function compactOf(text: string, keeps: PersonalRule['keeps']): string {
  if (keeps === 'all') return text;
  return text.replace(keeps === 'digits' ? /\D/g : /[^\p{L}\d]/gu, '');
}

/**
 * Overlaps are decided by confidence, then length. A failed check of a form that claims its place (confidence 0) removes
 * everything inside it that no context word supports: a wrong IBAN is not a telephone number.
 */
function resolve(found: Match[]): Match[] {
  const sorted = found.sort((a, b) => a.start - b.start || a.confidence - b.confidence || b.end - a.end);
  const kept: Match[] = [];
  let claimedTo = -1;
  for (const match of sorted) {
    if (match.confidence === 0) {
      claimedTo = Math.max(claimedTo, match.end);
      continue;
    }
    if (match.end <= claimedTo && match.confidence < SURE_ENOUGH) continue;
    const last = kept.at(-1);
    const isBetter =
      last !== undefined &&
      (match.confidence > last.confidence ||
        (match.confidence === last.confidence && match.end - match.start > last.end - last.start));
    if (last === undefined || last.end <= match.start) kept.push(match);
    else if (isBetter) kept[kept.length - 1] = match;
  }
  return kept;
}

function findingOf(match: Match, mapped: MappedText): Finding {
  const place = toOriginal(mapped, match.start, match.end);
  return {
    detector: 'personal-data',
    kind: match.kind,
    ...place,
    confidence: match.confidence,
    rule: match.rule,
    because: match.because,
  };
}
