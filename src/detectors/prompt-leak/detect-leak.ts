import type { Finding } from '../finding.ts';
import { lowerOf } from '../injection/score.ts';
import { TermIndex } from '../terms/aho-corasick.ts';
import { toOriginal } from '../text/mapped-text.ts';
import { type NormalizedText, normalize } from '../text/normalize.ts';
import { isUnspaced, isWordUnit } from '../text/signs.ts';

export type LeakOptions = {
  /** The prompt that must not come out. */
  prompt?: string;
  /** Random strings put into the prompt to be recognized anywhere; at least 8 signs each. */
  canaries?: readonly string[];
  /** Words of the prompt in a row that make a leak. Default 8: shorter rows are common phrases. */
  words?: number;
  /** Texts anyone may repeat, such as a greeting that stands in the prompt; rows of words from them do not count. */
  mayRepeat?: readonly string[];
};

const DEFAULT_WORDS = 8;
const LEAST_CANARY = 8;
const FNV_PRIME = 16_777_619;

type Word = { hash: number; start: number; end: number };

/** Reads words; a sign of a script without spaces is one. */
function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let hash = 0;
  let start = -1;
  const end = (at: number) => {
    if (start >= 0) words.push({ hash: hash >>> 0, start, end: at });
    start = -1;
  };
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (!isWordUnit(unit)) {
      end(i);
      continue;
    }
    if (start >= 0 && isUnspaced(unit)) end(i);
    if (start < 0) {
      start = i;
      hash = 2_166_136_261;
    }
    hash = Math.imul(hash ^ unit, FNV_PRIME);
    if (isUnspaced(unit)) end(i + 1);
  }
  end(text.length);
  return words;
}

function rowsOf(words: readonly Word[], length: number, visit: (key: string, at: number) => void): void {
  for (let i = 0; i + length <= words.length; i++) {
    let high = 0;
    let low = 2_166_136_261;
    for (let k = i; k < i + length; k++) {
      const hash = words[k]?.hash ?? 0;
      high = Math.imul(high ^ hash, 0x9e3779b1);
      low = Math.imul(low ^ hash, FNV_PRIME);
    }
    visit(`${high}:${low}`, i);
  }
}

/** Compiles a detector of one prompt's words and canaries in answers. Throws RangeError for a canary that is too short. */
export function compileLeak(options: LeakOptions): (answer: string | NormalizedText) => Finding[] {
  const canaries = (options.canaries ?? []).map((canary) => lowerOf(canary));
  for (const canary of canaries)
    if (canary.length < LEAST_CANARY) throw new RangeError(`a canary must have at least ${LEAST_CANARY} signs`);
  // A canary may come out reversed or spaced: the forms of the answer are searched, and its mirror image too.
  const index = new TermIndex([...canaries, ...canaries.map((canary) => [...canary].reverse().join(''))]);
  const length = options.words ?? DEFAULT_WORDS;
  const rows = new Set<string>();
  const collect = (text: string, visit: (key: string) => void) =>
    rowsOf(wordsOf(lowerOf(normalize(text).plain.text)), length, visit);
  if (options.prompt !== undefined) collect(options.prompt, (key) => rows.add(key));
  for (const text of options.mayRepeat ?? []) collect(text, (key) => rows.delete(key));
  return (source) => {
    const forms = typeof source === 'string' ? normalize(source) : source;
    const findings: Finding[] = [];
    const changed = forms.plain.text === forms.clean.text ? [] : [forms.plain];
    for (const mapped of [forms.clean, ...changed, ...forms.decoded.map((view) => view.mapped)]) {
      const lower = lowerOf(mapped.text);
      for (const hit of index.find(lower, 100)) {
        const canary = canaries[hit.term % Math.max(1, canaries.length)] ?? '';
        findings.push({
          detector: 'prompt-leak',
          kind: 'canary',
          ...toOriginal(mapped, hit.end - canary.length, hit.end),
          confidence: 1,
          rule: 'prompt-leak.canary',
          because: 'holds a canary of the protected prompt',
        });
      }
      if (rows.size === 0) continue;
      const words = wordsOf(lower);
      let from = -1;
      let to = -1;
      let count = 0;
      const close = () => {
        if (from < 0) return;
        const place = toOriginal(mapped, words[from]?.start ?? 0, words[to]?.end ?? 0);
        const share = Math.min(1, count / rows.size);
        findings.push({
          detector: 'prompt-leak',
          kind: 'prompt_text',
          ...place,
          confidence: Math.min(0.99, 0.7 + share * 0.3),
          rule: `prompt-leak.words-${length}`,
          because: `repeats ${to - from + 1} words of the protected prompt in a row`,
        });
        from = -1;
        count = 0;
      };
      rowsOf(words, length, (key, at) => {
        if (!rows.has(key)) return;
        if (from >= 0 && at > to + 1) close();
        if (from < 0) from = at;
        to = at + length - 1;
        count++;
      });
      close();
    }
    return findings;
  };
}
