import { describe, expect, test } from 'vitest';
import { contrast, NEUTRALS, type Scheme, TONES } from './palette.ts';

const TEXT_MIN = 4.5;
const MARK_MIN = 3;

describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme: Scheme) => {
  const base = NEUTRALS[scheme];
  const grounds = { ground: base.ground, surface: base.surface, sunken: base.sunken, hover: base.hover };

  test('text, quiet text and links are readable on every ground', () => {
    for (const [name, ground] of Object.entries(grounds)) {
      for (const ink of ['text', 'textQuiet', 'accent'] as const)
        expect(contrast(base[ink], ground), `${ink} on ${name}`).toBeGreaterThanOrEqual(TEXT_MIN);
    }
    expect(contrast(base.accentText, base.accentGround)).toBeGreaterThanOrEqual(TEXT_MIN);
    expect(contrast(base.accent, base.accentTint)).toBeGreaterThanOrEqual(TEXT_MIN);
    expect(contrast(base.text, base.accentTint)).toBeGreaterThanOrEqual(TEXT_MIN);
  });

  test('edges of inputs and the focus ring stand out from every ground', () => {
    for (const [name, ground] of Object.entries(grounds)) {
      expect(contrast(base.lineStrong, ground), `line on ${name}`).toBeGreaterThanOrEqual(MARK_MIN);
      expect(contrast(base.focus, ground), `focus on ${name}`).toBeGreaterThanOrEqual(MARK_MIN);
    }
  });

  test.each(
    Object.entries(TONES[scheme]),
  )('the state color %s is readable on every ground, tinted and filled', (_, tone) => {
    for (const [name, ground] of Object.entries({ ...grounds, tint: tone.tint }))
      expect(contrast(tone.ink, ground), `on ${name}`).toBeGreaterThanOrEqual(TEXT_MIN);
    expect(contrast(tone.onLoud, tone.loud)).toBeGreaterThanOrEqual(TEXT_MIN);
    // A filled badge must be found on the page without its border.
    expect(contrast(tone.loud, base.surface)).toBeGreaterThanOrEqual(MARK_MIN);
  });
});

test('black on white is the greatest contrast there is', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
});
