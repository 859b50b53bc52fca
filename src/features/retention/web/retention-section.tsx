import { Modal, NumberInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { count } from '#src/ui/words.ts';
import { EVENT_KEEP_DAYS_MIN, type RetentionClass, type RetentionRule } from '../model.ts';
import { retentionQuery } from './queries.ts';

const CLASS_TITLES: Record<RetentionClass, string> = {
  scan: 'Results of scans',
  records: 'Records of this product',
  file: 'Files handed in',
  statement: 'Statements',
  event: 'Events of AI systems',
};

const daysOf = (rule: RetentionRule) => (rule.keepDays === null ? 'Without end' : count(rule.keepDays, 'day'));

/** How long each class of evidence is kept. */
export function RetentionSection() {
  const query = useQuery(retentionQuery);
  const [changing, setChanging] = useState<RetentionRule | null>(null);
  const whyNot = useWhyNot('retention.write', 'change how long evidence is kept');
  const columns: Column<RetentionRule>[] = [
    {
      key: 'class',
      title: 'Class',
      narrow: 'title',
      text: (rule) => CLASS_TITLES[rule.class],
      render: (rule) => CLASS_TITLES[rule.class],
    },
    { key: 'kept', title: 'Kept', text: daysOf, render: daysOf },
    {
      key: 'items',
      title: 'Items',
      numeric: true,
      text: (rule) => String(rule.items),
      sort: (rule) => rule.items,
      render: (rule) => rule.items.toLocaleString('en-US'),
    },
    {
      key: 'due',
      title: 'Due',
      text: (rule) => String(rule.due),
      sort: (rule) => rule.due,
      render: (rule) => (rule.held > 0 ? `${rule.due}, ${rule.held} of them on hold` : String(rule.due)),
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (rule) => (
        <ReasonButton
          variant="default"
          size="compact-sm"
          reason={whyNot}
          onClick={() => setChanging(rule)}
          aria-label={`Change ${CLASS_TITLES[rule.class]}`}
        >
          Change …
        </ReasonButton>
      ),
    },
  ];
  return (
    <Section
      title="Retention"
      flush
      lead="Content whose time is over is destroyed within the hour, unless a hold keeps it or a valid statement rests on it. Events leave by whole days; what windows were decided on, and entries of the ledger, stay."
    >
      <Loaded query={query} what="the retention rules" rows={4}>
        {({ rules }) => (
          <DataTable
            label="Retention"
            rows={rules}
            columns={columns}
            rowKey={(rule) => rule.class}
            empty={<Empty title="No class">Nothing is kept.</Empty>}
          />
        )}
      </Loaded>
      <Modal
        opened={changing !== null}
        onClose={() => setChanging(null)}
        title={changing ? `Keep: ${CLASS_TITLES[changing.class]}` : ''}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {changing ? <ChangeForm key={changing.class} rule={changing} onClose={() => setChanging(null)} /> : null}
      </Modal>
    </Section>
  );
}

function ChangeForm({ rule, onClose }: { rule: RetentionRule; onClose: () => void }) {
  const toast = useToast();
  const [days, setDays] = useState<number | string>(rule.keepDays ?? '');
  const change = useMutation({
    mutationFn: () =>
      answerOf(
        api.PUT('/api/v1/retention/rules/{class}', {
          params: { path: { class: rule.class } },
          body: { keepDays: days === '' ? null : Number(days) },
        }),
      ),
    onSuccess: () => {
      toast.done(`${CLASS_TITLES[rule.class]}: changed`);
      onClose();
    },
  });
  const failure = change.error ? asFailure(change.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    change.mutate();
  }
  return (
    <form onSubmit={submit} noValidate>
      <FormStack>
        <FormProblem failure={failure} />
        <NumberInput
          label="Days"
          description="Empty: kept without end. What is older loses its content for good within the hour."
          min={rule.class === 'event' ? EVENT_KEEP_DAYS_MIN : 1}
          max={36_500}
          allowDecimal={false}
          value={days}
          error={failure?.fields.keepDays}
          onChange={setDays}
          data-autofocus
        />
        <FormButtons>
          <ReasonButton type="submit" loading={change.isPending}>
            Save
          </ReasonButton>
        </FormButtons>
      </FormStack>
    </form>
  );
}
