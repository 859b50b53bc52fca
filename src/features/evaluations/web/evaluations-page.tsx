import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { TabLinks } from '#src/apps/web/tab-links.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import type { EvaluationRun, RunScore } from '../model.ts';
import classes from './evaluations.module.css';
import { runsQuery } from './queries.ts';

/** Runs of every suite and of other programs, newest first. */
export function EvaluationsPage() {
  const query = useQuery(runsQuery);
  const navigate = useNavigate();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const compare = () => {
    const chosen = (query.data?.items ?? []).filter((run) => selected.has(run.id));
    // Newest first in the list: the older one is the one before.
    const [after, before] = chosen;
    if (before && after) navigate({ to: '/evaluations/compare', search: { before: before.id, after: after.id } });
  };
  return (
    <EvaluationsFrame
      tab="Runs"
      actions={
        <ReasonButton
          variant="default"
          reason={selected.size === 2 ? null : 'Select two runs in the list first.'}
          onClick={compare}
        >
          Compare two runs
        </ReasonButton>
      }
    >
      <Loaded query={query} what="the evaluations">
        {(page) => (
          <DataTable
            label="Evaluation runs"
            rows={page.items}
            columns={COLUMNS}
            rowKey={(run) => run.id}
            fileName="evaluation-runs"
            selection={{ selected, onChange: setSelected }}
            empty={
              <Empty title="Nothing was evaluated yet" command="bin/assay evaluation import results.json">
                Import what promptfoo, lm-evaluation-harness, inspect_ai or OpenAI evals wrote, or run an approved suite
                here.
              </Empty>
            }
          />
        )}
      </Loaded>
    </EvaluationsFrame>
  );
}

export function EvaluationsFrame({
  tab,
  actions,
  children,
}: {
  tab: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Page
      title="Evaluations"
      documentTitle={tab === 'Runs' ? 'Evaluations' : `${tab} · Evaluations`}
      lead="What the models were measured with, against thresholds that were approved before the run."
      actions={actions}
    >
      <TabLinks
        label="Evaluations"
        tabs={[
          { to: '/evaluations', title: 'Runs' },
          { to: '/evaluations/suites', title: 'Suites' },
          { to: '/evaluations/releases', title: 'Releases' },
          { to: '/evaluations/labels', title: 'Labels' },
          { to: '/evaluations/feedback', title: 'Feedback' },
        ]}
      />
      {children}
    </Page>
  );
}

export function scoreText(score: RunScore): string {
  if (score.mean === null) return `${score.scorer}: no data`;
  const interval = score.interval95 ? ` [${score.interval95.low.toFixed(2)}, ${score.interval95.high.toFixed(2)}]` : '';
  return `${score.scorer} ${score.mean.toFixed(3)}${interval}`;
}

export function RunState({ run }: { run: EvaluationRun }) {
  if (run.state === 'finished') return <StateBadge state={run.verdict ?? 'no_data'} />;
  return <StateBadge state={run.state} />;
}

const COLUMNS: Column<EvaluationRun>[] = [
  {
    key: 'title',
    title: 'Evaluation',
    narrow: 'title',
    text: (run) => run.title,
    render: (run) => (
      <>
        <Link to="/evaluations/$runId" params={{ runId: run.id }} {...rowLink}>
          {run.title}
        </Link>
        <div className={classes.quiet}>{run.suite ? `version ${run.suite.version}` : `imported, ${run.origin}`}</div>
      </>
    ),
  },
  { key: 'model', title: 'Model', text: (run) => run.model, render: (run) => run.model },
  {
    key: 'verdict',
    title: 'Outcome',
    text: (run) => run.verdict ?? run.state,
    render: (run) => <RunState run={run} />,
  },
  {
    key: 'scores',
    title: 'Scores, 95 % interval',
    text: (run) => run.scores.map(scoreText).join('; '),
    render: (run) =>
      run.scores.length === 0 ? (
        <span className={classes.quiet}>
          {run.done.toLocaleString('en-US')} of {run.items.toLocaleString('en-US')} items
        </span>
      ) : (
        run.scores.slice(0, 3).map((score) => (
          <div key={score.scorer} className={classes.number}>
            {scoreText(score)}
          </div>
        ))
      ),
  },
  { key: 'at', title: 'Asked for', text: (run) => run.requestedAt, render: (run) => <When at={run.requestedAt} /> },
];
