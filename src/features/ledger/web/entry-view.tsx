import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Notice } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts } from '#src/ui/page.tsx';
import type { EntryDetail } from '../model.ts';
import classes from './ledger.module.css';
import { ProofSection } from './proof-section.tsx';
import { entryQuery } from './queries.ts';

/** One entry: who, when, why, what it is about, and its proof. */
export function EntryView({ index, log }: { index: number; log?: string | undefined }) {
  const query = useQuery(entryQuery(index, log));
  return (
    <Loaded query={query} what="the entry">
      {(entry) => (
        <>
          <EntryFacts entry={entry} />
          {log !== undefined && entry.position.state === 'pending' ? (
            <Notice tone="stale">
              Never signed: the ledger ended before a head covered this entry, so nothing proves it.
            </Notice>
          ) : (
            <ProofSection position={entry.position} />
          )}
        </>
      )}
    </Loaded>
  );
}

function EntryFacts({ entry }: { entry: EntryDetail }) {
  const said = readBody(entry.position.leaf);
  const time = (at: string | null) => (at === null ? 'not stated in this entry' : <When at={at} both />);
  return (
    <Facts
      rows={{
        Type: entry.type,
        About: entry.subject ? <Subject {...entry.subject} /> : '–',
        By: entry.actor ? (
          <>
            {entry.actor.kind} <code className={classes.id}>{entry.actor.id}</code>
          </>
        ) : (
          '–'
        ),
        Why: said.reason ?? 'not stated in this entry',
        Occurred: time(said.occurredAt),
        Observed: time(said.observedAt),
        Recorded: <When at={entry.recordedAt} both />,
        Series: entry.series ? (
          <>
            <Link
              to="/evidence/ledger"
              search={(held) => ({ log: held.log, series: entry.series?.id })}
              className={classes.series}
            >
              {entry.series.id}
            </Link>
            , number {entry.series.seq.toLocaleString('en-US')}
          </>
        ) : null,
        'Leaf hash': <Digest hex={entry.leafHash} what="leaf hash" />,
        Size: `${entry.sizeBytes.toLocaleString('en-US')} bytes`,
      }}
    />
  );
}

/** What the entry is about, as a link where the app has a page for it. */
function Subject({ kind, id }: { kind: string; id: string }) {
  const shown = <code>{id}</code>;
  return (
    <>
      {kind} {subjectLink(kind, id, shown) ?? shown}
    </>
  );
}

function subjectLink(kind: string, id: string, shown: ReactNode): ReactNode {
  switch (kind) {
    case 'evidence':
      return (
        <Link to="/evidence/$evidenceId" params={{ evidenceId: id }}>
          {shown}
        </Link>
      );
    case 'attestation':
      return (
        <Link to="/evidence/attestations/$attestationId" params={{ attestationId: id }}>
          {shown}
        </Link>
      );
    case 'test':
      return (
        <Link to="/controls/tests/$testId" params={{ testId: id }}>
          {shown}
        </Link>
      );
    case 'control':
      return (
        <Link to="/controls/$controlId" params={{ controlId: id }}>
          {shown}
        </Link>
      );
    case 'ai-system':
      return (
        <Link to="/inventory/systems/$systemId" params={{ systemId: id }}>
          {shown}
        </Link>
      );
    case 'bundle':
      return <Link to="/evidence/ledger/exports">{shown}</Link>;
    default:
      return null;
  }
}

const TEXT_MAX = 500;

// The body is whatever its writer put there; only texts under these names are taken.
function readBody(leaf: string | null): {
  reason: string | null;
  occurredAt: string | null;
  observedAt: string | null;
} {
  let body: Record<string, unknown> = {};
  try {
    body = (JSON.parse(leaf ?? '{}') as { body?: Record<string, unknown> }).body ?? {};
  } catch {
    // A leaf that is no JSON fails in the proof below, which says so.
  }
  const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, TEXT_MAX) : null);
  const instantOf = (value: unknown) => {
    const text = textOf(value);
    return text !== null && !Number.isNaN(Date.parse(text)) ? text : null;
  };
  return {
    reason: textOf(body.reason) ?? textOf(body.why) ?? textOf(body.cause),
    occurredAt: instantOf(body.occurredAt),
    observedAt: instantOf(body.observedAt),
  };
}
