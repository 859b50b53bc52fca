import type { Tone } from '#src/ui/palette.ts';
import type { MarkShape } from '#src/ui/state-mark.tsx';
import { isHeldAboveNoise, type Level, type Metric, type Point, type StateCounts, type WindowState } from '../model.ts';

export type WindowLook = { word: string; tone: Tone; shape: MarkShape };

/** How the end of a window is shown. A warning is an `ok` whose level says so; nothing but `ok` is good. */
export const WINDOW_LOOKS: Record<WindowState | 'warn' | 'pending', WindowLook> = {
  ok: { word: 'OK', tone: 'pass', shape: 'check' },
  warn: { word: 'Warning', tone: 'stale', shape: 'half' },
  breach: { word: 'Breach', tone: 'fail', shape: 'cross' },
  insufficient_data: { word: 'Too little data', tone: 'noData', shape: 'question' },
  error: { word: 'Error', tone: 'error', shape: 'warning' },
  missed: { word: 'Missed', tone: 'error', shape: 'slash' },
  pending: { word: 'Not due yet', tone: 'neutral', shape: 'dotted' },
};

export function lookOf(state: WindowState | 'pending', level: Level): WindowLook {
  return WINDOW_LOOKS[state === 'ok' && level === 'warn' ? 'warn' : state];
}

const COUNTED = ['breach', 'missed', 'error', 'insufficient_data', 'ok'] as const;

/** `28 of 30 windows ok, 1 breach, 1 missed`: what is wrong is never left out. */
export function countsText(counts: StateCounts): string {
  if (counts.expected === 0) return 'no window was due';
  const bad = COUNTED.filter((state) => state !== 'ok' && counts[state] > 0).map(
    (state) => `${counts[state]} ${WINDOW_LOOKS[state].word.toLowerCase()}`,
  );
  const warned = counts.warned > 0 ? [`${counts.warned} of them with a warning`] : [];
  return [`${counts.ok} of ${counts.expected} windows ok`, ...warned, ...bad].join(', ');
}

const figures = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

export function figure(value: number | null): string {
  return value === null ? '–' : figures.format(value);
}

/**
 * Points as they are drawn. Thresholds that stand for what lies above the noise floor are drawn that much above it, so that
 * value, interval and threshold share one axis; estimates are drawn as how far they lie below the baseline's.
 */
export function drawnOn(metric: Metric, points: readonly Point[]): { points: Point[]; field: 'value' | 'effect' } {
  if (metric.type.startsWith('estimated_')) return { points: [...points], field: 'effect' };
  if (!isHeldAboveNoise(metric)) return { points: [...points], field: 'value' };
  const lifted = points.map((point) => ({
    ...point,
    warn: point.warn === null || point.noiseFloor === null ? null : point.warn + point.noiseFloor,
    fail: point.fail === null || point.noiseFloor === null ? null : point.fail + point.noiseFloor,
  }));
  return { points: lifted, field: 'value' };
}
