import { Button, Select } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import { type Evidence, METRIC_WORDS, PROPERTIES } from '../model.ts';
import { ChangeList } from './change-list.tsx';
import classes from './monitors.module.css';
import { lineThrough, ticksOf } from './plot.ts';
import { evidenceQuery } from './queries.ts';
import { countsText, figure } from './window-look.ts';

const route = getRouteApi('/app/monitors/evidence/$systemId');
const DAY_MS = 86_400_000;
const SPANS = { '92': '3 months', '182': '6 months', '365': '12 months' } as const;

/** One page for the auditor: what was promised, whether each measure ran, what it found, who changed what. Prints well. */
export function EvidencePage() {
  const { systemId } = route.useParams();
  const { days = '92' } = route.useSearch();
  const navigate = route.useNavigate();
  const to = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS);
  const from = new Date(to.getTime() - Number(days) * DAY_MS);
  const query = useQuery({
    ...evidenceQuery(systemId, { from: from.toISOString(), to: to.toISOString() }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title={query.data ? `Processing integrity of ${query.data.systemName}` : 'Processing integrity'}
      documentTitle="Processing integrity"
      eyebrow={<Link to="/monitors">Monitors</Link>}
      lead={query.data ? <Lead evidence={query.data} /> : null}
      actions={
        <>
          <Select
            size="xs"
            w={130}
            aria-label="Time covered"
            allowDeselect={false}
            value={days}
            data={Object.entries(SPANS).map(([value, label]) => ({ value, label }))}
            onChange={(value) => navigate({ search: { days: (value ?? '92') as keyof typeof SPANS }, replace: true })}
          />
          <Button
            component="a"
            href={`/api/v1/monitors/evidence/${encodeURIComponent(systemId)}/pdf?${new URLSearchParams({ from: from.toISOString(), to: to.toISOString() })}`}
            download
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
          >
            PDF
          </Button>
        </>
      }
    >
      <Loaded query={query} what="the evidence" rows={10}>
        {(evidence) => (
          <>
            <Promised evidence={evidence} />
            <Measures evidence={evidence} />
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
          </>
        )}
      </Loaded>
    </Page>
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

function Measures({ evidence }: { evidence: Evidence }) {
  if (evidence.monitors.length === 0)
    return (
      <Section title="What was measured">
        <Empty title="No monitor watches this system">
          <Link to="/monitors">Propose a monitor</Link> for what the system promises.
        </Empty>
      </Section>
    );
  return (
    <Section title="What was measured" count={evidence.monitors.length}>
      {evidence.monitors.map((monitor) => (
        <div key={monitor.monitorId} className={classes.evidence}>
          <div className={classes.multipleHead}>
            <Link to="/monitors/$monitorId" params={{ monitorId: monitor.monitorId }}>
              {monitor.name}
            </Link>
            <span className={classes.figures}>{countsText(monitor.counts)}</span>
          </div>
          {monitor.series.map((one) => (
            <SeriesLine key={one.series} series={one} />
          ))}
          {monitor.firstMissed.length > 0 ? (
            <p className={classes.sub}>
              Missed:{' '}
              {monitor.firstMissed.slice(0, MISSED_SHOWN).map((at, i) => (
                <span key={at}>
                  {i > 0 ? ', ' : ''}
                  <When at={at} />
                </span>
              ))}
              {monitor.counts.missed > MISSED_SHOWN ? ` and ${monitor.counts.missed - MISSED_SHOWN} more` : ''}
            </p>
          ) : null}
        </div>
      ))}
    </Section>
  );
}

const MISSED_SHOWN = 8;
const WIDTH = 720;
const HEIGHT = 64;
const LEFT = 46;

function SeriesLine({ series }: { series: Evidence['monitors'][number]['series'][number] }) {
  const said = series.values.filter((value) => value !== null);
  const [least, most] = said.length === 0 ? [0, 1] : [Math.min(...said), Math.max(...said)];
  const [low, high] = most === least ? [least - 0.5, most + 0.5] : [least, most];
  const scale = {
    x: (i: number) => LEFT + ((i + 0.5) * (WIDTH - LEFT)) / Math.max(1, series.values.length),
    y: (value: number) => 6 + (1 - (value - low) / (high - low)) * (HEIGHT - 12),
  };
  const gaps = series.values.length - said.length;
  const text = `${series.series === 'all' ? 'All events' : series.series}: ${series.breaches} breaches, ${series.warnings} warnings, ${gaps} of ${series.values.length} steps without a value, between ${figure(least)} and ${figure(most)}`;
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} style={{ width: '100%' }} role="img" aria-label={text}>
        {ticksOf(low, high)
          .filter((_, i, all) => i === 0 || i === all.length - 1)
          .map((tick) => (
            <g key={tick}>
              <line x1={LEFT} x2={WIDTH} y1={scale.y(tick)} y2={scale.y(tick)} className={classes.grid} />
              <text x={LEFT - 4} y={scale.y(tick) + 4} textAnchor="end" className={classes.tick}>
                {figure(tick)}
              </text>
            </g>
          ))}
        <path d={lineThrough(series.values, scale)} className={classes.line} />
      </svg>
      <figcaption className={classes.sub}>{text}.</figcaption>
    </figure>
  );
}
