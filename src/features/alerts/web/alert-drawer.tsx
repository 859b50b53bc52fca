import { Anchor, Button, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { usePeople } from '#src/apps/web/people.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { FormProblem, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { Timeline } from '#src/ui/timeline.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import {
  type AlertDetail,
  type AlertStep,
  DECISIONS,
  RESOLUTION_TITLES,
  type Resolution,
  SOURCE_TITLES,
} from '../model.ts';
import classes from './alerts.module.css';
import { Clock } from './clock.tsx';
import { alertQuery, useChange } from './queries.ts';

/** One alert with its whole life, and what can be done about it. */
export function AlertDrawer({ alertId, onClose }: { alertId: string | undefined; onClose: () => void }) {
  const query = useQuery({ ...alertQuery(alertId ?? ''), enabled: alertId !== undefined });
  return (
    <SideDrawer opened={alertId !== undefined} title={query.data?.alert.title ?? 'Alert'} onClose={onClose}>
      <Loaded query={query} what="the alert">
        {(detail) => <Detail key={detail.alert.id} detail={detail} />}
      </Loaded>
    </SideDrawer>
  );
}

function Detail({ detail }: { detail: AlertDetail }) {
  const { alert, incident } = detail;
  const evidence = Object.entries(detail.evidence);
  return (
    <>
      <Section title={<StateBadge state={alert.state} />} aside={<Clock alert={alert} />} flush>
        <Facts
          rows={{
            Severity: sentenceCase(alert.severity),
            About: alert.subject.title,
            From: alert.link ? (
              <Anchor href={alert.link}>{SOURCE_TITLES[alert.source]}</Anchor>
            ) : (
              SOURCE_TITLES[alert.source]
            ),
            Owner: alert.owner?.name ?? 'nobody',
            Occurred: <When at={alert.occurredAt} both />,
            Seen:
              alert.occurrences === 1 ? (
                'once'
              ) : (
                <>
                  {alert.occurrences} times, last <When at={alert.lastOccurredAt} />
                </>
              ),
            'Acknowledge by': <When at={alert.acknowledge.dueAt} both />,
            Acknowledged: alert.acknowledge.at ? (
              <>
                {alert.acknowledge.by?.name}, <When at={alert.acknowledge.at} />,{' '}
                {alert.acknowledge.clock === 'met' ? 'in time' : 'late'}
              </>
            ) : null,
            'Resolve by': <When at={alert.resolve.dueAt} both />,
            Resolution: alert.resolution ? (
              <>
                {RESOLUTION_TITLES[alert.resolution]}: {alert.resolutionReason}
              </>
            ) : null,
            'Measured again': alert.retest ? (
              <>
                {alert.retest.passed ? 'passed' : 'failed'} <When at={alert.retest.at} />
              </>
            ) : null,
            Incident: incident ? (
              <>
                <Anchor href={`/incidents/${incident.id}`}>{incident.title}</Anchor> ({incident.state})
              </>
            ) : null,
            'Came back after': alert.reopensId ? (
              <Anchor href={`/alerts/${alert.reopensId}`}>an earlier alert</Anchor>
            ) : null,
            Clocks: `settings version ${detail.settingsVersion}`,
          }}
        />
      </Section>
      <Section title="Why">
        <div className={classes.panel}>
          <ul className={classes.reasons}>
            {detail.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          {evidence.length > 0 ? (
            <Facts rows={Object.fromEntries(evidence.map(([name, value]) => [name, shown(value)]))} />
          ) : null}
        </div>
      </Section>
      <Act detail={detail} />
      <Section title="Life" count={detail.steps.length}>
        <div className={classes.panel}>
          <Timeline>
            {detail.steps.map((step) => (
              <Step key={`${step.at} ${step.kind} ${JSON.stringify(step.detail)}`} step={step} />
            ))}
          </Timeline>
        </div>
      </Section>
      {detail.deliveries.length > 0 ? (
        <Section title="Messages" count={detail.deliveries.length} flush>
          <Facts
            rows={Object.fromEntries(
              detail.deliveries.map((one) => [
                `${one.channel.name}: ${one.event}`,
                <span key={one.id}>
                  <StateBadge state={one.state} word={one.state === 'waiting' ? 'Waiting' : undefined} />{' '}
                  {one.receipt ?? one.lastError ?? ''} <span className={classes.quiet}>{one.attempts} tried</span>
                </span>,
              ]),
            )}
          />
        </Section>
      ) : null}
    </>
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

const STEP_WORDS: Record<AlertStep['kind'], string> = {
  opened: 'Opened',
  muted: 'Kept quiet by a mute',
  unmuted: 'The mute ended; clocks start',
  recurred: 'Seen again',
  retested: 'Measured again',
  acknowledged: 'Acknowledged',
  assigned: 'Assigned',
  commented: 'Comment',
  escalated: 'Escalated',
  delivered: 'Message delivered',
  delivery_failed: 'Message could not be delivered',
  incident_opened: 'Incident opened',
  resolved: 'Resolved',
};

function Step({ step }: { step: AlertStep }) {
  return (
    <li>
      <strong>{STEP_WORDS[step.kind]}</strong>{' '}
      <span className={classes.quiet}>
        {step.by.name}, <When at={step.at} />
      </span>
      {wordsOfStep(step) ? <p className={classes.words}>{wordsOfStep(step)}</p> : null}
    </li>
  );
}

function wordsOfStep({ kind, detail }: AlertStep): string {
  const say = (name: string) => (typeof detail[name] === 'string' ? detail[name] : '');
  if (kind === 'commented') return say('text');
  if (kind === 'acknowledged') return [detail.inTime ? 'In time.' : 'Late.', say('comment')].join(' ').trim();
  if (kind === 'assigned') return `to ${say('to')}`;
  if (kind === 'resolved')
    return `${RESOLUTION_TITLES[detail.resolution as Resolution] ?? say('resolution')}: ${say('reason')}`;
  if (kind === 'escalated')
    return `${detail.because === 'not_resolved' ? 'Not resolved in time' : 'Not acknowledged in time'}${say('to') ? `, to ${say('to')}` : ''}.`;
  if (kind === 'delivered' || kind === 'delivery_failed')
    return [say('event'), say('receipt'), say('lastError')].filter(Boolean).join(', ');
  if (kind === 'retested') return `${detail.passed ? 'Passed' : 'Failed'}: ${say('ref')}`;
  if (kind === 'recurred' && detail.raised) return `Raised to ${say('severity')}.`;
  return '';
}

function Act({ detail }: { detail: AlertDetail }) {
  const { alert } = detail;
  const { id } = alert;
  const path = { path: { id } };
  const whyNot = useWhyNot('alerts.write', 'act on alerts');
  const people = usePeople();
  const [form, setForm] = useState<'comment' | 'resolve' | null>(null);
  const acknowledge = useChange(() => answerOf(api.POST('/api/v1/alerts/acknowledge', { body: { ids: [id] } })), {
    failed: 'Not acknowledged',
  });
  const assign = useChange(
    (ownerId: string) => answerOf(api.POST('/api/v1/alerts/{id}/assign', { params: path, body: { ownerId } })),
    { failed: 'Not assigned' },
  );
  const incident = useChange(() => answerOf(api.POST('/api/v1/alerts/{id}/incident', { params: path, body: {} })), {
    done: 'Incident opened',
    failed: 'No incident was opened',
  });
  const resolved = alert.state === 'resolved';
  return (
    <Section title="What to do">
      <div className={classes.panel}>
        <div className={classes.actions}>
          {alert.state === 'open' ? (
            <ReasonButton reason={whyNot} loading={acknowledge.isPending} onClick={() => acknowledge.mutate(undefined)}>
              Acknowledge
            </ReasonButton>
          ) : null}
          {resolved ? null : (
            <ReasonButton variant="default" reason={whyNot} onClick={() => setForm('resolve')}>
              Resolve …
            </ReasonButton>
          )}
          <ReasonButton variant="default" reason={whyNot} onClick={() => setForm('comment')}>
            Comment …
          </ReasonButton>
          {alert.incidentId === null ? (
            <ReasonButton
              variant="default"
              reason={whyNot}
              loading={incident.isPending}
              onClick={() => incident.mutate(undefined)}
            >
              Open an incident
            </ReasonButton>
          ) : null}
          {resolved || whyNot ? null : (
            <Select
              size="xs"
              w={190}
              aria-label="Owner"
              placeholder="Assign to"
              searchable
              value={alert.owner?.id ?? null}
              data={
                alert.owner && !people.some(({ value }) => value === alert.owner?.id)
                  ? [{ value: alert.owner.id, label: alert.owner.name }, ...people]
                  : people
              }
              onChange={(ownerId) => ownerId && assign.mutate(ownerId)}
            />
          )}
        </div>
        {form === 'comment' ? <CommentForm id={id} onClose={() => setForm(null)} /> : null}
        {form === 'resolve' ? <ResolveForm id={id} onClose={() => setForm(null)} /> : null}
      </div>
    </Section>
  );
}

function CommentForm({ id, onClose }: { id: string; onClose: () => void }) {
  const [text, setText] = useState('');
  const comment = useChange(
    () => answerOf(api.POST('/api/v1/alerts/{id}/comments', { params: { path: { id } }, body: { text } })),
    { failed: 'Not stored', onDone: onClose },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    comment.mutate(undefined);
  };
  return (
    <form onSubmit={submit}>
      <FormStack>
        <Textarea
          label="Comment"
          autosize
          minRows={2}
          maxLength={2000}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FormEnd busy={comment.isPending} action="Add comment" blocked={text.trim() === ''} onClose={onClose} />
      </FormStack>
    </form>
  );
}

function ResolveForm({ id, onClose }: { id: string; onClose: () => void }) {
  const [resolution, setResolution] = useState<(typeof DECISIONS)[number]>('fixed');
  const [reason, setReason] = useState('');
  const [acceptedUntil, setAcceptedUntil] = useState('');
  const accepted = resolution === 'accepted_risk';
  const resolve = useChange(
    () =>
      answerOf(
        api.POST('/api/v1/alerts/{id}/resolve', {
          params: { path: { id } },
          body: { resolution, reason, ...(accepted && { acceptedUntil }) },
        }),
      ),
    { done: 'Resolved', failed: 'Not resolved', onDone: onClose },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    resolve.mutate(undefined);
  };
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={resolve.error ? asFailure(resolve.error) : null} />
        <Select
          label="It was a"
          allowDeselect={false}
          value={resolution}
          data={DECISIONS.map((value) => ({ value, label: RESOLUTION_TITLES[value] }))}
          onChange={(value) => value && setResolution(value as typeof resolution)}
        />
        <Textarea
          label="Reason"
          description="What it was and what was done. Kept, and shown to the auditor."
          autosize
          minRows={2}
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {accepted ? (
          <label>
            Accepted until{' '}
            <input
              type="date"
              value={acceptedUntil}
              onChange={(event) => setAcceptedUntil(event.currentTarget.value)}
            />
          </label>
        ) : null}
        <FormEnd
          busy={resolve.isPending}
          action="Resolve"
          blocked={reason.trim() === '' || (accepted && acceptedUntil === '')}
          onClose={onClose}
        />
      </FormStack>
    </form>
  );
}

function FormEnd(props: { busy: boolean; action: string; blocked: boolean; onClose: () => void }) {
  return (
    <div className={classes.actions}>
      <ReasonButton type="submit" loading={props.busy} reason={props.blocked ? 'Write it down first.' : null}>
        {props.action}
      </ReasonButton>
      <Button variant="subtle" color="gray" onClick={props.onClose}>
        Cancel
      </Button>
    </div>
  );
}
