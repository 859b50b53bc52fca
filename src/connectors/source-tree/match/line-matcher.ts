import type { Captures, DetectionRule, Hit, Standing } from '../rule.ts';
import { callText, literalAt } from '../text/calls.ts';
import { constantsOf } from '../text/constants.ts';
import type { Document } from '../text/document.ts';
import { CODE_LANGUAGES, type Language } from '../text/language.ts';
import { createLiteralScanner } from '../text/literal-scanner.ts';
import type { Region } from '../text/regions.ts';
import { nameOf } from '../walk/tree-path.ts';
import { importPatterns } from './import-patterns.ts';

// Longer lines are generated or data. There the pattern sees only the neighborhood of the word that led to it.
const LINE_CHARS_MAX = 4_096;
const SLICE_BEFORE = 512;
const SLICE_BEHIND = 2_048;
const CANDIDATES_MAX = 100_000;
const MATCHES_PER_LINE_MAX = 20;
const HITS_MAX = 5_000;
const TEXT_CHARS_MAX = 100_000;

// The name that a line gives to what it makes: `agent = …`, `export const agent: Agent = …`, `self.agent = …`.
const ASSIGNED =
  /^\s*(?:[A-Za-z_]\w*\s+){0,4}(?:self\.|this\.)?([A-Za-z_]\w{0,60})\s*(?::\s*[\w.<>[\], |]{1,60}?)?\s*:?=\s*(?:await\s+|new\s+)?\S?$/;

/** One pattern to try: a line rule has one, an import rule one a language. */
type Probe = {
  rule: DetectionRule;
  pattern: RegExp;
  standing: Standing;
  /** Undefined where the call is of no interest. */
  call: readonly RegExp[] | undefined;
  unless: RegExp | undefined;
  requires: readonly string[];
  readsText: boolean;
};

export type LineMatcher = {
  /** Hits of all line and import rules, in line order. `isCut` tells that a bound was reached and some may be missing. */
  match(document: Document): { hits: Hit[]; isCut: boolean };
};

/** Prepares the line and import rules among `rules`: one pass over a file finds where each of them is worth trying. */
export function createLineMatcher(rules: readonly DetectionRule[]): LineMatcher {
  const index = indexRules(rules);
  const scanner = createLiteralScanner(index.literals);
  // Which literals the current text holds: those that carry its number. Clearing the array for each file would cost more.
  const seenIn = new Uint32Array(index.literals.length);
  let current = 0;

  return {
    match(document) {
      const byLiteral = index.probesOf(document.language);
      const candidates: Candidate[] = [];
      const isHere = hereIn(document);
      let isCut = false;
      current += 1;
      scanner.scan(document.bytes, (literal, end) => {
        seenIn[literal] = current;
        const probes = byLiteral[literal];
        if (probes === undefined) return true;
        for (const probe of probes) if (isHere(probe.rule)) candidates.push({ probe, end });
        isCut = candidates.length >= CANDIDATES_MAX;
        return !isCut;
      });
      if (candidates.length === 0) return { hits: [], isCut };
      const wanted = new Set<DetectionRule>();
      for (const { probe } of candidates) wanted.add(probe.rule);
      for (const rule of wanted)
        if (rule.needs && !rule.needs.some((need) => seenIn[index.numberOf(need)] === current)) wanted.delete(rule);
      if (wanted.size === 0) return { hits: [], isCut };
      const hits = new Trial(document).run(candidates.filter(({ probe }) => wanted.has(probe.rule)));
      return { hits, isCut: isCut || hits.length >= HITS_MAX };
    },
  };
}

type Candidate = { probe: Probe; end: number };

function indexRules(rules: readonly DetectionRule[]) {
  const numbers = new Map<string, number>();
  const literals: string[] = [];
  const numberOf = (literal: string) => {
    const key = literal.toLowerCase();
    let number = numbers.get(key);
    if (number === undefined) {
      number = literals.length;
      numbers.set(key, number);
      literals.push(key);
    }
    return number;
  };
  const entries: { languages: readonly Language[] | undefined; literal: number; probe: Probe }[] = [];
  for (const rule of rules) {
    for (const need of rule.needs ?? []) numberOf(need);
    for (const { languages, words, probe } of probesOf(rule))
      for (const word of new Set(words)) entries.push({ languages, literal: numberOf(word), probe });
  }
  const tables = new Map<Language, (Probe[] | undefined)[]>();
  const tableFor = (language: Language) => {
    let table = tables.get(language);
    if (!table) {
      table = new Array<Probe[] | undefined>(literals.length).fill(undefined);
      for (const { languages, literal, probe } of entries) {
        if (languages && !languages.includes(language)) continue;
        const probes = table[literal];
        if (probes) probes.push(probe);
        else table[literal] = [probe];
      }
      tables.set(language, table);
    }
    return table;
  };
  return { literals, numberOf, probesOf: tableFor };
}

