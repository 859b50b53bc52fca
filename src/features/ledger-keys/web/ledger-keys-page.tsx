import { TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { CopyButton } from '#src/ui/copy-button.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { KeyState, LedgerKey, LedgerKeyPurpose, LedgerKeys } from '../model.ts';
import classes from './ledger-keys.module.css';

const PURPOSES: Record<LedgerKeyPurpose, string> = { log: 'Heads of the log', bundle: 'Manifests of bundles' };
const STATES: Record<KeyState, { badge: 'pass' | 'waiting' | 'not_applicable' | 'fail'; word: string }> = {
  announced: { badge: 'waiting', word: 'Announced' },
  active: { badge: 'pass', word: 'Active' },
  retiring: { badge: 'waiting', word: 'Retiring' },
  retired: { badge: 'not_applicable', word: 'Retired' },
  lost: { badge: 'fail', word: 'Lost' },
};
type Change = { kind: 'rotate' | 'retire'; key: LedgerKey };

/** The keys the ledger is signed with: which sign, which take over, and how that is changed. */
export function LedgerKeysPage() {
  const query = useQuery({
    queryKey: ['ledger-keys'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/ledger-keys', { signal })),
  });
  const whyNot = useWhyNot('ledger-keys.write', 'change the keys of the ledger');
  const [change, setChange] = useState<Change | null>(null);
  return (
    <>
      <Section
        title="Ledger keys"
        flush
        lead="Each key is announced and retired by an entry of the log it signs, so that readers can follow it. While two keys overlap both sign, and policies with either go on verifying."
      >
        <Loaded query={query} what="the keys of the ledger" rows={3}>
          {(page) => <KeyTable page={page} whyNot={whyNot} onChange={setChange} />}
        </Loaded>
      </Section>
      <Sealing />
      {change && query.data ? (
        <ConfirmChange key={change.key.id} change={change} page={query.data} onClose={() => setChange(null)} />
      ) : null}
    </>
  );
}

function KeyTable({
  page,
  whyNot,
  onChange,
}: {
  page: LedgerKeys;
  whyNot: string | null;
  onChange: (change: Change) => void;
}) {
  const columns: Column<LedgerKey>[] = [
    {
      key: 'id',
      title: 'Key',
      narrow: 'title',
      text: (key) => key.id,
      render: (key) => (
        <>
          <code>{key.id}</code> <CopyButton text={key.vkey} what={`the public key ${key.id}`} />
          {key.problem ? <span className={classes.problem}>{key.problem}</span> : null}
        </>
      ),
    },
    { key: 'purpose', title: 'Signs', text: (key) => PURPOSES[key.purpose], render: (key) => PURPOSES[key.purpose] },
    {
      key: 'state',
      title: 'State',
      text: (key) => STATES[key.state].word,
      render: (key) => <StateBadge state={STATES[key.state].badge} word={STATES[key.state].word} />,
    },
    {
      key: 'announced',
      title: 'Announced',
      text: (key) => key.announcedAt,
      render: (key) => (
        <>
          entry {key.announcedBy.toLocaleString('en-US')}, <When at={key.announcedAt} />
        </>
      ),
    },
    {
      key: 'retired',
      title: 'Retired',
      text: (key) => key.retiredAt ?? '',
      render: (key) =>
        key.retiredAt === null ? (
          '–'
        ) : (
          <>
            entry {key.retiredBy?.toLocaleString('en-US')}, <When at={key.retiredAt} />
          </>
        ),
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (key) => <Actions change={changeOf(key, page)} whyNot={whyNot} onChange={onChange} />,
    },
  ];
  return (
    <DataTable
      label="Ledger keys"
      rows={page.items}
      columns={columns}
      rowKey={(key) => key.id}
      empty={<Empty title="No key">The ledger has not announced one yet.</Empty>}
    />
  );
}

/** What can be done with a key: the one that signs alone is rotated, the older of two is retired. */
function changeOf(key: LedgerKey, { items }: LedgerKeys): Change | null {
  if (key.state === 'retiring') return { kind: 'retire', key };
  const overlaps = items.some((one) => one.purpose === key.purpose && one.state === 'retiring');
  return key.state === 'active' && !overlaps ? { kind: 'rotate', key } : null;
}

function Actions({
  change,
  whyNot,
  onChange,
}: {
  change: Change | null;
  whyNot: string | null;
  onChange: (change: Change) => void;
}) {
  if (!change) return null;
  const word = change.kind === 'rotate' ? 'Rotate' : 'Retire';
  return (
    <ReasonButton
      variant="default"
      size="compact-sm"
      reason={whyNot}
      onClick={() => onChange(change)}
      aria-label={`${word} the key ${change.key.id}`}
    >
      {word} …
    </ReasonButton>
  );
}

function ConfirmChange({
  change: { kind, key },
  page,
  onClose,
}: {
  change: Change;
  page: LedgerKeys;
  onClose: () => void;
}) {
  const toast = useToast();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const save = useMutation({
    mutationFn: () =>
      kind === 'rotate'
        ? answerOf(api.POST('/api/v1/ledger-keys', { body: { purpose: key.purpose, confirm: typed } }))
        : answerOf(
            api.POST('/api/v1/ledger-keys/{id}/retire', {
              params: { path: { id: key.id } },
              body: { confirm: typed },
            }),
          ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['ledger-keys'] });
      toast.done(kind === 'rotate' ? 'A new key is announced; both sign now' : `The key ${key.id} is retired`);
      onClose();
    },
  });
  return (
    <Confirm
      opened
      title={kind === 'rotate' ? 'Make a new key?' : 'Retire this key?'}
      loses={kind === 'rotate' ? <AfterRotation page={page} purpose={key.purpose} /> : <AfterRetirement page={page} />}
      action={kind === 'rotate' ? 'Rotate' : 'Retire'}
      danger={kind === 'retire'}
      busy={save.isPending}
      error={save.error ? asFailure(save.error).message : null}
      onConfirm={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        mt="sm"
        label={`Type ${key.id} to confirm`}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </Confirm>
  );
}

function AfterRotation({ page, purpose }: { page: LedgerKeys; purpose: LedgerKeyPurpose }) {
  return purpose === 'bundle' ? (
    <p>The new key signs bundles from now on. Back up the data folder afterwards: it holds the file of the key.</p>
  ) : (
    <p>
      The new key signs beside the old one. Back up the data folder, hand the new public key to those who verify
      {page.witnesses.length > 0 ? ` and to the operators of ${page.witnesses.join(', ')}` : ''}, and retire the old one
      once they have it.
    </p>
  );
}

function AfterRetirement({ page }: { page: LedgerKeys }) {
  return (
    <p>
      Its private half is destroyed; what it signed stays valid. Readers
      {page.witnesses.length > 0 ? ` and witnesses (${page.witnesses.join(', ')})` : ''} who only have this key accept
      nothing newer than the retirement.
    </p>
  );
}

const SEALS = [
  { reason: 'ended', when: 'The log is to end.' },
  { reason: 'key-stolen', when: 'Somebody else may hold the key.' },
  { reason: 'key-lost', when: 'The file of the key is gone, and there is no backup of it.' },
  { reason: 'backup-restored', when: 'An older database was restored, and the newer one is gone.' },
  { reason: 'database-lost', when: 'The database is gone, and only the data folder is left.' },
];

function Sealing() {
  return (
    <Section
      title="Sealing"
      lead="Sealing ends this ledger for good and starts one with a new origin and new keys, whose first entry holds the last head of the old."
    >
      <div className={classes.panel}>
        <p>
          It cannot be undone and nothing may be written meanwhile, so it is done on the machine of the server, with the
          server stopped, and not from this page:
        </p>
        <pre className={classes.command}>
          <code>bin/assay ledger seal --reason key-stolen --yes</code>
        </pre>
        <dl className={classes.reasons}>
          {SEALS.map(({ reason, when }) => (
            <div key={reason}>
              <dt>
                <code>{reason}</code>
              </dt>
              <dd>{when}</dd>
            </div>
          ))}
        </dl>
        <p>
          Witnesses, time-stamp authorities and mirrors stay set up. Mirrors keep what they hold and take the new log
          beside it, in <code>logs/…</code> of a folder or on a branch <code>log-…</code> of a git repository. The
          operator of each witness has to add the new public key, which the command prints.
        </p>
      </div>
    </Section>
  );
}
