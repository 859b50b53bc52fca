import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useSession, useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { Notice } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem } from '#src/ui/form.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { PolicyDetail, PolicyVersion, VersionDecision } from '../model.ts';
import classes from './gateway.module.css';

/** What can be done with a version now, and why the rest cannot. */
export function Review({ policy, version }: { policy: PolicyDetail; version: PolicyVersion }) {
  const toast = useToast();
  const me = useSession().user?.id;
  const whyNotWrite = useWhyNot('gateway.write', 'submit policies');
  const whyNotReview = useWhyNot('gateway.review', 'review policies');
  const [deciding, setDeciding] = useState<VersionDecision['decision'] | null>(null);
  const params = { path: { id: policy.id, version: version.version } };
  const move = useMutation({
    mutationFn: (to: 'submit' | 'withdraw') =>
      answerOf(
        to === 'submit'
          ? api.POST('/api/v1/gateway/policies/{id}/versions/{version}/submit', { params })
          : api.POST('/api/v1/gateway/policies/{id}/versions/{version}/withdraw', { params }),
      ),
    onSuccess: (_detail, to) => toast.done(to === 'submit' ? 'Submitted' : 'Withdrawn'),
  });
  const decide = useMutation({
    mutationFn: (body: VersionDecision) =>
      answerOf(api.POST('/api/v1/gateway/policies/{id}/versions/{version}/decide', { params, body })),
    onSuccess: (_detail, { decision }) => {
      toast.done(decision === 'approved' ? 'Approved' : 'Refused');
      setDeciding(null);
    },
  });
  if (version.state !== 'draft' && version.state !== 'submitted') return null;
  const isAuthor = version.authors.some(({ id, kind }) => kind === 'user' && id === me);
  const whyNot = whyNotReview ?? (isAuthor ? 'You wrote a part of it: another person has to approve it.' : null);
  return (
    <div className={classes.review}>
      <FormProblem failure={move.error ? asFailure(move.error) : null} />
      {version.state === 'submitted' ? (
        <Notice tone="stale">Version {version.version} waits for another person than its authors.</Notice>
      ) : null}
      <FormButtons align="start">
        {version.state === 'draft' ? (
          <ReasonButton reason={whyNotWrite} loading={move.isPending} onClick={() => move.mutate('submit')}>
            Submit for review
          </ReasonButton>
        ) : (
          <>
            <ReasonButton reason={whyNot} onClick={() => setDeciding('approved')}>
              Approve …
            </ReasonButton>
            <ReasonButton variant="default" reason={whyNot} onClick={() => setDeciding('refused')}>
              Refuse …
            </ReasonButton>
          </>
        )}
        {whyNotWrite ? null : (
          <Button variant="default" loading={move.isPending} onClick={() => move.mutate('withdraw')}>
            Withdraw
          </Button>
        )}
      </FormButtons>
      <Decide
        version={version}
        deciding={deciding}
        busy={decide.isPending}
        error={decide.error ? asFailure(decide.error).message : null}
        onDecide={(body) => decide.mutate(body)}
        onClose={() => setDeciding(null)}
      />
    </div>
  );
}

function Decide({
  version,
  deciding,
  busy,
  error,
  onDecide,
  onClose,
}: {
  version: PolicyVersion;
  deciding: VersionDecision['decision'] | null;
  busy: boolean;
  error: string | null;
  onDecide: (decision: VersionDecision) => void;
  onClose: () => void;
}) {
  const [from, setFrom] = useState('');
  const loosened = version.changes.filter(({ effect }) => effect === 'loosened').length;
  const approving = deciding === 'approved';
  return (
    <Confirm
      opened={deciding !== null}
      title={approving ? `Approve version ${version.version}?` : `Refuse version ${version.version}?`}
      loses={
        approving
          ? `It counts for every call from its moment on, on every node. ${loosened > 0 ? `It loosens ${loosened} of the settings before it.` : 'It loosens nothing.'} Your name, the moment and the digest go into the ledger.`
          : 'Its authors see why, and the next version starts anew.'
      }
      action={approving ? 'Approve' : 'Refuse'}
      reason={{ label: approving ? 'Words for the record' : 'Why', required: !approving }}
      busy={busy}
      error={error}
      onConfirm={(reason) =>
        onDecide({
          decision: deciding ?? 'refused',
          digest: version.digest,
          ...(reason && { reason }),
          ...(approving && from !== '' && { inForceFrom: new Date(`${from}Z`).toISOString() }),
        })
      }
      onClose={onClose}
    >
      {approving ? (
        <TextInput
          mt="sm"
          type="datetime-local"
          label="In force from, in UTC"
          description="At once when empty."
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
      ) : null}
    </Confirm>
  );
}
