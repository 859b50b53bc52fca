import { Select } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay, useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { sentenceCase, wordsOf } from '#src/ui/words.ts';
import { ASSET_KINDS, type ItemDecision, type ItemDetail } from '../model.ts';
import { ChangeHistory } from './change-history.tsx';
import classes from './inventory.module.css';
import { Place } from './item-table.tsx';
import { itemQuery, systemsQuery } from './queries.ts';

/** Everything known about one item, beside the list. */
export function ItemDrawer({ itemId, onClose }: { itemId: string | undefined; onClose: () => void }) {
  const query = useQuery({ ...itemQuery(itemId ?? ''), enabled: itemId !== undefined });
  return (
    <SideDrawer
      opened={itemId !== undefined}
      onClose={onClose}
      title={query.data?.title ?? 'Item'}
      footer={query.data ? <Decide item={query.data} /> : undefined}
    >
      {itemId === undefined ? null : (
        <Loaded query={query} what="the item">
          {(item) => <Detail item={item} />}
        </Loaded>
      )}
    </SideDrawer>
  );
}

function Detail({ item }: { item: ItemDetail }) {
  const mayWrite = useMay('inventory.write');
  return (
    <>
      <div className={classes.drawerHead}>
        <StateBadge state={item.state} />
        <span>{ASSET_KINDS[item.kind]}</span>
        {item.confidence ? <span>{sentenceCase(item.confidence)} confidence</span> : <span>Added by hand</span>}
      </div>
      <Facts
        rows={{
          Source: item.source?.title ?? 'Added by hand',
          Provider: item.provider ? item.provider : null,
          Place: item.purpose ? sentenceCase(item.purpose) : null,
          ...Object.fromEntries(Object.entries(item.details).map(([name, value]) => [sentenceCase(name), value])),
          System: mayWrite ? (
            <Assign item={item} />
          ) : item.system ? (
            <Link to="/inventory/systems/$systemId" params={{ systemId: item.system.id }}>
              {item.system.name}
            </Link>
          ) : (
            'None'
          ),
          Proposed: <When at={item.proposedAt} both />,
          'Last seen': <When at={item.lastSeenAt} both />,
          Evidence: item.evidenceId ? (
            <Link to="/evidence/$evidenceId" params={{ evidenceId: item.evidenceId }}>
              The reading that saw it
            </Link>
          ) : null,
        }}
      />
      {item.sightings.length > 0 ? (
        <Section title="Seen at" count={item.places} flush>
          <ul className={classes.sightings}>
            {item.sightings.map((sighting) => (
              <li key={`${sighting.path}:${sighting.line}:${sighting.rule}`}>
                <Place path={sighting.path} line={sighting.line} />
                <span>rule {sighting.rule}</span>
              </li>
            ))}
          </ul>
          {item.places > item.sightings.length ? (
            <p className={classes.quiet}>The first {item.sightings.length} places are shown.</p>
          ) : null}
        </Section>
      ) : null}
      <Neighbors title="Uses" neighbors={item.uses} />
      <Neighbors title="Used by" neighbors={item.usedBy} />
      <ChangeHistory changes={item.history} title="Decisions" />
    </>
  );
}

function Neighbors({ title, neighbors }: { title: string; neighbors: ItemDetail['uses'] }) {
  if (neighbors.length === 0) return null;
  return (
    <Section title={title} count={neighbors.length} flush>
      <ul className={classes.neighbors}>
        {neighbors.map((neighbor) => (
          <li key={neighbor.id}>
            <Link to="/inventory/items" search={{ state: 'all', item: neighbor.id }}>
              {neighbor.title}
            </Link>
            <span>
              {wordsOf(neighbor.kind)}
              {neighbor.because ? `, ${neighbor.because}` : ''}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function useDecision(item: ItemDetail, onDone?: () => void) {
  const toast = useToast();
  return useMutation({
    mutationFn: (body: ItemDecision) =>
      answerOf(api.PATCH('/api/v1/inventory/items/{id}', { params: { path: { id: item.id } }, body })),
    onSuccess: (changed) => {
      onDone?.();
      toast.done(`${changed.title} is ${changed.state}`);
    },
    onError: (error) => toast.failed('Nothing was changed', asFailure(error).message),
  });
}

function Assign({ item }: { item: ItemDetail }) {
  const systems = useQuery(systemsQuery).data?.items ?? [];
  const decide = useDecision(item);
  const known = item.system && !systems.some(({ id }) => id === item.system?.id) ? [item.system] : [];
  return (
    <Select
      size="xs"
      aria-label="System"
      placeholder="None"
      clearable
      searchable
      disabled={decide.isPending}
      value={item.system?.id ?? null}
      data={[...known, ...systems].map((system) => ({ value: system.id, label: system.name }))}
      onChange={(systemId) => decide.mutate({ systemId })}
    />
  );
}

function Decide({ item }: { item: ItemDetail }) {
  const whyNot = useWhyNot('inventory.write', 'decide about items');
  const [rejecting, setRejecting] = useState(false);
  const decide = useDecision(item, () => setRejecting(false));
  const gone =
    item.state === 'gone' ? 'The source no longer holds it. If it comes back, it can be decided again.' : null;
  return (
    <>
      {item.state !== 'confirmed' ? (
        <ReasonButton
          reason={whyNot ?? gone}
          loading={decide.isPending}
          onClick={() => decide.mutate({ state: 'confirmed' })}
        >
          Confirm
        </ReasonButton>
      ) : null}
      {item.state !== 'rejected' ? (
        <ReasonButton variant="default" reason={whyNot ?? gone} onClick={() => setRejecting(true)}>
          Reject …
        </ReasonButton>
      ) : null}
      {item.state === 'rejected' || item.state === 'confirmed' ? (
        <ReasonButton
          variant="subtle"
          color="gray"
          reason={whyNot}
          onClick={() => decide.mutate({ state: 'proposed' })}
        >
          Take the decision back
        </ReasonButton>
      ) : null}
      <Confirm
        opened={rejecting}
        title="Reject this item?"
        loses="It leaves the inventory and no longer counts for any test. Found again by a scan, it stays rejected. This can be taken back."
        action="Reject"
        reason={{ label: 'Reason', description: 'Recorded with your name.', required: true }}
        busy={decide.isPending}
        error={decide.error ? asFailure(decide.error).message : null}
        onConfirm={(reason) => decide.mutate({ state: 'rejected', reason })}
        onClose={() => setRejecting(false)}
      />
    </>
  );
}
