import { ActionIcon, Button, Modal, Select, Textarea } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { usePeople } from '#src/apps/web/people.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { useSystemOptions } from '#src/features/inventory/web/system-options.ts';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { ReviewButtons } from '#src/ui/review-buttons.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { listOf, sentenceCase } from '#src/ui/words.ts';
import { METRIC_WORDS, PROPERTIES, type Specification } from '../model.ts';
import classes from './monitors.module.css';
import { monitorsQuery, specificationsQuery } from './queries.ts';
import { figure } from './window-look.ts';

/** What each AI system promises, clause by clause, each tied to the monitor that measures it. */
export function SpecificationsPage() {
  const query = useQuery(specificationsQuery);
  const [isNew, setNew] = useState(false);
  const whyNot = useWhyNot('monitors.write', 'propose a specification');
  return (
    <Page
      title="Specifications"
      documentTitle="Specifications · Monitors"
      lead="Complete, valid, accurate, timely, authorized: what each system promises, frozen with the metric and the thresholds that decide it."
      actions={
        <ReasonButton variant="filled" reason={whyNot} onClick={() => setNew(true)}>
          Propose a specification
        </ReasonButton>
      }
    >
      <Loaded query={query} what="the specifications" rows={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No specification yet">
              An auditor asks first what “correct” means for a system whose answers are not the same twice. Approve the
              monitors, then tie each promise to one of them.
            </Empty>
          ) : (
            items.map((one) => <OneSpecification key={one.id} specification={one} />)
          )
        }
      </Loaded>
      <Modal
        opened={isNew}
        onClose={() => setNew(false)}
        size="lg"
        title="Propose a specification"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Form onClose={() => setNew(false)} />
      </Modal>
    </Page>
  );
}

const KEPT = 'The one before stays in the history. Both the proposal and your decision are entries of the ledger.';

function OneSpecification({ specification }: { specification: Specification }) {
  const whyNot = useWhyNot('monitors.approve', 'approve specifications');
  const queryClient = useQueryClient();
  const toast = useToast();
  const review = useMutation({
    mutationFn: (body: { decision: 'approved' | 'refused'; comment?: string }) =>
      answerOf(
        api.POST('/api/v1/monitors/specifications/{id}/review', { params: { path: { id: specification.id } }, body }),
      ),
    onSuccess: async (_, { decision }) => {
      toast.done(decision === 'approved' ? 'The specification is in force' : 'The specification was refused');
      await queryClient.invalidateQueries();
    },
  });
  return (
    <Section
      title={specification.systemName}
      aside={`version ${specification.version}, ${specification.state.replaceAll('_', ' ')}`}
    >
      <div className={classes.list}>
        <p>{specification.task}</p>
        {specification.clauses.map((clause) => (
          <p key={`${clause.property} ${clause.statement}`}>
            <strong>{sentenceCase(clause.property)}.</strong> {clause.statement}
            <span className={classes.sub}>
              <Link to="/monitors/$monitorId" params={{ monitorId: clause.monitorId }} search={{}}>
                {clause.monitorName}
              </Link>
              : {METRIC_WORDS[clause.metric.type]} by {clause.window}, warns from {figure(clause.thresholds.warn)},
              fails from {figure(clause.thresholds.fail)}
              {clause.asFrozen ? '' : '. The monitor was changed since: propose the specification again'}
            </span>
          </p>
        ))}
        {specification.uncovered.length > 0 ? (
          <p className={classes.state} data-tone="noData" style={{ whiteSpace: 'normal' }}>
            No clause says that it is {listOf(specification.uncovered)}.
          </p>
        ) : null}
        <p className={classes.sub}>
          Proposed by {specification.proposedBy.name}, <When at={specification.proposedAt} />: {specification.reason}
          {specification.reviewedBy ? ` Reviewed by ${specification.reviewedBy.name}.` : ''} SHA-256{' '}
          <code>{specification.digest.slice(0, 16)}…</code>
        </p>
        {specification.state === 'proposed' ? (
          <div className={classes.buttons}>
            <ReviewButtons
              whyNot={whyNot}
              approve={{
                title: 'Put this specification in force?',
                loses: KEPT,
                reason: { label: 'Comment', required: false },
              }}
              refuse={{
                title: 'Refuse this specification?',
                loses: KEPT,
                reason: { label: 'Comment', required: true },
              }}
              busy={review.isPending}
              error={review.error ? asFailure(review.error).message : null}
              onDecide={(decision, comment) => review.mutateAsync({ decision, ...(comment && { comment }) })}
            />
          </div>
        ) : null}
      </div>
    </Section>
  );
}

