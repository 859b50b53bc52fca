import { expect, test } from 'vitest';
import type { Leaf } from '../log/leaf-form.ts';
import { type LinkedBundle, linkBundles, noteSuccession, type Succession } from './succession.ts';

const older: LinkedBundle = {
  name: 'old.zip',
  origin: 'a',
  size: 9,
  root: 'R9',
  from: 0,
  to: 9,
  continues: null,
  next: null,
};
const newer = (
  change: Partial<NonNullable<LinkedBundle['continues']>> = {},
  from: number | null = 0,
): LinkedBundle => ({
  name: 'new.zip',
  origin: 'b',
  size: 4,
  root: 'N4',
  from,
  to: 4,
  next: null,
  continues: {
    origin: 'a',
    reason: 'ended',
    previous: { size: 9, root: 'R9' },
    unsignedTo: null,
    known: null,
    ...change,
  },
});
const stateOf = (...bundles: LinkedBundle[]) => linkBundles(bundles).map(({ state, sentence }) => [state, sentence]);

test('the head that the new log names joins the two, and what is missing between is told', () => {
  expect(stateOf(newer(), older)).toEqual([['joined', expect.stringContaining('No entry between')]]);
  expect(stateOf(newer({}, 2), { ...older, to: 5 })).toEqual([
    ['joined', expect.stringMatching(/entries 5 to 8 of the older log; entries 0 to 1 of the newer one/)],
  ]);
  expect(stateOf(newer({ unsignedTo: 12 }), older)[0]?.[1]).toContain('Entries 9 to 11 were never signed');
  expect(stateOf(older, { ...newer(), continues: null })).toEqual([]);
});

test('another root, or a head beyond the end, contradicts it', () => {
  for (const one of [{ root: 'X' }, { size: 10, root: 'R10' }])
    expect(stateOf(newer(), { ...older, ...one })).toEqual([['contradicts', expect.any(String)]]);
  expect(stateOf(newer({ previous: { size: 0, root: null } }), older)[0]?.[0]).toBe('contradicts');
});

test('a log that is not the one the older one names contradicts it, unless the key of that one was lost', () => {
  expect(stateOf(newer(), { ...older, next: 'b' })[0]?.[0]).toBe('joined');
  expect(stateOf(newer(), { ...older, next: 'c' })).toEqual([['contradicts', expect.stringContaining('names c as')]]);
  expect(stateOf(newer({ reason: 'key-lost' }), { ...older, next: 'c' })[0]?.[0]).toBe('joined');
});

test('a head from before the end leads nowhere by itself', () => {
  expect(stateOf(newer(), { ...older, size: 7, root: 'R7' })[0]?.[0]).toBe('unknown');
});

test('a head that was known outside is told to hold what was lost', () => {
  const lost = newer({ reason: 'backup-restored', previous: { size: 5, root: 'R5' }, known: { size: 9, root: 'R9' } });
  expect(stateOf(lost, older)).toEqual([['joined', expect.stringContaining('old.zip holds what it lost')]]);
  expect(stateOf(lost, { ...older, root: 'X' })[0]?.[0]).toBe('contradicts');
  expect(stateOf(lost, { ...older, size: 7, root: 'R7' })[0]?.[0]).toBe('unknown');
});

test('only entry 0 says what a log continues, and only its last that it was sealed', () => {
  const leaf = (type: string, body: object) => ({ type, value: { body } }) as unknown as Leaf;
  const found: Succession = { continues: null, sealed: null, next: null };
  const continued = leaf('log.continued', { reason: 'ended', previous: { origin: 'a', size: 9, root: 'R9' } });
  noteSuccession(found, { index: 3, size: 9 }, continued);
  noteSuccession(found, { index: 3, size: 9 }, leaf('log.sealed', { reason: 'ended' }));
  noteSuccession(found, { index: 0, size: 9 }, leaf('log.continued', { reason: 1, previous: [] }));
  expect(found).toEqual({ continues: null, sealed: null, next: null });
  noteSuccession(found, { index: 0, size: 9 }, continued);
  noteSuccession(found, { index: 8, size: 9 }, leaf('log.sealed', { reason: 'key-lost' }));
  expect(found).toMatchObject({
    continues: { origin: 'a', previous: { size: 9, root: 'R9' } },
    sealed: 'key-lost',
    next: null,
  });
  noteSuccession(
    found,
    { index: 8, size: 9 },
    leaf('log.sealed', { reason: 'ended', next: { vkey: 'b+1a2b3c4d+AX' } }),
  );
  expect(found).toMatchObject({ sealed: 'ended', next: 'b' });
});
