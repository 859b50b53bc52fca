import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { ReviewButtons } from '#src/ui/review-buttons.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { Baseline, MonitorDetail } from '../model.ts';
import classes from './monitors.module.css';

const KEPT = 'The one before stays in the history with the windows that were judged by it.';

/** What windows are compared with: chosen, approved, frozen, and never overwritten. */
export function Baselines({ detail }: { detail: MonitorDetail }) {
  const [isNew, setNew] = useState(false);
  const whyNotPropose = useWhyNot('monitors.write', 'propose a baseline');
  const whyNotApprove = useWhyNot('monitors.approve', 'approve baselines');
  const queryClient = useQueryClient();
  const toast = useToast();
  const review = useMutation({
    mutationFn: ({ baseline, ...body }: { baseline: Baseline; decision: 'approved' | 'refused'; comment?: string }) =>
      answerOf(api.POST('/api/v1/monitors/baselines/{id}/review', { params: { path: { id: baseline.id } }, body })),
    onSuccess: async (_, { decision }) => {
      toast.done(decision === 'approved' ? 'The baseline is in force' : 'The baseline was refused');
      await queryClient.invalidateQueries();
    },
  });
  if (!detail.monitor.baselineNeeded && detail.baselines.length === 0) return null;
  return (
    <Section
      title="Baselines"
      count={detail.baselines.length}
      aside={
        <ReasonButton variant="default" size="compact-sm" reason={whyNotPropose} onClick={() => setNew(true)}>
          Freeze another
        </ReasonButton>
      }
    >
      {detail.baselines.length === 0 ? (
        <Empty title="No baseline yet">
          Choose a period in which the system was as it should be. Its events are frozen, and a second person approves
          it.
        </Empty>
      ) : (
        <div className={classes.list}>
          {detail.baselines.map((baseline, k) => (
            <div key={baseline.id}>
              <p>
                Version {baseline.version}: <Day on={baseline.periodFrom} /> to <Day on={baseline.periodTo} />,{' '}
                {baseline.n.toLocaleString('en-US')} events, {baseline.state.replaceAll('_', ' ')}
                {baseline.validFrom ? (
                  <>
                    {' '}
                    since <When at={baseline.validFrom} />
                  </>
                ) : null}
              </p>
              <p className={classes.sub}>
                {Math.round(baseline.sizeCheck.ratio).toLocaleString('en-US')} times a window
                {baseline.sizeCheck.verdict === 'thin'
                  ? ', which is thin: below 10 times one unlucky baseline makes many windows alarm together'
                  : ''}
                . {baseline.reason} SHA-256 <code>{baseline.sha256.slice(0, 16)}…</code>
              </p>
              <p className={classes.sub}>
                Proposed by {baseline.proposedBy.name}
                {baseline.reviewedBy
                  ? `, ${baseline.state === 'refused' ? 'refused' : 'approved'} by ${baseline.reviewedBy.name}`
                  : ''}
                . <BesideOlder detail={detail} place={k} />
              </p>
              {baseline.state === 'proposed' ? (
                <div className={classes.buttons}>
                  <ReviewButtons
                    size="compact-sm"
                    whyNot={whyNotApprove}
                    approve={{
                      title: 'Compare with this baseline from now on?',
                      loses: KEPT,
                      reason: { label: 'Comment', required: baseline.sizeCheck.verdict === 'thin' },
                    }}
                    refuse={{
                      title: 'Refuse this baseline?',
                      loses: KEPT,
                      reason: { label: 'Comment', required: true },
                    }}
                    busy={review.isPending}
                    error={review.error ? asFailure(review.error).message : null}
                    onDecide={(decision, comment) =>
                      review.mutateAsync({ baseline, decision, ...(comment && { comment }) })
                    }
                  />
                </div>
              ) : null}
            </div>
          ))}
        </div>
      )}
      <Modal
        opened={isNew}
        onClose={() => setNew(false)}
        title="Freeze a baseline"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <NewBaselineForm monitorId={detail.monitor.id} onClose={() => setNew(false)} />
      </Modal>
    </Section>
  );
}

/** The way to the same baseline beside the one before it. */
function BesideOlder({ detail, place }: { detail: MonitorDetail; place: number }) {
  const [newer, older] = [detail.baselines[place], detail.baselines[place + 1]];
  if (!newer || !older) return null;
  return (
    <Link
      to="/monitors/$monitorId/baselines"
      params={{ monitorId: detail.monitor.id }}
      search={{ first: older.id, second: newer.id }}
    >
      Beside version {older.version}
    </Link>
  );
}

function NewBaselineForm({ monitorId, onClose }: { monitorId: string; onClose: () => void }) {
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const queryClient = useQueryClient();
  const toast = useToast();
  const freeze = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/monitors/{id}/baselines', {
          params: { path: { id: monitorId } },
          body: { periodFrom: `${from}T00:00:00Z`, periodTo: `${to}T00:00:00Z`, reason },
        }),
      ),
    onSuccess: async () => {
      onClose();
      toast.done('The baseline is frozen and waits for a second person');
      await queryClient.invalidateQueries();
    },
  });
  const failure = freeze.error ? asFailure(freeze.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    freeze.mutate();
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <FormRow>
          <TextInput
            type="date"
            label="From (UTC)"
            required
            value={from}
            error={failure?.fields.periodFrom}
            onChange={(event) => setFrom(event.currentTarget.value)}
            data-autofocus
          />
          <TextInput
            type="date"
            label="Up to, not included"
            required
            value={to}
            error={failure?.fields.periodTo}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </FormRow>
        <Textarea
          label="Why this period"
          required
          autosize
          minRows={2}
          value={reason}
          error={failure?.fields.reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={freeze.isPending}>
            Freeze
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
