import { Button, Modal, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty, Notice } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { Page } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { Policy } from '../model.ts';
import classes from './gateway.module.css';
import { PolicyMovesSection } from './policy-moves.tsx';
import { policiesQuery } from './queries.ts';

const COLUMNS: Column<Policy>[] = [
  {
    key: 'name',
    title: 'Policy',
    narrow: 'title',
    text: ({ name }) => name,
    render: ({ id, name }) => (
      <Link to="/gateway/policies/$policyId" params={{ policyId: id }} {...rowLink}>
        {name}
      </Link>
    ),
  },
  {
    key: 'force',
    title: 'In force',
    text: ({ inForceVersion }) => (inForceVersion === null ? 'none' : String(inForceVersion)),
    render: ({ inForceVersion }) =>
      inForceVersion === null ? (
        <StateBadge state="no_policy" word="Nothing in force" />
      ) : (
        <StateBadge state="current" word={`Version ${inForceVersion}`} />
      ),
  },
  {
    key: 'open',
    title: 'Being worked on',
    text: ({ openVersion, openState }) => (openVersion === null ? '' : `${openVersion} ${openState}`),
    render: ({ openVersion, openState }) =>
      openVersion === null ? (
        '–'
      ) : (
        <StateBadge
          state={openState === 'submitted' ? 'submitted' : 'draft'}
          word={`Version ${openVersion}: ${openState === 'submitted' ? 'waiting for review' : 'draft'}`}
        />
      ),
  },
  {
    key: 'routes',
    title: 'Paths',
    text: ({ routes }) => routes.join(' '),
    render: ({ routes }) => <span className={classes.paths}>{routes.join('  ') || '–'}</span>,
  },
  {
    key: 'tenants',
    title: 'Tenants',
    numeric: true,
    text: ({ tenants }) => String(tenants),
    sort: ({ tenants }) => tenants,
    render: ({ tenants }) => tenants,
  },
];

/** What is checked, as versions that a second person approves. */
export function PoliciesPage() {
  const query = useQuery(policiesQuery);
  const whyNot = useWhyNot('gateway.write', 'write policies');
  const [writing, setWriting] = useState(false);
  return (
    <Page
      title="Policies"
      documentTitle="Policies · Gateway"
      lead="What is looked for in prompts and answers, and what happens then. A version counts once somebody other than its authors approved it."
      actions={
        <ReasonButton reason={whyNot} leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setWriting(true)}>
          Write a policy
        </ReasonButton>
      }
    >
      <Loaded query={query} what="the policies">
        {({ items, starterOffered }) => (
          <>
            <PolicyMovesSection />
            {starterOffered ? <Starter alone={items.length === 0} /> : null}
            <DataTable
              label="Policies"
              rows={items}
              columns={COLUMNS}
              rowKey={({ id }) => id}
              fileName="gateway-policies"
              empty={
                <Empty title="No policy yet" command="bin/assay gateway policy adopt-starter --cover-routes">
                  Without a policy in force nothing is screened, and every call is refused. Adopt the starter policy, or
                  write your own.
                </Empty>
              }
            />
          </>
        )}
      </Loaded>
      <Modal
        opened={writing}
        onClose={() => setWriting(false)}
        title="Write a policy"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <NewPolicy onClose={() => setWriting(false)} />
      </Modal>
    </Page>
  );
}

function Starter({ alone }: { alone: boolean }) {
  const toast = useToast();
  const whyNot = useWhyNot('gateway.review', 'put a policy in force');
  const adopt = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/gateway/policies/adopt-starter', { body: { coverRoutes: true } })),
    onSuccess: ({ covered }) =>
      toast.done('The starter policy is in force', covered.length > 0 ? `On ${covered.join(' ')}` : 'On no path yet.'),
    onError: (error) => toast.failed('The starter policy was not adopted', asFailure(error).message),
  });
  return (
    <Notice tone={alone ? 'fail' : 'neutral'}>
      <div className={classes.stack}>
        <div>
          <strong>{alone ? 'No policy is in force: every call is refused.' : 'A starter policy is offered.'}</strong> It
          stops injection and jailbreaks, takes secrets and hard identifiers out of prompts and answers, and refuses
          what could not be checked. Adopting it is your approval, and puts every path without a policy under it.
        </div>
        <div>
          <ReasonButton reason={whyNot} loading={adopt.isPending} onClick={() => adopt.mutate()}>
            Adopt the starter policy
          </ReasonButton>
        </div>
      </div>
    </Notice>
  );
}

function NewPolicy({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/gateway/policies', {
          body: { name, note: 'The first version, begun from the starter policy.' },
        }),
      ),
    onSuccess: ({ id }) => navigate({ to: '/gateway/policies/$policyId', params: { policyId: id } }),
  });
  const failure = create.error ? asFailure(create.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <TextInput
          label="Name"
          description="Lower-case letters, digits and hyphens. It begins as a draft that says what the starter policy says."
          required
          maxLength={40}
          value={name}
          error={failure?.fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Begin the draft
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
