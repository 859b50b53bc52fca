import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { type NamedKind, useGatewayNames } from '#src/features/gateway-policies/web/named.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { describeInstant, When } from '#src/ui/instant.tsx';
import { Page } from '#src/ui/page.tsx';
import { DECISION_SORTS, type DecisionOutcome, type DecisionSummary, OUTCOME_TITLES } from '../model.ts';
import { dollars, millis, say, spaced } from './figures.ts';
import classes from './gateway.module.css';
import { OutcomeBadge } from './outcome-badge.tsx';
import { decisionsQuery } from './queries.ts';

const route = getRouteApi('/app/gateway/decisions');

const seconds = new Intl.DateTimeFormat('en-US', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

const columnsWith = (nameOf: ReturnType<typeof useGatewayNames>): Column<DecisionSummary>[] => [
  {
    key: 'at',
    title: 'Call',
    narrow: 'title',
    text: (item) => item.occurredAt,
    render: (item) => (
      <Link
        to="/gateway/decisions/$decisionId"
        params={{ decisionId: item.id }}
        {...rowLink}
        title={describeInstant(item.occurredAt)}
      >
        {seconds.format(new Date(item.occurredAt))}
      </Link>
    ),
  },
  {
    key: 'outcome',
    title: 'Outcome',
    text: (item) => item.outcome,
    render: (item) => <OutcomeBadge outcome={item.outcome} />,
  },
  {
    key: 'why',
    title: 'Reason',
    text: (item) =>
      [
        item.refusal,
        ...item.found,
        ...item.notEvaluated.map((name) => `${name} not evaluated`),
        item.failOpen ? 'failed open' : null,
      ]
        .filter(Boolean)
        .join(', '),
    render: (item) => (
      <>
        {item.refusal ? spaced(item.refusal) : null}
        {item.found.length > 0 ? (
          <span className={classes.sub}>found by {item.found.map(spaced).join(', ')}</span>
        ) : null}
        {item.notEvaluated.length > 0 ? (
          <span className={classes.sub}>not evaluated: {item.notEvaluated.map(spaced).join(', ')}</span>
        ) : null}
        {item.failOpen ? <span className={classes.sub}>failed open</span> : null}
        {!item.refusal && item.found.length === 0 && item.notEvaluated.length === 0 && !item.failOpen ? '–' : null}
      </>
    ),
  },
  {
    key: 'tenant',
    title: 'Tenant',
    text: (item) => (item.tenantId ? nameOf('tenant', item.tenantId) : 'none'),
    render: (item) => <NameOrNone name={nameOf} kind="tenant" id={item.tenantId} />,
  },
  {
    key: 'key',
    title: 'Key',
    narrow: 'hide',
    text: (item) => (item.keyId ? nameOf('key', item.keyId) : 'none'),
    render: (item) => <NameOrNone name={nameOf} kind="key" id={item.keyId} />,
  },
  { key: 'model', title: 'Model', text: (item) => item.modelAsked ?? '', render: (item) => item.modelAsked ?? '–' },
  {
    key: 'tokens',
    title: 'Tokens',
    numeric: true,
    narrow: 'hide',
    text: (item) => String(item.tokensInput + item.tokensOutput),
    sort: (item) => item.tokensInput + item.tokensOutput,
    render: (item) => say(item.tokensInput + item.tokensOutput),
  },
  {
    key: 'cost',
    title: 'Cost',
    numeric: true,
    narrow: 'hide',
    text: (item) => String(item.costMicroUsd ?? ''),
    sort: (item) => item.costMicroUsd,
    render: (item) => dollars(item.costMicroUsd),
  },
  {
    key: 'time',
    title: 'Time',
    numeric: true,
    text: (item) => String(item.totalUs),
    sort: (item) => item.totalUs,
    render: (item) => millis(item.totalUs),
  },
  {
    key: 'id',
    title: 'Id',
    narrow: 'hide',
    sort: false,
    text: (item) => item.id,
    render: (item) => <code title={item.id}>…{item.id.slice(-8)}</code>,
  },
];

function chipText(name: string, value: string, nameOf: ReturnType<typeof useGatewayNames>): string {
  if (name === 'failOpen') return 'failed open';
  const isNamed = name === 'tenant' || name === 'key' || name === 'route';
  return `${name} ${isNamed ? nameOf(name, value) : value}`;
}

function NameOrNone(props: { name: ReturnType<typeof useGatewayNames>; kind: NamedKind; id: string | null }) {
  const { name, kind, id } = props;
  return id ? <span title={id}>{name(kind, id)}</span> : <span className={classes.quiet}>none</span>;
}

const SORT_TITLES: Record<(typeof DECISION_SORTS)[number], string> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  slowest: 'Slowest first',
  dearest: 'Dearest first',
  largest: 'Most tokens first',
};

