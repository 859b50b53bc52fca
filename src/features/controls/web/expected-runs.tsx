import { Notice } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { count } from '#src/ui/words.ts';
import type { ExpectedRuns } from '../model.ts';
import classes from './control-page.module.css';

const SHOWN_MAX = 10;

/** Whether the tests ran when they were due. Silent while nothing was due yet. */
export function ExpectedRunsNotice({ runs }: { runs: ExpectedRuns | null }) {
  if (runs === null || runs.due === 0) return null;
  const missed = runs.due - runs.done;
  if (missed === 0)
    return (
      <p className={classes.runs}>
        All {count(runs.due, 'scheduled run')} of the last {runs.days} days took place. They are announced in the ledger
        ahead of time.
      </p>
    );
  return (
    <Notice tone="stale">
      {count(missed, 'scheduled run')} of {runs.due.toLocaleString('en-US')} in the last {runs.days} days did not take
      place. What changed meanwhile was judged later:
      <ul className={classes.missedRuns}>
        {runs.missed.slice(0, SHOWN_MAX).map((stretch) => (
          <li key={stretch.from}>
            <When at={stretch.from} both /> to <When at={stretch.to} both />
          </li>
        ))}
      </ul>
      {runs.missed.length > SHOWN_MAX ? `and ${runs.missed.length - SHOWN_MAX} stretches before. ` : null}
      Assay was not running, or its jobs failed: its log says which.
    </Notice>
  );
}
