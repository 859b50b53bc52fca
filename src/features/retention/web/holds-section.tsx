import { Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { HOLD_KIND_TITLES, type Hold, holdKindOf } from '../model.ts';
import { retentionQuery } from './queries.ts';

/** Legal holds: while one stands, nothing under it is erased. */
export function HoldsSection() {
  const query = useQuery(retentionQuery);
  const whyNot = useWhyNot('retention.write', 'place and release holds');
  const toast = useToast();
  const [releasing, setReleasing] = useState<Hold | null>(null);
  const release = useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) =>
      answerOf(api.POST('/api/v1/retention/holds/{id}/release', { params: { path: { id } }, body: { reason } })),
    onSuccess: () => {
      toast.done('The hold is released');
      setReleasing(null);
    },
  });
  const columns: Column<Hold>[] = [
    {
      key: 'subject',
      title: 'On',
      narrow: 'title',
      text: (hold) => hold.subject.id,
      render: (hold) => (
        <>
          {HOLD_KIND_TITLES[hold.subject.kind]} <code>{hold.subject.id}</code>
        </>
      ),
    },
    {
      key: 'state',
      title: 'State',
      text: (hold) => (hold.releasedAt === null ? 'stands' : 'released'),
      render: (hold) =>
        hold.releasedAt === null ? (
          <StateBadge state="waiting" word="Stands" />
        ) : (
          <StateBadge state="not_applicable" word="Released" />
        ),
    },
    {
      key: 'why',
      title: 'Why',
      text: (hold) => hold.reason,
      render: (hold) => (hold.releaseReason === null ? hold.reason : `${hold.reason}; released: ${hold.releaseReason}`),
    },
    { key: 'by', title: 'By', text: (hold) => hold.placedBy.name, render: (hold) => hold.placedBy.name },
    { key: 'at', title: 'Since', text: (hold) => hold.placedAt, render: (hold) => <When at={hold.placedAt} /> },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (hold) =>
        hold.releasedAt === null ? (
          <ReasonButton
            variant="default"
            size="compact-sm"
            reason={whyNot}
            onClick={() => setReleasing(hold)}
            aria-label={`Release the hold on ${hold.subject.id}`}
          >
            Release …
          </ReasonButton>
        ) : null,
    },
  ];
  return (
    <Section
      title="Legal holds"
      flush
      lead="While a hold stands, nothing under it is erased, whoever asks and however old it is."
    >
      <PlaceHold whyNot={whyNot} />
      <Loaded query={query} what="the holds" rows={3}>
        {({ holds }) => (
          <DataTable
            label="Legal holds"
            rows={holds}
            columns={columns}
            rowKey={(hold) => hold.id}
            empty={
              <Empty
                title="No hold was ever placed"
                command="bin/assay person hold usr_… --reason &quot;Litigation 7&quot;"
              >
                Place one above when a dispute or an authority asks that something is kept.
              </Empty>
            }
          />
        )}
      </Loaded>
      <Confirm
        opened={releasing !== null}
        title="Release this hold?"
        loses="What it kept can be erased again, and content whose time is over goes within the hour."
        action="Release"
        reason={{ label: 'Why', required: true }}
        busy={release.isPending}
        error={release.error ? asFailure(release.error).message : null}
        onConfirm={(reason) => releasing && release.mutate({ id: releasing.id, reason })}
        onClose={() => setReleasing(null)}
      />
    </Section>
  );
}

function PlaceHold({ whyNot }: { whyNot: string | null }) {
  const toast = useToast();
  const [id, setId] = useState('');
  const [reason, setReason] = useState('');
  const place = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/retention/holds', {
          body: { subject: { kind: holdKindOf(id.trim()), id: id.trim() }, reason },
        }),
      ),
    onSuccess: () => {
      toast.done('The hold stands');
      setId('');
      setReason('');
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    place.mutate();
  }
  return (
    <form onSubmit={submit} style={{ padding: '1rem' }}>
      <FormStack>
        <FormProblem failure={place.error ? asFailure(place.error) : null} />
        <TextInput
          label="Person, evidence, gateway tenant or day"
          description="The id, as in the list above or on the page of the evidence or the tenant (gtn_…). A day like 2027-01-31 keeps all gateway calls of that day."
          required
          maxLength={64}
          spellCheck={false}
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
        />
        <Textarea
          label="Why it must be kept"
          required
          rows={2}
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormButtons align="start">
          <ReasonButton type="submit" variant="default" reason={whyNot} loading={place.isPending}>
            Place a hold
          </ReasonButton>
        </FormButtons>
      </FormStack>
    </form>
  );
}
