import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty, Notice } from '#src/ui/feedback.tsx';
import { FormProblem } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { count } from '#src/ui/words.ts';
import type { DryRun } from '../model.ts';
import classes from './gateway.module.css';

const OUTCOMES = ['allowed', 'changed', 'refused', 'not_evaluated'] as const;
type OutcomeLine = { outcome: string; recorded: number; would: number };
type Difference = DryRun['differences'][number];

const OUTCOME_COLUMNS: Column<OutcomeLine>[] = [
  {
    key: 'outcome',
    title: 'Outcome',
    narrow: 'title',
    text: ({ outcome }) => outcome,
    render: ({ outcome }) => outcome,
  },
  {
    key: 'recorded',
    title: 'Recorded',
    numeric: true,
    text: ({ recorded }) => String(recorded),
    sort: ({ recorded }) => recorded,
    render: ({ recorded }) => recorded.toLocaleString('en-US'),
  },
  {
    key: 'would',
    title: 'With this version',
    numeric: true,
    text: ({ would }) => String(would),
    sort: ({ would }) => would,
    render: ({ would }) => would.toLocaleString('en-US'),
  },
];
const DIFFERENCE_COLUMNS: Column<Difference>[] = [
  {
    key: 'detector',
    title: 'Check',
    narrow: 'title',
    text: ({ detector }) => detector,
    render: ({ detector }) => detector,
  },
  {
    key: 'direction',
    title: 'In',
    text: ({ direction }) => direction,
    render: ({ direction }) => (direction === 'input' ? 'prompts' : 'answers'),
  },
  { key: 'from', title: 'Was', text: ({ from }) => from, render: ({ from }) => from },
  { key: 'to', title: 'Would be', text: ({ to }) => to, render: ({ to }) => to },
  {
    key: 'calls',
    title: 'Calls',
    numeric: true,
    text: ({ calls }) => String(calls),
    sort: ({ calls }) => calls,
    render: ({ calls }) => calls.toLocaleString('en-US'),
  },
  {
    key: 'examples',
    title: 'Such as',
    sort: false,
    text: ({ decisionIds }) => decisionIds.join(' '),
    render: ({ decisionIds }) =>
      decisionIds.slice(0, 3).map((id, at) => (
        <span key={id}>
          {at > 0 ? ', ' : ''}
          <Link to="/gateway/decisions/$decisionId" params={{ decisionId: id }} aria-label={`Call ${id}`}>
            {id.slice(-6)}
          </Link>
        </span>
      )),
  },
];

/** Tries a version on the calls of the last week, from their recorded scores. */
export function DryRunSection({ policyId, version }: { policyId: string; version: number }) {
  const whyNot = useWhyNot('gateway.read', 'read decisions');
  const run = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/gateway/policies/{id}/dry-run', { params: { path: { id: policyId } }, body: { version } }),
      ),
  });
  return (
    <Section
      title={`Try version ${version} on recorded calls`}
      flush
      lead="What it would have done to the calls of the last seven days under this policy. The record holds scores, never text: checks that were not made then are named, not guessed."
      aside={
        <ReasonButton variant="default" reason={whyNot} loading={run.isPending} onClick={() => run.mutate()}>
          Try it
        </ReasonButton>
      }
    >
      <FormProblem failure={run.error ? asFailure(run.error) : null} />
      {run.data ? <Ran ran={run.data} /> : null}
    </Section>
  );
}

/** What came of a dry run, with calls to look at. */
export function Ran({ ran }: { ran: DryRun }) {
  if (ran.calls === 0)
    return (
      <Notice tone="noData">
        No call was recorded under this policy between <When at={ran.fromAt} /> and <When at={ran.toAt} />: there is
        nothing to try it on.
      </Notice>
    );
  const outcomes = OUTCOMES.map((outcome) => ({
    outcome: outcome.replace('_', ' '),
    recorded: ran.recorded[outcome],
    would: ran.would[outcome],
  }));
  return (
    <div className={classes.stack}>
      <p>
        {count(ran.calls, 'call')} between <When at={ran.fromAt} /> and <When at={ran.toAt} />
        {ran.complete ? '' : ', the newest of more'}.
      </p>
      <DataTable
        label="Outcomes"
        rows={outcomes}
        columns={OUTCOME_COLUMNS}
        rowKey={({ outcome }) => outcome}
        empty={null}
      />
      <DataTable
        label="Differences"
        rows={ran.differences}
        columns={DIFFERENCE_COLUMNS}
        rowKey={({ detector, direction, from, to }) => `${detector} ${direction} ${from} ${to}`}
        empty={<Empty title="No call would end otherwise">As far as the record can say.</Empty>}
      />
      {ran.unknown.length > 0 ? (
        <Notice tone="noData">
          What the record cannot say:
          <ul className={classes.problems}>
            {ran.unknown.map(({ what, calls }) => (
              <li key={what}>
                {what} ({count(calls, 'call')})
              </li>
            ))}
          </ul>
        </Notice>
      ) : null}
    </div>
  );
}
