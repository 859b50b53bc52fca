import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentOf, EventPart, type PlacedEvent, placeEvent } from './event-part.ts';
import { EventShapes } from './event-shapes.ts';
import { type ParseContext, parseEventText } from './parse-event.ts';

const NOW = Date.parse('2026-10-25T12:00:00Z');
const SYSTEMS: Record<string, string> = { 'sys-1': 'sys-1', Support: 'sys-1' };
const context: ParseContext = {
  nowMs: NOW,
  systemOf: (text) => (Object.hasOwn(SYSTEMS, text) ? SYSTEMS[text] : undefined),
  defaultSource: 'http:key',
};

const base = {
  id: 'e-1',
  source: 'checkout',
  sequence: 7,
  occurredAt: '2026-10-25T11:00:00.250Z',
  systemId: 'sys-1',
  kind: 'prediction',
  modelVersion: 'v1',
  segment: { country: 'DE' },
  values: { score: 0.5, failed: false, class: 'a', none: null },
};

/** As `contentOf`, with the numbers of the body spelled in one way. */
function said(event: PlacedEvent): object {
  const { body, ...rest } = event;
  return { ...rest, body: JSON.parse(body) };
}
function read(text: string): PlacedEvent | undefined {
  const parsed = parseEventText(text, context);
  return 'event' in parsed ? placeEvent(parsed.event, 1, parsed.skewed) : undefined;
}
function shapesThatKnow(...texts: string[]): EventShapes {
  const shapes = new EventShapes(context);
  for (const text of texts) shapes.learn(text);
  return shapes;
}

test('an event of a known shape is placed as if it had been read in full, its content as it came', () => {
  const shapes = shapesThatKnow(JSON.stringify(base));
  const next = JSON.stringify({
    ...base,
    id: 'e-2',
    sequence: 8,
    occurredAt: NOW + 3_600_000,
    modelVersion: null,
    segment: { country: 'Österreich' },
    values: { score: -0.25, failed: true, class: '', none: 3 },
  }).replace('-0.25', '-0.250');
  const placed = shapes.place(next, 1) as PlacedEvent;
  expect(said(placed)).toEqual(said(read(next) as PlacedEvent));
  expect(placed.body).toBe(
    '{"modelVersion":null,"segment":{"country":"Österreich"},"values":{"score":-0.250,"failed":true,"class":"","none":3}}',
  );
  expect(placed.skewed).toBe(true);
});

test('several shapes are known at once, with spaces and without members that may be left out', () => {
  const spaced = '{"id": "a", "kind": "label", "occurredAt": 1792922400000, "system": "Support", "values": {"y": 1}}';
  const shapes = shapesThatKnow(JSON.stringify(base), spaced);
  for (const text of [spaced, JSON.stringify(base), spaced.replace('"a"', '"b"')])
    expect(said(shapes.place(text, 1) as PlacedEvent)).toEqual(said(read(text) as PlacedEvent));
  expect(shapes.place(spaced, 1)).toMatchObject({ source: 'http:key', sequence: null, about: null });
});

test.each([
  ['another name', { values: { points: 0.5 } }],
  ['one name more', { values: { ...base.values, more: 1 } }],
  ['a list as a value', { values: { ...base.values, none: [1] } }],
  ['a text that is too long', { values: { ...base.values, class: 'x'.repeat(1_001) } }],
  ['a label that is no text', { segment: { country: 1 } }],
  ['a label that is too long', { segment: { country: 'x'.repeat(201) } }],
  ['an id that is empty', { id: '' }],
  ['an id that is too long', { id: 'x'.repeat(201) }],
  ['an id that is a number', { id: 7 }],
  ['a control character', { id: 'a\u0007' }],
  ['half a character', { id: 'a\ud800' }],
  ['a source of the gateway', { source: 'gateway:node' }],
  ['a negative sequence', { sequence: -1 }],
  ['a broken sequence', { sequence: 1.5 }],
  ['a sequence beyond what a double tells apart', { sequence: 2 ** 53 }],
  ['an unknown system', { systemId: 'sys-2' }],
  ['a system that is missing', { systemId: null }],
  ['an unknown kind', { kind: 'guess' }],
  ['a local time', { occurredAt: '2026-10-25T02:30:00' }],
  ['a day that does not exist', { occurredAt: '2026-02-30T00:00:00.000Z' }],
  ['seconds for milliseconds', { occurredAt: 1_792_922_400 }],
  ['a time far ahead', { occurredAt: NOW + 25 * 3_600_000 }],
  ['no time', { occurredAt: null }],
])('%s is left to the reading in full', (_what, change) => {
  const text = JSON.stringify({ ...base, ...change });
  expect(shapesThatKnow(JSON.stringify(base)).place(text, 1)).toBeUndefined();
});

test.each([
  ['a name that comes twice', JSON.stringify(base).replace('"failed":false', '"score":1')],
  ['a member that comes twice', JSON.stringify(base).replace('"kind"', '"id":"e-9","kind"')],
  ['two systems', JSON.stringify({ ...base, system: 'Support' })],
  ['vectors', JSON.stringify({ ...base, vectors: { e: [1, 2] } })],
  ['escapes', JSON.stringify({ ...base, modelVersion: 'a"b' })],
  ['line ends between members', JSON.stringify(base, null, 1)],
])('%s is no shape that is learned', (_what, text) => {
  expect(read(text)).toBeDefined();
  expect(shapesThatKnow(text).place(text, 1)).toBeUndefined();
});