type ClauseForm = { key: number; property: string; statement: string; monitorId: string | null };

function Form({ onClose }: { onClose: () => void }) {
  const systems = useSystemOptions();
  const owners = usePeople();
  const [systemId, setSystemId] = useState<string | null>(null);
  const [ownerId, setOwnerId] = useState<string | null>(null);
  const [task, setTask] = useState('');
  const [reason, setReason] = useState('');
  const [clauses, setClauses] = useState<ClauseForm[]>([
    { key: 0, property: 'complete', statement: '', monitorId: null },
  ]);
  const monitors = useQuery({
    ...monitorsQuery(systemId ? { systemId } : {}),
    enabled: systemId !== null,
  }).data;
  const choices = (monitors?.items ?? []).flatMap(({ id, current }) =>
    current ? [{ value: id, label: current.definition.name }] : [],
  );
  const queryClient = useQueryClient();
  const toast = useToast();
  const propose = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/monitors/specifications', {
          body: {
            systemId: systemId ?? '',
            reason,
            content: {
              task,
              clauses: clauses.map(({ property, statement, monitorId }) => ({
                property: property as (typeof PROPERTIES)[number],
                statement,
                monitorId: monitorId ?? '',
                ownerId: ownerId ?? owners[0]?.value ?? '',
              })),
            },
          },
        }),
      ),
    onSuccess: async () => {
      onClose();
      toast.done('The specification waits for a second person');
      await queryClient.invalidateQueries();
    },
  });
  const failure = propose.error ? asFailure(propose.error) : null;
  const wrong = (field: string) => failure?.fields[`content.${field}`];
  const change = (key: number, put: Partial<ClauseForm>) =>
    setClauses(clauses.map((one) => (one.key === key ? { ...one, ...put } : one)));
  function submit(event: FormEvent) {
    event.preventDefault();
    propose.mutate();
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <FormRow>
          <Select
            label="AI system"
            required
            searchable
            data={systems}
            value={systemId}
            error={failure?.fields.systemId}
            onChange={setSystemId}
            data-autofocus
          />
          <Select
            label="Owner of the clauses"
            required
            data={owners}
            value={ownerId ?? owners[0]?.value ?? null}
            onChange={setOwnerId}
          />
        </FormRow>
        <Textarea
          label="What the system does"
          required
          autosize
          minRows={2}
          value={task}
          error={wrong('task')}
          onChange={(event) => setTask(event.currentTarget.value)}
        />
        {clauses.map((clause, i) => (
          <FormRow key={clause.key}>
            <Select
              label="It is"
              allowDeselect={false}
              data={PROPERTIES.map((value) => ({ value, label: sentenceCase(value) }))}
              value={clause.property}
              onChange={(value) => change(clause.key, { property: value ?? 'complete' })}
            />
            <Textarea
              label="Which means"
              required
              autosize
              value={clause.statement}
              error={wrong(`clauses.${i}.statement`)}
              onChange={(event) => change(clause.key, { statement: event.currentTarget.value })}
            />
            <Select
              label="Measured by"
              required
              searchable
              data={choices}
              value={clause.monitorId}
              error={wrong(`clauses.${i}.monitorId`)}
              nothingFoundMessage={systemId ? 'No approved monitor. Propose one first.' : 'Choose the system first.'}
              onChange={(value) => change(clause.key, { monitorId: value })}
            />
            <ActionIcon
              mt="xl"
              variant="subtle"
              aria-label={`Remove clause ${i + 1}`}
              disabled={clauses.length === 1}
              onClick={() => setClauses(clauses.filter((one) => one.key !== clause.key))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </FormRow>
        ))}
        <FormButtons align="start">
          <Button
            variant="default"
            size="compact-sm"
            onClick={() =>
              setClauses([
                ...clauses,
                {
                  key: Math.max(...clauses.map(({ key }) => key)) + 1,
                  property: PROPERTIES[Math.min(clauses.length, PROPERTIES.length - 1)] ?? 'complete',
                  statement: '',
                  monitorId: null,
                },
              ])
            }
          >
            Add a clause
          </Button>
        </FormButtons>
        <Textarea
          label="Why now"
          required
          autosize
          value={reason}
          error={failure?.fields.reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={propose.isPending}>
            Propose
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
