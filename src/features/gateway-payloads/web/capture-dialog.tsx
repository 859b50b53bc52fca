import { Button, Modal, NumberInput, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { CaptureSubject } from '../model.ts';
import { captureQuery } from './queries.ts';

type Subject = { kind: CaptureSubject['kind']; id: string; name: string };

/** Switches the capture of payloads of a tenant on and off, and decides what somebody else asked for. */
export function CaptureDialog({ subject, onClose }: { subject: Subject | null; onClose: () => void }) {
  const status = useQuery(captureQuery).data?.subjects;
  const found = status?.find((one) => one.kind === subject?.kind && one.id === subject?.id);
  return (
    <Modal
      opened={subject !== null}
      onClose={onClose}
      title={`Payloads of ${subject?.name ?? ''}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {found ? (
        <>
          <p style={{ marginTop: 0 }}>{captureInWords(found)}</p>
          {found.waiting ? <Waiting subject={found} onClose={onClose} /> : <Form subject={found} onClose={onClose} />}
        </>
      ) : null}
    </Modal>
  );
}

/** How it stands, in one or two sentences. */
function captureInWords({ keepDays, since, counts }: CaptureSubject): string {
  const is =
    keepDays === 0
      ? 'Nothing of what is asked and answered is kept.'
      : `Redacted prompts and answers are kept for ${keepDays} days${since ? `, since ${since.at.slice(0, 10)}: ${since.reason}` : ''}.`;
  return counts && counts.stored > 0 ? `${is} ${counts.stored} are stored.` : is;
}

function Form({ subject, onClose }: { subject: CaptureSubject; onClose: () => void }) {
  const toast = useToast();
  const whyNot = useWhyNot('payloads.write', 'switch the capture of payloads');
  const [days, setDays] = useState<number | ''>(subject.keepDays || 30);
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: (keepDays: number) =>
      answerOf(
        api.PUT('/api/v1/gateway/payloads/capture/{kind}/{id}', {
          params: { path: { kind: subject.kind, id: subject.id } },
          body: { keepDays, reason },
        }),
      ),
    onSuccess: ({ subjects }) => {
      const now = subjects.find((one) => one.kind === subject.kind && one.id === subject.id);
      toast.done(now?.waiting ? 'Waits for a second person' : now?.keepDays ? 'Payloads are kept' : 'Switched off');
      onClose();
    },
  });
  const failure = save.error ? asFailure(save.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (days !== '') save.mutate(days);
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <NumberInput
          label="Days to keep them"
          description="Text after redaction only, encrypted under a key of the tenant. Where a policy does not redact, nothing is kept."
          required
          min={1}
          max={3650}
          allowDecimal={false}
          hideControls
          value={days}
          error={failure?.fields.keepDays}
          onChange={(value) => setDays(typeof value === 'number' ? value : '')}
          data-autofocus
        />
        <Textarea
          label="Why"
          description="Kept with the change. For a customer a second person approves it."
          required
          rows={2}
          maxLength={1000}
          value={reason}
          error={failure?.fields.reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormButtons>
          {subject.keepDays > 0 ? (
            <ReasonButton
              variant="default"
              reason={whyNot ?? (reason.trim() === '' ? 'Say why first.' : null)}
              loading={save.isPending}
              onClick={() => save.mutate(0)}
            >
              Switch off
            </ReasonButton>
          ) : (
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
          )}
          <ReasonButton type="submit" reason={whyNot} loading={save.isPending}>
            {subject.keepDays > 0 ? 'Change' : 'Keep payloads'}
          </ReasonButton>
        </FormButtons>
      </FormStack>
    </form>
  );
}

function Waiting({ subject, onClose }: { subject: CaptureSubject; onClose: () => void }) {
  const toast = useToast();
  const whyNot = useWhyNot('payloads.approve', 'decide about the capture of payloads');
  const { waiting } = subject;
  const decide = useMutation({
    mutationFn: (decision: 'approved' | 'refused') =>
      answerOf(
        api.POST('/api/v1/gateway/payloads/capture/{id}/decide', {
          params: { path: { id: waiting?.id ?? '' } },
          body: { decision },
        }),
      ),
    onSuccess: (_status, decision) => {
      toast.done(decision === 'approved' ? 'Payloads are kept' : 'Refused');
      onClose();
    },
  });
  if (!waiting) return null;
  return (
    <FormStack>
      <FormProblem failure={decide.error ? asFailure(decide.error) : null} />
      <p style={{ margin: 0 }}>
        {waiting.requestedBy.name} asked on {waiting.requestedAt.slice(0, 10)} to keep them for{' '}
        <strong>{waiting.keepDays} days</strong>: {waiting.reason}
      </p>
      <FormButtons>
        <ReasonButton
          variant="default"
          reason={whyNot}
          loading={decide.isPending}
          onClick={() => decide.mutate('refused')}
        >
          Refuse
        </ReasonButton>
        <ReasonButton reason={whyNot} loading={decide.isPending} onClick={() => decide.mutate('approved')}>
          Approve
        </ReasonButton>
      </FormButtons>
    </FormStack>
  );
}