export function DecisionsPage() {
  const { q, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(decisionsQuery(filter));
  const nameOf = useGatewayNames();
  const put = (change: Partial<typeof filter>) =>
    navigate({ search: (held) => ({ ...held, ...change }), replace: true });
  const chips = (['tenant', 'key', 'route', 'model', 'detector', 'refusal', 'failOpen'] as const).filter(
    (name) => filter[name],
  );
  return (
    <Page
      title="Decisions"
      documentTitle="Decisions · Gateway"
      lead="One decision for each call, whatever became of it: what was checked, what was found, what was done. Digests and counts, never text."
    >
      {chips.length > 0 ? (
        <p className={classes.quiet}>
          Only {chips.map((name) => chipText(name, filter[name] ?? '', nameOf)).join(', ')}.{' '}
          <Link to="/gateway/decisions" search={{ from: filter.from, to: filter.to, outcome: filter.outcome }}>
            Show all
          </Link>
        </p>
      ) : null}
      <Loaded query={query} what="the decisions" rows={10}>
        {(page) => (
          <DataTable
            label="Decisions"
            rows={page.items}
            columns={columnsWith(nameOf)}
            rowKey={(item) => item.id}
            fileName="gateway-decisions"
            filterText={q ?? ''}
            onFilterText={(text) => navigate({ search: (held) => ({ ...held, q: text || undefined }), replace: true })}
            filters={
              <>
                <Select
                  size="xs"
                  w={150}
                  aria-label="Outcome"
                  placeholder="Any outcome"
                  clearable
                  value={filter.outcome ?? null}
                  data={Object.entries(OUTCOME_TITLES).map(([value, label]) => ({ value, label }))}
                  onChange={(outcome) => put({ outcome: (outcome as DecisionOutcome | null) ?? undefined })}
                />
                <Select
                  size="xs"
                  w={160}
                  aria-label="Order"
                  value={filter.sort ?? 'newest'}
                  allowDeselect={false}
                  data={DECISION_SORTS.map((value) => ({ value, label: SORT_TITLES[value] }))}
                  onChange={(sort) => put({ sort: (sort ?? undefined) as typeof filter.sort })}
                />
                <TextInput
                  size="xs"
                  type="date"
                  aria-label="From the day (UTC)"
                  value={filter.from?.slice(0, 10) ?? ''}
                  onChange={(event) => put({ from: dayStart(event.currentTarget.value) })}
                />
                <TextInput
                  size="xs"
                  type="date"
                  aria-label="To the day, included (UTC)"
                  value={filter.to ? new Date(Date.parse(filter.to) - 1).toISOString().slice(0, 10) : ''}
                  onChange={(event) => put({ to: dayEnd(event.currentTarget.value) })}
                />
              </>
            }
            note={
              <>
                <When at={page.from} /> to <When at={page.to} />
                {page.more || page.items.length < page.total
                  ? `; ${page.more ? 'more than 10,000' : say(page.total)} match, the first ${say(page.items.length)} are shown`
                  : ''}
              </>
            }
            empty={
              <Empty
                title="No decision in this span of time"
                command="bin/assay gateway decisions --from 2026-01-01T00:00:00Z"
              >
                <p>
                  Shown are the last 24 hours unless you choose days above, at most 31 at once. Every call through the
                  gateway leaves one decision here, also when it is refused.
                </p>
              </Empty>
            }
          />
        )}
      </Loaded>
    </Page>
  );
}

const DAY_MS = 86_400_000;
const dayStart = (day: string) => (/^\d{4}-\d\d-\d\d$/.test(day) ? `${day}T00:00:00Z` : undefined);
const dayEnd = (day: string) =>
  /^\d{4}-\d\d-\d\d$/.test(day) ? new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString() : undefined;
