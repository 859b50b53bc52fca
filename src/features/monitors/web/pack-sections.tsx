import { Link } from '@tanstack/react-router';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { count } from '#src/ui/words.ts';
import type { Evidence } from '../model.ts';
import classes from './monitors.module.css';
import { figure } from './window-look.ts';

const STATE_OF = { shown: 'passing', partly: 'partial', not_shown: 'no_data' } as const;
const STATE_WORDS = { shown: 'Shown', partly: 'Partly shown', not_shown: 'Not shown' } as const;

/** What the page says to each criterion of processing integrity, and what it cannot say. */
export function PackAnswers({ evidence }: { evidence: Evidence }) {
  return (
    <Section title="What this answers">
      <div className={classes.list}>
        {evidence.answers.map((one) => (
          <div key={one.criterion}>
            <h3>
              {one.criterion} {one.title} <StateBadge state={STATE_OF[one.state]} word={STATE_WORDS[one.state]} />
            </h3>
            {one.shown.map((text) => (
              <p key={text}>{text}</p>
            ))}
            {one.missing.map((text) => (
              <p
                key={text}
                className={classes.state}
                data-tone="noData"
                style={{ display: 'block', whiteSpace: 'normal' }}
              >
                {text}
              </p>
            ))}
          </div>
        ))}
      </div>
    </Section>
  );
}

type Run = Evidence['gate']['runs'][number];
const RUN_COLUMNS: Column<Run>[] = [
  {
    key: 'suite',
    title: 'Suite',
    narrow: 'title',
    text: (run) => run.suite,
    render: (run) => (
      <Link to="/evaluations/$runId" params={{ runId: run.runId }}>
        {run.suite}
      </Link>
    ),
  },
  {
    key: 'model',
    title: 'Model',
    text: (run) => `${run.model} ${run.modelDigest ?? ''}`,
    render: (run) => (
      <>
        {run.model}
        {run.modelDigest ? <div className={classes.sub}>{run.modelDigest}</div> : null}
      </>
    ),
  },
  { key: 'outcome', title: 'Outcome', text: (run) => run.outcome, render: (run) => <StateBadge state={run.outcome} /> },
  {
    key: 'scores',
    title: 'Scores, 95 % interval, threshold',
    text: (run) => run.scores.map(scoreText).join('; '),
    render: (run) =>
      run.scores.length === 0
        ? (run.because ?? '–')
        : run.scores.map((score) => <div key={score.scorer}>{scoreText(score)}</div>),
  },
  { key: 'at', title: 'Asked for', text: (run) => run.at, render: (run) => <When at={run.at} /> },
];

function scoreText({ scorer, n, mean, low, high, threshold }: Run['scores'][number]): string {
  if (mean === null) return `${scorer}: no data, n ${n}`;
  const interval = low === null || high === null ? '' : ` [${figure(low)}, ${figure(high)}]`;
  return `${scorer} ${figure(mean)}${interval}, n ${n}${threshold === null ? '' : `, at least ${figure(threshold)}`}`;
}

/** Runs of evaluations whatever came of them, newest first. */
export function RunsTable({ runs, total }: { runs: readonly Run[]; total: number }) {
  return (
    <>
      <DataTable
        label="Evaluation runs of the time"
        rows={[...runs]}
        columns={RUN_COLUMNS}
        rowKey={(run) => run.runId}
        fileName="evaluation-runs"
        empty={<Empty title="No evaluation was run in this time">A release without a run proves nothing.</Empty>}
      />
      {total > runs.length ? (
        <p className={classes.sub}>
          The latest {runs.length} of {total} are listed.
        </p>
      ) : null}
    </>
  );
}

export function PackGate({ evidence: { gate } }: { evidence: Evidence }) {
  return (
    <Section title="Gate before release" count={gate.runsTotal}>
      <div className={classes.list}>
        {gate.suites.map((suite) => (
          <p key={suite.suiteId}>
            {suite.name}:{' '}
            {suite.version === null
              ? 'no version is approved'
              : `${suite.purpose}, version ${suite.version}, ${count(suite.items, 'item')}, ${count(suite.thresholds, 'threshold')}, approved `}
            {suite.approvedAt ? <Day on={suite.approvedAt} /> : null}
          </p>
        ))}
        {gate.releases.map((release) => (
          <p key={release.releaseId}>
            <StateBadge state={release.verdict} /> Release of {release.model} {release.modelDigest ?? ''},{' '}
            <When at={release.at} />. <span className={classes.sub}>{release.because}</span>
          </p>
        ))}
      </div>
      <RunsTable runs={gate.runs} total={gate.runsTotal} />
    </Section>
  );
}

