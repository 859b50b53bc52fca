import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answerOf, api } from '#src/apps/web/client.ts';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay } from '#src/apps/web/session.ts';
import type { Overview } from '#src/features/overview/model.ts';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page } from '#src/ui/page.tsx';
import { Changes } from './changes.tsx';
import { Collectors } from './collectors.tsx';
import { CriteriaStrip } from './criteria-strip.tsx';
import { NextSteps } from './next-steps.tsx';
import classes from './overview-page.module.css';
import { Register } from './register.tsx';
import { StateBar } from './state-bar.tsx';
import { Verdict } from './verdict.tsx';

export function OverviewPage() {
  const query = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/overview', { signal })),
  });
  return (
    <Page
      documentTitle="Overview"
      title={
        query.data && !query.data.empty ? (
          <Verdict counts={query.data.counts} />
        ) : (
          (query.data?.empty?.title ?? 'Overview')
        )
      }
      eyebrow={query.data ? <Scope overview={query.data} /> : null}
    >
      <Loaded query={query} what="the overview" rows={10}>
        {(overview) => (overview.empty ? <Start overview={overview} /> : <Filled overview={overview} />)}
      </Loaded>
    </Page>
  );
}

function Scope({ overview }: { overview: Overview }) {
  const { scope } = overview;
  return (
    <>
      <span>{scope.sentence}</span>
      {scope.daysLeft === null ? null : (
        <span className={classes.window}>
          {scope.daysLeft === 1 ? '1 day' : `${scope.daysLeft.toLocaleString('en-US')} days`} left in the window
        </span>
      )}
      <span className={classes.asOf}>
        as of <When at={overview.asOf} />
      </span>
    </>
  );
}

function Filled({ overview }: { overview: Overview }) {
  return (
    <>
      <StateBar counts={overview.counts} />
      <div className={classes.columns}>
        <Changes
          regressions={overview.regressions}
          newFailures={overview.newFailures}
          failing={overview.counts.failing}
        />
        <NextSteps steps={overview.doNext} />
      </div>
      <CriteriaStrip criteria={overview.criteria} />
      <div className={classes.columns}>
        <Register overview={overview} />
        <Collectors collectors={overview.collectors} />
      </div>
    </>
  );
}

/** Nothing has been read yet: say what happens here and offer the one thing that fills it. */
function Start({ overview }: { overview: Overview }) {
  const mayScan = useMay('scans.run');
  if (!overview.empty) return null;
  return (
    <>
      <div className={classes.start}>
        <Empty
          title="Scan the first source tree"
          command={overview.empty.command}
          action={
            mayScan ? (
              <LinkButton to="/inventory/scans" variant="filled">
                Scan a folder from here
              </LinkButton>
            ) : undefined
          }
        >
          {overview.empty.why}
        </Empty>
        <ol className={classes.steps}>
          <li>
            <strong>Scan.</strong> Models, datasets, prompts, agents and AI services are found, each with file and line.
          </li>
          <li>
            <strong>Judge.</strong> Control tests run over what was found. What nothing speaks for stays “no data”.
          </li>
          <li>
            <strong>Prove.</strong> Each reading is committed to a signed ledger and leaves as a bundle anyone can
            verify.
          </li>
        </ol>
      </div>
      <p className={classes.library}>
        {overview.verdict.sentence} <Link to="/controls">Read the controls</Link> or{' '}
        <Link to="/settings/company">set what the report covers</Link>.
      </p>
    </>
  );
}
