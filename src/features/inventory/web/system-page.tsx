import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { SystemRoutes } from '#src/features/events/web/system-routes.tsx';
import { Confirm } from '#src/ui/confirm.tsx';
import { Notice } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { listOf, wordsOf } from '#src/ui/words.ts';
import {
  type AssetKind,
  AUTONOMY_LEVELS,
  DATA_CLASSES,
  ENVIRONMENTS,
  type SystemChange,
  type SystemDetail,
} from '../model.ts';
import { ChangeHistory } from './change-history.tsx';
import { EditSystem } from './edit-system.tsx';
import { ItemTable } from './item-table.tsx';
import { itemsQuery, systemQuery } from './queries.ts';
import { ScopePanel } from './scope-panel.tsx';

const route = getRouteApi('/app/inventory/systems/$systemId');

export function SystemPage() {
  const { systemId } = route.useParams();
  const query = useQuery(systemQuery(systemId));
  const system = query.data;
  return (
    <Page
      title={system?.name ?? 'AI system'}
      eyebrow={
        <>
          <Link to="/inventory">AI systems</Link>
          {system ? <StateBadge state={system.state} /> : null}
        </>
      }
      lead={system?.purpose}
      actions={system ? <Actions system={system} /> : null}
    >
      <Loaded query={query} what="the AI system">
        {(loaded) => <Detail system={loaded} />}
      </Loaded>
    </Page>
  );
}

function Detail({ system }: { system: SystemDetail }) {
  const items = useQuery(itemsQuery({ system: system.id }));
  return (
    <>
      {system.missing.length > 0 && system.state !== 'rejected' && system.state !== 'retired' ? (
        <Notice tone="noData">
          An auditor expects more here: <strong>{listOf(system.missing)}</strong>.
        </Notice>
      ) : null}
      <Profile system={system} />
      <ScopePanel system={system} />
      <SystemRoutes systemId={system.id} />
      <Section
        title="Items"
        count={system.counts.items}
        flush
        aside={(Object.entries(system.counts.byKind) as [AssetKind, number][])
          .filter(([, amount]) => amount > 0)
          .map(([kind, amount]) => `${wordsOf(kind)} ${amount}`)
          .join(', ')}
      >
        <Loaded query={items} what="the items">
          {(page) => (
            <ItemTable
              page={page}
              fileName={`items-${system.name}`}
              hideSystem
              search={{ system: system.id, state: 'all' }}
              emptyText="Nothing belongs to this system yet. Assign items to it on the items page."
            />
          )}
        </Loaded>
      </Section>
      <ChangeHistory changes={system.history} />
    </>
  );
}

function Profile({ system }: { system: SystemDetail }) {
  const [editing, setEditing] = useState(false);
  const whyNot = useWhyNot('inventory.write', 'change AI systems');
  if (editing)
    return (
      <Section title="Profile">
        <EditSystem system={system} onDone={() => setEditing(false)} />
      </Section>
    );
  const autonomy = AUTONOMY_LEVELS.find(({ level }) => level === system.autonomyLevel);
  const missing = <span data-missing>not set</span>;
  return (
    <Section
      title="Profile"
      flush
      aside={
        <ReasonButton variant="default" size="compact-sm" reason={whyNot} onClick={() => setEditing(true)}>
          Edit
        </ReasonButton>
      }
    >
      <Facts
        columns={2}
        rows={{
          Owner: system.owner?.name ?? missing,
          Purpose: system.purpose ?? missing,
          'Risk tier': system.riskTier === null ? missing : `${system.riskTier} of 3 (1 is the highest)`,
          Data: system.dataClasses.map((name) => DATA_CLASSES[name]).join(', ') || missing,
          Environment: system.environment ? ENVIRONMENTS[system.environment] : missing,
          Autonomy: autonomy ? `${autonomy.level}: ${autonomy.title.toLowerCase()}` : missing,
          'Last attested': system.attestation.at ? (
            <>
              <When at={system.attestation.at} both /> by {system.attestation.by?.name}
            </>
          ) : (
            missing
          ),
          'Attestation due': system.attestation.state === 'never' ? 'now' : <When at={system.attestation.dueAt} both />,
          'Found in': system.source
            ? `${system.source.title}${system.root ? `, folder ${system.root}` : ''}`
            : 'Added by hand',
          'Known since': <When at={system.createdAt} both />,
        }}
      />
    </Section>
  );
}

type Pending = { state: 'rejected' | 'retired'; title: string; action: string; loses: string };

const REJECT: Pending = {
  state: 'rejected',
  title: 'Reject this system?',
  action: 'Reject',
  loses:
    'It leaves the register and the scope. Its items stay and can be assigned elsewhere. The decision, your name and the reason are recorded and can be taken back.',
};
const RETIRE: Pending = {
  state: 'retired',
  title: 'Retire this system?',
  action: 'Retire',
  loses:
    'It no longer counts as in use. Its history and evidence stay. The decision, your name and the reason are recorded.',
};

function Actions({ system }: { system: SystemDetail }) {
  const toast = useToast();
  const whyNot = useWhyNot('inventory.write', 'decide about AI systems');
  const [pending, setPending] = useState<Pending | null>(null);
  const params = { path: { id: system.id } };
  const change = useMutation({
    mutationFn: (body: SystemChange) => answerOf(api.PATCH('/api/v1/inventory/systems/{id}', { params, body })),
    onSuccess: (changed) => {
      setPending(null);
      toast.done(`${changed.name} is ${changed.state}`);
    },
    onError: (error) => {
      if (!pending) toast.failed('Not changed', asFailure(error).message);
    },
  });
  const attest = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/inventory/systems/{id}/attest', { params })),
    onSuccess: () => toast.done('Attested', 'The entry is recorded in the ledger.'),
    onError: (error) => toast.failed('Not attested', asFailure(error).message),
  });
  const confirmed = system.state === 'confirmed';
  return (
    <>
      <LinkButton variant="default" to="/inventory/graph" search={{ system: system.id }}>
        Graph
      </LinkButton>
      {system.state === 'proposed' ? (
        <>
          <ReasonButton variant="default" reason={whyNot} onClick={() => setPending(REJECT)}>
            Reject
          </ReasonButton>
          <ReasonButton
            reason={whyNot}
            loading={change.isPending}
            onClick={() => change.mutate({ state: 'confirmed' })}
          >
            Confirm
          </ReasonButton>
        </>
      ) : null}
      {confirmed ? (
        <>
          <ReasonButton variant="default" reason={whyNot} onClick={() => setPending(RETIRE)}>
            Retire
          </ReasonButton>
          <ReasonButton reason={whyNot} loading={attest.isPending} onClick={() => attest.mutate()}>
            Attest that this is right
          </ReasonButton>
        </>
      ) : null}
      {system.state === 'rejected' || system.state === 'retired' ? (
        <ReasonButton variant="default" reason={whyNot} onClick={() => change.mutate({ state: 'confirmed' })}>
          Take back: confirm
        </ReasonButton>
      ) : null}
      <Confirm
        opened={pending !== null}
        title={pending?.title ?? ''}
        loses={pending?.loses}
        action={pending?.action ?? ''}
        reason={{ label: 'Reason', required: true }}
        busy={change.isPending}
        error={change.error ? asFailure(change.error).message : null}
        onConfirm={(reason) => pending && change.mutate({ state: pending.state, reason })}
        onClose={() => setPending(null)}
      />
    </>
  );
}
