import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay } from '#src/apps/web/session.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { EVIDENCE_GRADES, type EvidenceItem } from '../model.ts';
import classes from './evidence.module.css';
import { EvidenceFrame } from './evidence-frame.tsx';
import { evidenceListQuery } from './queries.ts';

const route = getRouteApi('/app/evidence');

export const KIND_TITLES: Record<EvidenceItem['kind'], string> = {
  scan: 'Scan',
  records: "Assay's records",
  file: 'File',
  statement: 'Statement',
};

const COLUMNS: Column<EvidenceItem>[] = [
  {
    key: 'title',
    title: 'Item',
    narrow: 'title',
    text: (item) => item.title,
    render: (item) => (
      <>
        <Link to="/evidence/$evidenceId" params={{ evidenceId: item.id }} {...rowLink}>
          {item.title}
        </Link>
        <span className={classes.sub}>{item.source.title}</span>
      </>
    ),
  },
  { key: 'kind', title: 'Kind', text: (item) => KIND_TITLES[item.kind], render: (item) => KIND_TITLES[item.kind] },
  {
    key: 'grade',
    title: 'Grade',
    text: (item) => item.grade,
    render: (item) => <span title={EVIDENCE_GRADES[item.grade]}>{item.grade}</span>,
  },
  { key: 'state', title: 'State', text: (item) => item.state, render: (item) => <StateBadge state={item.state} /> },
  {
    key: 'observed',
    title: 'Observed',
    text: (item) => item.observedAt,
    render: (item) => <When at={item.observedAt} />,
  },
  {
    key: 'controls',
    title: 'Controls',
    numeric: true,
    narrow: 'hide',
    text: (item) => item.controls.join(' '),
    sort: (item) => item.controls.length,
    render: (item) => <span title={item.controls.join(', ')}>{item.controls.length}</span>,
  },
  {
    key: 'digest',
    title: 'SHA-256',
    narrow: 'hide',
    text: (item) => item.sha256,
    sort: false,
    render: (item) => <Digest hex={item.sha256} />,
  },
  {
    key: 'ledger',
    title: 'Ledger',
    numeric: true,
    text: (item) => (item.ledgerIndex === null ? '' : String(item.ledgerIndex)),
    sort: (item) => item.ledgerIndex,
    render: (item) =>
      item.ledgerIndex === null ? (
        'waiting'
      ) : (
        <Link to="/evidence/ledger" search={{ entry: item.ledgerIndex }}>
          {item.ledgerIndex.toLocaleString('en-US')}
        </Link>
      ),
  },
];

export function EvidencePage() {
  const { q, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const mayAttest = useMay('evidence.write');
  const mayScan = useMay('scans.run');
  const query = useQuery({ ...evidenceListQuery(filter), placeholderData: keepPreviousData });
  const put = (change: Partial<typeof filter>) =>
    navigate({ search: (held) => ({ ...held, ...change }), replace: true });
  const filtered = filter.control || filter.source || filter.kind || filter.grade;
  return (
    <EvidenceFrame
      tab="Items"
      actions={mayAttest ? <LinkButton to="/evidence/attestations/new">Add statement or file</LinkButton> : null}
    >
      <Loaded query={query} what="the evidence" rows={8}>
        {(page) => (
          <DataTable
            label="Evidence"
            rows={page.items}
            columns={COLUMNS}
            rowKey={(item) => item.id}
            fileName="evidence"
            initialSort={{ key: 'observed', descending: true }}
            filterText={q ?? ''}
            onFilterText={(text) => navigate({ search: (held) => ({ ...held, q: text || undefined }), replace: true })}
            filters={
              <>
                <Select
                  size="xs"
                  w={150}
                  aria-label="Kind"
                  placeholder="Any kind"
                  clearable
                  value={filter.kind ?? null}
                  data={Object.entries(KIND_TITLES).map(([value, label]) => ({ value, label }))}
                  onChange={(kind) => put({ kind: (kind as EvidenceItem['kind'] | null) ?? undefined })}
                />
                <Select
                  size="xs"
                  w={150}
                  aria-label="Grade"
                  placeholder="Any grade"
                  clearable
                  value={filter.grade ?? null}
                  data={Object.entries(EVIDENCE_GRADES).map(([value, title]) => ({
                    value,
                    label: `${value}: ${title}`,
                  }))}
                  comboboxProps={{ width: 320, position: 'bottom-start' }}
                  onChange={(grade) => put({ grade: (grade as EvidenceItem['grade'] | null) ?? undefined })}
                />
                {filter.control ? (
                  <span className={classes.filterNote}>
                    for {filter.control}{' '}
                    <Link from="/evidence" to="/evidence" search={(held) => ({ ...held, control: undefined })}>
                      all controls
                    </Link>
                  </span>
                ) : null}
              </>
            }
            note={
              page.items.length < page.total
                ? `the newest ${page.items.length.toLocaleString('en-US')} of ${page.total.toLocaleString('en-US')}`
                : undefined
            }
            empty={
              filtered ? (
                <Empty title="No evidence fits these filters">
                  <Link to="/evidence">Show all evidence</Link>
                </Empty>
              ) : (
                <Empty
                  title="No evidence yet"
                  command="bin/assay scan PATH --record"
                  action={mayScan ? <LinkButton to="/inventory/scans">Scan a folder</LinkButton> : undefined}
                >
                  Every recorded scan, statement and file becomes one item here: with where it came from, how to get it
                  again, its digest, and a proof that it has not been changed since.
                </Empty>
              )
            }
          />
        )}
      </Loaded>
    </EvidenceFrame>
  );
}
