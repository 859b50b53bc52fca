import { expect, test } from 'vitest';
import { matches, sortRows } from './table-order.ts';

const rows = [{ id: 'CC6.10' }, { id: 'CC6.2' }, { id: '' }, { id: 'cc1.1' }];

test('ids sort as people count, not as characters stand, and rows without a value come last both ways', () => {
  const up = sortRows(rows, (row) => row.id, false).map((row) => row.id);
  const down = sortRows(rows, (row) => row.id, true).map((row) => row.id);
  expect(up).toEqual(['cc1.1', 'CC6.2', 'CC6.10', '']);
  expect(down).toEqual(['CC6.10', 'CC6.2', 'cc1.1', '']);
});

test('numbers sort by size and the given rows are left as they were', () => {
  const given = [{ n: 10 }, { n: 9 }, { n: null }, { n: 100 }];
  expect(sortRows(given, (row) => row.n, true).map((row) => row.n)).toEqual([100, 10, 9, null]);
  expect(given[0]).toEqual({ n: 10 });
});

test('a filter finds rows that hold all of its words in any order', () => {
  expect(matches('Model registry with owner', 'OWNER model')).toBe(true);
  expect(matches('Model registry with owner', 'owner dataset')).toBe(false);
  expect(matches('anything', '')).toBe(true);
});
