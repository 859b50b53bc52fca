import { describe, expect, test } from 'vitest';
import { importPatterns } from '../match/import-patterns.ts';
import { createLineMatcher } from '../match/line-matcher.ts';
import type { DetectionRule } from '../rule.ts';
import { createDocument } from '../text/document.ts';
import type { Language } from '../text/language.ts';
import { RULES } from './index.ts';

/** Every pattern a rule runs on text of a scanned file. */
function patternsOf(rule: DetectionRule): RegExp[] {
  const { match } = rule;
  if (match.form === 'import')
    return [...importPatterns(match).map(({ pattern }) => pattern), ...(match.unless ? [match.unless] : [])];
  if (match.form !== 'line') return [];
  return [match.pattern, ...(match.call ?? []), ...(match.unless ? [match.unless] : [])];
}

/** Parts of `source` that repeat something which itself repeats without bound: the shape that makes matching explode. */
function nestedRepetitions(source: string): string[] {
  const found: string[] = [];
  const open: { at: number; hasUnbounded: boolean }[] = [];
  for (let i = 0; i < source.length; i++) {
    const sign = source[i];
    if (sign === '\\') i += 1;
    else if (sign === '[') {
      while (source[i] !== ']') i += source[i] === '\\' ? 2 : 1;
      noteRepetition(i);
    } else if (sign === '(') open.push({ at: i, hasUnbounded: false });
    else if (sign === ')') {
      const group = open.pop();
      const isRepeated = /^(?:[*+]|\{\d+,\})/.test(source.slice(i + 1));
      if (group && isRepeated && group.hasUnbounded) found.push(source.slice(group.at, i + 2));
      if (group?.hasUnbounded || isRepeated) mark();
    } else if (sign === '*' || sign === '+') mark();
    else if (sign === '{' && /^\{\d+,\}/.test(source.slice(i))) mark();
  }
  return found;

  function mark(): void {
    const last = open[open.length - 1];
    if (last) last.hasUnbounded = true;
  }
  function noteRepetition(at: number): void {
    if (/^[*+]/.test(source.slice(at + 1))) mark();
  }
}

test('the check itself sees a nested repetition', () => {
  expect(nestedRepetitions('(?:a+)+b')).toHaveLength(1);
  expect(nestedRepetitions('(?:[^a]*x)*')).toHaveLength(1);
  expect(nestedRepetitions('(?:a{1,5}){0,3}[*+]\\(+')).toHaveLength(0);
});

describe.each(
  RULES.filter((rule) => patternsOf(rule).length > 0).map((rule) => [rule.id, rule] as const),
)('%s', (_, rule) => {
  test('repeats nothing that repeats without bound', () => {
    for (const pattern of patternsOf(rule)) expect(nestedRepetitions(pattern.source)).toEqual([]);
  });
});

// Lines made of the words that lead to the rules and of what their patterns repeat: whatever a pattern tries again and again is there.
const FILLERS = [
  'a',
  'aA1',
  ' ',
  '\t ',
  '"',
  "'",
  'a.',
  'a/',
  'a-',
  'a_',
  '(',
  '[',
  '{',
  '=',
  ': ',
  ', ',
  'a=',
  'a(',
  '"a",',
  '${',
  '\\',
  '/a',
  '1',
  'A',
  '-',
];
const LINE_CHARS = 4_000;
const LANGUAGES: readonly Language[] = ['python', 'javascript', 'yaml', 'shell', 'java', 'go', 'terraform', 'text'];

describe('adversarial lines', () => {
  test.each(
    RULES.flatMap((rule) => (rule.match.form === 'line' ? [[rule.id, rule, rule.match] as const] : [])),
  )('%s takes bounded time on them', (_, rule, match) => {
    const language = rule.files.languages?.[0] ?? LANGUAGES[0] ?? 'python';
    const matcher = createLineMatcher([
      { ...rule, needs: undefined, files: { languages: [language] } } as DetectionRule,
    ]);
    for (const literal of [match.literals[0] ?? '', match.literals.at(-1) ?? '']) {
      const lines = FILLERS.flatMap((filler) => {
        const run = filler.repeat(Math.ceil(LINE_CHARS / filler.length)).slice(0, LINE_CHARS - literal.length);
        return [run + literal, literal + run, run.slice(0, LINE_CHARS / 2) + literal + run.slice(LINE_CHARS / 2)];
      });
      const startedAt = performance.now();
      matcher.match(createDocument({ path: 'a', language, bytes: Buffer.from(lines.join('\n')) }));
      // 75 lines of 4,000 characters. Something quadratic needs seconds here, something exponential forever.
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }
  });

  test('a file that is nothing but words of the rules takes bounded time', () => {
    const matcher = createLineMatcher(RULES);
    const words = RULES.flatMap((rule) => (rule.match.form === 'line' ? rule.match.literals : []));
    for (const language of LANGUAGES) {
      const startedAt = performance.now();
      const { hits } = matcher.match(
        createDocument({ path: 'a', language, bytes: Buffer.from(words.join(' ').repeat(20)) }),
      );
      expect(hits.length).toBeLessThanOrEqual(5_020);
      expect(performance.now() - startedAt, language).toBeLessThan(15_000);
    }
  });
});