function probesOf(
  rule: DetectionRule,
): { languages: readonly Language[] | undefined; words: readonly string[]; probe: Probe }[] {
  const { match } = rule;
  if (match.form === 'line') {
    const probe: Probe = {
      rule,
      pattern: new RegExp(match.pattern.source, `${match.pattern.flags.replace('g', '')}g`),
      standing: match.standing ?? 'code',
      call: match.call,
      unless: match.unless,
      requires: match.requires ?? [],
      readsText: match.readsText ?? false,
    };
    // A pattern about code is not tried on documents and data, whatever their words.
    const languages =
      rule.files.languages ??
      (probe.standing === 'anywhere' || rule.files.name || rule.files.path ? undefined : CODE_LANGUAGES);
    return [{ languages, words: match.literals, probe }];
  }
  if (match.form !== 'import') return [];
  return importPatterns(match).map(({ languages, literals, pattern }) => ({
    languages,
    words: literals,
    probe: {
      rule,
      pattern: new RegExp(pattern.source, 'g'),
      standing: 'code',
      call: undefined,
      unless: match.unless,
      requires: [],
      readsText: false,
    },
  }));
}

/** Tells which rules look at the file at all, by its name and path; each is decided once. */
function hereIn({ path }: Document): (rule: DetectionRule) => boolean {
  const decided = new Map<DetectionRule, boolean>();
  return (rule) => {
    if (!rule.files.name && !rule.files.path) return true;
    let isHere = decided.get(rule);
    if (isHere === undefined) {
      isHere = (rule.files.name?.test(nameOf(path)) ?? true) && (rule.files.path?.test(path) ?? true);
      decided.set(rule, isHere);
    }
    return isHere;
  };
}

/** What stands around a line: offsets are from its start. */
type Surroundings = {
  regionAt(offset: number): Region;
  /** True where a string begins at the offset. */
  startsString(offset: number): boolean;
  callAt(offset: number): string;
  textAt(offset: number): string | null;
};

/** Tries the candidates of one document. */
class Trial {
  private readonly document: Document;
  private readonly hits: Hit[] = [];
  private readonly tried = new Set<string>();
  private readonly probeIds = new Map<Probe, number>();
  private constants: Map<string, string> | undefined;

  constructor(document: Document) {
    this.document = document;
  }

  run(candidates: Candidate[]): Hit[] {
    const { bytes } = this.document;
    let line = 1;
    let lineStart = 0;
    let lineEnd = endOfLine(bytes, 0);
    for (const { probe, end } of candidates) {
      while (end > lineEnd && lineEnd < bytes.length) {
        line += 1;
        lineStart = lineEnd + 1;
        lineEnd = endOfLine(bytes, lineStart);
      }
      if (this.hits.length >= HITS_MAX) break;
      if (lineEnd - lineStart > LINE_CHARS_MAX) this.tryLong(probe, line, lineStart, lineEnd, end);
      else this.tryLine(probe, line);
    }
    return this.hits.sort((a, b) => a.line - b.line);
  }

  private tryLine(probe: Probe, line: number): void {
    if (this.isTried(probe, line)) return;
    const { document } = this;
    const text = document.text();
    const start = document.lineStart(line);
    const next = text.indexOf('\n', start);
    let lineText = text.slice(start, next < 0 ? text.length : next);
    if (lineText.endsWith('\r')) lineText = lineText.slice(0, -1);
    this.tryText(probe, line, lineText, {
      regionAt: (offset) => (probe.standing === 'anywhere' ? 'code' : document.regions().at(start + offset)),
      startsString: (offset) => document.regions().startOf(start + offset) === start + offset,
      callAt: (offset) => callText(text, start + offset),
      textAt: (offset) => nextLiteral(text, start + offset),
    });
  }

