import { Button, Select, TextInput } from '@mantine/core';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import { INCIDENT_SEVERITIES, type Incident, type IncidentSeverity, type IncidentSummary } from '../model.ts';
import { duration } from './duration.ts';
import classes from './incidents.module.css';
import { incidentsQuery } from './queries.ts';

const route = getRouteApi('/app/incidents');

/** What went wrong, from the first sign to what was learned. */
export function IncidentsPage() {
  const { state, severity, q } = route.useSearch();
  const navigate = route.useNavigate();
  const [opening, setOpening] = useState(false);
  const whyNot = useWhyNot('incidents.write', 'open incidents');
  const query = useQuery({ ...incidentsQuery({ state, severity }), placeholderData: keepPreviousData });
  return (
    <Page
      title="Incidents"
      lead="What broke a commitment, or nearly did: from the first sign to the cause, the change and the proof that it helped. Times are computed from what happened."
      actions={
        <ReasonButton reason={whyNot} onClick={() => setOpening(true)}>
          Open an incident
        </ReasonButton>
      }
    >
      <Loaded query={query} what="the incidents">
        {(page) => (
          <>
            <Summary summary={page.summary} />
            <DataTable
              label="Incidents"
              rows={page.items}
              columns={COLUMNS}
              rowKey={(one) => one.id}
              fileName="incidents"
              filterText={q ?? ''}
              onFilterText={(words) =>
                navigate({ search: (held) => ({ ...held, q: words || undefined }), replace: true })
              }
              filters={
                <>
                  <Select
                    aria-label="State"
                    placeholder="Any state"
                    clearable
                    w={140}
                    value={state ?? null}
                    data={[
                      { value: 'open', label: 'Open' },
                      { value: 'closed', label: 'Closed' },
                    ]}
                    onChange={(value) =>
                      navigate({
                        search: (held) => ({
                          ...held,
                          state: value === 'open' || value === 'closed' ? value : undefined,
                        }),
                        replace: true,
                      })
                    }
                  />
                  <Select
                    aria-label="Severity"
                    placeholder="Any severity"
                    clearable
                    w={150}
                    value={severity ?? null}
                    data={INCIDENT_SEVERITIES.map((value) => ({ value, label: sentenceCase(value) }))}
                    onChange={(value) =>
                      navigate({
                        search: (held) => ({ ...held, severity: (value as IncidentSeverity | null) ?? undefined }),
                        replace: true,
                      })
                    }
                  />
                </>
              }
              empty={
                <Empty title={state || severity ? 'No incident fits these filters' : 'No incident yet'}>
                  An alert can open one, and so can you. Each keeps its timeline, and closes only with its cause, what
                  was learned, and a repetition that passed.
                </Empty>
              }
            />
          </>
        )}
      </Loaded>
      <SideDrawer opened={opening} title="Open an incident" onClose={() => setOpening(false)}>
        <OpenForm onClose={() => setOpening(false)} />
      </SideDrawer>
    </Page>
  );
}

function Summary({ summary }: { summary: IncidentSummary }) {
  if (summary.opened === 0) return null;
  return (
    <Section title={`The last ${summary.days} days`} flush>
      <Facts
        rows={{
          Opened: `${summary.opened}, of which ${summary.stillOpen} open`,
          'Median time to detect': duration(summary.medianToDetectMs),
          'Median time to acknowledge': duration(summary.medianToAcknowledgeMs),
          'Median time to resolve': duration(summary.medianToResolveMs),
        }}
      />
    </Section>
  );
}

const COLUMNS: Column<Incident>[] = [
  {
    key: 'title',
    title: 'Incident',
    narrow: 'title',
    text: (one) => `${one.title} ${one.id}`,
    render: (one) => (
      <Link to="/incidents/$incidentId" params={{ incidentId: one.id }} {...rowLink}>
        {one.title}
      </Link>
    ),
  },
  {
    key: 'severity',
    title: 'Severity',
    text: (one) => one.severity,
    sort: (one) => INCIDENT_SEVERITIES.indexOf(one.severity),
    render: (one) => sentenceCase(one.severity),
  },
  {
    key: 'state',
    title: 'State',
    text: (one) => one.state,
    render: (one) => (
      <>
        {sentenceCase(one.state)}
        {one.missing.length > 0 ? (
          <div className={classes.quiet}>{one.missing.length} missing before it can close</div>
        ) : null}
      </>
    ),
  },
  {
    key: 'detected',
    title: 'Detected',
    text: (one) => one.times.detectedAt,
    sort: (one) => one.times.detectedAt,
    render: (one) => <When at={one.times.detectedAt} />,
  },
  {
    key: 'acknowledge',
    title: 'To acknowledge',
    text: (one) => duration(one.times.toAcknowledgeMs),
    sort: (one) => one.times.toAcknowledgeMs ?? Number.MAX_SAFE_INTEGER,
    render: (one) => <span className={classes.number}>{duration(one.times.toAcknowledgeMs)}</span>,
  },
  {
    key: 'resolve',
    title: 'To resolve',
    text: (one) => duration(one.times.toResolveMs),
    sort: (one) => one.times.toResolveMs ?? Number.MAX_SAFE_INTEGER,
    render: (one) => <span className={classes.number}>{duration(one.times.toResolveMs)}</span>,
  },
];

function OpenForm({ onClose }: { onClose: () => void }) {
  const navigate = route.useNavigate();
  const [title, setTitle] = useState('');
  const [severity, setSeverity] = useState<IncidentSeverity>('high');
  const open = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/incidents', { body: { title, severity } })),
    onSuccess: ({ incident }) => navigate({ to: '/incidents/$incidentId', params: { incidentId: incident.id } }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    open.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.panel}>
      <FormStack>
        <FormProblem failure={open.error ? asFailure(open.error) : null} />
        <TextInput
          label="What happened"
          description="One line. Names of customers and people do not belong here."
          required
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <FormRow>
          <Select
            label="Severity"
            allowDeselect={false}
            value={severity}
            data={INCIDENT_SEVERITIES.map((value) => ({ value, label: sentenceCase(value) }))}
            onChange={(value) => value && setSeverity(value as IncidentSeverity)}
          />
        </FormRow>
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={open.isPending}>
            Open
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
