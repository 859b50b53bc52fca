import { describe, expect, it } from 'vitest';
import { compileDetector } from '#src/detectors/detect.ts';
import { ALPHABETS, VENDOR_FORMATS } from '#src/detectors/secrets/vendor-formats.ts';
import { HeldText, joinCuts, replacementFor } from './held-text.ts';

const detect = compileDetector({ personalData: {}, secrets: {} });

function cutsOf(text: string) {
  const held = new HeldText({
    hold: 'risky',
    tail: 128,
    judge: (stretch) =>
      joinCuts(
        detect(stretch, 'assistant').findings.map((one) => ({
          start: one.start,
          end: one.end,
          replacement: replacementFor(one),
        })),
      ),
  });
  held.push(text);
  held.end();
  return held.cuts;
}

const PROSE = 'The committee met again, and nothing new was said by anybody in the room about the plan. ';

/** A body of a vendor's key, drawn by a fixed generator. */
function bodyOf(alphabet: keyof typeof ALPHABETS, length: number, seed: number): string {
  const signs = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_.-'].filter((sign) =>
    new RegExp(`[${ALPHABETS[alphabet]}]`).test(sign),
  );
  let state = seed * 2_654_435_761;
  let body = '';
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + i) >>> 0;
    body += signs[state % signs.length];
  }
  return body;
}

const PERSONAL = [
  'anna.kovacs@northwind-mail.net',
  'anna.kovacs [at] northwind-mail [dot] net',
  '+49 30 901820 4417',
  '(415) 555-2671',
  '4539 1488 0343 6467',
  'born on 3 March 1981',
  'date of birth: March 14, 1979',
  '203.0.114.77',
  '2a02:8071:22c1:4b00:1c2d:9e7f:1b2a:3c4d',
  '00:1b:44:11:3a:b7',
  'aa:bb:cc:dd:ee:f0',
  '0x52908400098527886E0F7030069857D2E4169EE7',
  'postgres://app:Zx9kQ2mLp7@db.internal:5432/app',
  'password: Tr0ub4dor&3x!',
  'api_key = "q8ZrT2xN5vLw9KdY3hBc7MfJ"',
  'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r',
  'use "Kq7!vRz2#pLm" as the password',
  'SSN 536-22-8473',
];

describe('what is not held back', () => {
  it('is nothing a detector finds: keys of every vendor', () => {
    let found = 0;
    for (const [number, format] of VENDOR_FORMATS.entries()) {
      for (let seed = 1; seed <= 3; seed++) {
        const value =
          format.prefix + bodyOf(format.alphabet, Math.min(format.most, Math.max(format.least, 24)), number * 7 + seed);
        const text = `${PROSE}Take ${value} with you. ${PROSE}`;
        const whole = detect(text, 'assistant').findings;
        if (whole.length === 0) continue;
        found++;
        const cuts = cutsOf(text);
        for (const one of whole)
          expect(
            cuts.some((cut) => cut.start <= one.start && cut.end >= one.end),
            `${format.id}: ${value}`,
          ).toBe(true);
      }
    }
    expect(found).toBeGreaterThan(VENDOR_FORMATS.length);
  });

  it.each(PERSONAL)('is nothing a detector finds: %s', (value) => {
    for (const text of [value, `${PROSE}${value}. ${PROSE}`, `${PROSE}See: ${value}, and then ${value}!`]) {
      const whole = detect(text, 'assistant').findings;
      expect(whole.length, text).toBeGreaterThan(0);
      const cuts = cutsOf(text);
      // Words of an address that is spelled out may have gone out before its first sign came.
      for (const one of whole)
        expect(
          cuts.some((cut) => cut.start <= one.end - 4 && cut.end >= one.end),
          `${text} ${JSON.stringify(whole)} ${JSON.stringify(cuts)}`,
        ).toBe(true);
    }
  });
});
