import { expect, test } from 'vitest';
import { compareHeads } from './given-heads.ts';

const ROOT = `${'A'.repeat(43)}=`;
const OTHER_ROOT = `${'B'.repeat(43)}=`;
const text = (origin: string, size: number, root = ROOT) => `${origin}\n${size}\n${root}\n`;
const note = (...head: Parameters<typeof text>) => `${text(...head)}\n— ${head[0]} AAAA\n`;

test('kept heads are told apart: the same, another history of the same size, and what says nothing of this head', () => {
  const given = [
    { name: 'mirror/20', note: note('log.example/1', 20) },
    { name: 'with more signatures', note: `${note('log.example/1', 20)}— witness.example/w AAAA\n` },
    { name: 'fork/20', note: note('log.example/1', 20, OTHER_ROOT) },
    { name: 'mirror/19', note: note('log.example/1', 19) },
    { name: 'another log', note: note('log.example/2', 20) },
    { name: 'notes.txt', note: 'no head at all' },
    { name: 'empty', note: '' },
  ];
  expect(compareHeads(given, { size: 20, text: text('log.example/1', 20) })).toEqual({
    holding: ['mirror/20', 'with more signatures'],
    contradicting: ['fork/20'],
    unrelated: ['mirror/19', 'another log', 'notes.txt', 'empty'],
  });
});
