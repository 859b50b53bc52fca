import { adwin, ddm, eddm, hddmA, pageHinkley, type StreamDetector } from '#src/statistics/stream-detectors.ts';
import { fieldValue } from './event-values.ts';
import type { Metric } from './model.ts';
import type { Counter } from './series-counts.ts';

/** What a detector heard in one window, and all it remembers at its end. */
export type StreamCounts = {
  n: number;
  missing: number;
  nonfinite: number;
  unreadable: number;
  warnings: number;
  changeCount: number;
  /** Where the first ones were heard: the place among the values, from 0, and the id of the event. */
  changes: { index: number; event: string }[];
  detector: Record<string, number | number[]>;
};

type StreamMetric = Extract<Metric, { type: 'stream_change' }>;

const CHANGES_KEPT = 100;

function detectorOf({ detector, delta, threshold }: StreamMetric): StreamDetector {
  switch (detector) {
    case 'adwin':
      return adwin();
    case 'page_hinkley':
      return pageHinkley({ ...(delta !== undefined && { delta }), ...(threshold !== undefined && { threshold }) });
    case 'ddm':
      return ddm();
    case 'eddm':
      return eddm();
    case 'hddm':
      return hddmA();
  }
}

/**
 * Listens to the values of a window in the order in which they are shown, which must be that of time and sequence. Each window
 * begins anew, so that one can be counted again without those before it.
 */
export function streamCounter(metric: StreamMetric): Counter {
  const detector = detectorOf(metric);
  const counts = { n: 0, missing: 0, nonfinite: 0, unreadable: 0, warnings: 0, changeCount: 0 };
  const changes: StreamCounts['changes'] = [];
  return {
    take: ({ id, kind, body }) => {
      if (kind !== metric.eventKind) return;
      const value = heardValue(fieldValue(body, metric.field), metric.equals);
      if (typeof value === 'string') {
        counts[value]++;
        return;
      }
      const said = detector.update(value);
      if (said === 'warning') counts.warnings++;
      if (said === 'change') {
        counts.changeCount++;
        if (changes.length < CHANGES_KEPT) changes.push({ index: counts.n, event: id });
      }
      counts.n++;
    },
    state: () => ({ type: 'stream', ...counts, changes, detector: detector.state() }),
  };
}

function heardValue(value: unknown, equals: StreamMetric['equals']): number | 'missing' | 'nonfinite' | 'unreadable' {
  if (value === undefined || value === null || value === 'NaN') return 'missing';
  if (equals) return equals.includes(value as string) ? 1 : 0;
  if (value === 'Infinity' || value === '-Infinity') return 'nonfinite';
  return typeof value === 'number' ? value : 'unreadable';
}
