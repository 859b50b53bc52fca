import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { Day } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import { type Evidence, METRIC_WORDS, PROPERTIES } from '../model.ts';
import { ChangeList } from './change-list.tsx';
import { EvidenceActions } from './evidence-actions.tsx';
import { type EvidenceSpan, spanEnds } from './evidence-span.ts';
import { Measures } from './measures.tsx';
import classes from './monitors.module.css';
import { PackAnswers, PackGate, PackOutputs, PackReview, PackStore } from './pack-sections.tsx';
import { evidenceQuery } from './queries.ts';
import { countsText, figure } from './window-look.ts';

const route = getRouteApi('/app/monitors/evidence/$systemId');

/** One page for the auditor: what was promised, whether each measure ran, what it found, who changed what. Prints well. */
export function EvidencePage() {
  const { systemId } = route.useParams();
  const { days = '92' } = route.useSearch();
  const navigate = route.useNavigate();
  const period = spanEnds(days);
  const query = useQuery({
    ...evidenceQuery(systemId, period),
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title={query.data ? `Processing integrity of ${query.data.systemName}` : 'Processing integrity'}
      documentTitle="Processing integrity"
      eyebrow={<Link to="/monitors">Monitors</Link>}
      lead={query.data ? <Lead evidence={query.data} /> : null}
      actions={
        <EvidenceActions
          days={days}
          onDays={(days) => navigate({ search: { days }, replace: true })}
          pdfHref={`/api/v1/monitors/evidence/${encodeURIComponent(systemId)}/pdf?${new URLSearchParams(period)}`}
        />
      }
    >
      <Loaded query={query} what="the evidence" rows={10}>
        {(evidence) => (
          <>
            <PackAnswers evidence={evidence} />
            <Promised evidence={evidence} />
            <Measures monitors={evidence.monitors} title="What was measured" />
            <PackGate evidence={evidence} />
            <PackOutputs evidence={evidence} />
            <PackReview evidence={evidence} />
            <Models evidence={evidence} days={days} />
            <Section title="What changed in this time" count={evidence.changes.length} flush>
              <ChangeList items={evidence.changes} />
            </Section>
            <Section title="Planted shifts">
              <p className={classes.body}>
                {evidence.canaries.passed} of {evidence.canaries.days} daily checks of the detectors passed.
                {evidence.canaries.failed.length > 0
                  ? ` Not passed: ${evidence.canaries.failed.map(({ day, detector }) => `${day} ${detector.replaceAll('_', ' ')}`).join(', ')}.`
                  : ''}
              </p>
            </Section>
            <PackStore evidence={evidence} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** A way to the report of each model. */
function Models({ evidence: { systemId, models }, days }: { evidence: Evidence; days: EvidenceSpan }) {
  if (models.length === 0) return null;
  return (
    <Section title="Reliability by model" count={models.length}>
      <div className={classes.list}>
        {models.map((model) => (
          <p key={model}>
            <Link to="/monitors/reliability/$systemId" params={{ systemId }} search={{ model, days }}>
              {model}
            </Link>
          </p>
        ))}
      </div>
    </Section>
  );
}

function Lead({ evidence }: { evidence: Evidence }) {
  return (
    <>
      <Day on={evidence.from} /> to <Day on={evidence.to} /> (UTC): {countsText(evidence.counts)}.
    </>
  );
}

function Promised({ evidence: { specification } }: { evidence: Evidence }) {
  if (!specification)
    return (
      <Section title="What is promised">
        <Empty title="No specification is in force">
          Complete, valid, accurate, timely and authorized: each clause is tied to the monitor that measures it. Without
          one nothing says what “correct” means for this system.
        </Empty>
      </Section>
    );
  return (
    <Section
      title="What is promised"
      aside={`specification ${specification.version}, approved by ${specification.reviewedBy?.name ?? 'nobody'}`}
    >
      <div className={classes.list}>
        <p>{specification.task}</p>
        {PROPERTIES.map((property) => {
          const clauses = specification.clauses.filter((clause) => clause.property === property);
          return (
            <div key={property}>
              <h3>{sentenceCase(property)}</h3>
              {clauses.length === 0 ? (
                <p className={classes.state} data-tone="noData">
                  No clause speaks of it.
                </p>
              ) : (
                clauses.map((clause) => (
                  <p key={`${clause.monitorId} ${clause.statement}`}>
                    {clause.statement}{' '}
                    <span className={classes.sub}>
                      {clause.monitorName}: {METRIC_WORDS[clause.metric.type]} by {clause.window}, warns from{' '}
                      {figure(clause.thresholds.warn)}, fails from {figure(clause.thresholds.fail)}
                      {clause.asFrozen ? '' : '. The monitor was changed after the clause was frozen'}
                    </span>
                  </p>
                ))
              )}
            </div>
          );
        })}
      </div>
    </Section>
  );
}
