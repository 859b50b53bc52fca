import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TermIndex } from './aho-corasick.ts';
import { compileTerms } from './detect-terms.ts';

describe('terms', () => {
  it('finds whole words without regard to case and reports their name', () => {
    const detect = compileTerms({
      terms: [
        { name: 'project', text: 'Blue Heron' },
        { name: 'ja', text: '社外秘' },
      ],
    });
    const text = 'About BLUE HERON and blue herons; 本資料は社外秘です';
    expect(detect(text).map((one) => [one.kind, text.slice(one.start, one.end)])).toEqual([
      ['project', 'BLUE HERON'],
      ['ja', '社外秘'],
    ]);
  });

  it('takes patterns from an engine that is handed in', () => {
    const detect = compileTerms({
      patterns: [{ name: 'ticket', find: (text) => [{ start: text.indexOf('T-1'), end: text.indexOf('T-1') + 3 }] }],
    });
    expect(detect('see T-1 now')).toMatchObject([{ kind: 'ticket', start: 4, end: 7 }]);
  });

  it('refuses an empty term', () => {
    expect(() => compileTerms({ terms: [{ name: 'x', text: ' ' }] })).toThrow(RangeError);
  });

  it('finds what a search one by one finds', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 }),
        (terms, text) => {
          const expected = new Set<string>();
          for (const [number, term] of terms.entries()) {
            for (let i = 0; i + term.length <= text.length; i++)
              if (text.startsWith(term, i)) expected.add(`${number} ${i + term.length}`);
          }
          expect(new Set(new TermIndex(terms).find(text, 10_000).map((hit) => `${hit.term} ${hit.end}`))).toEqual(
            expected,
          );
        },
      ),
    );
  });
});