test('a shape that is known is not learned again, so that it pushes no other one out', () => {
  const other = JSON.stringify({ ...base, values: { y: 1 } });
  const shapes = shapesThatKnow(other, ...Array.from({ length: 20 }, () => JSON.stringify(base)));
  expect(shapes.place(other, 1)).toBeDefined();
  expect(shapes.place(JSON.stringify(base), 1)).toBeDefined();
});

test('of a delivery in which every event has a shape of its own no more than a few are learned', () => {
  const shapes = new EventShapes(context);
  const text = (k: number) => JSON.stringify({ ...base, values: { [`v${k}`]: 1 } });
  for (let k = 0; k < 1_200; k++) shapes.learn(text(k));
  expect(shapes.place(text(0), 1)).toBeUndefined();
  expect(shapes.place(text(999), 1)).toBeDefined();
  expect(shapes.place(text(1_100), 1)).toBeUndefined();
});

// What is likely to matter where a value, a bracket or a name is put in or taken out.
const BITS = [
  '"',
  '\\',
  '{',
  '}',
  ',',
  ':',
  ' ',
  '-',
  '-0',
  '0',
  '1e5',
  '1.0',
  'null',
  'NaN',
  '\u0000',
  '\t',
  'é',
  '[1]',
];
const value = fc.oneof(
  fc.double(),
  { arbitrary: fc.integer(), weight: 3 },
  { arbitrary: fc.string({ maxLength: 12 }), weight: 3 },
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.boolean(),
  fc.constant(null),
);

test('whatever changes in an event, its shape places what the reading in full places, or leaves it to it', () => {
  let placedCount = 0;
  fc.assert(
    fc.property(
      fc.record({ score: value, failed: value, class: value, none: value }),
      fc.record({ country: fc.string({ unit: 'grapheme', maxLength: 10 }) }),
      fc.oneof(fc.nat({ max: 300 }), fc.constant(null)),
      fc.constantFrom('', ...BITS),
      fc.nat({ max: 3 }),
      (values, segment, at, put, cut) => {
        const whole = JSON.stringify({ ...base, values, segment });
        const from = at === null ? whole.length : at % whole.length;
        const text = Buffer.from(whole.slice(0, from) + put + whole.slice(from + cut)).toString();
        const placed = shapesThatKnow(JSON.stringify(base)).place(text, 1);
        if (!placed) return;
        placedCount++;
        expect(said(placed)).toEqual(said(read(text) as PlacedEvent));
      },
    ),
    { numRuns: 3_000 },
  );
  expect(placedCount).toBeGreaterThan(100);
});

test('rows of a part hold what was placed, whatever is in it, and tell events apart as their content does', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 }).map((one) => one.toWellFormed().replaceAll('\0', ''));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, fc.option(text), fc.dictionary(text, fc.double({ noNaN: true }))), { maxLength: 8 }),
      (given) => {
        const part = new EventPart();
        const placed = given.map(([id, about, values], k): PlacedEvent => {
          const body = JSON.stringify({ modelVersion: id, segment: {}, values });
          const { occurredAt, systemId, source } = base;
          const occurredAtMs = Date.parse(occurredAt);
          return {
            id,
            source,
            sequence: k,
            occurredAt,
            occurredAtMs,
            systemId,
            kind: 'label',
            about,
            body,
            line: k,
            skewed: false,
          };
        });
        for (const event of placed) part.add(event);
        const rows = Buffer.concat(
          part.rows(part.events, { sourceIdOf: () => 12, receivedAt: '2026-10-25T12:00:00.000Z' }),
        );
        const lines = rows.toString().split('\n').slice(0, -1);
        expect(lines.length).toBe(given.length);
        placed.forEach((event, k) => {
          expect(part.events[k]?.id).toBe(event.id);
          const [source, received, , sequence, ...content] = (lines[k] as string).split('\t');
          expect([source, received, sequence]).toEqual(['0000000012', '2026-10-25T12:00:00.000Z', String(k)]);
          expect(content.join('\t')).toBe(contentOf(event));
          expect(part.isSame(part.events[k] as never, contentOf(event))).toBe(true);
          for (let other = 0; other < k; other++)
            expect(part.isSame(part.events[k] as never, part.events[other] as never)).toBe(
              contentOf(placed[other] as PlacedEvent) === contentOf(event),
            );
        });
      },
    ),
    { numRuns: 200 },
  );
});

test('a body that is spelled otherwise says the same, and one that says something else does not', () => {
  const part = new EventPart();
  const event = read(JSON.stringify(base)) as PlacedEvent;
  part.add(event);
  part.add({ ...event, body: event.body.replace('0.5', '0.50') });
  part.add({ ...event, body: event.body.replace('0.5', '0.51') });
  const [one, alike, other] = part.events as [never, never, never];
  expect([part.isSame(one, alike), part.isSame(one, other)]).toEqual([true, false]);
  expect(part.isSame(alike, contentOf(event))).toBe(true);
});
