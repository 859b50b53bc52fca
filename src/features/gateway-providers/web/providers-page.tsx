import { Button, Menu, Modal, PasswordInput, Select, Switch, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import classes from '#src/features/gateway-policies/web/gateway.module.css';
import { providersQuery } from '#src/features/gateway-policies/web/queries.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import {
  AUTH_STYLES,
  type AuthStyle,
  type NewProvider,
  PROVIDER_DEFAULTS,
  PROVIDER_KINDS,
  type Provider,
  type ProviderKind,
  TEST_OUTCOMES,
} from '../model.ts';

const options = (titles: Record<string, string | { title: string }>) =>
  Object.entries(titles).map(([value, title]) => ({ value, label: typeof title === 'string' ? title : title.title }));

/** Who answers the calls, and whether they can be reached. */
export function ProvidersPage() {
  const query = useQuery(providersQuery);
  const whyNot = useWhyNot('gateway.write', 'change providers');
  const [adding, setAdding] = useState(false);
  const [keying, setKeying] = useState<Provider | null>(null);
  const [removing, setRemoving] = useState<Provider | null>(null);
  const columns = columnsWith({ whyNot, onKey: setKeying, onRemove: setRemoving });
  return (
    <>
      <Page
        title="Providers"
        documentTitle="Providers · Gateway"
        lead="Keys are kept in the secret store, encrypted. They are sent to their provider and shown to nobody."
        actions={
          <ReasonButton
            reason={whyNot}
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            Add a provider
          </ReasonButton>
        }
      >
        <Loaded query={query} what="the providers">
          {({ items }) => (
            <DataTable
              label="Providers"
              rows={items}
              columns={columns}
              rowKey={({ id }) => id}
              fileName="gateway-providers"
              empty={
                <Empty
                  title="No provider yet"
                  command="bin/assay gateway provider add openai --kind openai --key-env OPENAI_API_KEY --starter-policy"
                >
                  OpenAI, Anthropic, or anything that speaks their languages: vLLM, Ollama, Azure OpenAI, Bedrock behind
                  a compatible endpoint.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Page>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title="Add a provider"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <AddProvider onClose={() => setAdding(false)} />
      </Modal>
      <Modal
        opened={keying !== null}
        onClose={() => setKeying(null)}
        title={`Key of ${keying?.name ?? ''}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {keying ? <StoreKey provider={keying} onClose={() => setKeying(null)} /> : null}
      </Modal>
      <Remove provider={removing} onClose={() => setRemoving(null)} />
    </>
  );
}

function columnsWith(act: {
  whyNot: string | null;
  onKey: (provider: Provider) => void;
  onRemove: (provider: Provider) => void;
}): Column<Provider>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      narrow: 'title',
      text: ({ name }) => name,
      render: ({ name }) => <strong style={{ fontWeight: 500 }}>{name}</strong>,
    },
    {
      key: 'kind',
      title: 'Kind',
      text: ({ kind }) => PROVIDER_KINDS[kind].title,
      render: ({ kind }) => PROVIDER_KINDS[kind].title,
    },
    {
      key: 'address',
      title: 'Address',
      text: ({ baseUrl }) => baseUrl,
      render: ({ baseUrl }) => <code className={classes.paths}>{baseUrl}</code>,
    },
    {
      key: 'key',
      title: 'Key',
      text: ({ keySetAt, authStyle }) => (authStyle === 'none' ? 'not needed' : (keySetAt ?? 'missing')),
      render: (provider) =>
        provider.authStyle === 'none' ? (
          'not needed'
        ) : provider.keySetAt ? (
          <When at={provider.keySetAt} age />
        ) : (
          <StateBadge state="failing" word="Missing" />
        ),
    },
    {
      key: 'test',
      title: 'Last test',
      text: ({ lastTest }) => (lastTest ? TEST_OUTCOMES[lastTest.outcome] : 'never'),
      render: ({ lastTest }) =>
        lastTest ? (
          <StateBadge state={lastTest.outcome === 'works' ? 'pass' : 'fail'} word={TEST_OUTCOMES[lastTest.outcome]} />
        ) : (
          <StateBadge state="never" word="Never tested" />
        ),
    },
    {
      key: 'routes',
      title: 'Paths',
      text: ({ routes }) => routes.join(' '),
      render: ({ routes }) => <span className={classes.paths}>{routes.join('  ') || '–'}</span>,
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (provider) => <Actions provider={provider} {...act} />,
    },
  ];
}

function Actions({
  provider,
  whyNot,
  onKey,
  onRemove,
}: {
  provider: Provider;
  whyNot: string | null;
  onKey: (provider: Provider) => void;
  onRemove: (provider: Provider) => void;
}) {
  const toast = useToast();
  const tryIt = useMutation({
    mutationFn: () =>
      answerOf(api.POST('/api/v1/gateway/providers/{id}/test', { params: { path: { id: provider.id } } })),
    onSuccess: ({ lastTest }) => {
      if (lastTest?.outcome === 'works') toast.done(`${provider.name} works`, lastTest.message);
      else toast.failed(`${provider.name} does not work`, lastTest?.message);
    },
    onError: (error) => toast.failed('The test could not be made', asFailure(error).message),
  });
  return (
    <div className={classes.actions}>
      <ReasonButton
        variant="default"
        size="compact-sm"
        reason={whyNot}
        loading={tryIt.isPending}
        onClick={() => tryIt.mutate()}
        aria-label={`Test ${provider.name}`}
      >
        Test
      </ReasonButton>
      {whyNot ? null : (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="subtle" color="gray" size="compact-sm" aria-label={`More for ${provider.name}`}>
              More …
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {provider.authStyle === 'none' ? null : (
              <Menu.Item onClick={() => onKey(provider)}>Store another key …</Menu.Item>
            )}
            <Menu.Item onClick={() => onRemove(provider)}>Remove …</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

function AddProvider({ onClose }: { onClose: () => void }) {
  const toast = useToast();
  const [kind, setKind] = useState<ProviderKind>('openai');
  const [name, setName] = useState('openai');
  const [baseUrl, setBaseUrl] = useState(PROVIDER_DEFAULTS.openai.baseUrl ?? '');
  const [authStyle, setAuthStyle] = useState<AuthStyle>(PROVIDER_DEFAULTS.openai.authStyle);
  const [key, setKey] = useState('');
  const [allowPrivate, setAllowPrivate] = useState(false);
  const add = useMutation({
    mutationFn: (body: NewProvider) => answerOf(api.POST('/api/v1/gateway/providers', { body })),
    onSuccess: ({ name: added, routes }) => {
      toast.done(`Added ${added}`, `Its paths: ${routes.join(' ')}`);
      onClose();
    },
  });
  const failure = add.error ? asFailure(add.error) : null;
  function choose(next: ProviderKind) {
    setKind(next);
    setBaseUrl(PROVIDER_DEFAULTS[next].baseUrl ?? '');
    setAuthStyle(PROVIDER_DEFAULTS[next].authStyle);
    setName(next === 'openai_compatible' ? '' : next);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    add.mutate({ name, kind, baseUrl, authStyle, allowPrivateAddress: allowPrivate, ...(key && { key }) });
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <Select
          label="Kind"
          description={PROVIDER_KINDS[kind].meaning}
          data={options(PROVIDER_KINDS)}
          value={kind}
          allowDeselect={false}
          onChange={(value) => value && choose(value as ProviderKind)}
        />
        <TextInput
          label="Name"
          description="Part of its path: lower-case letters, digits and hyphens."
          required
          maxLength={40}
          value={name}
          error={failure?.fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label="Base URL"
          description="As its own client is told."
          required
          maxLength={500}
          value={baseUrl}
          placeholder="http://127.0.0.1:11434/v1"
          error={failure?.fields.baseUrl}
          onChange={(event) => setBaseUrl(event.currentTarget.value)}
        />
        <Select
          label="How it wants its key"
          data={options(AUTH_STYLES)}
          value={authStyle}
          allowDeselect={false}
          onChange={(value) => value && setAuthStyle(value as AuthStyle)}
        />
        {authStyle === 'none' ? null : (
          <PasswordInput
            label="Key"
            description="Goes into the secret store and is never shown again."
            autoComplete="off"
            maxLength={4096}
            value={key}
            error={failure?.fields.key}
            onChange={(event) => setKey(event.currentTarget.value)}
          />
        )}
        <Switch
          label="It is on a private network or this machine"
          checked={allowPrivate}
          onChange={(event) => setAllowPrivate(event.currentTarget.checked)}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

function StoreKey({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const toast = useToast();
  const [key, setKey] = useState('');
  const store = useMutation({
    mutationFn: () =>
      answerOf(api.PATCH('/api/v1/gateway/providers/{id}', { params: { path: { id: provider.id } }, body: { key } })),
    onSuccess: () => {
      toast.done('Stored', 'The key before it was destroyed.');
      onClose();
    },
  });
  const failure = store.error ? asFailure(store.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    store.mutate();
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <PasswordInput
          label="New key"
          description={`Sent to ${new URL(provider.baseUrl).host} alone. The key stored now is destroyed.`}
          required
          autoComplete="off"
          maxLength={4096}
          value={key}
          error={failure?.fields.key}
          onChange={(event) => setKey(event.currentTarget.value)}
          data-autofocus
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={store.isPending}>
            Store it
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

function Remove({ provider, onClose }: { provider: Provider | null; onClose: () => void }) {
  const toast = useToast();
  const remove = useMutation({
    mutationFn: (id: string) => answerOf(api.DELETE('/api/v1/gateway/providers/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      toast.done('Removed');
      onClose();
    },
  });
  return (
    <Confirm
      opened={provider !== null}
      title={`Remove ${provider?.name ?? ''}?`}
      loses={`Calls to ${provider?.routes.join(' and ') || 'it'} are refused from now on, and its key is destroyed. What was decided on them stays on record.`}
      action="Remove"
      danger
      busy={remove.isPending}
      error={remove.error ? asFailure(remove.error).message : null}
      onConfirm={() => provider && remove.mutate(provider.id)}
      onClose={onClose}
    />
  );
}
