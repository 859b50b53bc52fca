import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { sentenceCase, wordsOf } from '#src/ui/words.ts';
import type { ScopeChange } from '../model.ts';
import classes from './company.module.css';

const FIELD_TITLES: Record<ScopeChange['field'], string> = {
  categories: 'Categories',
  frameworks: 'Frameworks',
  reportType: 'Report',
  observationWindow: 'Window',
};

/** Who changed what is examined, newest first. */
export function ScopeChanges({ changes }: { changes: ScopeChange[] }) {
  if (changes.length === 0) return null;
  return (
    <Section title="Changes of scope" count={changes.length} flush>
      <ol className={classes.changes}>
        {[...changes]
          .sort((a, b) => b.changedAt.localeCompare(a.changedAt))
          .map((change) => (
            <li key={`${change.changedAt} ${change.field}`}>
              <span className={classes.quiet}>
                <When at={change.changedAt} />
              </span>
              <span>
                {FIELD_TITLES[change.field]}: {inWords(change.before)} → {inWords(change.after)}
                <span className={classes.quiet}> by {change.changedBy.name}</span>
              </span>
            </li>
          ))}
      </ol>
    </Section>
  );
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return value.map((each) => wordsOf(String(each))).join(', ') || 'none';
  if (typeof value === 'object') return Object.values(value).join(' to ');
  return sentenceCase(String(value));
}
