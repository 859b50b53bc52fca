import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import type { Reliability } from '../model.ts';
import { EvidenceActions } from './evidence-actions.tsx';
import { spanEnds } from './evidence-span.ts';
import { Measures } from './measures.tsx';
import classes from './monitors.module.css';
import { RunsTable } from './pack-sections.tsx';
import { reliabilityQuery } from './queries.ts';
import { figure } from './window-look.ts';

const route = getRouteApi('/app/monitors/reliability/$systemId');

/** One model in one system: its benchmarks, its unsupported answers, the drift of the system, with every run and every gap. */
export function ReliabilityPage() {
  const { systemId } = route.useParams();
  const { days = '92', model = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const period = spanEnds(days);
  const query = useQuery({
    ...reliabilityQuery(systemId, { ...period, model }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title={`Reliability of ${model}`}
      documentTitle="Reliability"
      eyebrow={
        <Link to="/monitors/evidence/$systemId" params={{ systemId }} search={{ days }}>
          Processing integrity
        </Link>
      }
      lead={
        query.data ? (
          <>
            In {query.data.systemName}, <Day on={query.data.from} /> to <Day on={query.data.to} /> (UTC).
          </>
        ) : null
      }
      actions={
        <EvidenceActions
          days={days}
          onDays={(days) => navigate({ search: { model, days }, replace: true })}
          pdfHref={`/api/v1/monitors/reliability/${encodeURIComponent(systemId)}/pdf?${new URLSearchParams({ ...period, model })}`}
        />
      }
    >
      <Loaded query={query} what="the report" rows={10}>
        {(report) => (
          <>
            <Section title="Benchmarks" count={report.runs.length} flush>
              <RunsTable runs={report.runs} total={report.runs.length} />
            </Section>
            <Hallucination report={report} />
            <Measures monitors={report.monitors} title="Drift and operation" />
            <Section title="Releases" count={report.releases.length}>
              <div className={classes.list}>
                {report.releases.length === 0 ? (
                  <p>The release gate was not asked about this model in this time.</p>
                ) : null}
                {report.releases.map((release) => (
                  <p key={release.releaseId}>
                    <StateBadge state={release.verdict} /> {release.modelDigest ?? 'no digest named'},{' '}
                    <When at={release.at} />. <span className={classes.sub}>{release.because}</span>
                  </p>
                ))}
              </div>
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Hallucination({ report }: { report: Reliability }) {
  const percent = (value: number | null) => (value === null ? '–' : `${figure(100 * value)} %`);
  return (
    <Section title="Unsupported answers" count={report.hallucination.length}>
      <div className={classes.list}>
        {report.hallucination.length === 0 ? (
          <p>No run of this time has a scorer that says whether answers are supported.</p>
        ) : null}
        {report.hallucination.map((one) => (
          <p key={`${one.runId} ${one.scorer}`}>
            <Link to="/evaluations/$runId" params={{ runId: one.runId }}>
              <When at={one.at} />
            </Link>
            , {one.scorer}: {percent(one.rate)} of claims unsupported
            {one.low === null ? '' : ` [${percent(one.low)}, ${percent(one.high)}]`}, n {one.n}
          </p>
        ))}
        {report.labels.map((one) => (
          <p key={`labels ${one.runId} ${one.scorer}`}>
            Labels of <Day on={one.drawnAt} />, {one.scorer}: {one.labeledTwice} of {one.sampled} by two persons
            {one.correctedRate === null
              ? '; no corrected rate yet'
              : `; corrected by them ${percent(one.correctedRate)} [${percent(one.low)}, ${percent(one.high)}]`}
          </p>
        ))}
      </div>
    </Section>
  );
}
