import { Button, Select, Table } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { judgingSentences, METRIC_WORDS, type MonitorDefinition, type MonitorDetail, percent } from '../model.ts';
import { Baselines } from './baselines.tsx';
import { ChangeList } from './change-list.tsx';
import { DistributionChart } from './distribution-chart.tsx';
import { MetricChart } from './metric-chart.tsx';
import classes from './monitors.module.css';
import { ProposalPanel } from './proposal-panel.tsx';
import { changesQuery, monitorQuery } from './queries.ts';
import { countsText, drawnOn, figure } from './window-look.ts';
import { WindowPanel } from './window-panel.tsx';

const route = getRouteApi('/app/monitors/$monitorId');

const SPANS = { '30': '30 days', '92': '3 months', '365': '12 months' } as const;
const DAY_MS = 86_400_000;

export function MonitorPage() {
  const { monitorId } = route.useParams();
  const { window, series = 'all', days = '30' } = route.useSearch();
  const navigate = route.useNavigate();
  // By the day, so that the address of what is asked stays the same while one looks at it.
  const to = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS);
  const from = new Date(to.getTime() - Number(days) * DAY_MS);
  const query = useQuery({
    ...monitorQuery(monitorId, { from: from.toISOString(), to: to.toISOString() }),
    placeholderData: keepPreviousData,
  });
  const put = (change: Partial<{ window: string; series: string; days: keyof typeof SPANS }>) =>
    navigate({ search: (held) => ({ ...held, ...change }), replace: true });
  const name = query.data ? nameOf(query.data) : 'Monitor';
  return (
    <Page
      title={name}
      eyebrow={<Link to="/monitors">Monitors</Link>}
      lead={query.data ? <Lead detail={query.data} /> : null}
      actions={
        <Select
          size="xs"
          w={130}
          aria-label="Time shown"
          allowDeselect={false}
          value={days}
          data={Object.entries(SPANS).map(([value, label]) => ({ value, label }))}
          onChange={(value) => put({ days: (value ?? '30') as keyof typeof SPANS })}
        />
      }
    >
      <Loaded query={query} what="the monitor" rows={8}>
        {(detail) => (
          <>
            {detail.monitor.proposed ? <ProposalPanel monitor={detail.monitor} /> : null}
            <Measured detail={detail} series={series} window={window} put={put} />
            {window ? <WindowPanel id={window} series={series} onClose={() => put({ window: undefined })} /> : null}
            <DistributionChart monitorId={monitorId} windowId={window} series={series} />
            {detail.judging ? <JudgedInTime judging={detail.judging} /> : null}
            <Definition detail={detail} />
            <Baselines detail={detail} />
            <History monitorId={monitorId} from={detail.from} to={detail.to} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function nameOf({ monitor }: MonitorDetail): string {
  return (monitor.current ?? monitor.proposed)?.definition.name ?? 'Monitor';
}

function Lead({ detail }: { detail: MonitorDetail }) {
  return (
    <>
      {detail.monitor.systemName}. {countsText(detail.monitor.counts)}.
    </>
  );
}

function Measured({
  detail,
  series,
  window,
  put,
}: {
  detail: MonitorDetail;
  series: string;
  window: string | undefined;
  put: (change: { window?: string; series?: string }) => void;
}) {
  const definition = (detail.monitor.current ?? detail.monitor.proposed)?.definition;
  const shown = detail.series.find((one) => one.series === series) ?? detail.series[0];
  if (!definition || !shown) return null;
  const drawn = drawnOn(definition.metric, shown.points);
  const said = shown.points.filter((point) => point.state !== 'pending');
  return (
    <Section
      title={METRIC_WORDS[definition.metric.type]}
      aside={
        detail.series.length > 1 ? (
          <Select
            size="xs"
            w={200}
            searchable
            aria-label="Series"
            allowDeselect={false}
            value={shown.series}
            data={detail.series.map((one) => ({ value: one.series, label: one.series === 'all' ? 'All' : one.series }))}
            onChange={(value) => put({ series: value ?? 'all' })}
          />
        ) : null
      }
    >
      <MetricChart
        points={drawn.points}
        name={`${definition.name}${shown.series === 'all' ? '' : `, ${shown.series}`}`}
        field={drawn.field}
        selected={window}
        onSelect={(id) => put({ window: id })}
      />
      <details className={classes.body}>
        <summary>The {said.length.toLocaleString('en-US')} windows as a table</summary>
        <Table.ScrollContainer minWidth={620} maxHeight={360}>
          <Table stickyHeader aria-label="Windows">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Window</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Events</Table.Th>
                <Table.Th>Value</Table.Th>
                <Table.Th>Interval</Table.Th>
                <Table.Th>Noise floor</Table.Th>
                <Table.Th>Warn, fail</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...said].reverse().map((point) => (
                <Table.Tr key={point.startsAt}>
                  <Table.Td>
                    {point.windowId ? (
                      <Button
                        variant="subtle"
                        size="compact-xs"
                        onClick={() => put({ window: point.windowId ?? undefined })}
                      >
                        <When at={point.startsAt} />
                      </Button>
                    ) : (
                      <When at={point.startsAt} />
                    )}
                  </Table.Td>
                  <Table.Td>
                    {point.state.replaceAll('_', ' ')}
                    {point.level === 'warn' ? ', warning' : ''}
                    {point.versions > 1 ? ' (corrected)' : ''}
                  </Table.Td>
                  <Table.Td>{point.n.toLocaleString('en-US')}</Table.Td>
                  <Table.Td>{figure(point.value)}</Table.Td>
                  <Table.Td>{point.low === null ? '–' : `${figure(point.low)} to ${figure(point.high)}`}</Table.Td>
                  <Table.Td>{figure(point.noiseFloor)}</Table.Td>
                  <Table.Td>{point.warn === null ? '–' : `${figure(point.warn)}, ${figure(point.fail)}`}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </details>
    </Section>
  );
}

function JudgedInTime({ judging }: { judging: NonNullable<MonitorDetail['judging']> }) {
  return (
    <Section title="Sampled answers">
      <div className={classes.body}>
        {judgingSentences(judging).map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
    </Section>
  );
}

/** The sampling of a monitor of hallucination, as it was declared and approved. */
function samplingRows(metric: MonitorDefinition['metric']) {
  if (metric.type !== 'hallucination') return {};
  const { sampling, judge } = metric;
  const share = (rate: number) => (rate === 1 ? 'all' : percent(rate));
  return {
    'Rate of': `${metric.of}${metric.corrected ? ', corrected by labels' : ', as judged'}`,
    Sampled: [
      ...sampling.strata.map(({ key, value, rate }) => `${key}=${value}: ${share(rate)}`),
      `${sampling.strata.length > 0 ? 'others' : 'answers'}: ${share(sampling.rate)}`,
    ].join('; '),
    Salt: <code>{sampling.salt}</code>,
    'Must be judged': `${percent(metric.leastJudged)} of the sampled`,
    'Asked of people': metric.labelRate === 0 ? 'nothing' : `${percent(metric.labelRate)} of the decided`,
    Judge: judge
      ? `${judge.model}, at most ${judge.callsPerHour.toLocaleString('en-US')} questions and ${judge.tokensPerHour.toLocaleString('en-US')} tokens an hour`
      : 'none: words, and the entailment model where one is set',
  };
}

function Definition({ detail }: { detail: MonitorDetail }) {
  const version = detail.monitor.current ?? detail.monitor.proposed;
  if (!version) return null;
  const { metric, window, watermarkMinutes, thresholds, trend, minimumN, segments, severity } = version.definition;
  return (
    <Section title="What is measured" aside={`version ${version.version}`}>
      <div className={classes.body}>
        <Facts
          columns={2}
          rows={{
            Metric: METRIC_WORDS[metric.type],
            'Kind of event': 'eventKind' in metric ? metric.eventKind : null,
            Field: 'field' in metric ? <code>{metric.field}</code> : null,
            Detector: 'detector' in metric ? metric.detector : null,
            Counts: 'equals' in metric && metric.equals ? metric.equals.map(String).join(', ') : null,
            ...samplingRows(metric),
            Window: `${window}, waits ${watermarkMinutes} min for late events`,
            Warns: figure(thresholds.warn),
            Fails: figure(thresholds.fail),
            Trend: trend ? `looks back over ${trend.windows} windows and ${trend.horizon} ahead` : 'no rule',
            'Least events': minimumN.toLocaleString('en-US'),
            Segments:
              segments.length === 0
                ? 'none'
                : segments.map(({ key, values }) => `${key} (${values.length})`).join(', '),
            Severity: severity,
            Digest: <code>{version.digest.slice(0, 16)}…</code>,
            'In force since': version.validFrom ? <When at={version.validFrom} /> : 'not yet',
          }}
        />
      </div>
    </Section>
  );
}

function History({ monitorId, from, to }: { monitorId: string; from: string; to: string }) {
  const query = useQuery(changesQuery({ monitorId, from, to }));
  return (
    <Section title="Who changed what" count={query.data?.items.length} flush>
      <Loaded query={query} what="the changes" rows={3}>
        {({ items }) => <ChangeList items={items} />}
      </Loaded>
    </Section>
  );
}
