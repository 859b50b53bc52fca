import { Button, Menu } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { gatewayKeysQuery } from '#src/features/gateway-policies/web/queries.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { DEFAULT_OVERLAP_HOURS, type GatewayKey, type KeyMade, type KeyState, type Tenant } from '../model.ts';
import { NewKey, SecretShown } from './new-key.tsx';

type Act = { kind: 'rotate' | 'revoke' | 'suspend' | 'resume'; key: GatewayKey };

const STATE_OF: Record<Exclude<Act['kind'], 'rotate'>, KeyState> = {
  revoke: 'revoked',
  suspend: 'suspended',
  resume: 'active',
};

/** The keys of one tenant, or of all. */
export function KeysSection({ tenants, tenantId }: { tenants: readonly Tenant[]; tenantId: string | undefined }) {
  const query = useQuery(gatewayKeysQuery);
  const whyNot = useWhyNot('gateway.write', 'make and end keys');
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<KeyMade | null>(null);
  const [act, setAct] = useState<Act | null>(null);
  const chosen = tenants.find(({ id }) => id === tenantId);
  return (
    <Section
      title={chosen ? `Keys of ${chosen.name}` : 'Keys'}
      flush
      lead={
        <>
          Stored as hashes and shown once. A revoked key is refused on every node within a second.{' '}
          {chosen ? <Link to="/gateway/tenants">Show the keys of all tenants</Link> : null}
        </>
      }
      aside={
        <ReasonButton
          reason={whyNot ?? (tenants.length === 0 ? 'Add a tenant first: every key belongs to one.' : null)}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setMaking(true)}
        >
          Make a key
        </ReasonButton>
      }
    >
      <Loaded query={query} what="the keys">
        {({ items }) => (
          <DataTable
            label="Keys"
            rows={chosen ? items.filter((key) => key.tenantId === chosen.id) : items}
            columns={columnsWith(whyNot, setAct)}
            rowKey={({ id }) => id}
            fileName="gateway-keys"
            empty={
              <Empty title="No key yet" command={`bin/assay gateway key create ${chosen?.name ?? 'my-app'} backend`}>
                A key lets one program of a tenant call, within its scopes and limits, until its last day.
              </Empty>
            }
          />
        )}
      </Loaded>
      <NewKey
        opened={making}
        tenants={tenants}
        tenantId={chosen?.id}
        onClose={() => setMaking(false)}
        onMade={(key) => {
          setMaking(false);
          setMade(key);
        }}
      />
      <SecretShown made={made} onClose={() => setMade(null)} />
      <Acting
        act={act}
        onClose={() => setAct(null)}
        onMade={(key) => {
          setAct(null);
          setMade(key);
        }}
      />
    </Section>
  );
}

function columnsWith(whyNot: string | null, onAct: (act: Act) => void): Column<GatewayKey>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      narrow: 'title',
      text: ({ name }) => name,
      render: ({ name }) => <strong style={{ fontWeight: 500 }}>{name}</strong>,
    },
    {
      key: 'prefix',
      title: 'Begins with',
      text: ({ prefix }) => prefix,
      render: ({ prefix }) => <code>{prefix}…</code>,
    },
    { key: 'tenant', title: 'Tenant', text: ({ tenantName }) => tenantName, render: ({ tenantName }) => tenantName },
    {
      key: 'state',
      title: 'State',
      text: ({ state, stateReason }) => `${state} ${stateReason ?? ''}`,
      render: ({ state }) => <StateBadge state={state} />,
    },
    {
      key: 'scopes',
      title: 'Scopes',
      text: ({ scopes }) => scopes.join(' '),
      render: ({ scopes }) => scopes.join(', '),
    },
    {
      key: 'expires',
      title: 'Ends',
      text: ({ expiresAt }) => expiresAt ?? '',
      render: ({ expiresAt }) => <When at={expiresAt} />,
    },
    {
      key: 'used',
      title: 'Last used',
      text: ({ lastUsedAt }) => lastUsedAt ?? '',
      render: ({ lastUsedAt }) => <When at={lastUsedAt} age />,
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (key) => (whyNot || key.state === 'revoked' ? null : <Actions apiKey={key} onAct={onAct} />),
    },
  ];
}

function Actions({ apiKey: key, onAct }: { apiKey: GatewayKey; onAct: (act: Act) => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-label={`Actions for key ${key.name} of ${key.tenantName}`}
        >
          Change …
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {key.state === 'active' ? <Menu.Item onClick={() => onAct({ kind: 'rotate', key })}>Rotate …</Menu.Item> : null}
        {key.state === 'suspended' ? (
          <Menu.Item onClick={() => onAct({ kind: 'resume', key })}>Resume …</Menu.Item>
        ) : (
          <Menu.Item onClick={() => onAct({ kind: 'suspend', key })}>Suspend …</Menu.Item>
        )}
        <Menu.Item onClick={() => onAct({ kind: 'revoke', key })}>Revoke …</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const WORDS: Record<Act['kind'], { title: string; loses: string; action: string }> = {
  rotate: {
    title: 'Rotate',
    loses: `Makes a key with the same rights. The old one works on for ${DEFAULT_OVERLAP_HOURS} hours and ends then.`,
    action: 'Rotate',
  },
  revoke: {
    title: 'Revoke',
    loses: 'Programs that use it are refused from now on. This cannot be taken back; make a new key instead.',
    action: 'Revoke',
  },
  suspend: { title: 'Suspend', loses: 'Programs that use it are refused until it is resumed.', action: 'Suspend' },
  resume: { title: 'Resume', loses: 'Programs that use it are taken again.', action: 'Resume' },
};

function Acting({ act, onClose, onMade }: { act: Act | null; onClose: () => void; onMade: (made: KeyMade) => void }) {
  const toast = useToast();
  const change = useMutation({
    mutationFn: async ({ kind, key, reason }: Act & { reason: string }): Promise<KeyMade | null> => {
      const params = { path: { id: key.id } };
      if (kind === 'rotate') return answerOf(api.POST('/api/v1/gateway/keys/{id}/rotate', { params, body: {} }));
      await answerOf(api.POST('/api/v1/gateway/keys/{id}/state', { params, body: { state: STATE_OF[kind], reason } }));
      return null;
    },
    onSuccess: (made) => {
      if (made) return onMade(made);
      toast.done('Done');
      onClose();
    },
  });
  const words = act ? WORDS[act.kind] : WORDS.revoke;
  return (
    <Confirm
      opened={act !== null}
      title={`${words.title} “${act?.key.name ?? ''}”?`}
      loses={words.loses}
      action={words.action}
      danger={act?.kind === 'revoke'}
      {...(act?.kind === 'rotate' ? {} : { reason: { label: 'Why', required: true } })}
      busy={change.isPending}
      error={change.error ? asFailure(change.error).message : null}
      onConfirm={(reason) => act && change.mutate({ ...act, reason })}
      onClose={onClose}
    />
  );
}