  private tryLong(probe: Probe, line: number, lineStart: number, lineEnd: number, end: number): void {
    // One try for each stretch of the line: neighbors within a slice are found by the same one.
    const from = Math.max(lineStart, end - SLICE_BEFORE);
    if (this.isTried(probe, line, Math.floor(end / (SLICE_BEHIND / 2)))) return;
    const text = this.document.bytes.toString('utf8', from, Math.min(lineEnd, end + SLICE_BEHIND));
    this.tryText(probe, line, text, {
      regionAt: () => 'code',
      startsString: () => true,
      callAt: (offset) => callText(text, offset),
      textAt: (offset) => nextLiteral(text, offset),
    });
  }

  private isTried(probe: Probe, line: number, part = 0): boolean {
    let id = this.probeIds.get(probe);
    if (id === undefined) {
      id = this.probeIds.size;
      this.probeIds.set(probe, id);
    }
    const key = `${id}:${line}:${part}`;
    if (this.tried.has(key)) return true;
    this.tried.add(key);
    return false;
  }

  private tryText(probe: Probe, line: number, text: string, at: Surroundings): void {
    if (probe.unless?.test(text)) return;
    const { pattern } = probe;
    pattern.lastIndex = 0;
    for (let i = 0; i < MATCHES_PER_LINE_MAX; i++) {
      const match = pattern.exec(text);
      if (!match) return;
      if (match[0] === '') pattern.lastIndex += 1;
      const first = match.index + match[0].search(/\S|$/);
      if (!mayStand(at.regionAt(first), probe.standing, () => at.startsString(first))) continue;
      const captures = this.capture(probe, match, at);
      if (!captures) continue;
      const assigned = ASSIGNED.exec(text.slice(0, match.index + 1))?.[1];
      if (assigned !== undefined) captures.assigned ??= assigned;
      this.hits.push({ rule: probe.rule, line: this.document.fileLine(line), textLine: line, captures });
    }
  }

  private capture(probe: Probe, match: RegExpExecArray, at: Surroundings): Captures | null {
    const captures: Captures = { ...probe.rule.sets };
    this.take(captures, match.groups);
    if (probe.call) {
      const call = at.callAt(match.index + match[0].length);
      if (probe.unless?.test(call)) return null;
      for (const pattern of probe.call) this.take(captures, pattern.exec(call)?.groups);
    }
    if (probe.readsText) {
      const opens = captures.opens ?? '';
      const read = at.textAt(match.index + match[0].length - opens.length);
      if (read === null || !isProse(read)) return null;
      captures.text = read;
    }
    return probe.requires.every((name) => captures[name] !== undefined) ? captures : null;
  }

  private take(captures: Captures, groups: Record<string, string | undefined> | undefined): void {
    for (const [group, value] of Object.entries(groups ?? {})) {
      if (value === undefined) continue;
      const name = group.replace(/\d$/, '');
      if (!name.endsWith('Ref')) {
        captures[name] ??= value;
        continue;
      }
      this.constants ??= constantsOf(this.document.text());
      const literal = this.constants.get(value.slice(value.lastIndexOf('.') + 1));
      if (literal !== undefined) captures[name.slice(0, -3)] ??= literal;
    }
  }
}

function mayStand(region: Region, standing: Standing, startsString: () => boolean): boolean {
  switch (region) {
    case 'code':
      return true;
    case 'string':
      return standing === 'whole' ? startsString() : standing !== 'code';
    case 'text':
      return standing === 'texts' || standing === 'anywhere';
    default:
      return standing === 'anywhere';
  }
}

/** The string literal that opens at `at` or behind white space, an opening bracket or `dedent(` there. */
function nextLiteral(text: string, at: number): string | null {
  const lead = /^(?:(?:textwrap\.)?dedent)?[\s(\\]{0,200}/.exec(text.slice(at, at + 260))?.[0].length ?? 0;
  return literalAt(text, at + lead, TEXT_CHARS_MAX);
}

function isProse(text: string): boolean {
  return /\S\s+\S+\s+\S/.test(text.slice(0, 500)) && text.trim().length >= 15;
}

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(10, from);
  return end < 0 ? bytes.length : end;
}
