import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { MonitorRow } from '../model.ts';
import classes from './monitors.module.css';
import { figure } from './window-look.ts';

/** A version that waits for a second person: what it changes, why, and whether it makes the monitor less strict. */
export function ProposalPanel({ monitor }: { monitor: MonitorRow }) {
  const [asked, setAsked] = useState<'approved' | 'refused' | null>(null);
  const queryClient = useQueryClient();
  const toast = useToast();
  const whyNot = useWhyNot('monitors.approve', 'approve monitors');
  const review = useMutation({
    mutationFn: (body: { decision: 'approved' | 'refused'; comment?: string }) =>
      answerOf(api.POST('/api/v1/monitors/{id}/review', { params: { path: { id: monitor.id } }, body })),
    onSuccess: async (_, { decision }) => {
      setAsked(null);
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
          <ReasonButton variant="filled" reason={whyNot} onClick={() => setAsked('approved')}>
            Approve
          </ReasonButton>
          {whyNot ? null : (
            <Button variant="default" onClick={() => setAsked('refused')}>
              Refuse
            </Button>
          )}
        </div>
      </div>
      <Confirm
        opened={asked !== null}
        title={asked === 'approved' ? 'Put this version in force?' : 'Refuse this version?'}
        loses={
          asked === 'approved'
            ? 'Windows from now on are judged by it. What was judged before stays as it is. Both are kept in the ledger.'
            : 'It will not come into force. Whoever proposed it sees your comment.'
        }
        action={asked === 'approved' ? 'Approve' : 'Refuse'}
        danger={asked === 'refused'}
        reason={{ label: 'Comment', required: asked === 'refused' }}
        busy={review.isPending}
        error={review.error ? asFailure(review.error).message : null}
        onClose={() => setAsked(null)}
        onConfirm={(comment) => asked && review.mutate({ decision: asked, ...(comment && { comment }) })}
      />
    </Section>
  );
}
