import { Button, Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay } from '#src/apps/web/session.ts';
import { TabLinks } from '#src/apps/web/tab-links.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty, Notice } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { count, sentenceCase } from '#src/ui/words.ts';
import { ALERT_SOURCES, type Alert, type AlertPage, SEVERITIES, SOURCE_TITLES } from '../model.ts';
import { AlertDrawer } from './alert-drawer.tsx';
import classes from './alerts.module.css';
import { Clock, clockOf } from './clock.tsx';
import { alertsQuery, reportQuery, useChange } from './queries.ts';

const route = getRouteApi('/app/alerts');
type Search = ReturnType<typeof route.useSearch>;

/** What needs a person, by what is due first. */
export function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('alerts.write');
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const { severity, source, owner, clock, muted } = search;
  const state = search.state === 'all' ? undefined : (search.state ?? 'unresolved');
  const query = useQuery({
    ...alertsQuery({ state, severity, source, owner, clock, muted }),
    placeholderData: keepPreviousData,
  });
  const put = (change: Partial<Search>) => {
    setSelected(new Set());
    navigate({ search: (held) => ({ ...held, ...change }), replace: true });
  };
  const filtered = search.state ?? severity ?? source ?? owner ?? clock ?? muted;
  return (
    <AlertsFrame tab="Inbox">
      <Overdue />
      {selected.size > 0 ? <Bulk ids={[...selected]} onDone={() => setSelected(new Set())} /> : null}
      <Loaded query={query} what="the alerts">
        {(page) => (
          <DataTable
            label="Alerts"
            rows={page.items}
            columns={columnsOf(search)}
            rowKey={(alert) => alert.id}
            fileName="alerts"
            filters={<Filters page={page} search={search} put={put} />}
            filterText={search.q ?? ''}
            onFilterText={(q) => navigate({ search: (held) => ({ ...held, q: q || undefined }), replace: true })}
            selection={mayWrite ? { selected, onChange: setSelected } : undefined}
            isCurrent={(alert) => alert.id === search.alert}
            empty={
              <Empty
                title={filtered ? 'No alert fits these filters' : 'Nothing needs you'}
                action={
                  filtered ? undefined : (
                    <LinkButton variant="default" to="/settings/alerts">
                      Owners, clocks and channels
                    </LinkButton>
                  )
                }
              >
                {filtered
                  ? 'Choose another state, or look at all of them.'
                  : 'Monitors, evaluations and the gateway open an alert here when something breaks its limit. Each has an owner, a clock and a life line.'}
              </Empty>
            }
          />
        )}
      </Loaded>
      <AlertDrawer
        alertId={search.alert}
        onClose={() => navigate({ search: (held) => ({ ...held, alert: undefined }), replace: true })}
      />
    </AlertsFrame>
  );
}

export function AlertsFrame({ tab, actions, children }: { tab: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Page
      title="Alerts"
      documentTitle={tab === 'Inbox' ? 'Alerts' : `${tab} · Alerts`}
      lead="What broke a limit, who has it, and how long it has been waiting. Every step is an entry of the ledger."
      actions={actions}
    >
      <TabLinks
        label="Alerts"
        tabs={[
          { to: '/alerts', title: 'Inbox' },
          { to: '/alerts/mutes', title: 'Mutes' },
        ]}
      />
      {children}
    </Page>
  );
}

function columnsOf(search: Search): Column<Alert>[] {
  return [
    {
      key: 'title',
      title: 'Alert',
      narrow: 'title',
      text: (alert) => `${alert.title} ${alert.subject.title}`,
      render: (alert) => (
        <>
          <Link to="/alerts" search={{ ...search, alert: alert.id }} {...rowLink}>
            {alert.title}
          </Link>
          <div className={classes.quiet}>
            {alert.subject.title}
            {alert.occurrences > 1 ? `, ${alert.occurrences} times` : ''}
          </div>
        </>
      ),
    },
    {
      key: 'severity',
      title: 'Severity',
      text: (alert) => alert.severity,
      sort: (alert) => SEVERITIES.indexOf(alert.severity),
      render: (alert) => sentenceCase(alert.severity),
    },
    {
      key: 'state',
      title: 'State',
      text: (alert) => alert.state,
      render: (alert) => <StateBadge state={alert.state} />,
    },
    {
      key: 'clock',
      title: 'Clock',
      text: (alert) => clockOf(alert).words,
      sort: (alert) => (alert.state === 'open' ? alert.acknowledge.dueAt : alert.resolve.dueAt),
      render: (alert) => <Clock alert={alert} />,
    },
    {
      key: 'owner',
      title: 'Owner',
      text: (alert) => alert.owner?.name ?? '',
      render: (alert) => alert.owner?.name ?? 'nobody',
    },
    {
      key: 'source',
      title: 'From',
      narrow: 'hide',
      text: (alert) => SOURCE_TITLES[alert.source],
      render: (alert) => SOURCE_TITLES[alert.source],
    },
    {
      key: 'at',
      title: 'Opened',
      text: (alert) => alert.openedAt,
      render: (alert) => <When at={alert.openedAt} age />,
    },
  ];
}

