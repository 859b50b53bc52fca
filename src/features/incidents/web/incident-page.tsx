import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Notice } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { Timeline } from '#src/ui/timeline.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import {
  type ChangeIncident,
  INCIDENT_SEVERITIES,
  type Incident,
  type IncidentDetail,
  type IncidentSeverity,
  type IncidentStep,
} from '../model.ts';
import { duration } from './duration.ts';
import classes from './incidents.module.css';
import { incidentQuery } from './queries.ts';

const route = getRouteApi('/app/incidents/$incidentId');

/** One incident: what is known, what is missing, and everything that happened in order. */
export function IncidentPage() {
  const { incidentId } = route.useParams();
  const query = useQuery(incidentQuery(incidentId));
  const incident = query.data?.incident;
  return (
    <Page
      title={incident?.title ?? 'Incident'}
      eyebrow={
        <>
          <Link to="/incidents">Incidents</Link>
          {incident ? <span>{sentenceCase(incident.severity)}</span> : null}
        </>
      }
    >
      <Loaded query={query} what="the incident">
        {(detail) => <OneIncident detail={detail} />}
      </Loaded>
    </Page>
  );
}

function OneIncident({ detail: { incident, steps } }: { detail: IncidentDetail }) {
  const { times } = incident;
  return (
    <>
      {incident.state === 'closed' ? (
        <Notice tone="pass">
          Closed by {incident.closedBy?.name} after {duration(times.toResolveMs)}.
        </Notice>
      ) : (
        <Missing incident={incident} />
      )}
      <Section title="Times" flush>
        <Facts
          rows={{
            Occurred: <When at={times.occurredAt} both />,
            Detected: (
              <>
                <When at={times.detectedAt} both />{' '}
                <span className={classes.quiet}>after {duration(times.toDetectMs)}</span>
              </>
            ),
            Acknowledged: times.acknowledgedAt ? (
              <>
                <When at={times.acknowledgedAt} both />{' '}
                <span className={classes.quiet}>after {duration(times.toAcknowledgeMs)}</span>
              </>
            ) : (
              'not yet'
            ),
            Resolved: times.resolvedAt ? (
              <>
                <When at={times.resolvedAt} both />{' '}
                <span className={classes.quiet}>after {duration(times.toResolveMs)}</span>
              </>
            ) : (
              'not yet'
            ),
            Alerts:
              incident.alerts.length === 0
                ? 'none: a person opened it'
                : incident.alerts.map((alert) => (
                    <div key={alert.id}>
                      <Link to="/alerts" search={{ state: 'all', alert: alert.id }}>
                        {alert.title}
                      </Link>{' '}
                      <span className={classes.quiet}>{alert.state}</span>
                    </div>
                  )),
          }}
        />
      </Section>
      <Section title="Review" flush={incident.state === 'closed'}>
        {incident.state === 'closed' ? (
          <Facts
            rows={{
              'Root cause': incident.rootCause,
              Lessons: incident.lessons,
              Change: incident.changeRef,
              Retest: incident.retestRef,
            }}
          />
        ) : (
          <ReviewForm key={incident.id} incident={incident} />
        )}
      </Section>
      <Section title="Timeline" count={steps.length}>
        <div className={classes.panel}>
          <Timeline>
            {steps.map((step) => (
              <Step key={`${step.at} ${step.kind} ${step.words}`} step={step} />
            ))}
          </Timeline>
          {incident.state === 'open' ? <NoteForm id={incident.id} /> : null}
        </div>
      </Section>
    </>
  );
}

function Missing({ incident }: { incident: Incident }) {
  if (incident.missing.length === 0) return <Notice>Everything is there: it can be closed.</Notice>;
  return (
    <Notice tone="noData">
      Before it can be closed:
      <ul className={classes.missing}>
        {incident.missing.map((one) => (
          <li key={one}>{MISSING_WORDS[one.split(':')[0] ?? ''] ?? one}</li>
        ))}
      </ul>
    </Notice>
  );
}

const MISSING_WORDS: Record<string, string> = {
  rootCause: 'say why it happened',
  lessons: 'say what is done differently from now on',
  retestRef: 'name what shows that the change helped',
};

const STEP_WORDS: Record<IncidentStep['kind'], string> = {
  occurred: 'It occurred',
  detected: 'Detected',
  acknowledged: 'Acknowledged',
  opened: 'Incident opened',
  noted: 'Note',
  changed: 'Review',
  severity_changed: 'Severity changed',
  alert_resolved: 'Alert resolved',
  closed: 'Closed',
};

