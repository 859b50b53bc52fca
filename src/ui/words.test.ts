import { expect, test } from 'vitest';
import { count, listOf, sentenceCase, wordsOf } from './words.ts';

test('one thing is singular, none and many are plural, thousands are grouped', () => {
  expect([0, 1, 2, 2304].map((amount) => count(amount, 'control'))).toEqual([
    '0 controls',
    '1 control',
    '2 controls',
    '2,304 controls',
  ]);
  expect(count(2, 'entry', 'entries')).toBe('2 entries');
});

test('lists read as English and slugs as words', () => {
  expect(listOf(['owner', 'purpose', 'risk tier'])).toBe('owner, purpose, and risk tier');
  expect(sentenceCase('processing_integrity')).toBe('Processing integrity');
  expect(sentenceCase('ai_governance_lead')).toBe('AI governance lead');
  expect(wordsOf('third_party_ai_service')).toBe('third party AI service');
});
