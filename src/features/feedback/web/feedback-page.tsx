import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay, useWhyNot } from '#src/apps/web/session.ts';
import { EvaluationsFrame } from '#src/features/evaluations/web/evaluations-page.tsx';
import { systemsQuery } from '#src/features/inventory/web/queries.ts';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { wordsOf } from '#src/ui/words.ts';
import {
  FEEDBACK_OUTCOMES,
  FEEDBACK_STATES,
  type Feedback,
  type FeedbackDecision,
  type FeedbackOutcome,
  type FeedbackState,
  OUTCOME_WORDS,
} from '../model.ts';
import classes from './feedback.module.css';

const route = getRouteApi('/app/evaluations/feedback');

const STATE_WORDS: Record<FeedbackState, string> = {
  noted: 'Praise',
  open: 'To look at',
  triaged: 'A problem, still open',
  closed: 'Closed',
};
const isState = (text: string | undefined): text is FeedbackState => FEEDBACK_STATES.some((state) => state === text);

/** What users said of answers: who looked at it and when, and what was done. */
export function FeedbackPage() {
  const { state: asked } = route.useSearch();
  const navigate = route.useNavigate();
  const state = isState(asked) ? asked : undefined;
  const query = useQuery({
    queryKey: ['feedback', state ?? null],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(
          api.GET('/api/v1/feedback', {
            params: { query: { ...(state && { state }), limit: 500, ...(cursor && { cursor }) } },
            signal,
          }),
        ),
      ),
  });
  const systems = useQuery(systemsQuery).data?.items ?? [];
  const nameOf = new Map(systems.map(({ id, name }) => [id, name]));
  const [looking, setLooking] = useState<Feedback | null>(null);
  return (
    <EvaluationsFrame tab="Feedback">
      <Loaded query={query} what="the feedback">
        {({ items }) => (
          <DataTable
            label="Feedback"
            rows={items}
            columns={columnsWith({ nameOf: (id) => nameOf.get(id) ?? id, onLook: setLooking })}
            rowKey={({ id }) => id}
            fileName="feedback"
            filters={
              <Select
                size="xs"
                aria-label="State"
                placeholder="Every state"
                clearable
                data={FEEDBACK_STATES.map((value) => ({ value, label: STATE_WORDS[value] }))}
                value={state ?? null}
                onChange={(next) =>
                  void navigate({ search: isState(next ?? undefined) ? { state: next as string } : {} })
                }
              />
            }
            empty={
              <Empty title={state === undefined ? 'No user said anything yet' : 'Nothing in this state'}>
                {state === undefined
                  ? 'Applications send thumbs, labels and texts to POST /api/v1/feedback, with the id of the event of the answer.'
                  : 'Choose another state.'}
              </Empty>
            }
          />
        )}
      </Loaded>
      <Modal
        opened={looking !== null}
        onClose={() => setLooking(null)}
        title="Feedback"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {looking ? (
          <Look key={looking.id} feedback={looking} onChange={setLooking} onClose={() => setLooking(null)} />
        ) : null}
      </Modal>
    </EvaluationsFrame>
  );
}