function Step({ step }: { step: IncidentStep }) {
  return (
    <li>
      <strong>{STEP_WORDS[step.kind]}</strong>{' '}
      <span className={classes.quiet}>
        {step.by ? `${step.by.name}, ` : ''}
        <When at={step.at} both />
      </span>
      {step.words ? <p className={classes.words}>{step.words}</p> : null}
    </li>
  );
}

function useIncidentChange(id: string, said: { done: string; failed: string; onDone?: () => void }) {
  const toast = useToast();
  return useMutation({
    mutationFn: (body: ChangeIncident) =>
      answerOf(api.PATCH('/api/v1/incidents/{id}', { params: { path: { id } }, body })),
    onSuccess: () => {
      toast.done(said.done);
      said.onDone?.();
    },
    onError: (error) => toast.failed(said.failed, asFailure(error).message),
  });
}

function ReviewForm({ incident }: { incident: Incident }) {
  const whyNot = useWhyNot('incidents.write', 'work on incidents');
  const [rootCause, setRootCause] = useState(incident.rootCause ?? '');
  const [lessons, setLessons] = useState(incident.lessons ?? '');
  const [changeRef, setChangeRef] = useState(incident.changeRef ?? '');
  const [retestRef, setRetestRef] = useState(incident.retestRef ?? '');
  const [severity, setSeverity] = useState<IncidentSeverity>(incident.severity);
  const given: ChangeIncident = {
    ...changed('rootCause', rootCause, incident.rootCause),
    ...changed('lessons', lessons, incident.lessons),
    ...changed('changeRef', changeRef, incident.changeRef),
    ...changed('retestRef', retestRef, incident.retestRef),
    ...(severity !== incident.severity && { severity }),
  };
  const isChanged = Object.keys(given).length > 0;
  const save = useIncidentChange(incident.id, { done: 'Stored', failed: 'Not stored' });
  const close = useIncidentChange(incident.id, { done: 'Closed', failed: 'Not closed' });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(given);
  };
  const failed = save.error ?? close.error;
  return (
    <form onSubmit={submit} className={classes.panel}>
      <FormStack>
        <FormProblem failure={failed ? asFailure(failed) : null} />
        <Textarea
          label="Root cause"
          description="Which model, data, prompt or code, and why nobody saw it before."
          autosize
          minRows={2}
          maxLength={4_000}
          readOnly={whyNot !== null}
          value={rootCause}
          onChange={(event) => setRootCause(event.currentTarget.value)}
        />
        <Textarea
          label="Lessons"
          description="What is done differently from now on."
          autosize
          minRows={2}
          maxLength={4_000}
          readOnly={whyNot !== null}
          value={lessons}
          onChange={(event) => setLessons(event.currentTarget.value)}
        />
        <FormRow>
          <TextInput
            label="Change"
            description="Pull request, commit or model version"
            maxLength={500}
            readOnly={whyNot !== null}
            value={changeRef}
            onChange={(event) => setChangeRef(event.currentTarget.value)}
          />
          <TextInput
            label="Retest"
            description="Window or evaluation run that passed"
            maxLength={500}
            readOnly={whyNot !== null}
            value={retestRef}
            onChange={(event) => setRetestRef(event.currentTarget.value)}
          />
          <Select
            label="Severity"
            description="A change is kept with who made it"
            allowDeselect={false}
            readOnly={whyNot !== null}
            value={severity}
            data={INCIDENT_SEVERITIES.map((value) => ({ value, label: sentenceCase(value) }))}
            onChange={(value) => value && setSeverity(value as IncidentSeverity)}
          />
        </FormRow>
        <FormButtons>
          <ReasonButton
            type="submit"
            variant="default"
            reason={whyNot ?? (isChanged ? null : 'Nothing is changed yet.')}
            loading={save.isPending}
          >
            Store
          </ReasonButton>
          <ReasonButton
            reason={whyNot}
            loading={close.isPending}
            onClick={() => close.mutate({ ...given, state: 'closed' })}
          >
            Close the incident
          </ReasonButton>
        </FormButtons>
      </FormStack>
    </form>
  );
}

function changed(name: 'rootCause' | 'lessons' | 'changeRef' | 'retestRef', value: string, before: string | null) {
  const words = value.trim();
  return words === '' || words === before ? {} : { [name]: words };
}

function NoteForm({ id }: { id: string }) {
  const whyNot = useWhyNot('incidents.write', 'work on incidents');
  const [note, setNote] = useState('');
  const add = useIncidentChange(id, { done: 'Noted', failed: 'Not noted', onDone: () => setNote('') });
  if (whyNot !== null) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ note });
  };
  return (
    <form onSubmit={submit}>
      <FormStack>
        <Textarea
          label="Note for the timeline"
          autosize
          required
          maxLength={4_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <FormButtons align="start">
          <Button type="submit" variant="default" loading={add.isPending}>
            Add the note
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