type Route = Evidence['outputs']['routes'][number];
const ROUTE_COLUMNS: Column<Route>[] = [
  { key: 'path', title: 'Route', narrow: 'title', text: (route) => route.path, render: (route) => route.path },
  {
    key: 'validators',
    title: 'Validators',
    text: (route) => route.validators.join('; '),
    render: (route) =>
      route.validators.length === 0 ? <StateBadge state="no_data" word="None" /> : route.validators.join(', '),
  },
  {
    key: 'policy',
    title: 'Policy in force',
    text: (route) => `${route.policy ?? 'none'} ${route.policyVersion ?? ''}`,
    render: (route) => (route.policyVersion === null ? 'none' : `${route.policy}, version ${route.policyVersion}`),
  },
  {
    key: 'checked',
    title: 'Calls checked',
    text: (route) => `${route.checked} of ${route.calls}`,
    sort: (route) => route.calls,
    render: (route) =>
      `${route.checked.toLocaleString('en-US')} of ${route.calls.toLocaleString('en-US')}${route.calls > 0 ? ` (${figure((100 * route.checked) / route.calls)} %)` : ''}`,
  },
  {
    key: 'rejected',
    title: 'Held back',
    text: (route) => String(route.rejected),
    sort: (route) => route.rejected,
    render: (route) => (
      <>
        {route.rejected.toLocaleString('en-US')}
        {Object.entries(route.rejections).map(([code, n]) => (
          <div key={code} className={classes.sub}>
            {code.replaceAll('_', ' ')} {n}
          </div>
        ))}
      </>
    ),
  },
];

export function PackOutputs({ evidence: { outputs } }: { evidence: Evidence }) {
  return (
    <Section title="Validation of outputs" count={outputs.routes.length}>
      <DataTable
        label="Routes of the system"
        rows={outputs.routes}
        columns={ROUTE_COLUMNS}
        rowKey={(route) => route.routeId}
        fileName="output-validation"
        empty={
          <Empty title="No route of the gateway belongs to this system">
            Put the gateway in front of it, and say under <Link to="/gateway">Gateway</Link> which system a route
            serves.
          </Empty>
        }
      />
      {outputs.samples.length > 0 ? (
        <div className={classes.list}>
          <h3>Answers held back, newest first</h3>
          {outputs.samples.map((one) => (
            <p key={one.decisionId}>
              <Link to="/gateway/decisions/$decisionId" params={{ decisionId: one.decisionId }}>
                <When at={one.at} />
              </Link>{' '}
              {one.path}: {one.code.replaceAll('_', ' ')}
              {one.model ? `, ${one.model}` : ''}
            </p>
          ))}
        </div>
      ) : null}
    </Section>
  );
}

export function PackReview({ evidence: { review } }: { evidence: Evidence }) {
  return (
    <Section title="Review and response" count={review.alertsTotal}>
      <div className={classes.list}>
        {review.alerts.length === 0 ? <p>No monitor or suite of the system raised an alert in this time.</p> : null}
        {review.alerts.map((one) => (
          <p key={one.alertId}>
            <StateBadge state={one.resolvedAt ? 'resolved' : one.acknowledgedAt ? 'acknowledged' : 'open'} />{' '}
            <Link to="/alerts" search={{ alert: one.alertId }}>
              {one.title}
            </Link>
            , {one.severity}, <When at={one.openedAt} />
            <span className={classes.sub}>
              {one.resolution ? `${one.resolution.replaceAll('_', ' ')}. ` : ''}
              {one.onTime ? 'Handled on time. ' : 'Not handled on time. '}
              {one.retestPassed === null
                ? ''
                : one.retestPassed
                  ? 'The next measure passed. '
                  : 'The next measure failed. '}
              {one.incidentId ? 'It is part of an incident.' : ''}
            </span>
          </p>
        ))}
        {review.alertsTotal > review.alerts.length ? (
          <p className={classes.sub}>
            The latest {review.alerts.length} of {review.alertsTotal} are listed.
          </p>
        ) : null}
        <h3>Answers that people labeled</h3>
        {review.labels.length === 0 ? <p>No sample of answers was drawn for people in this time.</p> : null}
        {review.labels.map((one) => (
          <p key={one.sampleId}>
            <Day on={one.drawnAt} />, {one.scorer}
            {one.runId === null ? ' over live traffic' : ''}: {one.labeledTwice} of {one.sampled} labeled by two persons
            {one.agreement === null ? '' : `, who agree on ${figure(100 * one.agreement)} %`}
            {one.correctedRate === null || one.low === null || one.high === null
              ? '; no corrected rate yet'
              : `; unsupported, corrected by them: ${figure(100 * one.correctedRate)} % [${figure(100 * one.low)}, ${figure(100 * one.high)}]`}
          </p>
        ))}
      </div>
    </Section>
  );
}

export function PackStore({ evidence: { store } }: { evidence: Evidence }) {
  return (
    <Section title="What is kept, and that it is whole">
      <p className={classes.body}>
        {store.windowsSealed.toLocaleString('en-US')} windows of this time are kept with a digest. The gateway recorded{' '}
        {store.decisions.toLocaleString('en-US')} decisions in {store.decisionWindowsSealed.toLocaleString('en-US')}{' '}
        sealed windows; {store.decisionsMissing.toLocaleString('en-US')} were numbered and did not arrive.
      </p>
    </Section>
  );
}
