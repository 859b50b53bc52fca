import type { EventBody, EventKind } from '#src/features/events/model.ts';

/** What a counter is shown of an event. Of a label, `subject` is the prediction it speaks of, where that is known. */
export type CountedEvent = { id: string; kind: EventKind; body: EventBody; subject?: EventBody | undefined };

/** A value of an event by its name; undefined where there is none. Names of `Object.prototype` are ordinary names. */
export function fieldValue(body: EventBody | undefined, field: string): unknown {
  return body !== undefined && Object.hasOwn(body.values, field) ? body.values[field] : undefined;
}

/** A label as 0 or 1; undefined where it is neither. */
export function labelOf(value: unknown): 0 | 1 | undefined {
  if (value === 1 || value === true || value === '1' || value === 'true') return 1;
  return value === 0 || value === false || value === '0' || value === 'false' ? 0 : undefined;
}

/** A probability; undefined where it is none. */
export function probabilityOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined;
}

/** The projections of a vector; undefined where the event carries none of that name. */
export function projectionOf({ projections }: EventBody, field: string): number[] | undefined {
  return projections && Object.hasOwn(projections, field) ? projections[field] : undefined;
}

/** The name of a segment's value; `model_version` is the model's version. */
export function segmentOf(body: EventBody, key: string): string | undefined {
  if (key === 'model_version') return body.modelVersion ?? undefined;
  return Object.hasOwn(body.segment, key) ? body.segment[key] : undefined;
}

/** The same of the prediction a label speaks of, where the label itself does not say. */
export function segmentOfCase({ body, subject }: CountedEvent, key: string): string | undefined {
  return segmentOf(body, key) ?? (subject && segmentOf(subject, key));
}

/** A label and what the model had given, or why there is no such pair. Null for events that are no label. */
export type LabeledCase = { given: unknown; label: 0 | 1 } | 'missing' | 'unreadable' | 'unmatched';

/**
 * Joins a label with the value its prediction gave. A prediction may carry its own label; else the label comes later and
 * counts in the window in which it came, however old the prediction is.
 */
export function labeledCase({ kind, body, subject }: CountedEvent, field: string, label: string): LabeledCase | null {
  if (kind !== 'label' && (kind !== 'prediction' || fieldValue(body, label) === undefined)) return null;
  if (kind === 'label' && subject === undefined && fieldValue(body, field) === undefined) return 'unmatched';
  const given = fieldValue(body, field) ?? fieldValue(subject, field);
  const said = fieldValue(body, label);
  if (given === undefined || given === null || given === 'NaN' || said === undefined || said === null) return 'missing';
  const y = labelOf(said);
  return y === undefined ? 'unreadable' : { given, label: y };
}
