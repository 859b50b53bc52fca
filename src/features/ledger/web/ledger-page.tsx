import { Button, Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { EvidenceFrame } from '#src/features/evidence/web/evidence-frame.tsx';
import { ENTRY_TYPES } from '#src/ledger/log/entry.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Section } from '#src/ui/page.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import type { LedgerEntryRow } from '../model.ts';
import classes from './ledger.module.css';
import { ProofSection } from './proof-section.tsx';
import { entriesQuery, entryQuery, ledgerQuery } from './queries.ts';

const route = getRouteApi('/app/evidence/ledger');

const COLUMNS: Column<LedgerEntryRow>[] = [
  {
    key: 'index',
    title: 'Entry',
    numeric: true,
    width: '5rem',
    narrow: 'title',
    text: (entry) => String(entry.index),
    sort: (entry) => entry.index,
    render: (entry) => (
      <Link to="/evidence/ledger" search={(held) => ({ ...held, entry: entry.index })} {...rowLink}>
        {entry.index.toLocaleString('en-US')}
      </Link>
    ),
  },
  { key: 'type', title: 'Type', text: (entry) => entry.type, render: (entry) => entry.type },
  {
    key: 'subject',
    title: 'About',
    text: (entry) => (entry.subject ? `${entry.subject.kind} ${entry.subject.id}` : ''),
    render: (entry) =>
      entry.subject ? (
        <>
          {entry.subject.kind} <code className={classes.id}>{entry.subject.id}</code>
        </>
      ) : (
        '–'
      ),
  },
  {
    key: 'series',
    title: 'Series',
    narrow: 'hide',
    text: (entry) => (entry.series ? `${entry.series.id} ${entry.series.seq}` : ''),
    render: (entry) => (entry.series ? `no. ${entry.series.seq}` : '–'),
  },
  {
    key: 'recorded',
    title: 'Recorded',
    text: (entry) => entry.recordedAt,
    render: (entry) => <When at={entry.recordedAt} />,
  },
  {
    key: 'leaf',
    title: 'Leaf hash',
    narrow: 'hide',
    text: (entry) => entry.leafHash,
    sort: false,
    render: (entry) => <Digest hex={entry.leafHash} what="leaf hash" />,
  },
];

/** Every entry of the ledger, newest first. */
export function LedgerPage() {
  const { entry, type } = route.useSearch();
  const navigate = route.useNavigate();
  const [before, setBefore] = useState<number>();
  const head = useQuery(ledgerQuery);
  const query = useQuery({ ...entriesQuery(before, type), placeholderData: keepPreviousData });
  return (
    <EvidenceFrame tab="Ledger">
      <Loaded query={head} what="the ledger" rows={2}>
        {(ledger) => (
          <Facts
            columns={2}
            rows={{
              Entries: ledger.size.toLocaleString('en-US'),
              Waiting: ledger.pending.toLocaleString('en-US'),
              Origin: <code>{ledger.origin}</code>,
              Assurance: `${ledger.level ?? 'none'}. ${ledger.assurance.stillPossible}`,
            }}
          />
        )}
      </Loaded>
      <Section title="Entries" flush>
        <Loaded query={query} what="the entries">
          {(page) => (
            <DataTable
              label="Entries"
              rows={page.items}
              columns={COLUMNS}
              rowKey={(row) => String(row.index)}
              fileName="ledger-entries"
              isCurrent={(row) => row.index === entry}
              filters={
                <Select
                  size="xs"
                  w={210}
                  aria-label="Type"
                  placeholder="Any type"
                  clearable
                  searchable
                  value={type ?? null}
                  data={[...ENTRY_TYPES]}
                  onChange={(next) => {
                    setBefore(undefined);
                    navigate({ search: { type: next ?? undefined }, replace: true });
                  }}
                />
              }
              note={<Pager page={page} before={before} onBefore={setBefore} />}
              empty={
                <Empty title={type ? 'No entry of this type' : 'The ledger is empty'}>
                  Each recorded scan, decision, statement and review adds one entry that cannot be changed unnoticed.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Section>
      <SideDrawer
        opened={entry !== undefined}
        onClose={() => navigate({ search: (held) => ({ ...held, entry: undefined }), replace: true })}
        title={`Ledger entry ${entry ?? ''}`}
      >
        {entry === undefined ? null : <Entry index={entry} />}
      </SideDrawer>
    </EvidenceFrame>
  );
}

function Entry({ index }: { index: number }) {
  const query = useQuery(entryQuery(index));
  return (
    <Loaded query={query} what="the entry">
      {(entry) => (
        <>
          <Facts
            rows={{
              Type: entry.type,
              About: entry.subject ? `${entry.subject.kind} ${entry.subject.id}` : '–',
              By: entry.actor ? `${entry.actor.kind} ${entry.actor.id}` : '–',
              Recorded: <When at={entry.recordedAt} both />,
              Series: entry.series ? `${entry.series.id}, number ${entry.series.seq}` : null,
            }}
          />
          <ProofSection position={entry.position} />
        </>
      )}
    </Loaded>
  );
}

function Pager({
  page,
  before,
  onBefore,
}: {
  page: { items: LedgerEntryRow[]; total: number; nextCursor?: string };
  before: number | undefined;
  onBefore: (before: number | undefined) => void;
}) {
  const last = page.items.at(-1)?.index;
  return (
    <span className={classes.pager}>
      of {page.total.toLocaleString('en-US')}
      {before === undefined ? null : (
        <Button variant="default" size="compact-xs" onClick={() => onBefore(undefined)}>
          Newest
        </Button>
      )}
      {page.nextCursor && last !== undefined ? (
        <Button variant="default" size="compact-xs" onClick={() => onBefore(last)}>
          Older
        </Button>
      ) : null}
    </span>
  );
}
