import { Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
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
import { useToast } from '#src/ui/toast.tsx';
import { count } from '#src/ui/words.ts';
import type { Scan } from '../model.ts';
import { rootsQuery, scansQuery, schedulesQuery } from './queries.ts';
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
      <Schedules />
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

const REPEATS = { once: 'Once', '1': 'Every hour', '24': 'Every day', '168': 'Every week' } as const;
type Repeat = keyof typeof REPEATS;
const everyText = (hours: number) => (REPEATS[String(hours) as Repeat] ?? `Every ${hours} hours`).toLowerCase();

/** Folders the server scans by itself; nothing is shown while there is none. */
function Schedules() {
  const { data } = useQuery(schedulesQuery);
  const whyNot = useWhyNot('scans.run', 'change schedules');
  const queryClient = useQueryClient();
  const toast = useToast();
  const stop = useMutation({
    mutationFn: (path: string) => answerOf(api.PUT('/api/v1/scans/schedules', { body: { path, everyHours: null } })),
    onSuccess: (schedules) => queryClient.setQueryData(schedulesQuery.queryKey, schedules),
    onError: (error) => toast.failed('Not changed', asFailure(error).message),
  });
  if (!data || data.items.length === 0) return null;
  return (
    <Section title="Scanned again by the server" count={data.items.length}>
      <ul className={classes.schedules}>
        {data.items.map(({ path, everyHours, nextAt, setBy }) => (
          <li key={path}>
            <span>
              {path}: {everyText(everyHours)}, next <When at={nextAt} />, set by {setBy.name}
            </span>
            <ReasonButton
              size="compact-sm"
              variant="default"
              aria-label={`Stop scanning ${path}`}
              reason={whyNot}
              loading={stop.isPending && stop.variables === path}
              onClick={() => stop.mutate(path)}
            >
              Stop
            </ReasonButton>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function StartScan() {
  const navigate = useNavigate();
  const whyNot = useWhyNot('scans.run', 'start scans');
  const roots = useQuery(rootsQuery).data?.roots;
  const [path, setPath] = useState('');
  const [repeat, setRepeat] = useState<Repeat>('once');
  const queryClient = useQueryClient();
  const toast = useToast();
  const schedule = useMutation({
    mutationFn: (folder: string) =>
      answerOf(api.PUT('/api/v1/scans/schedules', { body: { path: folder, everyHours: Number(repeat) } })),
    onSuccess: (schedules) => {
      queryClient.setQueryData(schedulesQuery.queryKey, schedules);
      toast.done('The first scan begins within a minute');
    },
  });
  const start = useMutation({
    mutationFn: (folder: string) => answerOf(api.POST('/api/v1/scans', { body: { path: folder } })),
    onSuccess: (scan) => navigate({ to: '/inventory/scans/$scanId', params: { scanId: scan.id } }),
  });
  const error = repeat === 'once' ? start.error : schedule.error;
  const failure = error ? asFailure(error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (path.trim() === '') return;
    if (repeat === 'once') start.mutate(path.trim());
    else schedule.mutate(path.trim());
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
          <Select
            label="Repeat"
            w={140}
            allowDeselect={false}
            value={repeat}
            data={Object.entries(REPEATS).map(([value, label]) => ({ value, label }))}
            onChange={(value) => setRepeat((value ?? 'once') as Repeat)}
          />
          <ReasonButton
            type="submit"
            size="sm"
            reason={whyNot ?? (path.trim() === '' ? 'Name a folder first.' : null)}
            loading={start.isPending || schedule.isPending}
          >
            Scan and record
          </ReasonButton>
        </div>
      </form>
    </Section>
  );
}
