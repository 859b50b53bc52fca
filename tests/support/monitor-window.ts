import type { EventBody, EventValue, SequenceState } from '#src/features/events/model.ts';
import { gatherBaseline } from '#src/features/monitors/baseline-content.ts';
import { type BatchInput, decideBatch, type WindowContent } from '#src/features/monitors/decide.ts';
import type { CountedEvent } from '#src/features/monitors/event-values.ts';
import { type Decision, type Metric, MonitorDefinition } from '#src/features/monitors/model.ts';
import { createSeriesCounters } from '#src/features/monitors/series-counts.ts';

type Values = Record<string, EventValue>;
let made = 0;
export const event = (
  values: Values,
  more: Partial<EventBody> = {},
  kind: CountedEvent['kind'] = 'prediction',
): CountedEvent => ({
  id: `e${made++}`,
  kind,
  body: { modelVersion: null, segment: {}, values, ...more },
});
/** A definition of one day with few events needed. */
export const define = (metric: Metric, thresholds: { warn: number; fail: number }, more: object = {}) =>
  MonitorDefinition.parse({ name: 'one', metric, window: 'day', thresholds, ownerId: 'usr_1', minimumN: 20, ...more });

/** A window as it is sealed, counted by the code that counts real ones. */
export function contentOf(
  definition: MonitorDefinition,
  events: readonly CountedEvent[],
  reference?: readonly CountedEvent[],
  sequences: SequenceState[] = [],
): BatchInput[number] {
  const gathered = gatherBaseline(definition);
  for (const one of reference ?? []) gathered.take(one);
  const baseline = reference ? gathered.freeze() : null;
  const counters = createSeriesCounters(
    definition,
    new Map(baseline?.series.map(({ name, reference: held }) => [name, held])),
  );
  for (const one of events) counters.take(one);
  const content: WindowContent = {
    monitorId: 'mon_1',
    monitorVersion: 1,
    baselineId: null,
    startsAt: '2026-11-01T00:00:00.000Z',
    endsAt: '2026-11-02T00:00:00.000Z',
    ...counters.state(),
    sequences: sequences.map((one) => ({ source: 's', ...one })),
  };
  return { content, definition, baseline };
}
export function decide(...args: Parameters<typeof contentOf>): Decision & { window: string } {
  const [window] = decideBatch([contentOf(...args)]).windows;
  const [decision] = window?.decisions ?? [];
  if (!window || !decision) throw new Error('nothing was decided');
  return { ...decision, window: window.state };
}
export const times = <T>(n: number, make: (k: number) => T): T[] => Array.from({ length: n }, (_, k) => make(k));
