import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useSession, useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { listOf } from '#src/ui/words.ts';
import type { ScopeRequest, ScopeReview, SystemDetail } from '../model.ts';
import classes from './inventory.module.css';

/** Whether the report covers the system. Leaving it out takes a reason and a second person. */
export function ScopePanel({ system }: { system: SystemDetail }) {
  const { scope } = system;
  const me = useSession().user;
  const toast = useToast();
  const whyNot = useWhyNot('inventory.write', 'decide the scope');
  const [asking, setAsking] = useState<'out' | 'refused' | null>(null);
  const params = { path: { id: system.id } };
  const done = (title: string) => () => {
    setAsking(null);
    toast.done(title);
  };
  const failed = (error: unknown) => {
    if (!asking) toast.failed('The scope is as it was', asFailure(error).message);
  };
  const request = useMutation({
    mutationFn: (body: ScopeRequest) => answerOf(api.POST('/api/v1/inventory/systems/{id}/scope', { params, body })),
    onSuccess: done('Recorded'),
    onError: failed,
  });
  const review = useMutation({
    mutationFn: (body: ScopeReview) =>
      answerOf(api.POST('/api/v1/inventory/systems/{id}/scope/review', { params, body })),
    onSuccess: done('Reviewed'),
    onError: failed,
  });
  const own = scope.pending?.by.id === me?.id ? 'Somebody else has to approve what you asked for.' : null;
  const problem = asking === 'out' ? request.error : review.error;

  return (
    <Section title="Scope">
      <div className={classes.scope}>
        <div className={classes.scopeWords}>
          <p className={classes.scopeState}>
            <StateBadge state={scope.decision} />
            {scope.decidedAt ? (
              <span className={classes.quiet}>
                by {scope.decidedBy?.name}
                {scope.approvedBy ? `, approved by ${scope.approvedBy.name}` : ''}, <When at={scope.decidedAt} />
              </span>
            ) : null}
          </p>
          {scope.reason ? <p className={classes.quote}>{scope.reason}</p> : null}
          <p className={classes.quiet}>
            {scope.advice.shouldBeIn
              ? `By the scoping rule it belongs in: it ${listOf(scope.advice.because)}.`
              : 'By the scoping rule it may stay out: no sensitive data, no action of its own, not in production.'}
          </p>
          {scope.pending ? (
            <div className={classes.pending}>
              <p>
                <strong>{scope.pending.by.name}</strong> asks to leave it out (<When at={scope.pending.at} age />
                ). Until a second person agrees, the decision above holds.
              </p>
              <p className={classes.quote}>{scope.pending.reason}</p>
              <div className={classes.buttons}>
                <ReasonButton
                  reason={whyNot ?? own}
                  loading={review.isPending}
                  onClick={() => review.mutate({ decision: 'approved' })}
                >
                  Agree: leave it out
                </ReasonButton>
                <ReasonButton variant="default" reason={whyNot ?? own} onClick={() => setAsking('refused')}>
                  Refuse
                </ReasonButton>
              </div>
            </div>
          ) : null}
        </div>
        <div className={classes.buttons}>
          {scope.decision !== 'in' ? (
            <ReasonButton variant="default" reason={whyNot} onClick={() => request.mutate({ decision: 'in' })}>
              Put in scope
            </ReasonButton>
          ) : null}
          {scope.decision !== 'out' && !scope.pending ? (
            <ReasonButton variant="default" reason={whyNot} onClick={() => setAsking('out')}>
              Leave out …
            </ReasonButton>
          ) : null}
        </div>
      </div>
      <Confirm
        opened={asking !== null}
        title={asking === 'out' ? 'Leave this system out of scope?' : 'Refuse to leave it out?'}
        loses={
          asking === 'out'
            ? 'Once a second person agrees, the report no longer covers it. The reason is shown to the auditor.'
            : 'The system stays in scope. Your comment is recorded.'
        }
        action={asking === 'out' ? 'Ask a second person' : 'Refuse'}
        danger={false}
        reason={{ label: asking === 'out' ? 'Reason' : 'Comment', required: true }}
        busy={request.isPending || review.isPending}
        error={problem ? asFailure(problem).message : null}
        onConfirm={(reason) =>
          asking === 'out'
            ? request.mutate({ decision: 'out', reason })
            : review.mutate({ decision: 'refused', comment: reason })
        }
        onClose={() => setAsking(null)}
      />
    </Section>
  );
}
