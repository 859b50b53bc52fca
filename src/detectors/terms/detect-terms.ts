import type { Finding } from '../finding.ts';
import { lowerOf } from '../injection/score.ts';
import { identityOf, type MappedText, toOriginal } from '../text/mapped-text.ts';
import { isWordUnit } from '../text/signs.ts';
import { TermIndex } from './aho-corasick.ts';

/** A word or phrase an operator looks for. `name` is reported, never the text found. */
export type Term = { name: string; text: string; confidence?: number; wholeWord?: boolean };

/**
 * A pattern an operator writes. It must come from an engine that runs in linear time (RE2 and its ports): JavaScript's own
 * RegExp backtracks, and one careless pattern would stop the gateway. None is bundled; pass a compiled matcher.
 */
export type LinearPattern = {
  name: string;
  confidence?: number;
  /** All matches in `text`, in order, at most `most`. */
  find(text: string, most: number): { start: number; end: number }[];
};

export type TermsOptions = { terms?: readonly Term[]; patterns?: readonly LinearPattern[]; mostFindings?: number };

const DEFAULT_MOST = 1000;

/** Terms are compared without regard to case. Throws RangeError for an empty term. */
export function compileTerms(options: TermsOptions): (text: MappedText | string) => Finding[] {
  const terms = options.terms ?? [];
  for (const term of terms) if (term.text.trim() === '') throw new RangeError(`term ${term.name} is empty`);
  const index = new TermIndex(terms.map((term) => lowerOf(term.text)));
  const most = options.mostFindings ?? DEFAULT_MOST;
  return (source) => {
    const mapped = typeof source === 'string' ? identityOf(source) : source;
    const lower = lowerOf(mapped.text);
    const findings: Finding[] = [];
    for (const hit of index.find(lower, most)) {
      const term = terms[hit.term];
      if (term === undefined) continue;
      const start = hit.end - term.text.length;
      if (term.wholeWord !== false && (touches(lower, start - 1, start) || touches(lower, hit.end, hit.end - 1)))
        continue;
      findings.push({
        detector: 'terms',
        kind: term.name,
        ...toOriginal(mapped, start, hit.end),
        confidence: term.confidence ?? 1,
        rule: `terms.${term.name}`,
        because: 'is a term on the operator’s list',
      });
    }
    for (const pattern of options.patterns ?? []) {
      for (const { start, end } of pattern.find(mapped.text, most)) {
        findings.push({
          detector: 'terms',
          kind: pattern.name,
          ...toOriginal(mapped, start, end),
          confidence: pattern.confidence ?? 1,
          rule: `patterns.${pattern.name}`,
          because: 'matches a pattern on the operator’s list',
        });
      }
    }
    return findings;
  };
}

/** True when the sign outside the term continues the word at its edge. */
function touches(text: string, outside: number, inside: number): boolean {
  if (outside < 0 || outside >= text.length) return false;
  return (
    isWordUnit(text.charCodeAt(outside)) && isWordUnit(text.charCodeAt(inside)) && text.charCodeAt(inside) < 0x2e80
  );
}
