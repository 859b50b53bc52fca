import { describe, expect, it } from 'vitest';
import type { TextField } from '../wire/text-fields.ts';
import { type BlockFindings, KnownTurns } from './known-turns.ts';
import { ScreenMemo } from './memo.ts';
import type { TextFindings } from './screening.ts';

const field = (text: string, role: TextField['role'] = 'user'): TextField => ({
  path: '',
  text,
  role,
  set: () => undefined,
});
const turns = (count: number) => Array.from({ length: count }, (_, i) => field(`turn ${i}`));
const found = (score: number): TextFindings => ({ hits: [], cuts: [], injectionScore: score });
const scope = { tenantId: 't', policyDigest: 'p' };

/** Judges what is not known, each text by its place; gives which texts were judged. */
function judge(memo: ScreenMemo<BlockFindings>, fields: readonly TextField[], given = scope): number[] {
  const known = new KnownTurns(memo, given, fields);
  const judged: number[] = [];
  for (let i = 0; i < fields.length; i++) {
    if (known.at(i) !== undefined) {
      expect(known.at(i)).toEqual(found(i));
      continue;
    }
    judged.push(i);
    known.judged(i, found(i));
  }
  known.remember();
  return judged;
}

describe('turns that come again', () => {
  it('are known from the beginning on while a conversation grows', () => {
    const memo = new ScreenMemo<BlockFindings>();
    expect(judge(memo, turns(6))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(judge(memo, turns(7))).toEqual([4, 5, 6]);
    expect(judge(memo, turns(9))).toEqual([4, 5, 6, 7, 8]);
    expect(judge(memo, turns(18))).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    expect(judge(memo, turns(21))).toEqual([16, 17, 18, 19, 20]);
  });

  it('are not known of another tenant, policy, role or text', () => {
    const memo = new ScreenMemo<BlockFindings>();
    judge(memo, turns(4));
    expect(judge(memo, turns(4), { ...scope, tenantId: 'other' })).toHaveLength(4);
    expect(judge(memo, turns(4), { ...scope, policyDigest: 'other' })).toHaveLength(4);
    const others: TextField[][] = [
      [...turns(3), field('turn 3', 'tool')],
      [...turns(3), field('turn 4')],
      [field('turn 0user 6 turn 1'), ...turns(4).slice(2), field('')],
    ];
    for (const other of others) expect(judge(memo, other)).toHaveLength(4);
    expect(judge(memo, turns(4))).toEqual([]);
  });

  it('are remembered only when all of a block was judged', () => {
    const memo = new ScreenMemo<BlockFindings>();
    const known = new KnownTurns(memo, scope, turns(4));
    for (let i = 0; i < 3; i++) known.judged(i, found(i));
    known.remember();
    expect(judge(memo, turns(4))).toHaveLength(4);
  });
});
