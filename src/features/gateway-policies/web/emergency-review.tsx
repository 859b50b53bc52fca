import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useSession, useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { Notice } from '#src/ui/feedback.tsx';
import { FormButtons } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { PolicyDetail, PolicyVersion } from '../model.ts';

/** That a version was approved in an emergency, why, and the review that is due. */
export function EmergencyReviewPart({ policy, version }: { policy: PolicyDetail; version: PolicyVersion }) {
  const toast = useToast();
  const me = useSession().user?.id;
  const mayNot = useWhyNot('gateway.review', 'review policies');
  const [isAsked, setAsked] = useState(false);
  const review = useMutation({
    mutationFn: (note: string) =>
      answerOf(
        api.POST('/api/v1/gateway/policies/{id}/versions/{version}/review-emergency', {
          params: { path: { id: policy.id, version: version.version } },
          body: { digest: version.digest, note },
        }),
      ),
    onSuccess: () => {
      setAsked(false);
      toast.done('Reviewed');
    },
  });
  const { emergency, testRun } = version;
  if (emergency === null) return null;
  if (emergency.reviewedAt !== null)
    return (
      <Notice tone="stale">
        Approved in an emergency by {version.decidedBy?.name ?? '–'}: {emergency.reason} Reviewed{' '}
        <When at={emergency.reviewedAt} /> by {emergency.reviewedBy?.name ?? '–'}: {emergency.reviewNote}
      </Notice>
    );
  const approver = version.decidedBy;
  const whyNot =
    mayNot ??
    (approver?.kind === 'user' && approver.id === me ? 'You approved it: another person has to review it.' : null) ??
    (testRun === null || testRun.verdict === 'no_data'
      ? 'Play all suites first: the review looks at what they show.'
      : null);
  return (
    <>
      <Notice tone="fail">
        Approved in an emergency by {approver?.name ?? '–'}, without a test run that passed: {emergency.reason} The
        review is due <When at={emergency.reviewDueAt} />.
      </Notice>
      <FormButtons align="start">
        <ReasonButton reason={whyNot} onClick={() => setAsked(true)}>
          Review the emergency …
        </ReasonButton>
      </FormButtons>
      <Confirm
        opened={isAsked}
        title={`Review version ${version.version}?`}
        loses="The newest run under it, your name and the moment are kept with the version and go into the ledger. It stays in force."
        action="Review"
        danger={false}
        reason={{ label: 'What you found', required: true }}
        busy={review.isPending}
        error={review.error ? asFailure(review.error).message : null}
        onClose={() => setAsked(false)}
        onConfirm={(note) => review.mutate(note)}
      />
    </>
  );
}
