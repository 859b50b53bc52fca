import { Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { ReviewButtons } from '#src/ui/review-buttons.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import { ALERT_SOURCES, type AlertMute, type AlertSource, SEVERITIES, type Severity, SOURCE_TITLES } from '../model.ts';
import classes from './alerts.module.css';
import { AlertsFrame } from './alerts-page.tsx';
import { mutesQuery, useChange } from './queries.ts';

const whatOf = (mute: AlertMute) =>
  [mute.source && SOURCE_TITLES[mute.source], mute.sourceId, mute.subjectId && `about ${mute.subjectId}`]
    .filter(Boolean)
    .join(', ');

const COLUMNS: Column<AlertMute>[] = [
  {
    key: 'what',
    title: 'Muted',
    narrow: 'title',
    text: whatOf,
    render: (mute) => (
      <>
        {whatOf(mute)}
        <div className={classes.quiet}>{mute.reason}</div>
      </>
    ),
  },
  {
    key: 'severity',
    title: 'Up to',
    text: (mute) => mute.severityMax,
    render: (mute) => sentenceCase(mute.severityMax),
  },
  { key: 'state', title: 'State', text: (mute) => mute.state, render: (mute) => <StateBadge state={mute.state} /> },
  { key: 'until', title: 'Until', text: (mute) => mute.expiresAt, render: (mute) => <When at={mute.expiresAt} both /> },
  {
    key: 'people',
    title: 'Asked, approved by',
    text: (mute) => `${mute.requestedBy.name} ${mute.reviewedBy?.name ?? ''}`,
    render: (mute) => `${mute.requestedBy.name}${mute.reviewedBy ? `, ${mute.reviewedBy.name}` : ''}`,
  },
  {
    key: 'fired',
    title: 'Fired meanwhile',
    numeric: true,
    text: (mute) => String(mute.fired),
    sort: (mute) => mute.fired,
    render: (mute) =>
      mute.fired === 0 ? (
        '0'
      ) : (
        <Link to="/alerts" search={{ state: 'all', muted: mute.state === 'in_force' ? 'yes' : undefined }}>
          {mute.fired}
        </Link>
      ),
  },
  { key: 'act', title: 'Actions', sort: false, text: () => '', render: (mute) => <MuteActions mute={mute} /> },
];

/** What is kept quiet, why, until when and by whose word. What fires meanwhile is kept. */
export function MutesPage() {
  const query = useQuery(mutesQuery);
  return (
    <AlertsFrame tab="Mutes">
      <AskForMute />
      <Section title="Mutes" flush>
        <Loaded query={query} what="the mutes">
          {({ items }) => (
            <DataTable
              label="Mutes"
              rows={items}
              columns={COLUMNS}
              rowKey={(mute) => mute.id}
              fileName="alert-mutes"
              empty={
                <Empty title="Nothing is muted">
                  A mute keeps alerts of one source quiet for a time, such as during a load test. A second person
                  approves it, and it ends by itself.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Section>
    </AlertsFrame>
  );
}

function MuteActions({ mute }: { mute: AlertMute }) {
  const whyNotReview = useWhyNot('alerts.manage', 'approve mutes');
  const whyNotEnd = useWhyNot('alerts.write', 'end mutes');
  const params = { path: { id: mute.id } };
  const review = useChange(
    (body: { decision: 'approved' | 'refused'; comment?: string }) =>
      answerOf(api.POST('/api/v1/alerts/mutes/{id}/review', { params, body })),
    {},
  );
  const end = useChange(() => answerOf(api.POST('/api/v1/alerts/mutes/{id}/end', { params })), {
    failed: 'Not ended',
  });
  const live = mute.state === 'in_force' || mute.state === 'scheduled' || mute.state === 'waiting';
  return (
    <div className={classes.actions}>
      {mute.state === 'waiting' ? (
        <ReviewButtons
          size="compact-sm"
          whyNot={whyNotReview}
          approve={{
            title: 'Keep these alerts quiet?',
            loses: 'They are still recorded. The mute ends by itself.',
            reason: { label: 'Comment', required: false },
          }}
          refuse={{ title: 'Refuse this mute?', reason: { label: 'Why', required: true } }}
          busy={review.isPending}
          error={review.error ? asFailure(review.error).message : null}
          onDecide={(decision, comment) => review.mutateAsync({ decision, ...(comment && { comment }) })}
        />
      ) : null}
      {live ? (
        <ReasonButton
          size="compact-sm"
          variant="default"
          reason={whyNotEnd}
          loading={end.isPending}
          onClick={() => end.mutate(undefined)}
        >
          End now
        </ReasonButton>
      ) : null}
    </div>
  );
}

function AskForMute() {
  const whyNot = useWhyNot('alerts.write', 'ask for a mute');
  const [source, setSource] = useState<AlertSource | null>(null);
  const [sourceId, setSourceId] = useState('');
  const [severityMax, setSeverityMax] = useState<Severity>('medium');
  const [hours, setHours] = useState('4');
  const [reason, setReason] = useState('');
  const ask = useChange(
    () =>
      answerOf(
        api.POST('/api/v1/alerts/mutes', {
          body: {
            source,
            sourceId: sourceId.trim() === '' ? null : sourceId.trim(),
            subjectId: null,
            severityMax,
            reason,
            expiresAt: new Date(Date.now() + Number(hours) * 3_600_000).toISOString(),
          },
        }),
      ),
    { done: 'Asked. A second person decides.', failed: 'Not asked', onDone: () => setReason('') },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate(undefined);
  };
  const blocked =
    (source === null && sourceId.trim() === '' && 'Say what is muted.') || (reason.trim() === '' && 'Say why.');
  return (
    <Section title="Ask for a mute">
      <form onSubmit={submit} className={classes.panel}>
        <FormStack>
          <FormProblem failure={ask.error ? asFailure(ask.error) : null} />
          <FormRow>
            <Select
              label="From"
              placeholder="Anything"
              clearable
              value={source}
              data={ALERT_SOURCES.map((value) => ({ value, label: SOURCE_TITLES[value] }))}
              onChange={(value) => setSource(value as AlertSource | null)}
            />
            <TextInput
              label="Id of the source"
              placeholder="mon_…"
              value={sourceId}
              onChange={(event) => setSourceId(event.currentTarget.value)}
            />
            <Select
              label="Up to severity"
              allowDeselect={false}
              value={severityMax}
              data={SEVERITIES.map((value) => ({ value, label: sentenceCase(value) }))}
              onChange={(value) => value && setSeverityMax(value as Severity)}
            />
            <Select
              label="For"
              allowDeselect={false}
              value={hours}
              data={[
                { value: '1', label: '1 hour' },
                { value: '4', label: '4 hours' },
                { value: '24', label: '1 day' },
                { value: '168', label: '1 week' },
                { value: '720', label: '30 days' },
              ]}
              onChange={(value) => value && setHours(value)}
            />
          </FormRow>
          <Textarea
            label="Reason"
            autosize
            minRows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <FormButtons>
            <ReasonButton type="submit" loading={ask.isPending} reason={whyNot ?? (blocked || null)}>
              Ask for it
            </ReasonButton>
          </FormButtons>
        </FormStack>
      </form>
    </Section>
  );
}