function Filters({ page, search, put }: { page: AlertPage; search: Search; put: (change: Partial<Search>) => void }) {
  const amount = (facets: Record<string, number>, key: string) => (facets[key] ?? 0).toLocaleString('en-US');
  return (
    <>
      <Select
        size="xs"
        w={165}
        aria-label="State"
        allowDeselect={false}
        value={search.state ?? 'unresolved'}
        data={[
          { value: 'unresolved', label: 'Not resolved' },
          { value: 'open', label: `Open (${amount(page.facets.state, 'open')})` },
          { value: 'acknowledged', label: `Acknowledged (${amount(page.facets.state, 'acknowledged')})` },
          { value: 'resolved', label: `Resolved (${amount(page.facets.state, 'resolved')})` },
          { value: 'all', label: 'Any state' },
        ]}
        onChange={(state) => put({ state: state === 'unresolved' ? undefined : (state as Search['state']) })}
      />
      <Select
        size="xs"
        w={150}
        aria-label="Severity"
        placeholder="Any severity"
        clearable
        value={search.severity ?? null}
        data={SEVERITIES.map((severity) => ({
          value: severity,
          label: `${sentenceCase(severity)} (${amount(page.facets.severity, severity)})`,
        }))}
        onChange={(severity) => put({ severity: (severity as Search['severity']) ?? undefined })}
      />
      <Select
        size="xs"
        w={165}
        aria-label="From"
        placeholder="From anywhere"
        clearable
        value={search.source ?? null}
        data={ALERT_SOURCES.map((source) => ({
          value: source,
          label: `${SOURCE_TITLES[source]} (${amount(page.facets.source, source)})`,
        }))}
        onChange={(source) => put({ source: (source as Search['source']) ?? undefined })}
      />
      <Select
        size="xs"
        w={120}
        aria-label="Owner"
        placeholder="Any owner"
        clearable
        value={search.owner ?? null}
        data={[
          { value: 'me', label: 'Mine' },
          { value: 'none', label: 'Nobody' },
        ]}
        onChange={(owner) => put({ owner: owner ?? undefined })}
      />
      <Select
        size="xs"
        w={165}
        aria-label="Clock"
        placeholder="Any clock"
        clearable
        value={search.clock ?? null}
        data={[
          { value: 'overdue', label: 'Overdue' },
          { value: 'never_acknowledged', label: 'Never acknowledged' },
        ]}
        onChange={(clock) => put({ clock: (clock as Search['clock']) ?? undefined })}
      />
    </>
  );
}

/** Said above everything else: nobody has seen these in time. */
function Overdue() {
  const report = useQuery(reportQuery).data;
  const late = report?.neverAcknowledged.length ?? 0;
  if (late === 0) return null;
  return (
    <Notice tone="fail">
      {count(late, 'alert')} of the last 90 days {late === 1 ? 'was' : 'were'} not acknowledged in time and still wait.{' '}
      <Link to="/alerts" search={{ clock: 'never_acknowledged' }}>
        Show them
      </Link>
    </Notice>
  );
}

function Bulk({ ids, onDone }: { ids: string[]; onDone: () => void }) {
  const acknowledge = useChange(() => answerOf(api.POST('/api/v1/alerts/acknowledge', { body: { ids } })), {
    done: 'Acknowledged',
    failed: 'Nothing was acknowledged',
    onDone,
  });
  return (
    <div className={classes.bulk} role="toolbar" aria-label="Act on the selected alerts">
      <strong>{count(ids.length, 'alert')} selected</strong>
      <Button loading={acknowledge.isPending} onClick={() => acknowledge.mutate(undefined)}>
        Acknowledge
      </Button>
      <Button variant="subtle" color="gray" onClick={onDone}>
        Clear selection
      </Button>
    </div>
  );
}
