import { Button, MultiSelect, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { EndpointsSection } from '#src/features/endpoint-probes/web/endpoints-section.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormProblem } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { type NewProbe, type ProbePage, type ProbeRun, SUITE_NAMES } from '../model.ts';
import { ProbeResult } from './probe-result.tsx';
import classes from './probes.module.css';
import { probesQuery } from './queries.ts';

const route = getRouteApi('/app/gateway/probes');

const LOOKS = {
  queued: { state: 'queued', word: 'Queued' },
  running: { state: 'running', word: 'Running' },
  clean: { state: 'pass', word: 'Clean' },
  found: { state: 'fail', word: 'Found a way through' },
  incomplete: { state: 'no_data', word: 'Incomplete' },
  failed: { state: 'failed', word: 'Failed' },
} as const;

const KIND_TITLES = { isolation: 'Isolation probe', attack: 'Attack suites' } as const;

function outcomeOf(run: ProbeRun): string {
  if (run.result === null) return run.problem ?? '';
  if (run.result.kind === 'isolation') {
    const leaks = run.result.routes.reduce((sum, each) => sum + each.leaks.length, 0);
    return `${run.result.routes.length} routes, ${leaks} leaks`;
  }
  const { stoppedByGateway, attacks, falseAlarms, harmless } = run.result;
  return `${stoppedByGateway} of ${attacks} attacks stopped${harmless > 0 ? `, ${falseAlarms} of ${harmless} harmless` : ''}`;
}

const COLUMNS: Column<ProbeRun>[] = [
  {
    key: 'kind',
    title: 'Run',
    narrow: 'title',
    text: (run) => KIND_TITLES[run.kind],
    render: (run) => (
      <>
        <Link to="/gateway/probes" search={{ run: run.id }} {...rowLink}>
          {KIND_TITLES[run.kind]}
        </Link>
        {run.suites.length > 0 ? <span className={classes.sub}>{run.suites.join(', ')}</span> : null}
      </>
    ),
  },
  {
    key: 'state',
    title: 'State',
    text: (run) => LOOKS[run.state].word,
    render: (run) => (
      <StateBadge
        state={LOOKS[run.state].state}
        word={run.kind === 'attack' && run.state === 'clean' ? 'Done' : LOOKS[run.state].word}
      />
    ),
  },
  { key: 'outcome', title: 'Outcome', text: outcomeOf, render: outcomeOf },
  {
    key: 'by',
    title: 'By',
    narrow: 'hide',
    text: (run) => run.requestedBy.name,
    render: (run) => run.requestedBy.name,
  },
  { key: 'at', title: 'When', text: (run) => run.requestedAt, render: (run) => <When at={run.requestedAt} /> },
];

export function ProbesPage() {
  const { run: opened } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(probesQuery);
  const shown = query.data?.items.find(({ id }) => id === opened);
  return (
    <Page
      title="Probes and attacks"
      documentTitle="Probes · Gateway"
      lead="Tried from outside, through the same door as your customers: does anything of one tenant come up under another, is anybody served without a key, and what do the checks stop?"
    >
      <Loaded query={query} what="the probes" rows={6}>
        {(page) => (
          <>
            <NewRun page={page} />
            <DataTable
              label="Runs"
              rows={page.items}
              columns={COLUMNS}
              rowKey={(run) => run.id}
              fileName="gateway-probes"
              initialSort={{ key: 'at', descending: true }}
              isCurrent={(run) => run.id === opened}
              empty={
                <Empty title="Nothing has been tried yet" command="bin/assay gateway probe">
                  <p>
                    A probe plants a value as one tenant and looks for it as another, on every route, and calls without
                    a key. Attack suites show which layer stops what. Both become evidence with their place in the
                    ledger.
                  </p>
                </Empty>
              }
            />
          </>
        )}
      </Loaded>
      <EndpointsSection />
      {shown ? (
        <SideDrawer opened title={KIND_TITLES[shown.kind]} onClose={() => navigate({ search: {}, replace: true })}>
          <p className={classes.part}>
            <StateBadge state={LOOKS[shown.state].state} word={LOOKS[shown.state].word} /> {shown.problem}
          </p>
          {shown.result ? <ProbeResult result={shown.result} /> : null}
          {shown.evidenceId ? (
            <p className={classes.part}>
              <Link to="/evidence/$evidenceId" params={{ evidenceId: shown.evidenceId }}>
                Evidence with its proof
              </Link>
            </p>
          ) : null}
        </SideDrawer>
      ) : null}
    </Page>
  );
}

function NewRun({ page }: { page: ProbePage }) {
  const client = useQueryClient();
  const toast = useToast();
  const mayNot = useWhyNot('gateway.write', 'probe the gateway');
  const [routeId, setRouteId] = useState<string | null>(page.routes[0]?.id ?? null);
  const [suites, setSuites] = useState<string[]>(['injection', 'encoding', 'harmless']);
  const start = useMutation({
    mutationFn: (body: NewProbe) => answerOf(api.POST('/api/v1/gateway/probes', { body })),
    onSuccess: async () => {
      toast.done('The run has started');
      await client.invalidateQueries({ queryKey: probesQuery.queryKey });
    },
  });
  const whyNot = mayNot ?? (page.routes.length === 0 ? 'The gateway has no route yet: add a provider first.' : null);
  function attack(event: FormEvent) {
    event.preventDefault();
    if (routeId) start.mutate({ kind: 'attack', routeId, suites: suites as NewProbe['suites'] });
  }
  return (
    <Section title="Try it now">
      <div className={classes.start}>
        <div>
          <ReasonButton variant="default" reason={whyNot} onClick={() => start.mutate({ kind: 'isolation' })}>
            Probe isolation on every route
          </ReasonButton>
          <p className={classes.sub}>About thirty short calls a route. It also runs by itself each day.</p>
        </div>
        <form onSubmit={attack} className={classes.form}>
          <Select
            label="Route"
            size="xs"
            w={200}
            data={page.routes.map(({ id, path }) => ({ value: id, label: path }))}
            value={routeId}
            onChange={setRouteId}
            allowDeselect={false}
            placeholder="No route yet"
          />
          <MultiSelect
            label="Suites"
            size="xs"
            miw={240}
            data={[...SUITE_NAMES]}
            value={suites}
            onChange={setSuites}
            error={suites.length === 0 ? 'Choose at least one' : null}
          />
          {whyNot ? (
            <ReasonButton variant="default" reason={whyNot}>
              Play attacks
            </ReasonButton>
          ) : (
            <Button type="submit" variant="default" loading={start.isPending} disabled={suites.length === 0}>
              Play attacks
            </Button>
          )}
        </form>
      </div>
      <FormProblem failure={start.error ? asFailure(start.error) : null} />
    </Section>
  );
}
