import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { ProofSection } from '#src/features/ledger/web/proof-section.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Notice } from '#src/ui/feedback.tsx';
import { formatBytes } from '#src/ui/file-drop.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { count } from '#src/ui/words.ts';
import { EVIDENCE_GRADES, type EvidenceDetail } from '../model.ts';
import classes from './evidence.module.css';
import { ContentOf } from './evidence-content.tsx';
import { KIND_TITLES } from './evidence-page.tsx';
import { evidenceQuery } from './queries.ts';

const route = getRouteApi('/app/evidence/$evidenceId');

export function EvidenceItemPage() {
  const { evidenceId } = route.useParams();
  const query = useQuery(evidenceQuery(evidenceId));
  const item = query.data;
  return (
    <Page
      title={item?.title ?? 'Evidence'}
      eyebrow={
        <>
          <Link to="/evidence">Evidence</Link>
          {item ? <StateBadge state={item.state} /> : null}
        </>
      }
    >
      <Loaded query={query} what="the evidence" rows={10}>
        {(loaded) => <Detail item={loaded} />}
      </Loaded>
    </Page>
  );
}

function Detail({ item }: { item: EvidenceDetail }) {
  return (
    <>
      {item.supersededBy ? (
        <Notice tone="stale">
          A later reading of the same source took its place.{' '}
          <Link to="/evidence/$evidenceId" params={{ evidenceId: item.supersededBy }}>
            Open it
          </Link>
        </Notice>
      ) : null}
      <Section title="Where it comes from" flush>
        <Facts
          columns={2}
          rows={{
            Kind: KIND_TITLES[item.kind],
            Grade: `${item.grade}: ${EVIDENCE_GRADES[item.grade]}`,
            Source: item.source.title,
            'Collected by': item.collector.name,
            'To get it again': <span className={classes.query}>{item.query}</span>,
            [item.sealed ? 'SHA-256, encrypted' : 'SHA-256']: <Digest hex={item.sha256} />,
            Occurred: <When at={item.occurredAt} both />,
            Observed: <When at={item.observedAt} both />,
            Recorded: <When at={item.recordedAt} both />,
            Size: formatBytes(item.sizeBytes),
            Period: item.periodFrom ? (
              <span>
                <Day on={item.periodFrom} /> to <Day on={item.periodTo} />
              </span>
            ) : null,
            'Said again': item.confirmedAt ? <When at={item.confirmedAt} both /> : null,
            'Statement or file': item.attestationId ? (
              <Link
                key="attestation"
                to="/evidence/attestations/$attestationId"
                params={{ attestationId: item.attestationId }}
              >
                Its review
              </Link>
            ) : null,
            'Takes the place of': item.supersedes ? (
              <Link to="/evidence/$evidenceId" params={{ evidenceId: item.supersedes }}>
                The reading before
              </Link>
            ) : null,
          }}
        />
      </Section>
      <ProofSection position={item.ledger} contentDigest={item.sha256} />
      <Section title="Content">
        <ContentOf item={item} />
      </Section>
      {item.completeness.length > 0 ? (
        <Section
          title="Completeness"
          flush
          lead="What the reading counted, so that a second reading can be held against it."
        >
          <Facts columns={2} rows={Object.fromEntries(item.completeness.map(({ what, value }) => [what, value]))} />
        </Section>
      ) : null}
      <Section title="Speaks for" flush>
        <Facts
          rows={{
            Controls:
              item.controls.length === 0 ? (
                'None'
              ) : (
                <span className={classes.ids}>
                  {item.controls.map((id) => (
                    <Link key={id} to="/controls/$controlId" params={{ controlId: id }}>
                      {id}
                    </Link>
                  ))}
                </span>
              ),
            Tests:
              item.tests.length === 0 ? (
                'None'
              ) : (
                <span className={classes.ids}>
                  {item.tests.map((id) => (
                    <Link key={id} to="/controls/tests/$testId" params={{ testId: id }}>
                      {id}
                    </Link>
                  ))}
                </span>
              ),
          }}
        />
      </Section>
      {item.confirmations.length > 0 ? (
        <Section title="Later readings that said the same" count={item.confirmations.length} flush>
          <p className={classes.ids}>
            {item.confirmations.slice(0, 20).map((confirmation) => (
              <When key={confirmation.at} at={confirmation.at} />
            ))}
            {item.confirmations.length > 20 ? (
              <span>and {count(item.confirmations.length - 20, 'more reading')}</span>
            ) : null}
          </p>
        </Section>
      ) : null}
    </>
  );
}
