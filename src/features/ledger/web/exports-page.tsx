import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import type { Bundle } from '#src/features/bundles/model.ts';
import { bundlesQuery } from '#src/features/bundles/web/queries.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import type { LedgerEntryRow } from '../model.ts';
import classes from './ledger.module.css';
import { LedgerFrame } from './ledger-frame.tsx';
import { exportsQuery } from './queries.ts';

/** `log` is the id of the sealed ledger the entry is in; undefined for the present one. */
type Export = LedgerEntryRow & { bundle: Bundle | undefined; log: string | undefined };

const COLUMNS: Column<Export>[] = [
  {
    key: 'bundle',
    title: 'Bundle',
    narrow: 'title',
    text: ({ subject }) => subject?.id ?? '',
    render: ({ subject, index, log }) => (
      <Link to="/evidence/ledger" search={{ entry: index, log }} {...rowLink}>
        <code>{subject?.id ?? '–'}</code>
      </Link>
    ),
  },
  {
    key: 'by',
    title: 'By',
    text: (row) => whoOf(row),
    render: (row) => whoOf(row),
  },
  {
    key: 'at',
    title: 'Exported',
    text: ({ recordedAt }) => recordedAt,
    render: ({ recordedAt }) => <When at={recordedAt} />,
  },
  { key: 'range', title: 'Range', text: rangeOf, render: rangeOf },
  {
    key: 'digest',
    title: 'SHA-256',
    sort: false,
    text: ({ bundle }) => bundle?.sha256 ?? '',
    render: ({ bundle }) =>
      bundle?.sha256 ? <Digest hex={bundle.sha256} /> : <span className={classes.id}>{noDigest(bundle)}</span>,
  },
  {
    key: 'downloads',
    title: 'Fetched',
    numeric: true,
    narrow: 'hide',
    text: ({ bundle }) => String(bundle?.downloads ?? ''),
    sort: ({ bundle }) => bundle?.downloads ?? null,
    render: ({ bundle }) => (bundle?.kept ? bundle.downloads : '–'),
  },
];

function whoOf({ actor, bundle }: Export): string {
  return bundle?.requestedBy.name ?? (actor ? `${actor.kind} ${actor.id}` : '–');
}

function rangeOf({ exported }: Export): string {
  if (!exported) return '–';
  const of = exported.origin === null ? '' : ` of the sealed ledger ${exported.origin.split('/').at(-1)?.slice(0, 8)}…`;
  if (exported.series) return `series ${exported.series.join(', ')}${of}`;
  if (exported.from !== null) return `${exported.from} to ${(exported.to ?? 0) - 1}${of}`;
  return of === '' ? 'whole ledger' : `all${of}`;
}

function noDigest(bundle: Bundle | undefined): string {
  if (!bundle) return 'printed where the command ran, by an older version';
  return bundle.state === 'failed' ? 'no file was made' : 'being made';
}

/** Every export of evidence, as the ledger has it: nobody can take a bundle without leaving an entry. */
export function ExportsPage() {
  const query = useQuery(exportsQuery);
  const bundles = useQuery(bundlesQuery).data?.items;
  const rows = useMemo(
    () =>
      (query.data ?? []).map((entry) => ({
        ...entry,
        bundle: bundles?.find(({ id }) => id === entry.subject?.id),
      })),
    [query.data, bundles],
  );
  return (
    <LedgerFrame>
      <Section
        title="Who exported what"
        flush
        lead="An export is itself an entry of the ledger, made before the first byte is written. Those of sealed ledgers are here, too."
      >
        <Loaded query={query} what="the exports">
          {() => (
            <DataTable
              label="Exports"
              rows={rows}
              columns={COLUMNS}
              rowKey={({ index, log }) => `${log ?? ''} ${index}`}
              fileName="ledger-exports"
              empty={
                <Empty title="Nothing was exported yet" command="bin/assay bundle export --out assay-bundle.zip">
                  Export a bundle on the page Bundle, or by command.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Section>
    </LedgerFrame>
  );
}
