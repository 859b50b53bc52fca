import type { ControlCounts, Overview } from './model.ts';
import { amount, listed, sentence } from './words.ts';

/**
 * The state of the program in one sentence: what is wrong first, missing data as loud as failures, and no score. Green only
 * when nothing is wrong and nothing is missing.
 */
export function verdictOf(
  counts: ControlCounts,
  options: { nothingRead: boolean; daysLeft: number | null },
): Overview['verdict'] {
  if (options.nothingRead)
    return { sentence: `No AI system has been read yet. ${ownRecordsWords(counts)}`, tone: 'unknown' };
  if (counts.total === 0)
    return {
      sentence: 'No control is in scope. Choose frameworks and categories in the company profile.',
      tone: 'unknown',
    };
  const clock = options.daysLeft === null ? '' : ` ${windowWords(options.daysLeft)}`;
  const wrong = [
    counts.failing > 0 && `${amount(counts.failing, 'control')} ${counts.failing === 1 ? 'fails' : 'fail'}`,
    counts.error > 0 && `${counts.error} could not be tested`,
    counts.noData > 0 && `${counts.noData} ${counts.noData === 1 ? 'has' : 'have'} no data`,
    counts.stale > 0 && `${counts.stale} ${counts.stale === 1 ? 'rests' : 'rest'} on data that is too old`,
    counts.partial > 0 && `${counts.partial} ${counts.partial === 1 ? 'is' : 'are'} covered in part`,
  ].filter((part) => part !== false);
  const total = `of ${amount(counts.total, 'control')} in scope`;
  if (wrong.length === 0) {
    const tone = counts.total === counts.notApplicable ? 'unknown' : 'good';
    return { sentence: `${sentence(goodWords(counts))}${clock}`, tone };
  }
  const bad = counts.failing + counts.error > 0;
  const blind = counts.noData + counts.stale > 0;
  return {
    sentence: `${sentence(`${listed(wrong)}, ${total}`)}${clock}`,
    tone: bad ? 'bad' : blind ? 'unknown' : 'attention',
  };
}

/** What the product's own records (users, owners, reviews) already say while nothing else was read. */
function ownRecordsWords({ total, noData, failing }: ControlCounts): string {
  if (noData === total) return 'Nothing can be said about any control.';
  const fail = failing > 0 ? `, and ${amount(failing, 'control')} ${failing === 1 ? 'fails' : 'fail'}` : '';
  return `From the records kept here something can be said about ${amount(total - noData, 'control')} of ${total}${fail}.`;
}

function goodWords({ total, notApplicable }: ControlCounts): string {
  if (notApplicable === 0) return `all ${amount(total, 'control')} in scope pass`;
  const apply = total - notApplicable;
  if (apply === 0) return `none of ${amount(total, 'control')} in scope applies to what was read`;
  return `all ${amount(apply, 'control')} that apply pass, ${notApplicable} in scope ${notApplicable === 1 ? 'does' : 'do'} not`;
}

function windowWords(daysLeft: number): string {
  if (daysLeft < 0) return 'The observation window has closed.';
  if (daysLeft === 0) return 'The observation window closes today.';
  return sentence(`${amount(daysLeft, 'day')} left in the observation window`);
}
