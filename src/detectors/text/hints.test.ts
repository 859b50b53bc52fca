import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HintIndex } from './hints.ts';

describe('the index of hints', () => {
  it('finds the groups that looking for each hint alone would find', () => {
    const unit = fc.constantFrom('a', 'b', 'k', 'e', 'y', '.', ' ', '=', 'é', '密');
    const hint = fc.string({ unit, minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(fc.array(hint, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.string({ unit, maxLength: 40 }), { minLength: 1, maxLength: 3 }),
        (groups, texts) => {
          const index = new HintIndex(groups);
          for (const text of texts)
            expect([...index.find(text)]).toEqual(
              groups.map((hints) => (hints.some((one) => text.includes(one)) ? 1 : 0)),
            );
        },
      ),
      { numRuns: 500 },
    );
  });
});
