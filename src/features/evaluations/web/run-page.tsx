import { Switch } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Empty, Failure, Notice } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { EvaluationResult, EvaluationRun, RunScore } from '../model.ts';
import classes from './evaluations.module.css';
import { RunState } from './evaluations-page.tsx';
import { isUnderWay, resultsQuery, runQuery } from './queries.ts';

const route = getRouteApi('/app/evaluations/$runId');

/** One run: what each scorer says, and every item behind it. */
export function RunPage() {
  const { runId } = route.useParams();
  const query = useQuery(runQuery(runId));
  const run = query.data;
  return (
    <Page
      title={run ? `${run.title} over ${run.model}` : 'Evaluation run'}
      eyebrow={
        <>
          <Link to="/evaluations">Evaluations</Link>
          {run ? <RunState run={run} /> : null}
        </>
      }
      actions={run && isUnderWay(run) ? <Cancel run={run} /> : run && <CompareVariants run={run} />}
    >
      <Loaded query={query} what="the run">
        {(loaded) => (
          <>
            {loaded.error ? <Failure title="The run did not finish" message={loaded.error} /> : null}
            {isUnderWay(loaded) ? (
              <Notice>
                {loaded.done.toLocaleString('en-US')} of {loaded.items.toLocaleString('en-US')} items. You can leave
                this page: the run goes on.
              </Notice>
            ) : null}
            {loaded.because ? (
              <Notice tone={loaded.verdict === 'pass' ? 'pass' : loaded.verdict === 'fail' ? 'fail' : 'noData'}>
                {loaded.because}
              </Notice>
            ) : null}
            <Scores run={loaded} />
            <Results run={loaded} />
            <About run={loaded} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** A robustness run holds its plain items, too: each variant is held against them. */
function CompareVariants({ run }: { run: EvaluationRun }) {
  if (run.state !== 'finished' || !run.scores.some((score) => score.byVariant.length > 1)) return null;
  return (
    <LinkButton variant="default" to="/evaluations/compare" search={{ before: run.id, after: run.id }}>
      Compare the variants
    </LinkButton>
  );
}

function Cancel({ run }: { run: EvaluationRun }) {
  const toast = useToast();
  const whyNot = useWhyNot('evaluations.write', 'cancel runs');
  const cancel = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/evaluations/{id}/cancel', { params: { path: { id: run.id } } })),
    onError: (error) => toast.failed('Not canceled', asFailure(error).message),
  });
  return (
    <ReasonButton
      variant="default"
      reason={whyNot ?? (run.cancelRequested ? 'It is stopping already.' : null)}
      loading={cancel.isPending}
      onClick={() => cancel.mutate()}
    >
      Cancel the run
    </ReasonButton>
  );
}

const number = (value: number | null) => (value === null ? '–' : value.toFixed(3));

const SCORE_COLUMNS: Column<RunScore>[] = [
  { key: 'scorer', title: 'Scorer', narrow: 'title', text: (score) => score.scorer, render: (score) => score.scorer },
  {
    key: 'verdict',
    title: 'Outcome',
    text: (score) => score.verdict,
    render: (score) => <StateBadge state={score.verdict} />,
  },
  {
    key: 'mean',
    title: 'Mean',
    numeric: true,
    text: (score) => number(score.mean),
    sort: (score) => score.mean ?? -1,
    render: (score) => number(score.mean),
  },
  {
    key: 'interval',
    title: '95 % interval',
    text: (score) => (score.interval95 ? `${score.interval95.low} to ${score.interval95.high}` : ''),
    render: (score) =>
      score.interval95 ? (
        <span className={classes.number}>
          {number(score.interval95.low)} to {number(score.interval95.high)}{' '}
          <span className={classes.quiet}>{score.intervalMethod}</span>
        </span>
      ) : (
        '–'
      ),
  },
  {
    key: 'threshold',
    title: 'Threshold',
    text: (score) => number(score.threshold),
    render: (score) =>
      score.threshold === null
        ? 'none'
        : `${number(score.threshold)}${score.useLowerBound ? ', held by the lower end' : ''}`,
  },
  {
    key: 'n',
    title: 'Items',
    numeric: true,
    text: (score) => String(score.n),
    sort: (score) => score.n,
    render: (score) => `${score.n}${score.unscored > 0 ? `, ${score.unscored} without a score` : ''}`,
  },
  {
    key: 'variants',
    title: 'By variant or membership',
    text: (score) => score.byVariant.map((one) => `${one.variant} ${number(one.mean)}`).join('; '),
    render: (score) =>
      score.membership
        ? `AUC ${number(score.membership.auc)} [${number(score.membership.aucInterval95.low)}, ${number(score.membership.aucInterval95.high)}], advantage ${number(score.membership.advantage)}, ${score.membership.members} members, ${score.membership.nonMembers} others`
        : score.byVariant.map((one) => `${one.variant} ${number(one.mean)}`).join(', ') || '–',
  },
];

function Scores({ run }: { run: EvaluationRun }) {
  return (
    <Section title="Scores" flush>
      <DataTable
        label="Scores"
        rows={run.scores}
        columns={SCORE_COLUMNS}
        rowKey={(score) => score.scorer}
        fileName="evaluation-scores"
        empty={<Empty title="No scores yet">They are added up when every item has a result.</Empty>}
      />
    </Section>
  );
}

function Results({ run }: { run: EvaluationRun }) {
  const [failedOnly, setFailedOnly] = useState(false);
  const query = useQuery({ ...resultsQuery(run.id, failedOnly), enabled: !isUnderWay(run) });
  const columns: Column<EvaluationResult>[] = [
    { key: 'item', title: 'Item', narrow: 'title', text: (one) => one.itemId, render: (one) => one.itemId },
    {
      key: 'scores',
      title: 'Scores',
      text: scoresOf,
      render: (one) => (
        <>
          {scoresOf(one)}
          {Object.values(one.scores).map((score) =>
            score.reason ? (
              <div key={score.reason} className={classes.quiet}>
                {score.reason}
              </div>
            ) : null,
          )}
        </>
      ),
    },
    {
      key: 'output',
      title: 'Answer',
      sort: false,
      text: (one) => one.output ?? one.error ?? '',
      render: (one) => <pre className={classes.output}>{one.output ?? one.error ?? 'not kept'}</pre>,
    },
    {
      key: 'latency',
      title: 'Latency, ms',
      numeric: true,
      narrow: 'hide',
      text: (one) => String(one.latencyMs ?? ''),
      sort: (one) => one.latencyMs ?? -1,
      render: (one) => one.latencyMs?.toLocaleString('en-US') ?? '–',
    },
  ];
  if (isUnderWay(run)) return null;
  return (
    <Section
      title="Items"
      flush
      aside={
        <Switch
          label="Only what failed"
          checked={failedOnly}
          onChange={(event) => setFailedOnly(event.currentTarget.checked)}
        />
      }
    >
      <Loaded query={query} what="the items">
        {(page) => (
          <DataTable
            label="Items"
            rows={page.items}
            columns={columns}
            rowKey={(one) => one.itemId}
            fileName="evaluation-items"
            note={page.items.length < page.total ? `the first ${page.items.length} of ${page.total}` : undefined}
            empty={<Empty title="No item here">{failedOnly ? 'None failed.' : 'The run holds no item.'}</Empty>}
          />
        )}
      </Loaded>
    </Section>
  );
}

function scoresOf(one: EvaluationResult): string {
  const scores = Object.entries(one.scores).map(
    ([name, { score }]) => `${name} ${score === null ? 'no score' : Number(score.toFixed(3))}`,
  );
  return scores.join(', ') || 'none';
}

function About({ run }: { run: EvaluationRun }) {
  return (
    <Section title="About this run" flush>
      <Facts
        columns={2}
        rows={{
          Suite: run.suite ? `${run.suite.name}, version ${run.suite.version}` : 'none',
          Made: run.origin === 'run' ? 'here' : `by ${run.origin}, imported`,
          Model: run.model,
          'Model digest': run.target.modelDigest,
          Items: <Digest hex={run.datasetSha256} />,
          Results: run.resultsSha256 ? <Digest hex={run.resultsSha256} /> : null,
          Evidence: run.evidenceId ? (
            <Link to="/evidence/$evidenceId" params={{ evidenceId: run.evidenceId }}>
              Evidence and proof
            </Link>
          ) : null,
          'Asked for by': run.requestedBy.name,
          Began: <When at={run.startedAt} both />,
          Ended: <When at={run.finishedAt} both />,
        }}
      />
    </Section>
  );
}
