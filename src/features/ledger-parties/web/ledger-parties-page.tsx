import { Button, Modal } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { ledgerQuery } from '#src/features/ledger/web/queries.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { type LedgerParties, type LedgerParty, PARTY_TITLES } from '../model.ts';
import { AssuranceSteps } from './assurance-steps.tsx';
import classes from './ledger-parties.module.css';
import { NewPartyForm } from './new-party-form.tsx';

const EVERY_MS = 5_000;

/** Who outside sees the heads of the ledger, how they fare, and what level that gives. */
export function LedgerPartiesPage() {
  const query = useQuery({
    queryKey: ['ledger-parties'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/ledger-parties', { signal })),
    refetchInterval: EVERY_MS,
  });
  const head = useQuery({ ...ledgerQuery, refetchInterval: EVERY_MS });
  const whyNot = useWhyNot('ledger-parties.write', 'set up parties');
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<LedgerParty | null>(null);
  return (
    <>
      <Section
        title="Level of the ledger"
        lead="A ledger that only its operator signs convinces nobody else. Each step takes something away from what the operator could still do."
      >
        <Loaded query={head} what="the ledger" rows={4}>
          {(ledger) => (
            <div className={classes.panel}>
              {ledger.problem ? (
                <p role="alert" className={classes.problem}>
                  {ledger.problem}
                </p>
              ) : null}
              <AssuranceSteps
                assurance={ledger.assurance}
                reached={ledger.reached}
                about={`The newest head, of ${ledger.size.toLocaleString('en-US')} entries:`}
              />
            </div>
          )}
        </Loaded>
      </Section>
      <Section
        title="Witnesses, time stamps and mirrors"
        flush
        lead="Best run by the auditor, a customer or the parent company: somebody the operator of this ledger cannot command."
        aside={
          <ReasonButton reason={whyNot} onClick={() => setAdding(true)}>
            Add
          </ReasonButton>
        }
      >
        <Loaded query={query} what="the parties">
          {(page) => <PartyTable page={page} whyNot={whyNot} onRemove={setRemoving} />}
        </Loaded>
      </Section>
      {query.data && query.data.problems.length > 0 ? <Problems problems={query.data.problems} /> : null}
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title="Add a witness, a time-stamp authority or a mirror"
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <NewPartyForm onClose={() => setAdding(false)} />
      </Modal>
      <Remove party={removing} onClose={() => setRemoving(null)} />
    </>
  );
}

function PartyTable({
  page,
  whyNot,
  onRemove,
}: {
  page: LedgerParties;
  whyNot: string | null;
  onRemove: (party: LedgerParty) => void;
}) {
  const columns: Column<LedgerParty>[] = [
    {
      key: 'name',
      title: 'Name',
      narrow: 'title',
      text: (party) => party.name,
      render: (party) => (
        <>
          <strong className={classes.name}>{party.name}</strong>
          <span className={classes.sub}>{party.place}</span>
        </>
      ),
    },
    {
      key: 'kind',
      title: 'Kind',
      text: (party) => PARTY_TITLES[party.kind].one,
      render: (party) => PARTY_TITLES[party.kind].one,
    },
    {
      key: 'state',
      title: 'State',
      text: (party) => stateOf(party),
      render: (party) => (
        <>
          <StateBadge
            state={party.problem ? 'fail' : party.lastSize === null ? 'no_data' : 'pass'}
            word={stateOf(party)}
          />
          {party.problem ? (
            <span className={classes.sub}>
              {party.problem} Next try <When at={party.nextTryAt} />.
            </span>
          ) : null}
        </>
      ),
    },
    {
      key: 'size',
      title: 'Has seen',
      numeric: true,
      text: (party) => String(party.lastSize ?? ''),
      sort: (party) => party.lastSize,
      render: (party) => (party.lastSize === null ? '–' : `${party.lastSize.toLocaleString('en-US')} entries`),
    },
    {
      key: 'at',
      title: 'Last time',
      text: (party) => party.lastAt ?? '',
      render: (party) => <When at={party.lastAt} age />,
    },
    {
      key: 'every',
      title: 'At most every',
      numeric: true,
      narrow: 'hide',
      text: (party) => String(party.everySeconds),
      sort: (party) => party.everySeconds,
      render: (party) => `${party.everySeconds.toLocaleString('en-US')} s`,
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (party) => <Actions party={party} whyNot={whyNot} onRemove={onRemove} />,
    },
  ];
  return (
    <DataTable
      label="Witnesses, time stamps and mirrors"
      rows={page.items}
      columns={columns}
      rowKey={(party) => party.id}
      fileName="ledger-parties"
      empty={
        <Empty
          title="Nobody outside sees the heads of this ledger"
          command="bin/assay ledger witness add --url https://witness.auditor.example --key …"
        >
          Whoever holds the key of the ledger could rewrite all of it. Ask the auditor to run “assay witness”, or add a
          time-stamp authority or a mirror.
        </Empty>
      }
    />
  );
}

function stateOf({ problem, lastSize }: LedgerParty): string {
  if (problem) return 'Fails';
  return lastSize === null ? 'Not asked yet' : 'Up to date';
}

function Actions({
  party,
  whyNot,
  onRemove,
}: {
  party: LedgerParty;
  whyNot: string | null;
  onRemove: (party: LedgerParty) => void;
}) {
  const toast = useToast();
  const tryNow = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/ledger-parties/{id}/try', { params: { path: { id: party.id } } })),
    onSuccess: (after) =>
      after.problem ? toast.failed(after.problem) : toast.done(`${party.name} has seen the newest head`),
    onError: (error) => toast.failed(asFailure(error).message),
  });
  return (
    <span className={classes.actions}>
      <ReasonButton
        reason={whyNot}
        variant="subtle"
        color="gray"
        size="compact-sm"
        loading={tryNow.isPending}
        onClick={() => tryNow.mutate()}
        aria-label={`Ask ${party.name} now`}
      >
        Ask now
      </ReasonButton>
      {whyNot ? null : (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          onClick={() => onRemove(party)}
          aria-label={`Remove ${party.name}`}
        >
          Remove …
        </Button>
      )}
    </span>
  );
}

