import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { CopyButton } from '#src/ui/copy-button.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty, Notice } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import type { AlertChannel, EmailConfig, NewChannel } from '../model.ts';
import { type AlertDelivery, SEVERITIES, type Severity } from '../model.ts';
import classes from './alerts.module.css';
import { channelsQuery, deliveriesQuery, useChange } from './queries.ts';

const KIND_TITLES = { email: 'E-mail', slack: 'Slack', webhook: 'Webhook' } as const;

const COLUMNS: Column<AlertChannel>[] = [
  { key: 'name', title: 'Channel', narrow: 'title', text: (one) => one.name, render: (one) => one.name },
  { key: 'kind', title: 'Kind', text: (one) => KIND_TITLES[one.kind], render: (one) => KIND_TITLES[one.kind] },
  { key: 'target', title: 'To', text: (one) => one.target, render: (one) => one.target },
  {
    key: 'severity',
    title: 'From severity',
    text: (one) => one.severityMin,
    render: (one) => sentenceCase(one.severityMin),
  },
  {
    key: 'last',
    title: 'Last message',
    text: (one) => one.lastDelivery?.state ?? '',
    render: (one) =>
      one.lastDelivery ? (
        <>
          <StateBadge
            state={one.lastDelivery.state as AlertDelivery['state']}
            word={one.lastDelivery.state === 'waiting' ? 'Waiting' : undefined}
          />{' '}
          <When at={one.lastDelivery.at} age />
          <div className={classes.quiet}>{one.lastDelivery.receipt ?? one.lastDelivery.lastError}</div>
        </>
      ) : (
        'none yet'
      ),
  },
  { key: 'act', title: 'Actions', sort: false, text: () => '', render: (one) => <ChannelActions channel={one} /> },
];

