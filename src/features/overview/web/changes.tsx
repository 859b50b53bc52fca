import { Link } from '@tanstack/react-router';
import { HrefLink } from '#src/apps/web/href-link.tsx';
import type { TestChange } from '#src/features/overview/model.ts';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateIcon } from '#src/ui/state-badge.tsx';
import { count, sentenceCase } from '#src/ui/words.ts';
import classes from './overview-page.module.css';

const SHOWN_MAX = 6;

/** What broke: first what worked before, then what never worked. */
export function Changes({
  regressions,
  newFailures,
  failing,
}: {
  regressions: TestChange[];
  newFailures: TestChange[];
  failing: number;
}) {
  const nothing = regressions.length === 0 && newFailures.length === 0;
  return (
    <Section
      title="What broke"
      count={regressions.length + newFailures.length}
      aside={
        <Link to="/controls" search={{ state: 'failing', scope: 'in' }}>
          All failing controls
        </Link>
      }
    >
      {nothing ? (
        <p className={classes.quietText}>
          {failing > 0 ? 'Nothing new. What fails has failed before.' : 'No test fails.'}
        </p>
      ) : null}
      <ChangeList title="Passed before" changes={regressions} />
      <ChangeList title="New" changes={newFailures} />
    </Section>
  );
}

function ChangeList({ title, changes }: { title: string; changes: TestChange[] }) {
  if (changes.length === 0) return null;
  const shown = changes.slice(0, SHOWN_MAX);
  return (
    <>
      <h3 className={classes.subhead}>{title}</h3>
      <ul className={classes.list}>
        {shown.map((change) => (
          <li key={change.testId}>
            <span className={classes.mark}>
              <StateIcon
                state={change.to === 'error' ? 'error' : change.to === 'no_data' ? 'no_data' : 'fail'}
                sizePx={16}
              />
            </span>
            <div className={classes.words}>
              <HrefLink href={change.href}>{change.testTitle}</HrefLink>
              <p className={classes.why}>
                {sentenceCase(change.severity)} · {count(change.failing, 'subject')} ·{' '}
                {change.controls.map((control, index) => (
                  <span key={control.id}>
                    {index > 0 ? ', ' : ''}
                    <span title={control.title}>{control.id}</span>
                  </span>
                ))}
              </p>
            </div>
            <span className={classes.aside}>
              <When at={change.at} age />
            </span>
          </li>
        ))}
      </ul>
      {changes.length > shown.length ? (
        <p className={classes.quietText}>and {count(changes.length - shown.length, 'more test')}</p>
      ) : null}
    </>
  );
}