function Problems({ problems }: { problems: LedgerParties['problems'] }) {
  const columns: Column<LedgerParties['problems'][number]>[] = [
    { key: 'name', title: 'Name', narrow: 'title', text: (one) => one.name, render: (one) => one.name },
    { key: 'what', title: 'What', text: (one) => one.sentence, render: (one) => one.sentence },
    { key: 'began', title: 'Began', text: (one) => one.beganAt, render: (one) => <When at={one.beganAt} /> },
    {
      key: 'ended',
      title: 'Ended',
      text: (one) => one.endedAt ?? '',
      render: (one) => (one.endedAt ? <When at={one.endedAt} /> : 'not yet'),
    },
  ];
  return (
    <Section title="What failed" flush>
      <DataTable
        label="What failed"
        rows={problems}
        columns={columns}
        rowKey={(one) => `${one.partyId} ${one.beganAt}`}
        fileName="ledger-party-problems"
        initialSort={{ key: 'began', descending: true }}
        empty={null}
      />
    </Section>
  );
}

function Remove({ party, onClose }: { party: LedgerParty | null; onClose: () => void }) {
  const toast = useToast();
  const remove = useMutation({
    mutationFn: (id: string) => answerOf(api.DELETE('/api/v1/ledger-parties/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      toast.done('Removed');
      onClose();
    },
  });
  return (
    <Confirm
      opened={party !== null}
      title={`Remove ${party?.name ?? ''}?`}
      loses="It is shown no further head, and what it knows no longer keeps an old backup from being signed. What it has signed stays. The removal is an entry of the ledger."
      action="Remove"
      busy={remove.isPending}
      error={remove.error ? asFailure(remove.error).message : null}
      onConfirm={() => party && remove.mutate(party.id)}
      onClose={onClose}
    />
  );
}
