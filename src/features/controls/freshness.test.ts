import { describe, expect, test } from 'vitest';
import { defineTest } from '#src/control-tests/define.ts';
import type { FactKindName } from '#src/facts/index.ts';
import type { SourceState } from '#src/features/facts/index.ts';
import { HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { populationSources, providersOf, readinessOf } from './freshness.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 9);
const NOW = toInstant(NOW_MS);

function source(
  id: string,
  readings: Partial<Record<FactKindName, { hoursAgo: number; complete?: boolean }>>,
): SourceState {
  const kinds: SourceState['kinds'] = new Map();
  for (const [kind, { hoursAgo, complete = true }] of Object.entries(readings))
    kinds.set(kind as FactKindName, {
      firstNumber: 1,
      last: {
        collectionId: `col_${id}`,
        number: 1,
        finishedAt: toInstant(NOW_MS - hoursAgo * HOUR_MS),
        complete,
        note: complete ? null : 'A limit was reached.',
        digest: 'd',
      },
    });
  return { id, key: id, kind: 'repository', title: `the ${id}`, number: 1, retired: false, kinds };
}

const rule = defineTest({
  id: 'r',
  version: 1,
  title: 't',
  asks: 'a?',
  why: 'w',
  controls: ['AIG-01'],
  severity: 'low',
  fix: { summary: 's', steps: [] },
  uses: ['ai-service', 'inventory-item'],
  population: 'ai-service',
  maxAgeHours: 24,
  judge: () => [],
});

const repository = source('repository', { 'ai-service': { hoursAgo: 1 } });
const records = source('records', { 'inventory-item': { hoursAgo: 2 } });

describe('what a test reads', () => {
  test('the population comes from every source that states it', () => {
    expect(populationSources(rule, [repository, records]).map(({ id }) => id)).toEqual(['repository']);
  });

  test('a kind that the source itself states comes from it alone', () => {
    const both = source('both', { 'ai-service': { hoursAgo: 1 }, 'inventory-item': { hoursAgo: 1 } });
    expect(providersOf('inventory-item', both, [both, records]).map(({ id }) => id)).toEqual(['both']);
    expect(providersOf('inventory-item', repository, [both, records]).map(({ id }) => id)).toEqual(['both', 'records']);
  });
});

describe('whether it can be judged', () => {
  test('fresh and complete readings of all it uses', () => {
    expect(readinessOf(rule, repository, [repository, records], NOW)).toMatchObject({
      status: 'fresh',
      freshUntil: toInstant(NOW_MS + 22 * HOUR_MS),
    });
  });

  test('a used kind that nobody ever read is named', () => {
    expect(readinessOf(rule, repository, [repository], NOW)).toMatchObject({
      status: 'unread',
      because: 'Never read: no source has stated inventory item yet.',
    });
  });

  test('the oldest reading decides, to the millisecond', () => {
    const old = source('old', { 'inventory-item': { hoursAgo: 24 } });
    expect(readinessOf(rule, repository, [repository, old], NOW).status).toBe('stale');
    const justFresh = toInstant(NOW_MS - 1);
    expect(readinessOf(rule, repository, [repository, old], justFresh).status).toBe('fresh');
  });

  test('stale says since when, what was read last and how long that counts', () => {
    const old = source('old', { 'inventory-item': { hoursAgo: 48 } });
    expect(readinessOf(rule, repository, [repository, old], NOW).because).toBe(
      'Stale since 2026-11-22 09:00 UTC: the old was last read for inventory item on 2026-11-21 09:00 UTC, and a reading counts for 1 day.',
    );
  });

  test('an incomplete reading says why', () => {
    const partly = source('partly', { 'ai-service': { hoursAgo: 1, complete: false } });
    expect(readinessOf(rule, partly, [partly, records], NOW)).toMatchObject({
      status: 'incomplete',
      because: 'The reading of the partly on 2026-11-23 08:00 UTC is incomplete: A limit was reached.',
    });
  });

  test('too old weighs more than incomplete', () => {
    const both = source('both', { 'ai-service': { hoursAgo: 30, complete: false } });
    expect(readinessOf(rule, both, [both, records], NOW).status).toBe('stale');
  });
});
