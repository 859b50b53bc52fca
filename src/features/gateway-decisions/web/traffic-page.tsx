import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Named } from '#src/features/gateway-policies/web/named.tsx';
import { routesQuery } from '#src/features/gateway-policies/web/queries.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty, Loading, Notice } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import type { RecordState, Traffic, TrafficSpan } from '../model.ts';
import { say, share, spaced, spend } from './figures.ts';
import classes from './gateway.module.css';
import { recordQuery, trafficQuery } from './queries.ts';

const TrafficCharts = lazy(() => import('./traffic-charts.tsx').then((file) => ({ default: file.TrafficCharts })));
const route = getRouteApi('/app/gateway/traffic');

const SPANS: { value: TrafficSpan; label: string }[] = [
  { value: '1h', label: 'Hour' },
  { value: '6h', label: '6 h' },
  { value: '24h', label: 'Day' },
  { value: '7d', label: 'Week' },
  { value: '30d', label: '30 days' },
];

export function TrafficPage() {
  const { span = '1h', tenant, route: routeId } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(trafficQuery({ span, tenant, route: routeId }));
  const record = useQuery(recordQuery);
  return (
    <Page
      title="Traffic"
      documentTitle="Traffic · Gateway"
      lead="What goes through the gateway, as it goes. Every number opens to the decisions behind it."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Span of time"
          data={SPANS}
          value={span}
          onChange={(value) => navigate({ search: (held) => ({ ...held, span: value as TrafficSpan }), replace: true })}
        />
      }
    >
      {tenant || routeId ? (
        <p className={classes.quiet}>
          Only{' '}
          {tenant ? (
            <>
              tenant <Named kind="tenant" id={tenant} />
            </>
          ) : null}{' '}
          {routeId ? (
            <>
              route <Named kind="route" id={routeId} />
            </>
          ) : null}
          .{' '}
          <Link to="/gateway/traffic" search={{ span }}>
            Show all
          </Link>
        </p>
      ) : null}
      <Loaded query={query} what="the traffic" rows={8}>
        {(traffic) =>
          traffic.totals.decisions === 0 ? (
            <NoTraffic span={span} ever={(record.data?.decisions ?? 0) > 0} />
          ) : (
            <>
              <Numbers traffic={traffic} />
              {traffic.totals.failOpen > 0 ? (
                <Notice tone="fail">
                  <strong>{say(traffic.totals.failOpen)} calls went through without a check that was due.</strong> The
                  policy of their route fails open.{' '}
                  <Link to="/gateway/decisions" search={{ from: traffic.from, failOpen: 'true' }}>
                    See which
                  </Link>
                </Notice>
              ) : null}
              <Suspense fallback={<Loading what="the charts" rows={8} />}>
                <TrafficCharts traffic={traffic} />
              </Suspense>
              <Groups traffic={traffic} />
              <CheckedDays traffic={traffic} />
            </>
          )
        }
      </Loaded>
      {record.data ? <RecordPanel record={record.data} /> : null}
    </Page>
  );
}

function NoTraffic({ span, ever }: { span: TrafficSpan; ever: boolean }) {
  const { data: paths } = useQuery(routesQuery);
  if (ever)
    return (
      <Empty title="No call in this span of time">
        <p>
          {span === '30d'
            ? 'Nothing came in the last 30 days.'
            : 'Choose a longer span, or send a call through the gateway.'}
        </p>
      </Empty>
    );
  return (
    <Empty
      title="No call has gone through the gateway yet"
      command={paths && `OPENAI_BASE_URL=${paths.address}/v1 OPENAI_API_KEY=agk_… your-application`}
    >
      <p>
        This page shows calls, tokens, spend, time and what the checks stopped, as it happens. Add a provider, make a
        tenant and a key, and change one base URL in your application.
      </p>
    </Empty>
  );
}

