import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useSession, useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { CopyButton } from '#src/ui/copy-button.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { API_KEY_DAYS_MAX, type ApiKey, type CreateApiKey, ROLE_MEANINGS, ROLES, type Role } from '../model.ts';
import classes from './users.module.css';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;

export function KeysPage() {
  const query = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/keys', { signal })),
  });
  const whyNot = useWhyNot('keys.write', 'make API keys');
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const columns: Column<ApiKey>[] = [
    {
      key: 'name',
      title: 'Name',
      narrow: 'title',
      text: (key) => key.name,
      render: (key) => <strong style={{ fontWeight: 500 }}>{key.name}</strong>,
    },
    { key: 'hint', title: 'Begins with', text: (key) => key.hint, render: (key) => <code>{key.hint}…</code> },
    { key: 'owner', title: 'Acts for', text: (key) => key.ownerName, render: (key) => key.ownerName },
    {
      key: 'role',
      title: 'May do what',
      text: (key) => ROLE_MEANINGS[key.role].title,
      render: (key) => (key.permissions ? key.permissions.join(', ') : `${ROLE_MEANINGS[key.role].title} may do`),
    },
    { key: 'state', title: 'State', text: (key) => key.state, render: (key) => <StateBadge state={key.state} /> },
    { key: 'expires', title: 'Last day', text: (key) => key.expiresOn, render: (key) => <Day on={key.expiresOn} /> },
    {
      key: 'used',
      title: 'Last used',
      text: (key) => key.lastUsedAt ?? '',
      render: (key) => <When at={key.lastUsedAt} age />,
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (key) => (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          onClick={() => setRevoking(key)}
          aria-label={`Revoke ${key.name}`}
        >
          Revoke …
        </Button>
      ),
    },
  ];
  return (
    <>
      <Section
        title="API keys"
        flush
        lead="For programs, such as a scan in CI. A key acts for the person who made it, never does more than that person may, and ends on a day."
        aside={
          <ReasonButton reason={whyNot} onClick={() => setMaking(true)}>
            Make a key
          </ReasonButton>
        }
      >
        <Loaded query={query} what="the API keys">
          {(page) => (
            <DataTable
              label="API keys"
              rows={page.items}
              columns={columns}
              rowKey={(key) => key.id}
              empty={<Empty title="No API key yet">Make one to let a pipeline record its scans here.</Empty>}
            />
          )}
        </Loaded>
      </Section>
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title="Make an API key"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <NewKey
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false);
            setMade(key);
          }}
        />
      </Modal>
      <SecretShown made={made} onClose={() => setMade(null)} />
      <Revoke apiKey={revoking} onClose={() => setRevoking(null)} />
    </>
  );
}

function NewKey({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (made: { name: string; secret: string }) => void;
}) {
  const me = useSession().user;
  const today = Date.now();
  const day = (days: number) => new Date(today + days * DAY_MS).toISOString().slice(0, 10);
  const [name, setName] = useState('');
  // The weakest one: whoever needs more says so.
  const [role, setRole] = useState<Role>('viewer');
  const [expiresOn, setExpiresOn] = useState(day(DEFAULT_DAYS));
  const create = useMutation({
    mutationFn: (body: CreateApiKey) => answerOf(api.POST('/api/v1/keys', { body })),
    onSuccess: ({ key, secret }) => onMade({ name: key.name, secret }),
  });
  const failure = create.error ? asFailure(create.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate({ name, expiresOn, role });
  }
  const weaker = ROLES.slice(me ? ROLES.indexOf(me.role) : 0);
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <TextInput
          label="Name"
          description="What uses it, e.g. “CI of the model repository”."
          required
          maxLength={80}
          value={name}
          error={failure?.fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Select
          label="May do what"
          required
          allowDeselect={false}
          data={weaker.map((value) => ({ value, label: `What ${ROLE_MEANINGS[value].title.toLowerCase()} may do` }))}
          value={role}
          error={failure?.fields.role}
          onChange={(value) => setRole((value ?? 'viewer') as Role)}
        />
        <TextInput
          type="date"
          label="Last day"
          description={`At most ${API_KEY_DAYS_MAX} days away.`}
          required
          min={day(0)}
          max={day(API_KEY_DAYS_MAX)}
          value={expiresOn}
          error={failure?.fields.expiresOn}
          onChange={(event) => setExpiresOn(event.currentTarget.value)}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Make the key
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

function SecretShown({ made, onClose }: { made: { name: string; secret: string } | null; onClose: () => void }) {
  return (
    <Modal
      opened={made !== null}
      onClose={onClose}
      title={`Key “${made?.name ?? ''}”`}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {made ? (
        <FormStack>
          <p>Copy it now. Assay keeps only a hash and cannot show it again.</p>
          <div className={classes.secret}>
            <code>{made.secret}</code>
            <CopyButton text={made.secret} what="key" />
          </div>
          <p>
            Send it as <code>Authorization: Bearer …</code>.
          </p>
          <FormButtons>
            <Button onClick={onClose}>I have stored it</Button>
          </FormButtons>
        </FormStack>
      ) : null}
    </Modal>
  );
}

function Revoke({ apiKey, onClose }: { apiKey: ApiKey | null; onClose: () => void }) {
  const toast = useToast();
  const revoke = useMutation({
    mutationFn: (id: string) => answerOf(api.DELETE('/api/v1/keys/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      toast.done('Revoked');
      onClose();
    },
  });
  return (
    <Confirm
      opened={apiKey !== null}
      title={`Revoke “${apiKey?.name ?? ''}”?`}
      loses="Programs that use it are refused from now on. This cannot be taken back; make a new key instead. What was done with it stays on record."
      action="Revoke"
      busy={revoke.isPending}
      error={revoke.error ? asFailure(revoke.error).message : null}
      onConfirm={() => apiKey && revoke.mutate(apiKey.id)}
      onClose={onClose}
    />
  );
}
