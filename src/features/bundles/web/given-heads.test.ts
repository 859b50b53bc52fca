import { expect, test } from 'vitest';
import { smallLog } from '../../../../tests/support/small-log.ts';
import { compareHeads } from './given-heads.ts';

const log = smallLog('log.example/1', 20);
const forked = smallLog(log.origin, 20, { from: 3, salt: 'other' });
const other = smallLog('log.example/2', 20);
const textOf = (note: string) => note.slice(0, note.lastIndexOf('\n\n') + 1);

test('kept heads are told apart: the same, another history of the same size, and what says nothing of this head', () => {
  const given = [
    { name: 'mirror/20', note: log.note(20) },
    { name: 'with more signatures', note: `${log.note(20)}— witness.example/w AAAA\n` },
    { name: 'fork/20', note: forked.note(20) },
    { name: 'mirror/19', note: log.note(19) },
    { name: 'another log', note: other.note(20) },
    { name: 'notes.txt', note: 'no head at all' },
    { name: 'empty', note: '' },
  ];
  expect(compareHeads(given, { size: 20, text: textOf(log.note(20)) })).toEqual({
    holding: ['mirror/20', 'with more signatures'],
    contradicting: ['fork/20'],
    unrelated: ['mirror/19', 'another log', 'notes.txt', 'empty'],
  });
});
