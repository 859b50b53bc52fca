import type { EventKind } from '#src/features/events/model.ts';
import { KeyedSample } from '#src/statistics/keyed-sample.ts';
import { fieldValue, probabilityOf, projectionOf } from './event-values.ts';
import { scoredCase, unpaired } from './labeled-counts.ts';
import { packBits, packFloats64, packRows } from './packed.ts';
import type { Counter } from './series-counts.ts';

/** Counters that keep single cases, because their metric needs them. What is kept is chosen by the hash of the event's id. */

/** Most cases of a window that are kept; beyond it the metric is over a sample of this size, which `n` gives away. */
export const CASES_MAX = 10_000;

export function vectorCounter({
  eventKind,
  field,
  sample: size,
}: {
  eventKind: EventKind;
  field: string;
  sample: number;
}): Counter {
  const sample = new KeyedSample<readonly number[]>(size);
  let n = 0;
  let missing = 0;
  return {
    take: ({ id, kind, body }) => {
      if (kind !== eventKind) return;
      const projected = projectionOf(body, field);
      if (projected === undefined) missing++;
      else {
        n++;
        sample.add(id, projected);
      }
    },
    state: () => ({ type: 'vectors', n, missing, rows: packRows(sample.items()) }),
  };
}

/** Scores with their labels, in the order of the hashes of the ids. */
export function scoredCounter(metric: { field: string; label: string }): Counter {
  const sample = new KeyedSample<{ p: number; y: 0 | 1 }>(CASES_MAX);
  const left = unpaired();
  let n = 0;
  return {
    take: (event) => {
      const scored = scoredCase(event, metric, left);
      if (scored === null) return;
      n++;
      sample.add(event.id, scored);
    },
    state: () => {
      const cases = sample.items();
      return {
        type: 'scored',
        n,
        ...left,
        scores: packFloats64(cases.map(({ p }) => p)),
        labels: packBits(cases.map(({ y }) => y)),
      };
    },
  };
}

/** Scores of predictions, whose labels are not there yet. */
export function unlabeledCounter({ field }: { field: string }): Counter {
  const sample = new KeyedSample<number>(CASES_MAX);
  let n = 0;
  let missing = 0;
  let unreadable = 0;
  return {
    take: ({ id, kind, body }) => {
      if (kind !== 'prediction') return;
      const given = fieldValue(body, field);
      const p = probabilityOf(given);
      if (given === undefined || given === null || given === 'NaN') missing++;
      else if (p === undefined) unreadable++;
      else {
        n++;
        sample.add(id, p);
      }
    },
    state: () => ({ type: 'unlabeled', n, missing, unreadable, scores: packFloats64(sample.items()) }),
  };
}
