import { expect, test } from 'vitest';
import { canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { readLeaf } from '../log/leaf.ts';
import { ScheduleReader } from './bundle-schedule.ts';

const day = (number: number) => `2026-11-${number}T00:00:00.000Z`;
const leaf = (type: string, body: { [member: string]: JsonValue }) =>
  readLeaf(
    utf8Bytes(
      canonicalJson({
        v: 1,
        type,
        id: 'x',
        at: day(23),
        actor: { kind: 'service', id: 'judge' },
        subject: { kind: 'schedule', id: 'judge' },
        series: { id: 'schedule:judge', seq: 0 },
        body,
      }),
    ),
    { profile: true },
  );
const read = (...leaves: [string, { [member: string]: JsonValue }][]) => {
  const reader = new ScheduleReader();
  for (const [type, body] of leaves) reader.note(leaf(type, body));
  return reader.found();
};

test('announced runs are counted against those that took place; open periods are no misses', () => {
  const missed = [{ from: '2026-11-23T18:00:00.000Z', to: '2026-11-23T20:00:00.000Z' }];
  expect(
    read(
      ['test.expected', { from: day(23), to: day(24), runs: 24 }],
      ['test.expected', { from: day(24), to: day(25), runs: 24 }],
      ['test.performed', { from: day(23), to: day(24), runs: 24, done: 22, missed }],
    ),
  ).toEqual({ expected: 48, closed: 24, done: 22, missed, late: 0 });
});

test('runs announced after their time are told apart', () => {
  const found = read(
    ['test.expected', { from: day(23), to: day(25), runs: 48, late: true }],
    ['test.performed', { from: day(23), to: day(25), runs: 48, done: 0, missed: [{ from: day(23), to: day(25) }] }],
  );
  expect(found).toMatchObject({ expected: 48, closed: 48, done: 0, late: 48 });
});

test.each<[string, { [member: string]: JsonValue }]>([
  ['test.expected', {}],
  ['test.expected', { from: 'today', to: day(24), runs: 24 }],
  ['test.expected', { from: day(23), to: day(24), runs: -1 }],
  ['test.performed', { from: day(23), to: day(24), runs: 24, done: 25 }],
])('a %s of another form, %j, is left out', (type, body) => {
  expect(read([type, body])).toBeNull();
});

test('more done than announced counts as what was announced', () => {
  const found = read(
    ['test.expected', { from: day(23), to: day(24), runs: 2 }],
    ['test.performed', { from: day(23), to: day(24), runs: 24, done: 24 }],
  );
  expect(found).toMatchObject({ expected: 2, closed: 2, done: 2, missed: [] });
});