export function Channels() {
  const query = useQuery(channelsQuery);
  return (
    <>
      <Section title="Channels" flush>
        <Loaded query={query} what="the channels">
          {({ items }) => (
            <DataTable
              label="Channels"
              rows={items}
              columns={COLUMNS}
              rowKey={(one) => one.id}
              empty={
                <Empty title="Alerts go nowhere yet">
                  They are in the inbox only. Add a channel below, so that they reach people who do not look.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Section>
      <Undelivered />
      <AddChannel />
    </>
  );
}

function ChannelActions({ channel }: { channel: AlertChannel }) {
  const toast = useToast();
  const whyNot = useWhyNot('alerts.manage', 'change channels');
  const [removing, setRemoving] = useState(false);
  const params = { path: { id: channel.id } };
  const trial = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/alerts/channels/{id}/test', { params })),
    onSuccess: (delivery) =>
      delivery.state === 'delivered'
        ? toast.done('The test message arrived', delivery.receipt ?? undefined)
        : toast.failed('The test message did not arrive', delivery.lastError ?? 'Nothing was answered.'),
    onError: (error) => toast.failed('The test message was not sent', asFailure(error).message),
  });
  const change = useChange(
    (enabled: boolean) => answerOf(api.PATCH('/api/v1/alerts/channels/{id}', { params, body: { enabled } })),
    { failed: 'Not changed' },
  );
  const remove = useChange(() => answerOf(api.DELETE('/api/v1/alerts/channels/{id}', { params })), {
    done: 'Channel removed',
    failed: 'Not removed',
  });
  return (
    <div className={classes.actions}>
      <ReasonButton
        size="compact-sm"
        variant="default"
        reason={whyNot}
        loading={trial.isPending}
        onClick={() => trial.mutate()}
      >
        Send a test
      </ReasonButton>
      <ReasonButton
        size="compact-sm"
        variant="default"
        reason={whyNot}
        loading={change.isPending}
        onClick={() => change.mutate(!channel.enabled)}
      >
        {channel.enabled ? 'Turn off' : 'Turn on'}
      </ReasonButton>
      <ReasonButton size="compact-sm" variant="default" reason={whyNot} onClick={() => setRemoving(true)}>
        Remove …
      </ReasonButton>
      <Confirm
        opened={removing}
        title={`Remove ${channel.name}?`}
        loses="Its address and its keys are deleted. What was delivered through it stays listed."
        action="Remove"
        busy={remove.isPending}
        onConfirm={() => remove.mutate(undefined)}
        onClose={() => setRemoving(false)}
      />
    </div>
  );
}

/** Messages that did not get through, with another try. */
function Undelivered() {
  const items = useQuery(deliveriesQuery).data?.items.filter((one) => one.state === 'dead') ?? [];
  if (items.length === 0) return null;
  const columns: Column<AlertDelivery>[] = [
    {
      key: 'channel',
      title: 'Channel',
      narrow: 'title',
      text: (one) => one.channel.name,
      render: (one) => one.channel.name,
    },
    { key: 'event', title: 'About', text: (one) => one.event, render: (one) => sentenceCase(one.event) },
    { key: 'why', title: 'Why not', text: (one) => one.lastError ?? '', render: (one) => one.lastError },
    { key: 'at', title: 'Planned', text: (one) => one.createdAt, render: (one) => <When at={one.createdAt} age /> },
    { key: 'act', title: 'Actions', sort: false, text: () => '', render: (one) => <Retry delivery={one} /> },
  ];
  return (
    <Section title="Not delivered" count={items.length} flush>
      <DataTable label="Undelivered messages" rows={items} columns={columns} rowKey={(one) => one.id} empty={null} />
    </Section>
  );
}

function Retry({ delivery }: { delivery: AlertDelivery }) {
  const whyNot = useWhyNot('alerts.manage', 'send again');
  const retry = useChange(
    () => answerOf(api.POST('/api/v1/alerts/deliveries/{id}/retry', { params: { path: { id: delivery.id } } })),
    { done: 'It is tried again', failed: 'Not tried again' },
  );
  return (
    <ReasonButton
      size="compact-sm"
      variant="default"
      reason={whyNot}
      loading={retry.isPending}
      onClick={() => retry.mutate(undefined)}
    >
      Try again
    </ReasonButton>
  );
}

const NO_EMAIL: EmailConfig = {
  host: '',
  port: 587,
  encryption: 'starttls',
  user: null,
  from: '',
  to: [],
  allowPrivateAddress: false,
};

function AddChannel() {
  const whyNot = useWhyNot('alerts.manage', 'add channels');
  const [kind, setKind] = useState<AlertChannel['kind']>('webhook');
  const [name, setName] = useState('');
  const [severityMin, setSeverityMin] = useState<Severity>('low');
  const [url, setUrl] = useState('');
  const [email, setEmail] = useState(NO_EMAIL);
  const [to, setTo] = useState('');
  const [password, setPassword] = useState('');
  const [allowPrivateAddress, setAllowPrivate] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const body = (): NewChannel =>
    kind === 'email'
      ? {
          kind,
          name,
          severityMin,
          password: password === '' ? null : password,
          config: { ...email, allowPrivateAddress, to: to.split(/[\s,;]+/).filter(Boolean) },
        }
      : { kind, name, severityMin, url, allowPrivateAddress };
  const add = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/alerts/channels', { body: body() })),
    onSuccess: (made) => {
      setSecret(made.signingSecret);
      setName('');
      setUrl('');
      setPassword('');
    },
  });
  const failure = add.error ? asFailure(add.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const putEmail = (change: Partial<EmailConfig>) => setEmail((held) => ({ ...held, ...change }));
  return (
    <Section title="Add a channel">
      <form onSubmit={submit} className={classes.panel}>
        <FormStack>
          <FormProblem failure={failure} />
          {secret ? (
            <Notice tone="pass">
              The channel is there. Its messages are signed with this key, shown this once:{' '}
              <code className={classes.secret}>{secret}</code> <CopyButton text={secret} what="signing key" />
            </Notice>
          ) : null}
          <FormRow>
            <Select
              label="Kind"
              allowDeselect={false}
              value={kind}
              data={Object.entries(KIND_TITLES).map(([value, label]) => ({ value, label }))}
              onChange={(value) => value && setKind(value as AlertChannel['kind'])}
            />
            <TextInput
              label="Name"
              value={name}
              error={failure?.fields.name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label="From severity"
              allowDeselect={false}
              value={severityMin}
              data={SEVERITIES.map((value) => ({ value, label: sentenceCase(value) }))}
              onChange={(value) => value && setSeverityMin(value as Severity)}
            />
          </FormRow>
          {kind === 'email' ? (
            <>
              <FormRow>
                <TextInput
                  label="Mail server"
                  placeholder="smtp.example.com"
                  value={email.host}
                  error={failure?.fields['config.host']}
                  onChange={(event) => putEmail({ host: event.currentTarget.value })}
                />
                <NumberInput
                  label="Port"
                  value={email.port}
                  min={1}
                  max={65535}
                  onChange={(port) => putEmail({ port: Number(port) })}
                />
                <Select
                  label="Encryption"
                  allowDeselect={false}
                  value={email.encryption}
                  data={[
                    { value: 'starttls', label: 'STARTTLS' },
                    { value: 'tls', label: 'TLS' },
                    { value: 'none', label: 'None' },
                  ]}
                  onChange={(value) => value && putEmail({ encryption: value as EmailConfig['encryption'] })}
                />
              </FormRow>
              <FormRow>
                <TextInput
                  label="User"
                  autoComplete="off"
                  value={email.user ?? ''}
                  onChange={(event) => putEmail({ user: event.currentTarget.value || null })}
                />
                <TextInput
                  label="Password"
                  type="password"
                  autoComplete="new-password"
                  value={password}
                  onChange={(event) => setPassword(event.currentTarget.value)}
                />
              </FormRow>
              <FormRow>
                <TextInput
                  label="From address"
                  value={email.from}
                  error={failure?.fields['config.from']}
                  onChange={(event) => putEmail({ from: event.currentTarget.value })}
                />
                <TextInput
                  label="To"
                  description="Up to 20 addresses, with commas between."
                  value={to}
                  error={failure?.fields['config.to'] ?? failure?.fields['config.to.0']}
                  onChange={(event) => setTo(event.currentTarget.value)}
                />
              </FormRow>
            </>
          ) : (
            <TextInput
              label="Address"
              description="Kept with the secrets: it is not shown again."
              placeholder={kind === 'slack' ? 'https://hooks.slack.com/services/…' : 'https://pager.example.com/hook'}
              value={url}
              error={failure?.fields.url}
              onChange={(event) => setUrl(event.currentTarget.value)}
            />
          )}
          <Checkbox
            label="It stands in a private network"
            checked={allowPrivateAddress}
            onChange={(event) => setAllowPrivate(event.currentTarget.checked)}
          />
          <FormButtons>
            <ReasonButton
              type="submit"
              loading={add.isPending}
              reason={whyNot ?? (name.trim() === '' ? 'Give it a name first.' : null)}
            >
              Add the channel
            </ReasonButton>
          </FormButtons>
        </FormStack>
      </form>
    </Section>
  );
}
