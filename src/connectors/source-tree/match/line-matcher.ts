import type { DetectionRule, Hit } from '../rule.ts';
import type { Document } from '../text/document.ts';
import type { Language } from '../text/language.ts';
import { createLiteralScanner } from '../text/literal-scanner.ts';
import { nameOf } from '../walk/tree-path.ts';
import { type Candidate, type Probe, probesOf } from './probe.ts';
import { HITS_MAX, Trial } from './trial.ts';

const CANDIDATES_MAX = 100_000;

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