function Look({
  feedback,
  onChange,
  onClose,
}: {
  feedback: Feedback;
  onChange: (feedback: Feedback) => void;
  onClose: () => void;
}) {
  const mayDecide = useMay('feedback.decide');
  const whyNot = useWhyNot('feedback.decide', 'decide about feedback');
  const toast = useToast();
  const queryClient = useQueryClient();
  const [outcome, setOutcome] = useState<FeedbackOutcome>('added_to_evaluation');
  const [reference, setReference] = useState('');
  const params = { path: { id: feedback.id } };
  const text = useQuery({
    queryKey: ['feedback', feedback.id, 'text'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/feedback/{id}/text', { params, signal })),
    enabled: mayDecide && feedback.textKept,
    // Nothing of a user's words stays in this browser once the dialog is gone.
    gcTime: 0,
  });
  const decide = useMutation({
    mutationFn: (body: FeedbackDecision) => answerOf(api.POST('/api/v1/feedback/{id}/decide', { params, body })),
    onSuccess: (decided) => {
      void queryClient.invalidateQueries({ queryKey: ['feedback'] });
      toast.done(STATE_WORDS[decided.state], 'The entry is recorded in the ledger.');
      if (decided.state === 'closed') onClose();
      else onChange(decided);
    },
  });
  return (
    <FormStack>
      <Facts
        rows={{
          Said: said(feedback),
          Answer: <code>{feedback.eventId}</code>,
          Came: <When at={feedback.receivedAt} both />,
          ...(feedback.dueAt !== null && { 'To look at until': <When at={feedback.dueAt} both /> }),
        }}
      />
      {feedback.hasText ? (
        feedback.textKept ? (
          mayDecide ? (
            <Loaded query={text} what="the text">
              {(one) => <blockquote className={classes.text}>{one.text}</blockquote>}
            </Loaded>
          ) : (
            <p>A text came with it. Whoever decides about feedback can read it.</p>
          )
        ) : (
          <p>The text is kept no longer.</p>
        )
      ) : null}
      {decide.error ? <FormProblem failure={asFailure(decide.error)} /> : null}
      {feedback.state === 'open' ? (
        <FormButtons>
          <ReasonButton
            variant="default"
            reason={whyNot}
            loading={decide.isPending}
            onClick={() => decide.mutate({ step: 'triage', problem: false })}
          >
            No problem: close it
          </ReasonButton>
          <ReasonButton
            reason={whyNot}
            loading={decide.isPending}
            onClick={() => decide.mutate({ step: 'triage', problem: true })}
          >
            It is a problem
          </ReasonButton>
        </FormButtons>
      ) : null}
      {feedback.state === 'triaged' ? (
        <>
          <Select
            label="What was done"
            allowDeselect={false}
            data={FEEDBACK_OUTCOMES.filter((one) => one !== 'no_problem').map((value) => ({
              value,
              label: OUTCOME_WORDS[value],
            }))}
            value={outcome}
            onChange={(next) => next && setOutcome(next as FeedbackOutcome)}
          />
          <TextInput
            label="Where"
            description="The evaluation item, incident or change, without spaces."
            value={reference}
            onChange={(event) => setReference(event.currentTarget.value)}
          />
          <FormButtons>
            <ReasonButton
              reason={whyNot}
              loading={decide.isPending}
              onClick={() =>
                decide.mutate({
                  step: 'close',
                  outcome,
                  ...(reference.trim() !== '' && { reference: reference.trim() }),
                })
              }
            >
              Close with this
            </ReasonButton>
          </FormButtons>
        </>
      ) : null}
    </FormStack>
  );
}

function said({ thumb, label, hasText }: Feedback): string {
  return [
    thumb === 'up' ? 'Thumb up' : thumb === 'down' ? 'Thumb down' : null,
    label === null ? null : wordsOf(label),
    hasText ? 'with a text' : null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

function stateText({ state, late }: Feedback): string {
  return late ? `${STATE_WORDS[state]}, late` : STATE_WORDS[state];
}

function columnsWith(act: {
  nameOf: (systemId: string) => string;
  onLook: (feedback: Feedback) => void;
}): Column<Feedback>[] {
  return [
    {
      key: 'received',
      title: 'Came',
      text: ({ receivedAt }) => receivedAt,
      render: ({ receivedAt }) => <When at={receivedAt} />,
    },
    {
      key: 'said',
      title: 'Said',
      narrow: 'title',
      text: said,
      render: (one) => (
        <Button variant="subtle" size="compact-sm" className={classes.look ?? ''} onClick={() => act.onLook(one)}>
          {said(one)}
        </Button>
      ),
    },
    {
      key: 'system',
      title: 'AI system',
      text: ({ systemId }) => act.nameOf(systemId),
      render: ({ systemId }) => (
        <Link to="/inventory/systems/$systemId" params={{ systemId }}>
          {act.nameOf(systemId)}
        </Link>
      ),
    },
    {
      key: 'model',
      title: 'Version',
      text: ({ modelVersion }) => modelVersion ?? '',
      render: ({ modelVersion }) => modelVersion ?? '',
    },
    {
      key: 'state',
      title: 'State',
      text: stateText,
      render: (one) => (
        <StateBadge
          state={
            one.late ? 'failing' : one.state === 'open' ? 'partial' : one.state === 'triaged' ? 'failing' : 'passing'
          }
          word={stateText(one)}
        />
      ),
    },
    {
      key: 'triaged',
      title: 'Looked at',
      text: ({ triagedAt }) => triagedAt ?? '',
      render: ({ triagedAt, triagedBy }) =>
        triagedAt === null ? (
          ''
        ) : (
          <>
            <When at={triagedAt} /> by {triagedBy?.name}
          </>
        ),
    },
    {
      key: 'outcome',
      title: 'What was done',
      text: ({ outcome, reference }) =>
        outcome === null ? '' : `${OUTCOME_WORDS[outcome]}${reference === null ? '' : `: ${reference}`}`,
      render: ({ outcome, reference }) =>
        outcome === null ? (
          ''
        ) : (
          <>
            {OUTCOME_WORDS[outcome]}
            {reference === null ? null : (
              <>
                : <code>{reference}</code>
              </>
            )}
          </>
        ),
    },
    {
      key: 'closed',
      title: 'Closed',
      text: ({ closedAt }) => closedAt ?? '',
      render: ({ closedAt }) => (closedAt === null ? '' : <When at={closedAt} />),
    },
  ];
}
