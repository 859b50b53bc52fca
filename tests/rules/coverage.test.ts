import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const text = readFileSync(resolve(import.meta.dirname, '../../docs/coverage.md'), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| S-'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, id = '', what = '', state = '', where = '']) => ({ id, what, state, where }));

it('the coverage table lists every row once and in order', () => {
  const expected = Array.from({ length: 239 }, (_, i) => `S-${String(i + 1).padStart(3, '0')}`);
  expect(rows.map((row) => row.id)).toEqual(expected);
});

it('the coverage table gives each row one of three states, and a place to look where something works', () => {
  for (const { id, what, state, where } of rows) {
    expect(['works', 'partial', 'not yet'], id).toContain(state);
    expect(what, id).not.toBe('');
    if (state !== 'not yet') expect(where, `${id} is ${state}`).not.toBe('');
  }
});

it('the coverage table counts its states rightly', () => {
  const count = (state: string) => rows.filter((row) => row.state === state).length;
  expect(text).toContain(
    `${count('works')} work, ${count('partial')} partial, ${count('not yet')} not yet, ${rows.length} in all.`,
  );
});
