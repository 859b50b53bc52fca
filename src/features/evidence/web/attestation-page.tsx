import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useSession, useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { type Attestation, type AttestationReview, EVIDENCE_GRADES } from '../model.ts';
import classes from './evidence.module.css';
import { Content } from './evidence-content.tsx';
import { attestationQuery } from './queries.ts';

const route = getRouteApi('/app/evidence/attestations/$attestationId');

export function AttestationPage() {
  const { attestationId } = route.useParams();
  const query = useQuery(attestationQuery(attestationId));
  const attestation = query.data;
  return (
    <Page
      title={attestation?.title ?? 'Statement or file'}
      eyebrow={
        <>
          <Link to="/evidence/attestations">Statements and files</Link>
          {attestation ? <StateBadge state={attestation.state} /> : null}
        </>
      }
      actions={attestation ? <Withdraw attestation={attestation} /> : null}
    >
      <Loaded query={query} what="the statement or file" rows={8}>
        {(loaded) => <Detail attestation={loaded} />}
      </Loaded>
    </Page>
  );
}

function Detail({ attestation }: { attestation: Attestation }) {
  return (
    <>
      <ReviewPanel attestation={attestation} />
      <Section title={attestation.form === 'file' ? 'File' : 'Statement'}>
        {attestation.text ? <p className={classes.statement}>{attestation.text}</p> : null}
        <Content evidenceId={attestation.evidenceItemId} />
      </Section>
      <Section title="What it stands for" flush>
        <Facts
          columns={2}
          rows={{
            Control: (
              <Link to="/controls/$controlId" params={{ controlId: attestation.controlId }}>
                {attestation.controlId}
              </Link>
            ),
            'Expected evidence': attestation.expectedEvidenceId ?? 'The control as a whole',
            Period: (
              <span>
                <Day on={attestation.periodFrom} /> to <Day on={attestation.periodTo} />
              </span>
            ),
            Expires: <Day on={attestation.expiresOn} />,
            Source: attestation.source,
            'To get it again': attestation.query,
            Grade: `${attestation.grade}: ${EVIDENCE_GRADES[attestation.grade]}`,
            By: attestation.owner.name,
            Occurred: <When at={attestation.occurredAt} both />,
            Added: <When at={attestation.createdAt} both />,
            'SHA-256, encrypted': <Digest hex={attestation.sha256} />,
            Ledger: (
              <Link to="/evidence/$evidenceId" params={{ evidenceId: attestation.evidenceItemId }}>
                {attestation.ledgerIndex === null
                  ? 'Waits for the ledger'
                  : `Entry ${attestation.ledgerIndex} and its proof`}
              </Link>
            ),
          }}
        />
      </Section>
    </>
  );
}

function ReviewPanel({ attestation }: { attestation: Attestation }) {
  const toast = useToast();
  const [rejecting, setRejecting] = useState(false);
  const review = useMutation({
    mutationFn: (body: AttestationReview) =>
      answerOf(api.POST('/api/v1/attestations/{id}/review', { params: { path: { id: attestation.id } }, body })),
    onSuccess: (reviewed) => {
      setRejecting(false);
      toast.done(reviewed.state === 'accepted' ? 'Accepted' : 'Rejected', 'The review is recorded in the ledger.');
    },
    onError: (error) => {
      if (!rejecting) toast.failed('Not reviewed', asFailure(error).message);
    },
  });
  if (attestation.review) {
    const { decision, by, at, comment } = attestation.review;
    return (
      <Section title="Review">
        <div className={classes.review}>
          <p>
            {decision === 'accepted' ? 'Accepted' : 'Rejected'} by {by.name}, <When at={at} both />
            {comment ? <span className={classes.sub}>{comment}</span> : null}
          </p>
        </div>
      </Section>
    );
  }
  if (attestation.state !== 'waiting') return null;
  const { may, why } = attestation.reviewable;
  const reason = may ? null : (why ?? 'You cannot review this.');
  return (
    <Section title="Review">
      <div className={classes.review}>
        <p>
          It counts once a second person has looked at it.
          {reason ? <span className={classes.sub}>{reason}</span> : null}
        </p>
        <div className={classes.buttons}>
          <ReasonButton variant="default" reason={reason} onClick={() => setRejecting(true)}>
            Reject …
          </ReasonButton>
          <ReasonButton
            reason={reason}
            loading={review.isPending}
            onClick={() => review.mutate({ decision: 'accepted' })}
          >
            Accept
          </ReasonButton>
        </div>
      </div>
      <Confirm
        opened={rejecting}
        title="Reject it?"
        loses="It will not count. Its author sees your comment and can file another one; this one stays on record."
        action="Reject"
        reason={{ label: 'Comment', description: 'What is missing or wrong.', required: true }}
        busy={review.isPending}
        error={review.error ? asFailure(review.error).message : null}
        onConfirm={(comment) => review.mutate({ decision: 'rejected', comment })}
        onClose={() => setRejecting(false)}
      />
    </Section>
  );
}

/** Its author can take it back; the record of it stays. */
function Withdraw({ attestation }: { attestation: Attestation }) {
  const me = useSession().user;
  const toast = useToast();
  const whyNot = useWhyNot('evidence.write', 'withdraw it');
  const [asking, setAsking] = useState(false);
  const withdraw = useMutation({
    mutationFn: (reason: string) =>
      answerOf(
        api.POST('/api/v1/attestations/{id}/withdraw', { params: { path: { id: attestation.id } }, body: { reason } }),
      ),
    onSuccess: () => {
      setAsking(false);
      toast.done('Withdrawn');
    },
  });
  if (attestation.owner.id !== me?.id || attestation.state === 'withdrawn' || attestation.state === 'rejected')
    return null;
  return (
    <>
      <ReasonButton variant="default" reason={whyNot} onClick={() => setAsking(true)}>
        Withdraw …
      </ReasonButton>
      <Confirm
        opened={asking}
        title="Withdraw it?"
        loses="It no longer covers the control from now on. What it covered before, and the file, stay on record."
        action="Withdraw"
        reason={{ label: 'Reason', required: true }}
        busy={withdraw.isPending}
        error={withdraw.error ? asFailure(withdraw.error).message : null}
        onConfirm={(reason) => withdraw.mutate(reason)}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
