import { describe, expect, it } from 'vitest';
import { expand } from './expand.ts';
import { seededRandom } from './random.ts';

const first = () => 0;

describe('expanding a template', () => {
  it('fills slots, also those inside a chosen text', () => {
    expect(expand(first, '{Greet}, {name}!', { greet: 'hello {name}', name: 'Ann|Bo' })).toBe('Hello Ann, Ann!');
  });

  it('keeps doubled braces as braces', () => {
    expect(expand(first, '{{"a": "{word}"}}', { word: 'x' })).toBe('{"a": "x"}');
  });

  it('names a slot that has no list', () => {
    expect(() => expand(first, '{missing}', {})).toThrow('missing');
  });

  it('gives the same text for the same seed', () => {
    const slots = { word: 'a|b|c|d|e|f|g' };
    const text = '{word}{word}{word}{word}';
    expect(expand(seededRandom(3), text, slots)).toBe(expand(seededRandom(3), text, slots));
  });
});
