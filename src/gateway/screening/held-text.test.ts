import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileDetector } from '#src/detectors/detect.ts';
import { applyCuts, type Cut, HeldText, type HoldSettings, joinCuts, replacementFor } from './held-text.ts';

const detect = compileDetector({ personalData: {}, secrets: {} });

const judge: HoldSettings['judge'] = (stretch) =>
  joinCuts(
    detect(stretch, 'assistant').findings.map((one) => ({
      start: one.start,
      end: one.end,
      replacement: replacementFor(one),
    })),
  );

/** What goes out, piece by piece, as a stream would send it: nothing before it is certain. */
function stream(
  pieces: readonly string[],
  settings: Partial<HoldSettings> = {},
): { out: string; cuts: Cut[]; early: number } {
  const held = new HeldText({ judge, hold: 'risky', tail: 128, ...settings });
  const whole = pieces.join('');
  let sent = 0;
  let out = '';
  let early = 0;
  const flush = () => {
    expect(held.released).toBeLessThanOrEqual(held.length);
    expect(held.released).toBeGreaterThanOrEqual(sent);
    out += applyCuts(whole.slice(sent, held.released), sent, held.cuts);
    sent = held.released;
  };
  for (const piece of pieces) {
    held.push(piece);
    flush();
    early = sent;
  }
  held.end();
  flush();
  expect(sent).toBe(whole.length);
  return { out, cuts: [...held.cuts], early };
}

const SENSITIVE = [
  'anna.kovacs@northwind-mail.net',
  '+49 30 901820 4417',
  'DE84 3704 0044 0591 8273 64',
  '4539 1488 0343 6467',
  '203.0.114.77',
  `ghp_${'aZ3kQ9mX7bR2tY5wL8nV4cJ6dF1gH0sP3uKe'}`,
  `AKIA${'QZ7XK4NB2MWRT5VD'}`,
  'password: Tr0ub4dor&3x!',
];
const PROSE = [
  'The board met on Tuesday and agreed to the plan, and nobody asked for more.',
  'A well-known, state-of-the-art approach: read everything first!',
  'Она сказала, что всё хорошо.',
  '来週の会議は東京で行います。',
  'He said “yes”, and left… then — after a while — came back.',
  'Version notes; see the manual (chapter on limits) for details.',
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...PROSE), fc.constantFrom(...SENSITIVE)), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(' '));

function splitAt(whole: string, places: readonly number[]): string[] {
  const cuts = [...new Set(places.map((one) => one % (whole.length + 1)))].sort((a, b) => a - b);
  return [...cuts, whole.length].map((end, i) => whole.slice(i === 0 ? 0 : cuts[i - 1], end));
}

describe('text that comes in pieces', () => {
  it('gives the same result for any split', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(4_000), { maxLength: 60 }), (whole, places) => {
        const once = stream([whole]);
        expect(stream(splitAt(whole, places))).toMatchObject({ out: once.out, cuts: once.cuts });
        expect(stream([...whole])).toMatchObject({ out: once.out, cuts: once.cuts });
      }),
      { numRuns: 150 },
    );
  });

  it('lets nothing out that is found in the whole text', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const { out } = stream([...whole]);
        // Numbers side by side may hide each other from the detectors; that is theirs, not the stream's.
        const scanned = applyCuts(whole, 0, judge(whole, 0, 0) ?? []);
        for (const value of SENSITIVE) {
          const secret = value.startsWith('password') ? value.slice(10) : value;
          if (!scanned.includes(secret)) expect(out).not.toContain(secret);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keeps arbitrary text as it is where nothing is found, in any split', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.array(fc.nat(400)), (whole, places) => {
        const none = () => [];
        expect(stream(splitAt(whole, places), { judge: none }).out).toBe(whole);
        expect(stream(splitAt(whole, places), { judge: none, hold: 'everything' }).out).toBe(whole);
        expect(stream(splitAt(whole, places), { judge: none, hold: 'all' }).out).toBe(whole);
      }),
    );
  });

  it('releases prose word by word', () => {
    const held = new HeldText({ judge, hold: 'risky', tail: 128 });
    held.push('The board met on');
    expect(held.released).toBe('The board met '.length);
    held.push(' Tues');
    expect(held.released).toBe('The board met on '.length);
  });

  it('holds a number until nothing after it can belong to it, and no longer', () => {
    const held = new HeldText({ judge, hold: 'risky', tail: 128 });
    held.push('Call +49 30 901820 4417 ');
    expect(held.released).toBe('Call '.length);
    held.push('whenever you like, we are there all day long and happy to help you');
    expect(held.released).toBeGreaterThan(60);
    expect(held.cuts).toHaveLength(1);
  });

  it('cuts a private key of many lines as one', () => {
    const body = Array.from({ length: 26 }, (_, i) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC${i}`).join(
      '\n',
    );
    const whole = `Here it is:\n-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\nDone, and nothing else was asked for by anybody at all.`;
    const { out } = stream([...whole]);
    expect(out).not.toContain('MIIEv');
    expect(out.startsWith('Here it is:')).toBe(true);
    expect(out.match(/REDACTED/g)).toHaveLength(1);
  });

  it('is linear: one word of a million signs is judged window by window', () => {
    let judged = 0;
    const held = new HeldText({
      hold: 'risky',
      tail: 128,
      judge: (stretch) => {
        judged += stretch.length;
        return [];
      },
    });
    for (let i = 0; i < 1_000; i++) held.push('x'.repeat(1_000));
    held.end();
    expect(held.released).toBe(1_000_000);
    expect(judged).toBeLessThan(3_000_000);
  });

  it('stops for good when the judge says so', () => {
    const held = new HeldText({ hold: 'risky', tail: 128, judge: () => null });
    held.push('Nothing yet, then 12345 and that is the end of it, as far as anybody in the room can tell now');
    expect(held.stopped).toBe(true);
    expect(held.released).toBe('Nothing yet, then '.length);
  });
});
