import { LANGUAGES } from '../injection/languages.ts';
import { pick } from './random.ts';
import type { TrainingRow } from './row.ts';

const UNSPACED = new Set(['zh', 'ja', 'th']);

/** Attacks and harmless sentences in 20 languages, put together from the grammar. */
export function multilingualRows(random: () => number): TrainingRow[] {
  const rows: TrainingRow[] = [];
  for (const language of LANGUAGES) {
    const overrides = language.overrides.split('|');
    const extracts = language.extracts.split('|');
    const roles = language.roles.split('|');
    const ordinary = language.ordinary.split('|');
    const joiner = UNSPACED.has(language.code) ? '，' : ', ';
    const end = UNSPACED.has(language.code) ? '。' : '.';
    const add = (text: string, label: 0 | 1) =>
      rows.push({
        text: `${text}${end}`,
        label,
        source: 'own-generated',
        category: label === 1 ? 'direct_multilingual' : 'benign_multilingual',
        lang: language.code,
      });
    for (const override of overrides) {
      add(override, 1);
      for (const extract of extracts) add(`${override}${joiner}${extract}`, 1);
      add(`${override}${joiner}${pick(random, roles)}`, 1);
      // A new task after the old ones are thrown out.
      for (let i = 0; i < 3; i++) add(`${override}${end} ${pick(random, ordinary).replace(/[.。]$/, '')}`, 1);
    }
    for (const extract of extracts) {
      add(extract, 1);
      add(`${pick(random, ordinary).replace(/[.。]$/, '')} ${pick(random, overrides)}${joiner}${extract}`, 1);
    }
    for (const role of roles) {
      add(role, 1);
      add(`${role}${joiner}${pick(random, extracts)}`, 1);
    }
    for (const sentence of ordinary) {
      for (let i = 0; i < 3; i++)
        rows.push({
          text: sentence,
          label: 0,
          source: 'own-generated',
          category: 'benign_multilingual',
          lang: language.code,
        });
      rows.push({
        text: `${sentence} ${pick(random, ordinary)}`,
        label: 0,
        source: 'own-generated',
        category: 'benign_multilingual',
        lang: language.code,
      });
    }
  }
  return rows;
}
