import type { Point } from '../model.ts';

export type Frame = { width: number; height: number; left: number; right: number; top: number; bottom: number };

export type Scale = { x: (index: number) => number; y: (value: number) => number; low: number; high: number };

/** Places windows by order and values by size; what thresholds and intervals say is inside, too. */
export function scaleOf(points: readonly Point[], frame: Frame, field: 'value' | 'effect'): Scale {
  const said = points.flatMap((point) => {
    const shown = field === 'value' ? [point.low, point.high] : [];
    return [point[field], point.warn, point.fail, ...shown].filter((one) => one !== null);
  });
  const [least, most] = said.length === 0 ? [0, 1] : [Math.min(...said), Math.max(...said)];
  const room = most === least ? Math.abs(most) || 1 : (most - least) * 0.08;
  const [low, high] = [least - room, most + room];
  const { width, height, left, right, top, bottom } = frame;
  const step = (width - left - right) / Math.max(1, points.length);
  return {
    low,
    high,
    x: (index) => left + step * (index + 0.5),
    y: (value) => top + (1 - (value - low) / (high - low)) * (height - top - bottom),
  };
}

/** A line through the values there are; a gap breaks it, so that nothing is drawn where nothing was measured. */
export function lineThrough(values: readonly (number | null)[], scale: Pick<Scale, 'x' | 'y'>): string {
  let path = '';
  let isOpen = false;
  values.forEach((value, i) => {
    if (value === null) {
      isOpen = false;
      return;
    }
    path += `${isOpen ? 'L' : 'M'}${scale.x(i).toFixed(1)} ${scale.y(value).toFixed(1)}`;
    // A window alone between gaps would have no length and not be seen.
    if (!isOpen && (values[i + 1] ?? null) === null) path += 'h0.01';
    isOpen = true;
  });
  return path;
}

/** The areas between low and high, one for each stretch without a gap. */
export function bandBetween(
  pairs: readonly ({ low: number; high: number } | null)[],
  scale: Pick<Scale, 'x' | 'y'>,
): string {
  let path = '';
  let stretch: { at: number; low: number; high: number }[] = [];
  const close = () => {
    if (stretch.length > 0) {
      const up = stretch.map(({ at, high }) => `${scale.x(at).toFixed(1)} ${scale.y(high).toFixed(1)}`);
      const down = [...stretch].reverse().map(({ at, low }) => `${scale.x(at).toFixed(1)} ${scale.y(low).toFixed(1)}`);
      path += `M${[...up, ...down].join('L')}Z`;
    }
    stretch = [];
  };
  pairs.forEach((pair, at) => {
    if (pair) stretch.push({ at, ...pair });
    else close();
  });
  close();
  return path;
}

/** A step line for what holds over a stretch of windows, such as a threshold that was changed on the way. */
export function stepsThrough(values: readonly (number | null)[], scale: Pick<Scale, 'x' | 'y'>): string {
  const half = values.length > 1 ? (scale.x(1) - scale.x(0)) / 2 : scale.x(0);
  let path = '';
  let before: number | null = null;
  values.forEach((value, i) => {
    if (value !== null) {
      const [from, to, y] = [scale.x(i) - half, scale.x(i) + half, scale.y(value).toFixed(1)];
      path += before === null ? `M${from.toFixed(1)} ${y}` : `L${from.toFixed(1)} ${y}`;
      path += `L${to.toFixed(1)} ${y}`;
    }
    before = value;
  });
  return path;
}

/** Up to five round numbers between low and high. */
export function ticksOf(low: number, high: number): number[] {
  const rough = (high - low) / 4;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? 10 * power;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}
