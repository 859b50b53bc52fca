import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { Page } from '#src/ui/page.tsx';
import type { Operation, OperationSpan } from '../model.ts';
import classes from './monitors.module.css';
import { operationQuery } from './queries.ts';
import { figure } from './window-look.ts';

const route = getRouteApi('/app/monitors/operation');
const SPANS: Record<OperationSpan, string> = { '1h': 'Last hour', '24h': 'Last 24 hours', '7d': 'Last 7 days' };

type Endpoint = Operation['items'][number];
const percent = (share: number) => `${figure(100 * share)} %`;
const latency = (key: 'p50Ms' | 'p95Ms' | 'p99Ms', title: string): Column<Endpoint> => ({
  key,
  title,
  numeric: true,
  text: (one) => String(one[key] ?? ''),
  sort: (one) => one[key] ?? -1,
  render: (one) => (one[key] === null ? '–' : figure(one[key])),
});

const COLUMNS: Column<Endpoint>[] = [
  {
    key: 'endpoint',
    title: 'Endpoint',
    narrow: 'title',
    text: (one) => one.endpoint ?? 'not told',
    render: (one) => (
      <>
        {one.endpoint ?? 'not told'}
        <div className={classes.sub}>{one.systemName ?? 'belongs to no system'}</div>
      </>
    ),
  },
  {
    key: 'calls',
    title: 'Calls',
    numeric: true,
    text: (one) => String(one.calls),
    sort: (one) => one.calls,
    render: (one) => one.calls.toLocaleString('en-US'),
  },
  {
    key: 'errors',
    title: 'Errors, 95 % interval',
    text: (one) => String(one.errorShare ?? ''),
    sort: (one) => one.errorShare ?? -1,
    render: (one) => (
      <>
        {one.errorShare === null || !one.errorInterval95
          ? 'not told'
          : `${percent(one.errorShare)} [${percent(one.errorInterval95.low)}, ${percent(one.errorInterval95.high)}]`}
        <div className={classes.sub}>
          {one.errors.toLocaleString('en-US')} of {(one.calls - one.unknown).toLocaleString('en-US')}
          {one.unknown > 0 ? `, ${one.unknown.toLocaleString('en-US')} did not say` : ''}
        </div>
      </>
    ),
  },
  latency('p50Ms', 'p50, ms'),
  latency('p95Ms', 'p95, ms'),
  latency('p99Ms', 'p99, ms'),
];

/** Errors and latency of each endpoint, counted from the operations themselves, without a monitor having to be defined. */
export function OperationPage() {
  const { span = '24h' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery({ ...operationQuery({ span }), placeholderData: keepPreviousData });
  return (
    <Page
      title="Operation"
      documentTitle="Operation · Monitors"
      lead="How often each endpoint failed, and how long it took. What is promised is watched by monitors, which alert."
      actions={
        <Select
          size="xs"
          w={150}
          aria-label="Time covered"
          allowDeselect={false}
          value={span}
          data={Object.entries(SPANS).map(([value, label]) => ({ value, label }))}
          onChange={(value) => navigate({ search: { span: (value ?? '24h') as OperationSpan }, replace: true })}
        />
      }
    >
      <Loaded query={query} what="the operation" rows={6}>
        {({ items }) => (
          <DataTable
            label="Endpoints"
            rows={items}
            columns={COLUMNS}
            rowKey={(one) => `${one.systemId} ${one.endpoint ?? ''}`}
            fileName="operation"
            empty={
              <Empty title="No operation in this time">
                Calls of the gateway come here by themselves; other programs report them to POST /api/v1/events with
                <code> error</code> and <code>latencyMs</code>.
              </Empty>
            }
          />
        )}
      </Loaded>
    </Page>
  );
}
