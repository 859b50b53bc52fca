import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReviewButtons } from '#src/ui/review-buttons.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { MonitorRow } from '../model.ts';
import classes from './monitors.module.css';
import { figure } from './window-look.ts';

/** A version that waits for a second person: what it changes, why, and whether it makes the monitor less strict. */
export function ProposalPanel({ monitor }: { monitor: MonitorRow }) {
  const queryClient = useQueryClient();
  const toast = useToast();
  const whyNot = useWhyNot('monitors.approve', 'approve monitors');
  const review = useMutation({
    mutationFn: (body: { decision: 'approved' | 'refused'; comment?: string }) =>
      answerOf(api.POST('/api/v1/monitors/{id}/review', { params: { path: { id: monitor.id } }, body })),
    onSuccess: async (_, { decision }) => {
      toast.done(decision === 'approved' ? 'The version is in force' : 'The version was refused');
      await queryClient.invalidateQueries();
    },
  });
  const { proposed, current } = monitor;
  if (!proposed) return null;
  const [is, was] = [proposed.definition.thresholds, current?.definition.thresholds];
  return (
    <Section
      title={current ? 'A change waits for approval' : 'Waits for approval'}
      aside={`version ${proposed.version}`}
    >
      <div className={classes.proposal}>
        <p>
          {proposed.proposedBy.name}, <When at={proposed.proposedAt} />: {proposed.reason}
        </p>
        <p className={classes.figures}>
          Warns from {figure(is.warn)}
          {was && was.warn !== is.warn ? ` (was ${figure(was.warn)})` : ''}, fails from {figure(is.fail)}
          {was && was.fail !== is.fail ? ` (was ${figure(was.fail)})` : ''}.
        </p>
        {proposed.loosens.length > 0 ? (
          <p className={classes.state} data-tone="stale" style={{ whiteSpace: 'normal' }}>
            Less strict than before: {proposed.loosens.join(' ')}
          </p>
        ) : null}
        <div className={classes.buttons}>
          <ReviewButtons
            whyNot={whyNot}
            approve={{
              title: 'Put this version in force?',
              loses:
                'Windows from now on are judged by it. What was judged before stays as it is. Both are kept in the ledger.',
              reason: { label: 'Comment', required: false },
            }}
            refuse={{
              title: 'Refuse this version?',
              loses: 'It will not come into force. Whoever proposed it sees your comment.',
              reason: { label: 'Comment', required: true },
            }}
            busy={review.isPending}
            error={review.error ? asFailure(review.error).message : null}
            onDecide={(decision, comment) => review.mutateAsync({ decision, ...(comment && { comment }) })}
          />
        </div>
      </div>
    </Section>
  );
}
