import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useMay, useSession, useWhyNot } from '#src/apps/web/session.ts';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReviewButtons } from '#src/ui/review-buttons.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { PolicyMove, PolicyMoveDecision } from '../model.ts';
import classes from './gateway.module.css';
import { policyMovesQuery } from './queries.ts';

/** Routes and tenants that are to leave their policy for a milder one: what that changes, and the second person's word. */
export function PolicyMovesSection() {
  const { data } = useQuery(policyMovesQuery);
  const waiting = (data?.items ?? []).filter(({ state }) => state === 'waiting');
  if (waiting.length === 0) return null;
  return (
    <Section
      title="Milder policies that wait for a second person"
      count={waiting.length}
      lead="Until another person than the one who asks approves it, the policy stays what it is."
    >
      <ul className={classes.moves}>
        {waiting.map((move) => (
          <li key={move.id}>
            <Move move={move} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Move({ move }: { move: PolicyMove }) {
  const toast = useToast();
  const queryClient = useQueryClient();
  const me = useSession().user?.id;
  const whyNotReview = useWhyNot('gateway.review', 'approve milder policies');
  const mayWrite = useMay('gateway.write');
  const isMine = move.requestedBy.kind === 'user' && move.requestedBy.id === me;
  const params = { path: { id: move.id } };
  const onSuccess = () => queryClient.invalidateQueries();
  const decide = useMutation({
    mutationFn: (body: PolicyMoveDecision) =>
      answerOf(api.POST('/api/v1/gateway/policy-moves/{id}/decide', { params, body })),
    onSuccess: (_, { decision }) => {
      toast.done(decision === 'approved' ? `${move.target.name} has moved` : 'Refused: nothing changes');
      return onSuccess();
    },
  });
  const withdraw = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/gateway/policy-moves/{id}/withdraw', { params })),
    onSuccess,
    onError: (error) => toast.failed('Not withdrawn', asFailure(error).message),
  });
  const none = move.target.kind === 'route' ? 'no policy' : 'the policies of the routes';
  const loosened = move.changes.filter(({ effect }) => effect === 'loosened').length;
  return (
    <>
      <p>
        {move.target.kind === 'route' ? 'The path' : 'The tenant'} <strong>{move.target.name}</strong> from{' '}
        {move.from?.name ?? none} to <strong>{move.to?.name ?? none}</strong>, asked for by {move.requestedBy.name},{' '}
        <When at={move.requestedAt} />
      </p>
      <ul className={classes.problems}>
        {move.changes.map(({ what, before, after, effect }) => (
          <li key={`${what} ${before} ${after}`}>
            <StateBadge state={effect} /> {what}: {before} → {after}
          </li>
        ))}
      </ul>
      <div className={classes.moveButtons}>
        <ReviewButtons
          whyNot={whyNotReview ?? (isMine ? 'You asked for it: another person has to decide it.' : null)}
          approve={{
            title: `Move ${move.target.name}?`,
            loses: `It loosens ${loosened} of the settings for the calls there, on every node. Your name and the moment go into the ledger.`,
            reason: { label: 'Words for the record', required: false },
          }}
          refuse={{
            title: 'Refuse this move?',
            loses: 'Nothing changes.',
            reason: { label: 'Why', required: true },
          }}
          busy={decide.isPending}
          error={decide.error ? asFailure(decide.error).message : null}
          onDecide={(decision, reason) =>
            decide.mutateAsync({ decision, digest: move.digest, ...(reason && { reason }) })
          }
        />
        {mayWrite ? (
          <Button variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
            Withdraw
          </Button>
        ) : null}
      </div>
    </>
  );
}
