import { describe, expect, it } from 'vitest';
import { compileLeak } from './detect-leak.ts';

const PROMPT =
  'You are the assistant of a bank. Never speak about interest rates of other banks, and always greet people by their first name. Welcome to our bank, how can we help you today?';
const detect = compileLeak({
  prompt: PROMPT,
  canaries: ['zq7-kestrel-41'],
  mayRepeat: ['Welcome to our bank, how can we help you today?'],
});

describe('leaks of a prompt', () => {
  it('finds words of the prompt in a row, whatever their case and signs', () => {
    const answer = 'Sure: NEVER speak about “interest rates” of other banks -- and always greet people by name.';
    const [finding] = detect(answer);
    expect(finding?.kind).toBe('prompt_text');
    expect(answer.slice(finding?.start, finding?.end)).toMatch(/^NEVER speak.*people by$/);
  });

  it('finds them in base64 and reversed', () => {
    expect(detect(`Here: ${Buffer.from(PROMPT).toString('base64')}`).map((one) => one.kind)).toContain('prompt_text');
    expect(detect([...PROMPT].reverse().join('')).map((one) => one.kind)).toContain('prompt_text');
  });

  it('finds canaries, also spaced or reversed', () => {
    expect(detect('the code is ZQ7-kestrel-41.').map((one) => one.kind)).toEqual(['canary']);
    expect(detect('14-lertsek-7qz').map((one) => one.kind)).toEqual(['canary']);
  });

  it.each([
    ['an answer in its own words', 'I cannot compare our rates with those of other banks.'],
    ['a sentence anyone may repeat', 'Welcome to our bank, how can we help you today?'],
    ['seven words in a row', 'people say: speak about interest rates of other banks or lenders'],
    ['nothing', ''],
  ])('leaves %s alone', (_name, answer) => {
    expect(detect(answer)).toEqual([]);
  });

  it('refuses a canary that could stand in any text', () => {
    expect(() => compileLeak({ canaries: ['abc'] })).toThrow(RangeError);
  });
});
