import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useSession, useWhyNot } from '#src/apps/web/session.ts';
import { Notice } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem } from '#src/ui/form.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { ReviewButtons } from '#src/ui/review-buttons.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { PolicyDetail, PolicyVersion, VersionDecision } from '../model.ts';
import classes from './gateway.module.css';

/** What can be done with a version now, and why the rest cannot. */
export function Review({ policy, version }: { policy: PolicyDetail; version: PolicyVersion }) {
  const toast = useToast();
  const me = useSession().user?.id;
  const whyNotWrite = useWhyNot('gateway.write', 'submit policies');
  const whyNotReview = useWhyNot('gateway.review', 'review policies');
  const [from, setFrom] = useState('');
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
    onSuccess: (_detail, { decision }) => toast.done(decision === 'approved' ? 'Approved' : 'Refused'),
  });
  if (version.state !== 'draft' && version.state !== 'submitted') return null;
  const loosened = version.changes.filter(({ effect }) => effect === 'loosened').length;
  const isAuthor = version.authors.some(({ id, kind }) => kind === 'user' && id === me);
  const isTested = version.testRun?.verdict === 'pass';
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
          <ReviewButtons
            whyNot={whyNot}
            approve={{
              title: isTested
                ? `Approve version ${version.version}?`
                : `Approve version ${version.version} in an emergency?`,
              loses: `${isTested ? '' : 'No test run of it has passed. Approved now, it is an emergency: another person reviews it within 7 days. '}It counts for every call from its moment on, on every node. ${loosened > 0 ? `It loosens ${loosened} of the settings before it.` : 'It loosens nothing.'} Your name, the moment and the digest go into the ledger.`,
              reason: isTested
                ? { label: 'Words for the record', required: false }
                : { label: 'Why it cannot wait for a test run', required: true },
              children: (
                <TextInput
                  mt="sm"
                  type="datetime-local"
                  label="In force from, in UTC"
                  description="At once when empty."
                  value={from}
                  onChange={(event) => setFrom(event.currentTarget.value)}
                />
              ),
            }}
            refuse={{
              title: `Refuse version ${version.version}?`,
              loses: 'Its authors see why, and the next version starts anew.',
              reason: { label: 'Why', required: true },
            }}
            busy={decide.isPending}
            error={decide.error ? asFailure(decide.error).message : null}
            onDecide={(decision, reason) =>
              decide.mutateAsync({
                decision,
                digest: version.digest,
                ...(decision === 'approved' && !isTested ? { emergency: reason } : reason && { reason }),
                ...(decision === 'approved' && from !== '' && { inForceFrom: new Date(`${from}Z`).toISOString() }),
              })
            }
          />
        )}
        {whyNotWrite ? null : (
          <Button variant="default" loading={move.isPending} onClick={() => move.mutate('withdraw')}>
            Withdraw
          </Button>
        )}
      </FormButtons>
    </div>
  );
}
