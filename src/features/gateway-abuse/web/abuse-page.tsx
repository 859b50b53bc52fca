import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Named } from '#src/features/gateway-policies/web/named.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { ABUSE_KINDS, type AbuseFinding, type AbuseKind, type AbuseQuery } from '../model.ts';
import classes from './abuse.module.css';
import { FindingState, SeverityBadge, STATE_WORDS } from './finding-badges.tsx';
import { FindingDrawer } from './finding-drawer.tsx';
import { findingsQuery } from './queries.ts';

const route = getRouteApi('/app/gateway/abuse');

const RANKS = { critical: 2, high: 1, medium: 0 } as const;

const COLUMNS: Column<AbuseFinding>[] = [
  {
    key: 'title',
    title: 'Finding',
    narrow: 'title',
    text: (item) => item.title,
    render: (item) => (
      <>
        <Link to="/gateway/abuse" search={(held: object) => ({ ...held, finding: item.id })} {...rowLink}>
          {item.title}
        </Link>
        <span className={classes.sub}>{ABUSE_KINDS[item.kind].title}</span>
      </>
    ),
  },
  {
    key: 'severity',
    title: 'Severity',
    text: (item) => item.severity,
    sort: (item) => RANKS[item.severity],
    render: (item) => <SeverityBadge severity={item.severity} />,
  },
  {
    key: 'state',
    title: 'State',
    text: (item) => STATE_WORDS[item.state],
    render: (item) => <FindingState state={item.state} />,
  },
  {
    key: 'caller',
    title: 'Caller',
    text: (item) => `${item.caller.kind} ${item.caller.id}`,
    render: (item) => (
      <>
        <Named kind={item.caller.kind} id={item.caller.id} />
        <span className={classes.sub}>{item.caller.kind}</span>
      </>
    ),
  },
  {
    key: 'times',
    title: 'Times',
    numeric: true,
    narrow: 'hide',
    text: (item) => String(item.times),
    sort: (item) => item.times,
    render: (item) => item.times,
  },
  { key: 'last', title: 'Last', text: (item) => item.lastAt, render: (item) => <When at={item.lastAt} /> },
];

export function AbusePage() {
  const { finding, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery({ ...findingsQuery(filter), placeholderData: keepPreviousData });
  const put = (change: Partial<AbuseQuery>) => navigate({ search: (held) => ({ ...held, ...change }), replace: true });
  return (
    <Page
      title="Abuse"
      documentTitle="Abuse · Gateway"
      lead="Callers that behave as people do who copy a model, feel it out or work around its checks. Each finding gives its numbers; act on the caller from here."
    >
      <Loaded query={query} what="the findings" rows={6}>
        {(page) => (
          <DataTable
            label="Findings"
            rows={page.items}
            columns={COLUMNS}
            rowKey={(item) => item.id}
            fileName="gateway-abuse"
            initialSort={{ key: 'last', descending: true }}
            isCurrent={(item) => item.id === finding}
            filters={
              <>
                <Select
                  size="xs"
                  w={140}
                  aria-label="State"
                  placeholder="Any state"
                  clearable
                  value={filter.state ?? null}
                  data={Object.entries(STATE_WORDS).map(([value, label]) => ({ value, label }))}
                  onChange={(state) => put({ state: (state as AbuseFinding['state'] | null) ?? undefined })}
                />
                <Select
                  size="xs"
                  w={190}
                  aria-label="Kind"
                  placeholder="Any kind"
                  clearable
                  value={filter.kind ?? null}
                  data={Object.entries(ABUSE_KINDS).map(([value, { title }]) => ({ value, label: title }))}
                  onChange={(kind) => put({ kind: (kind as AbuseKind | null) ?? undefined })}
                />
              </>
            }
            note={
              page.upTo ? (
                <>
                  {page.callers.toLocaleString('en-US')} keys watched, up to <When at={page.upTo} age />
                </>
              ) : null
            }
            empty={
              filter.state || filter.kind ? (
                <Empty title="No finding is like that">
                  <p>Clear the filters above to see the rest.</p>
                </Empty>
              ) : page.upTo === null ? (
                <Empty title="Nobody is watched yet" command="bin/assay gateway decisions">
                  <p>
                    Watching begins with the first call through the gateway. After about a day, what is usual for each
                    key is known, and what is not is found here.
                  </p>
                </Empty>
              ) : (
                <Empty title="Nothing suspicious so far">
                  <p>
                    {page.callers.toLocaleString('en-US')} keys are watched, each against what is usual for it. What the
                    detectors look for is below.
                  </p>
                </Empty>
              )
            }
          />
        )}
      </Loaded>
      <Section
        title="What is looked for"
        lead="Rules over counts, on every key and, where it is spread over keys, on its tenant. What goes as slowly as people do is not found."
      >
        <dl className={classes.kinds}>
          {Object.entries(ABUSE_KINDS).map(([id, { title, meaning }]) => (
            <div key={id}>
              <dt>{title}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </Section>
      {finding ? (
        <FindingDrawer
          id={finding}
          onClose={() => navigate({ search: (held) => ({ ...held, finding: undefined }), replace: true })}
        />
      ) : null}
    </Page>
  );
}
