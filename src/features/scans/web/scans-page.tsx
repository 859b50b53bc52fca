import { TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { InventoryPage } from '#src/features/inventory/web/inventory-page.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormProblem } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { count } from '#src/ui/words.ts';
import type { Scan } from '../model.ts';
import { rootsQuery, scansQuery } from './queries.ts';
import classes from './scans.module.css';

const outcomeOf = (scan: Scan): string => {
  if (scan.error) return scan.error;
  if (!scan.summary) return '';
  const { items, tests, unchanged } = scan.summary;
  return unchanged
    ? 'the same as last time'
    : `${count(items.found, 'item')}, ${items.proposed} new; ${count(tests.fail, 'test')} failing`;
};

const COLUMNS: Column<Scan>[] = [
  {
    key: 'path',
    title: 'Folder',
    narrow: 'title',
    text: (scan) => scan.path,
    render: (scan) => (
      <Link to="/inventory/scans/$scanId" params={{ scanId: scan.id }} {...rowLink}>
        {scan.path}
      </Link>
    ),
  },
  { key: 'state', title: 'State', text: (scan) => scan.state, render: (scan) => <StateBadge state={scan.state} /> },
  { key: 'outcome', title: 'Outcome', text: outcomeOf, render: outcomeOf },
  {
    key: 'files',
    title: 'Files',
    numeric: true,
    text: (scan) => String(scan.progress.files),
    sort: (scan) => scan.progress.files,
    render: (scan) => scan.progress.files.toLocaleString('en-US'),
  },
  { key: 'by', title: 'Started by', text: (scan) => scan.requestedBy.name, render: (scan) => scan.requestedBy.name },
  { key: 'at', title: 'Started', text: (scan) => scan.requestedAt, render: (scan) => <When at={scan.requestedAt} /> },
];

export function ScansPage() {
  const query = useQuery(scansQuery);
  return (
    <InventoryPage tab="Scans">
      <StartScan />
      <Section title="Scans" flush>
        <Loaded query={query} what="the scans">
          {(page) => (
            <DataTable
              label="Scans"
              rows={page.items}
              columns={COLUMNS}
              rowKey={(scan) => scan.id}
              fileName="scans"
              initialSort={{ key: 'at', descending: true }}
              empty={
                <Empty title="Nothing was scanned yet" command="bin/assay scan PATH --record">
                  Give a folder above, or run the command where the code is. Both record the same.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Section>
    </InventoryPage>
  );
}

function StartScan() {
  const navigate = useNavigate();
  const whyNot = useWhyNot('scans.run', 'start scans');
  const roots = useQuery(rootsQuery).data?.roots;
  const [path, setPath] = useState('');
  const start = useMutation({
    mutationFn: (folder: string) => answerOf(api.POST('/api/v1/scans', { body: { path: folder } })),
    onSuccess: (scan) => navigate({ to: '/inventory/scans/$scanId', params: { scanId: scan.id } }),
  });
  const failure = start.error ? asFailure(start.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (path.trim() !== '') start.mutate(path.trim());
  }
  return (
    <Section title="Scan a source tree">
      <form onSubmit={submit} className={classes.start}>
        <FormProblem failure={failure && !failure.fields.path ? failure : null} />
        <div className={classes.startRow}>
          <TextInput
            className={classes.path}
            label="Folder on the machine that runs Assay"
            placeholder="/home/me/code/product"
            description={
              roots
                ? `Allowed: ${roots.join(', ')}`
                : 'A source tree or git clone. Its files are read, never run, and stay where they are.'
            }
            value={path}
            error={failure?.fields.path}
            onChange={(event) => setPath(event.currentTarget.value)}
            list="scan-roots"
            spellCheck={false}
            autoComplete="off"
          />
          {roots ? (
            <datalist id="scan-roots">
              {roots.map((root) => (
                <option key={root} value={root} />
              ))}
            </datalist>
          ) : null}
          <ReasonButton
            type="submit"
            size="sm"
            reason={whyNot ?? (path.trim() === '' ? 'Name a folder first.' : null)}
            loading={start.isPending}
          >
            Scan and record
          </ReasonButton>
        </div>
      </form>
    </Section>
  );
}
