import { Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useSession, useWhyNot } from '#src/apps/web/session.ts';
import { HoldsSection } from '#src/features/retention/web/holds-section.tsx';
import { RetentionSection } from '#src/features/retention/web/retention-section.tsx';
import { Confirm } from '#src/ui/confirm.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { ERASURE_REASONS, type ErasureReason, type Person } from '../model.ts';
import classes from './persons.module.css';

/** Whose data is held, erasing it, holds, and how long files are kept. */
export function PersonsPage() {
  const query = useQuery({
    queryKey: ['persons'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/persons', { signal })),
  });
  const [erasing, setErasing] = useState<Person | null>(null);
  const columns: Column<Person>[] = [
    {
      key: 'name',
      title: 'Person',
      narrow: 'title',
      text: (person) => person.name ?? person.id,
      render: (person) => (
        <>
          <strong style={{ fontWeight: 500 }}>{person.name ?? 'No name is kept'}</strong>
          <br />
          <code>{person.id}</code>
        </>
      ),
    },
    {
      key: 'state',
      title: 'State',
      text: (person) => (person.state === 'erased' ? 'erased' : person.onHold ? 'on hold' : 'held'),
      render: (person) => <PersonState person={person} />,
    },
    {
      key: 'values',
      title: 'Values',
      numeric: true,
      text: (person) => String(person.values),
      sort: (person) => person.values,
      render: (person) => person.values.toLocaleString('en-US'),
    },
    {
      key: 'files',
      title: 'Files',
      numeric: true,
      text: (person) => String(person.files),
      sort: (person) => person.files,
      render: (person) => person.files.toLocaleString('en-US'),
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (person) => <EraseButton person={person} onErase={setErasing} />,
    },
  ];
  return (
    <>
      <Section
        title="Persons"
        flush
        lead="Entries of the ledger name people by an id and commit to the rest. What they commit to is kept here under a key for each person, and goes with that key."
      >
        <Loaded query={query} what="the persons">
          {(page) => (
            <DataTable
              label="Persons"
              rows={page.items}
              columns={columns}
              rowKey={(person) => person.id}
              initialSort={{ key: 'name', descending: false }}
              empty={<Empty title="Nothing personal is held">It appears here with the first user.</Empty>}
            />
          )}
        </Loaded>
      </Section>
      <RetentionSection />
      <HoldsSection />
      <EraseDialog key={erasing?.id} person={erasing} onClose={() => setErasing(null)} />
    </>
  );
}

function PersonState({ person }: { person: Person }) {
  if (person.state === 'erased')
    return (
      <>
        <StateBadge state="not_applicable" word="Erased" /> {person.erasedAt ? <When at={person.erasedAt} /> : null}
      </>
    );
  return person.onHold ? <StateBadge state="waiting" word="On hold" /> : <StateBadge state="current" word="Held" />;
}

function EraseButton({ person, onErase }: { person: Person; onErase: (person: Person) => void }) {
  const me = useSession().user;
  const whyNot = useWhyNot('persons.erase', 'erase persons');
  if (person.state === 'erased') return null;
  const reason =
    whyNot ??
    (person.onHold ? 'A legal hold keeps it: release the hold first.' : null) ??
    (me?.id === person.id ? 'You cannot erase yourself: another owner does it.' : null);
  return (
    <ReasonButton
      variant="default"
      size="compact-sm"
      reason={reason}
      onClick={() => onErase(person)}
      aria-label={`Erase ${person.name ?? person.id}`}
    >
      Erase …
    </ReasonButton>
  );
}

function EraseDialog({ person, onClose }: { person: Person | null; onClose: () => void }) {
  const toast = useToast();
  const [reason, setReason] = useState<ErasureReason>('request');
  const [basis, setBasis] = useState('');
  const [confirm, setConfirm] = useState('');
  const [words, setWords] = useState<string[]>([]);
  const id = person?.id ?? '';
  const detail = useQuery({
    queryKey: ['persons', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/persons/{id}', { params: { path: { id } }, signal })),
    enabled: person !== null,
  }).data;
  const erase = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/persons/{id}/erase', { params: { path: { id } }, body: { reason, basis, confirm, words } }),
      ),
    onSuccess: (erased) => {
      toast.done(
        'Erased',
        `${erased.erasure?.values ?? 0} values and ${erased.erasure?.files ?? 0} files are destroyed.`,
      );
      onClose();
    },
  });
  const failure = erase.error ? asFailure(erase.error) : null;
  return (
    <Confirm
      opened={person !== null}
      title={`Erase ${person?.name ?? id}?`}
      action="Erase for good"
      busy={erase.isPending}
      error={detail?.blockedBy ?? failure?.message ?? null}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
      loses={
        <>
          <p>This cannot be undone. It destroys:</p>
          <ul className={classes.lost}>
            {detail?.willBeLost.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
          <p>What stays:</p>
          <ul className={classes.lost}>
            {detail?.willStay.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      }
    >
      <Select
        mt="sm"
        label="Reason"
        required
        allowDeselect={false}
        data={Object.entries(ERASURE_REASONS).map(([value, label]) => ({ value, label }))}
        value={reason}
        onChange={(value) => value && setReason(value as ErasureReason)}
      />
      <Textarea
        mt="sm"
        label="What it rests on"
        description="For example the number of the request. It goes into the ledger: name nobody."
        required
        rows={2}
        maxLength={200}
        value={basis}
        error={failure?.fields.basis}
        onChange={(event) => setBasis(event.currentTarget.value)}
      />
      {detail && detail.unattributed.length > 0 ? (
        <Checkbox.Group
          mt="sm"
          label="Written before authors were recorded"
          description="Nobody knows from the records whose words these are. Choose those that are this person’s: they go as well."
          value={words}
          onChange={setWords}
        >
          {detail.unattributed.map((one) => (
            <Checkbox key={one.ref} mt="xs" value={one.ref} label={one.words} description={one.ref} />
          ))}
        </Checkbox.Group>
      ) : null}
      <TextInput
        mt="sm"
        label={`Type ${id} to confirm`}
        required
        spellCheck={false}
        autoComplete="off"
        value={confirm}
        error={failure?.fields.confirm}
        onChange={(event) => setConfirm(event.currentTarget.value)}
      />
    </Confirm>
  );
}
