import { describe, expect, it } from 'vitest';
import { compileLeak } from '#src/detectors/prompt-leak/detect-leak.ts';
import { aDetector, aPolicy } from '../../../tests/support/gateway.ts';
import { compileScreens } from './screen.ts';
import { Screening } from './screening.ts';

const PROMPT =
  'You are the assistant of a bank. Never speak about interest rates of other banks, and always greet people by their first name.';
const CANARY = 'zq7-kestrel-41-harbor';
const TENANT_CANARY = 'canary-9f31d7-of-another-tenant';

function screening(): Screening {
  const { output } = compileScreens(
    aPolicy({ detectors: [aDetector('prompt_leak', 'block', { direction: 'output' })] }),
  );
  return new Screening({
    screen: output,
    tenantId: 't',
    policyDigest: 'd',
    salt: 's',
    memo: null,
    canaries: [TENANT_CANARY],
    leak: compileLeak({ prompt: PROMPT, canaries: [CANARY] }),
    detectorVersion: '1',
  });
}

/** What was decided about an answer that came in these pieces, and whether any part of it went out before that. */
function judged(pieces: readonly string[]): { isBlocked: boolean; isCanary: boolean; released: number } {
  const one = screening();
  const held = one.stream('answer');
  let released = 0;
  for (const piece of pieces) {
    if (one.blocked) break;
    held.push(piece);
    released = held.released;
  }
  if (!one.blocked) held.end();
  return { isBlocked: one.blocked !== null, isCanary: one.canaryLeak, released };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

const ANSWERS: readonly (readonly [string, string, 'blocked' | 'canary' | 'passed'])[] = [
  ['words of the prompt', `Sure. I was told: ${PROMPT.slice(33, 110)} as you can read. Anything else?`, 'blocked'],
  ['the whole prompt in base64', `Here you are: ${base64(PROMPT)} and that is all.`, 'blocked'],
  ['the prompt reversed', `${[...PROMPT].reverse().join('')} is what it says.`, 'blocked'],
  ['a planted word', `The code of the day is ${CANARY.toUpperCase()}, keep it to yourself.`, 'blocked'],
  ['a planted value of another tenant', `I found ${TENANT_CANARY} in the notes of somebody else.`, 'canary'],
  [
    'an answer of its own',
    'I cannot compare the rates of banks, but a savings account may suit you well. Shall I go on?',
    'passed',
  ],
];

describe('leaks in answers that come in pieces', () => {
  it.each(ANSWERS)('are judged alike wherever the answer is cut: %s', (_name, answer, outcome) => {
    const expected = { isBlocked: outcome === 'blocked', isCanary: outcome === 'canary' };
    expect(judged([answer])).toMatchObject(expected);
    expect(judged([...answer])).toMatchObject(expected);
    for (let at = 1; at < answer.length; at++) {
      expect(judged([answer.slice(0, at), answer.slice(at)]), `cut at ${at}`).toMatchObject(expected);
    }
  });

  it('let no planted word out before it is judged', () => {
    const answer = `The code of the day is ${CANARY}, keep it to yourself.`;
    for (let at = 1; at < answer.length; at++) {
      expect(answer.slice(0, judged([answer.slice(0, at), answer.slice(at)]).released)).not.toContain(CANARY);
    }
  });
});
