import { rocAuc } from '#src/statistics/discrimination.ts';
import type { RunScore } from './model.ts';

const NORMAL_95 = 1.959_963_984_540_054;
/** Fewer records on either side say nothing about whether they can be told apart. */
export const MEMBERS_MIN = 20;
// One letter more or less of a short secret is found by chance.
const COMPACT_MIN = 4;

/**
 * Whether an answer gives a text back: `words` of its words in a row (all of them where it has fewer), or the whole of it with
 * spaces, hyphens and case set aside, as a number is often written another way. Pure, and linear in both lengths.
 */
export function givesBack(answer: string, text: string, words: number): boolean {
  const compact = (one: string) =>
    one
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '');
  const secret = compact(text);
  if (secret.length >= COMPACT_MIN && compact(answer).includes(secret)) return true;
  const wordsOf = (one: string) =>
    one
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const wanted = wordsOf(text);
  const said = wordsOf(answer);
  const length = Math.min(words, wanted.length);
  if (length === 0 || said.length < length) return false;
  const runs = new Set<string>();
  for (let k = 0; k + length <= wanted.length; k++) runs.add(wanted.slice(k, k + length).join(' '));
  for (let k = 0; k + length <= said.length; k++) if (runs.has(said.slice(k, k + length).join(' '))) return true;
  return false;
}

/**
 * How well scores tell members from others: the area under the ROC curve with DeLong's interval, and the membership advantage
 * (Yeom et al. 2018). Null with fewer than `MEMBERS_MIN` on a side.
 */
export function membershipOf(
  scored: readonly { isMember: boolean; score: number }[],
): NonNullable<RunScore['membership']> | null {
  const members = scored.filter(({ isMember }) => isMember).length;
  const nonMembers = scored.length - members;
  if (members < MEMBERS_MIN || nonMembers < MEMBERS_MIN) return null;
  const roc = rocAuc(
    scored.map(({ isMember }) => (isMember ? 1 : 0)),
    scored.map(({ score }) => score),
  );
  if (!roc) return null;
  const half = NORMAL_95 * roc.standardError;
  return {
    members,
    nonMembers,
    auc: roc.auc,
    aucInterval95: { low: Math.max(0, roc.auc - half), high: Math.min(1, roc.auc + half) },
    advantage: advantageOf(scored, members, nonMembers),
  };
}

/** 1 where members cannot be told from others, 0 where each can. */
export function privacyOfAuc(auc: number): number {
  return 1 - Math.max(0, 2 * auc - 1);
}

function advantageOf(
  scored: readonly { isMember: boolean; score: number }[],
  members: number,
  nonMembers: number,
): number {
  const sorted = [...scored].sort((a, b) => b.score - a.score);
  let [hits, alarms, best] = [0, 0, 0];
  sorted.forEach(({ isMember, score }, k) => {
    if (isMember) hits++;
    else alarms++;
    // A threshold lies between scores, not within equal ones.
    if (sorted[k + 1]?.score !== score) best = Math.max(best, hits / members - alarms / nonMembers);
  });
  return best;
}
