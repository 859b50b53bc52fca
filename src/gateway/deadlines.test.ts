import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a deadline is never early and at most two ticks late', () => {
  const deadlines = new Deadlines();
  const due: number[] = [];
  const start = performance.now();
  for (const afterMs of [1, 19, 20, 100, 1_000]) deadlines.set(afterMs, () => due.push(performance.now() - start));
  vi.advanceTimersByTime(2_000);
  expect(due).toHaveLength(5);
  for (const [i, afterMs] of [1, 19, 20, 100, 1_000].entries()) {
    expect(due[i]).toBeGreaterThanOrEqual(afterMs);
    expect(due[i]).toBeLessThanOrEqual(afterMs + 60);
  }
});

test('one that is cleared is not due, one that is started again is due later, and nothing ticks when none is set', () => {
  const deadlines = new Deadlines();
  const due: string[] = [];
  const cleared = deadlines.set(100, () => due.push('cleared'));
  const moved = deadlines.set(100, () => due.push('moved'));
  vi.advanceTimersByTime(80);
  deadlines.clear(cleared);
  deadlines.restart(moved);
  vi.advanceTimersByTime(80);
  expect(due).toEqual([]);
  vi.advanceTimersByTime(80);
  expect(due).toEqual(['moved']);
  expect(vi.getTimerCount()).toBe(0);
  deadlines.restart(moved);
  vi.advanceTimersByTime(500);
  expect(due).toEqual(['moved']);
  expect(deadlines.size).toBe(0);
});

test('one that another one clears while both are due does not follow', () => {
  const deadlines = new Deadlines();
  const due: string[] = [];
  const second = { held: null as ReturnType<Deadlines['set']> | null };
  deadlines.set(20, () => {
    due.push('first');
    if (second.held) deadlines.clear(second.held);
  });
  second.held = deadlines.set(20, () => due.push('second'));
  vi.advanceTimersByTime(200);
  expect(due).toEqual(['first']);
});