function Numbers({ traffic }: { traffic: Traffic }) {
  const { totals, from, to } = traffic;
  const span = { from, to };
  const tiles = [
    { label: 'Calls', value: say(totals.decisions), search: span },
    {
      label: 'Refused',
      value: say(totals.refused),
      note: share(totals.refused, totals.decisions),
      search: { ...span, outcome: 'refused' as const },
    },
    {
      label: 'Changed',
      value: say(totals.changed),
      note: share(totals.changed, totals.decisions),
      search: { ...span, outcome: 'changed' as const },
    },
    {
      label: 'Not evaluated',
      value: say(totals.notEvaluated),
      note: share(totals.notEvaluated, totals.decisions),
      search: { ...span, outcome: 'not_evaluated' as const },
    },
    {
      label: 'Tokens',
      value: say(totals.tokensInput + totals.tokensOutput),
      search: { ...span, sort: 'largest' as const },
    },
    {
      label: 'Spend',
      value: spend(totals),
      note: totals.unpriced === 0 ? '' : `${say(totals.unpriced)} calls without a price`,
      search: { ...span, sort: 'dearest' as const },
    },
    {
      label: 'Median time',
      value: totals.totalP50Ms === null ? '–' : `${say(Math.round(totals.totalP50Ms))} ms`,
      note: totals.totalP99Ms === null ? '' : `99 %: ${say(Math.round(totals.totalP99Ms))} ms`,
      search: { ...span, sort: 'slowest' as const },
    },
    {
      label: 'Added by the gateway',
      value: totals.addedP50Ms === null ? '–' : `${totals.addedP50Ms.toFixed(2)} ms`,
      note: totals.addedP99Ms === null ? '' : `99 %: ${totals.addedP99Ms.toFixed(2)} ms`,
      search: span,
    },
  ];
  return (
    <ul className={classes.tiles} aria-label="Numbers of this span of time">
      {tiles.map(({ label, value, note, search }) => (
        <li key={label}>
          <Link to="/gateway/decisions" search={search} className={classes.tile}>
            <span className={classes.label}>{label}</span>
            <span className={classes.value}>{value}</span>
            <span className={classes.quiet}>{note ?? ''}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

type Group = Traffic['byRoute'][number];
const groupColumns = (title: string, search: (id: string) => { route?: string; tenant?: string }): Column<Group>[] => [
  {
    key: 'id',
    title,
    narrow: 'title',
    text: ({ id, name }) => name ?? id,
    render: ({ id, name }) =>
      id === 'none' ? (
        <span title="Calls that were refused before it was known">none</span>
      ) : (
        <Link to="/gateway/traffic" search={(held: object) => ({ ...held, ...search(id) })} {...rowLink}>
          <span title={id}>{name ?? id}</span>
        </Link>
      ),
  },
  {
    key: 'calls',
    title: 'Calls',
    numeric: true,
    text: (row) => String(row.decisions),
    sort: (row) => row.decisions,
    render: (row) => say(row.decisions),
  },
  {
    key: 'refused',
    title: 'Refused',
    numeric: true,
    text: (row) => String(row.refused),
    sort: (row) => row.refused,
    render: (row) => say(row.refused),
  },
  {
    key: 'spend',
    title: 'Spend',
    numeric: true,
    text: (row) => String(row.costMicroUsd),
    sort: (row) => row.costMicroUsd,
    render: (row) => (
      <span title={row.unpriced === 0 ? undefined : `${say(row.unpriced)} calls without a price`}>{spend(row)}</span>
    ),
  },
];
const ROUTE_COLUMNS = groupColumns('Route', (route) => ({ route }));
const TENANT_COLUMNS = groupColumns('Tenant', (tenant) => ({ tenant }));

type Count = { name: string; times: number };

function Groups({ traffic }: { traffic: Traffic }) {
  const counted = (held: Record<string, number>): Count[] =>
    Object.entries(held)
      .map(([name, times]) => ({ name, times }))
      .sort((a, b) => b.times - a.times);
  const columns = (
    title: string,
    search: (name: string) => { detector?: string; refusal?: string },
  ): Column<Count>[] => [
    {
      key: 'name',
      title,
      narrow: 'title',
      text: ({ name }) => name,
      render: ({ name }) => (
        <Link to="/gateway/decisions" search={{ from: traffic.from, to: traffic.to, ...search(name) }} {...rowLink}>
          {spaced(name)}
        </Link>
      ),
    },
    {
      key: 'times',
      title: 'Calls',
      numeric: true,
      text: ({ times }) => String(times),
      sort: ({ times }) => times,
      render: ({ times }) => say(times),
    },
  ];
  const table = <Row,>(label: string, rows: Row[], of: Column<Row>[], key: (row: Row) => string, none: string) => (
    <DataTable label={label} rows={rows} columns={of} rowKey={key} empty={<p className={classes.none}>{none}</p>} />
  );
  return (
    <div className={classes.pair}>
      <Section title="By route" flush>
        {table('Routes', traffic.byRoute, ROUTE_COLUMNS, ({ id }) => id, 'No route had a call.')}
      </Section>
      <Section title="By tenant" flush>
        {table('Tenants', traffic.byTenant, TENANT_COLUMNS, ({ id }) => id, 'No tenant had a call.')}
      </Section>
      <Section title="Found by the checks" flush>
        {table(
          'Checks',
          counted(traffic.totals.found),
          columns('Check', (detector) => ({ detector })),
          ({ name }) => name,
          'No check found anything.',
        )}
      </Section>
      <Section title="Why calls were refused" flush>
        {table(
          'Refusals',
          counted(traffic.totals.refusals),
          columns('Reason', (refusal) => ({ refusal })),
          ({ name }) => name,
          'No call was refused.',
        )}
      </Section>
    </div>
  );
}

type Day = Traffic['checksByDay'][number];
const DAY_COLUMNS: Column<Day>[] = [
  {
    key: 'day',
    title: 'Day (UTC)',
    narrow: 'title',
    text: ({ day }) => day,
    sort: ({ day }) => day,
    render: ({ day }) => (
      <Link to="/gateway/decisions" search={{ from: `${day}T00:00:00.000Z`, to: `${day}T23:59:59.999Z` }} {...rowLink}>
        {day}
      </Link>
    ),
  },
  {
    key: 'requests',
    title: 'Requests',
    numeric: true,
    text: (row) => String(row.requests),
    sort: (row) => row.requests,
    render: (row) => say(row.requests),
  },
  {
    key: 'decided',
    title: 'Decided',
    numeric: true,
    text: (row) => String(row.decided),
    sort: (row) => row.decided,
    render: (row) => say(row.decided),
  },
  {
    key: 'ratio',
    title: 'Ratio',
    numeric: true,
    text: (row) => String(row.decided / row.requests),
    sort: (row) => row.decided / row.requests,
    render: (row) => ratio(row),
  },
];

/** Cut and not rounded, so that no day with a gap reads 100 %. */
function ratio({ requests, decided }: Day): string {
  const text = `${(Math.floor((10_000 * decided) / requests) / 100).toFixed(2)} %`;
  return decided >= 0.99 * requests ? text : `${text}, too low`;
}

function CheckedDays({ traffic }: { traffic: Traffic }) {
  return (
    <Section
      title="Decisions to requests, by day"
      lead="Of the requests that reached the checks, those on which every check the policy asks for came to a decision. At least 99 % on each day is what GRD-01 asks for."
      flush
    >
      <DataTable
        label="Days"
        rows={traffic.checksByDay}
        columns={DAY_COLUMNS}
        rowKey={({ day }) => day}
        empty={<p className={classes.none}>No request reached the checks within 14 days.</p>}
      />
    </Section>
  );
}

function RecordPanel({ record }: { record: RecordState }) {
  const { windows, nodes } = record;
  return (
    <Section
      title="The record"
      lead="Each process of the gateway numbers its decisions, so that a lost one shows. Every five minutes are sealed under one entry of the ledger."
    >
      <dl className={classes.facts}>
        <div>
          <dt>Decisions</dt>
          <dd>{say(record.decisions)}</dd>
        </div>
        <div>
          <dt>Missing</dt>
          <dd>{record.missing === 0 ? 'none' : <strong>{say(record.missing)}</strong>}</dd>
        </div>
        <div>
          <dt>Windows sealed</dt>
          <dd>{say(windows.sealed)}</dd>
        </div>
        <div>
          <dt>Oldest open window</dt>
          <dd>{windows.oldestOpenFrom ? <When at={windows.oldestOpenFrom} /> : 'none'}</dd>
        </div>
        <div>
          <dt>Days held</dt>
          <dd>
            {say(record.days.length)}, kept for {say(record.retentionDays)}
          </dd>
        </div>
      </dl>
      {nodes.some(({ missing }) => missing > 0) ? (
        <ul className={classes.gaps}>
          {nodes
            .filter(({ missing }) => missing > 0)
            .slice(0, 10)
            .map((node) => (
              <li key={node.id}>
                <code>{node.id}</code> did not deliver{' '}
                {node.gaps.map(({ from, to }) => (from === to ? say(from) : `${say(from)} to ${say(to)}`)).join(', ')}
              </li>
            ))}
        </ul>
      ) : null}
    </Section>
  );
}
