/**
 * Every color of the product, once, as data: the theme turns it into CSS variables and a test holds each pair of text and
 * ground to WCAG 2.2 AA. `loud` is a filled ground for states that ask for action, `tint` a quiet one for the rest.
 */
export type Scheme = 'light' | 'dark';

export const NEUTRALS = {
  light: {
    ground: '#f6f6f3',
    surface: '#ffffff',
    sunken: '#efefeb',
    hover: '#f3f3ef',
    line: '#e1e1db',
    lineStrong: '#7f8382',
    lineButton: '#bdc0bb',
    text: '#191c1f',
    textQuiet: '#555b61',
    accent: '#0b5567',
    accentGround: '#0b5567',
    accentText: '#ffffff',
    accentTint: '#e3eff1',
    focus: '#0a6a82',
  },
  dark: {
    ground: '#111416',
    surface: '#181c1f',
    sunken: '#0d1012',
    hover: '#20262a',
    line: '#2a3136',
    lineStrong: '#717a80',
    lineButton: '#4a5359',
    text: '#e7e9ea',
    textQuiet: '#a4acb2',
    accent: '#77c8d9',
    accentGround: '#77c8d9',
    accentText: '#06222a',
    accentTint: '#16303a',
    focus: '#77c8d9',
  },
} as const satisfies Record<Scheme, Record<string, string>>;

export type Tone = 'pass' | 'fail' | 'noData' | 'stale' | 'partial' | 'neutral' | 'error';

export type ToneColors = {
  /** Text and marks on the surface and on `tint`. */
  ink: string;
  tint: string;
  /** A filled ground, with `onLoud` for the text on it. */
  loud: string;
  onLoud: string;
};

/** Hues chosen so that no two neighbors collapse under protanopia or deuteranopia; shape and word carry the meaning anyway. */
export const TONES: Record<Scheme, Record<Tone, ToneColors>> = {
  light: {
    pass: { ink: '#0b6244', tint: '#e4f2eb', loud: '#0b6244', onLoud: '#ffffff' },
    fail: { ink: '#b01f17', tint: '#fcebe9', loud: '#b01f17', onLoud: '#ffffff' },
    noData: { ink: '#6a2c9c', tint: '#f3eaf9', loud: '#6a2c9c', onLoud: '#ffffff' },
    stale: { ink: '#7d4600', tint: '#fbf0dd', loud: '#7d4600', onLoud: '#ffffff' },
    partial: { ink: '#1c50a3', tint: '#e8effa', loud: '#1c50a3', onLoud: '#ffffff' },
    neutral: { ink: '#555b61', tint: '#efefeb', loud: '#555b61', onLoud: '#ffffff' },
    error: { ink: '#23282d', tint: '#e6e6e2', loud: '#23282d', onLoud: '#ffffff' },
  },
  dark: {
    pass: { ink: '#6fce9f', tint: '#14291f', loud: '#6fce9f', onLoud: '#06210f' },
    fail: { ink: '#ff9a90', tint: '#3a1715', loud: '#ff8a7f', onLoud: '#370502' },
    noData: { ink: '#d3a8f5', tint: '#2c1b3a', loud: '#cb9bf3', onLoud: '#25053c' },
    stale: { ink: '#f0bb66', tint: '#332510', loud: '#f0bb66', onLoud: '#2b1a00' },
    partial: { ink: '#93bdf8', tint: '#16253d', loud: '#93bdf8', onLoud: '#04183a' },
    neutral: { ink: '#a4acb2', tint: '#22282c', loud: '#a4acb2', onLoud: '#111416' },
    error: { ink: '#e7e9ea', tint: '#2c3236', loud: '#e7e9ea', onLoud: '#111416' },
  },
};

/** Relative luminance of `#rrggbb`, 0 to 1. Source: WCAG 2.2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio of two colors, 1 to 21. Source: WCAG 2.2. */
export function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}
