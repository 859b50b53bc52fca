import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import type { AssetKind } from '#src/features/inventory/model.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { Failure, Notice } from '#src/ui/feedback.tsx';
import { formatBytes } from '#src/ui/file-drop.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { STATE_LOOKS, type StateWord } from '#src/ui/state-look.ts';
import { useToast } from '#src/ui/toast.tsx';
import { count, sentenceCase, wordsOf } from '#src/ui/words.ts';
import type { Scan, ScanSummary } from '../model.ts';
import { isUnderWay, scanQuery } from './queries.ts';
import classes from './scans.module.css';

const route = getRouteApi('/app/inventory/scans/$scanId');

/** One scan: live while it runs, its outcome after. Leaving the page does not stop it. */
export function ScanPage() {
  const { scanId } = route.useParams();
  const query = useQuery(scanQuery(scanId));
  const scan = query.data;
  useRefreshWhenRecorded(scan);
  return (
    <Page
      title={scan ? `Scan of ${scan.source?.title ?? scan.path}` : 'Scan'}
      eyebrow={
        <>
          <Link to="/inventory/scans">Scans</Link>
          {scan ? <StateBadge state={scan.state} /> : null}
        </>
      }
      actions={scan && isUnderWay(scan) ? <Cancel scan={scan} /> : null}
    >
      <Loaded query={query} what="the scan">
        {(loaded) => (
          <>
            {isUnderWay(loaded) ? <Progress scan={loaded} /> : null}
            {loaded.error ? (
              <Section title="What went wrong">
                <Failure title="The scan did not finish" message={loaded.error} />
              </Section>
            ) : null}
            {loaded.state === 'canceled' ? <Notice>The scan was canceled. Nothing of it was recorded.</Notice> : null}
            {loaded.summary ? <Summary scan={loaded} summary={loaded.summary} /> : null}
            <About scan={loaded} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** What the scan changed shows on every other page at once. */
function useRefreshWhenRecorded(scan: Scan | undefined) {
  const queryClient = useQueryClient();
  const [wasUnderWay, setWasUnderWay] = useState(false);
  const underWay = scan !== undefined && isUnderWay(scan);
  useEffect(() => {
    if (underWay) setWasUnderWay(true);
    else if (wasUnderWay) {
      setWasUnderWay(false);
      queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    }
  }, [underWay, wasUnderWay, queryClient]);
}

function Progress({ scan }: { scan: Scan }) {
  const { progress } = scan;
  return (
    <Section
      title={
        scan.cancelRequested ? 'Stopping' : scan.state === 'queued' ? 'Waiting to start' : sentenceCase(progress.phase)
      }
    >
      <div className={classes.progress}>
        <div className={classes.track} role="progressbar" aria-label="Scanning">
          <span />
        </div>
        <p className={classes.numbers} aria-live="off">
          <span>
            <strong>{progress.files.toLocaleString('en-US')}</strong> files
          </span>
          <span>
            <strong>{formatBytes(progress.bytes)}</strong> read
          </span>
        </p>
        <p className={classes.current}>{progress.current ?? ''}</p>
        <p>You can leave this page: the scan goes on and is recorded when it is done.</p>
      </div>
    </Section>
  );
}

function Cancel({ scan }: { scan: Scan }) {
  const toast = useToast();
  const whyNot = useWhyNot('scans.run', 'cancel scans');
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/scans/{id}/cancel', { params: { path: { id: scan.id } } })),
    onSuccess: () => setAsking(false),
    onError: (error) => {
      setAsking(false);
      toast.failed('Not canceled', asFailure(error).message);
    },
  });
  return (
    <>
      <ReasonButton
        variant="default"
        reason={whyNot ?? (scan.cancelRequested ? 'It is stopping already.' : null)}
        onClick={() => setAsking(true)}
      >
        Cancel …
      </ReasonButton>
      <Confirm
        opened={asking}
        title="Cancel the scan?"
        loses="What it has read so far is thrown away. Nothing that was recorded before changes."
        action="Cancel the scan"
        busy={cancel.isPending}
        onConfirm={() => cancel.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function Summary({ scan, summary }: { scan: Scan; summary: ScanSummary }) {
  const { items, facts, tests, systems } = summary;
  return (
    <>
      {summary.complete ? null : (
        <Notice tone="noData">
          Not everything was read: {summary.incompleteBecause.join('; ')}. What is absent from this scan proves nothing,
          so tests over it stay without data.
        </Notice>
      )}
      <Section
        title="Outcome"
        aside={
          scan.evidenceId ? (
            <Link to="/evidence/$evidenceId" params={{ evidenceId: scan.evidenceId }}>
              Evidence and proof
            </Link>
          ) : null
        }
      >
        <div className={classes.summary}>
          <Facts
            rows={{
              Result: summary.unchanged ? 'The source says the same as last time.' : 'Recorded.',
              Items: (
                <span>
                  <Link to="/inventory/items" search={{ state: 'all' }}>
                    {items.found.toLocaleString('en-US')}
                  </Link>{' '}
                  found, {items.proposed} new, {items.returned} back, {items.gone} gone
                </span>
              ),
              'By kind':
                (Object.entries(items.byKind) as [AssetKind, number][])
                  .filter(([, amount]) => amount > 0)
                  .map(([kind, amount]) => `${wordsOf(kind)} ${amount}`)
                  .join(', ') || '–',
              'AI systems': `${systems.proposed} proposed`,
              Facts: `${facts.total.toLocaleString('en-US')} known, ${facts.added} added, ${facts.changed} changed, ${facts.removed} removed`,
              Tests: `${tests.total} in all: ${tests.fail} fail, ${tests.noData} without data, ${tests.pass} pass`,
              Took: `${(summary.durationMs / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 })} s`,
              'Left out': summary.skipped === 0 ? 'Nothing' : count(summary.skipped, 'file'),
            }}
          />
        </div>
      </Section>
      {items.proposed > 0 ? (
        <Notice tone="stale">
          {count(items.proposed, 'item')} wait for a decision.{' '}
          <Link to="/inventory/items" search={{ state: 'proposed' }}>
            Confirm or reject them
          </Link>
        </Notice>
      ) : null}
      {summary.changedTests.length > 0 ? (
        <Section title="Tests that changed" count={summary.changedTests.length}>
          <ul className={classes.changed}>
            {summary.changedTests.map((test) => (
              <li key={test.id}>
                <Link to="/controls/tests/$testId" params={{ testId: test.id }}>
                  {test.id}
                </Link>
                {test.from && test.from in STATE_LOOKS ? (
                  <>
                    <StateBadge state={test.from as StateWord} /> →
                  </>
                ) : null}
                {test.to && test.to in STATE_LOOKS ? (
                  <StateBadge state={test.to as StateWord} />
                ) : (
                  (test.to ?? 'no longer run')
                )}
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
    </>
  );
}

function About({ scan }: { scan: Scan }) {
  return (
    <Section
      title="About this scan"
      flush
      aside={
        isUnderWay(scan) ? null : (
          <LinkButton variant="default" size="compact-sm" to="/inventory/scans">
            Scan again
          </LinkButton>
        )
      }
    >
      <Facts
        columns={2}
        rows={{
          Folder: <code>{scan.path}</code>,
          'Started by': scan.requestedBy.name,
          'Asked for': <When at={scan.requestedAt} both />,
          Began: <When at={scan.startedAt} both />,
          Ended: <When at={scan.finishedAt} both />,
        }}
      />
    </Section>
  );
}
