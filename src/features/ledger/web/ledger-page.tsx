import { Button, Select, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { ENTRY_TYPES } from '#src/ledger/log/entry.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import type { LedgerEntryRow } from '../model.ts';
import { EntryView } from './entry-view.tsx';
import classes from './ledger.module.css';
import { LedgerFrame } from './ledger-frame.tsx';
import { type EntryFilter, entriesQuery, ledgerQuery } from './queries.ts';

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
  const { entry, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const [before, setBefore] = useState<number>();
  const size = useQuery(ledgerQuery).data?.size;
  const query = useQuery({ ...entriesQuery(before, filter, size), placeholderData: keepPreviousData });
  const choose = (change: EntryFilter) => {
    setBefore(undefined);
    navigate({ search: { ...filter, ...change }, replace: true });
  };
  const isFiltered = Object.entries(filter).some(([name, value]) => name !== 'log' && value !== undefined);
  return (
    <LedgerFrame>
      <Section
        title={filter.log === undefined ? 'Entries' : 'Entries of a sealed ledger'}
        flush
        aside={
          filter.log === undefined ? null : (
            <Link to="/evidence/ledger" search={{}}>
              Back to the present ledger
            </Link>
          )
        }
        lead={filter.log === undefined ? undefined : `Ledger ${filter.log}. It takes no entries any more.`}
      >
        <Loaded query={query} what="the entries">
          {(page) => (
            <DataTable
              label="Entries"
              rows={page.items}
              columns={COLUMNS}
              rowKey={(row) => String(row.index)}
              fileName="ledger-entries"
              isCurrent={(row) => row.index === entry}
              filters={<Filters filter={filter} onChange={choose} />}
              note={<Pager page={page} before={before} onBefore={setBefore} />}
              empty={
                isFiltered ? (
                  <Empty title="No such entry">
                    No entry has this type, series and time. Take one of the filters away.
                  </Empty>
                ) : (
                  <Empty title="The ledger is empty" command="bin/assay scan . --record">
                    Each recorded scan, decision, statement and review adds one entry that cannot be changed unnoticed.
                  </Empty>
                )
              }
            />
          )}
        </Loaded>
      </Section>
      <SideDrawer
        opened={entry !== undefined}
        onClose={() => navigate({ search: (held) => ({ ...held, entry: undefined }), replace: true })}
        title={`Ledger entry ${entry?.toLocaleString('en-US') ?? ''}`}
      >
        {entry === undefined ? null : <EntryView index={entry} log={filter.log} />}
      </SideDrawer>
    </LedgerFrame>
  );
}

function Filters({ filter, onChange }: { filter: EntryFilter; onChange: (change: EntryFilter) => void }) {
  const [series, setSeries] = useState(filter.series ?? '');
  const day = (name: 'from' | 'to', label: string) => (
    <TextInput
      size="xs"
      type="date"
      aria-label={label}
      title={`${label} (UTC)`}
      value={filter[name] ?? ''}
      onChange={(event) => onChange({ [name]: event.currentTarget.value || undefined })}
    />
  );
  return (
    <>
      <Select
        size="xs"
        w={190}
        aria-label="Type"
        placeholder="Any type"
        clearable
        searchable
        value={filter.type ?? null}
        data={[...ENTRY_TYPES]}
        onChange={(next) => onChange({ type: next ?? undefined })}
      />
      <TextInput
        size="xs"
        w={170}
        aria-label="Series"
        placeholder="Any series"
        value={series}
        onChange={(event) => setSeries(event.currentTarget.value)}
        onBlur={() => onChange({ series: series.trim() || undefined })}
        onKeyDown={(event) => event.key === 'Enter' && onChange({ series: series.trim() || undefined })}
      />
      {day('from', 'Recorded from')}
      {day('to', 'Recorded until')}
    </>
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
