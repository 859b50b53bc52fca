import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import type { Change } from '../model.ts';
import classes from './change-history.module.css';

/** Who decided what, newest first. */
export function ChangeHistory({ changes, title = 'History' }: { changes: Change[]; title?: string }) {
  const newest = [...changes].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <Section title={title} count={changes.length} flush>
      {changes.length === 0 ? <p className={classes.none}>Nothing was decided yet.</p> : null}
      <ol className={classes.changes}>
        {newest.map((change) => (
          <li key={`${change.at} ${change.to}`}>
            <span className={classes.at}>
              <When at={change.at} />
            </span>
            <div>
              {change.from ? `${sentenceCase(change.from)} → ${sentenceCase(change.to)}` : sentenceCase(change.to)}
              <span className={classes.by}> by {change.by?.name ?? 'a scan'}</span>
              {change.reason ? <p className={classes.reason}>{change.reason}</p> : null}
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}
