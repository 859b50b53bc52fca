import '@mantine/core/styles/ColorSwatch.layer.css';
import '@mantine/charts/styles.layer.css';
import { AreaChart, BarChart, LineChart } from '@mantine/charts';
import type { Traffic } from '../model.ts';
import { dollars, say, spaced } from './figures.ts';
import classes from './gateway.module.css';

const OUTCOMES = [
  { name: 'Allowed', color: 'var(--a-pass-ink)' },
  { name: 'Changed', color: 'var(--a-partial-ink)' },
  { name: 'Refused', color: 'var(--a-fail-ink)' },
  { name: 'Not evaluated', color: 'var(--a-no-data-ink)' },
];
const CLASS_COLORS = [
  'var(--a-fail-ink)',
  'var(--a-stale-ink)',
  'var(--a-partial-ink)',
  'var(--a-no-data-ink)',
  'var(--a-pass-ink)',
  'var(--a-neutral-ink)',
];

/** Loaded apart: the chart library is heavier than the page. */
export function TrafficCharts({ traffic }: { traffic: Traffic }) {
  const long = traffic.stepMinutes >= 60;
  const time = new Intl.DateTimeFormat('en-US', {
    ...(long && { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const at = (instant: string) => time.format(new Date(instant));
  const classesFound = Object.keys(traffic.totals.found).sort();
  const chart = {
    h: 190,
    curveType: 'linear',
    withDots: true,
    dotProps: { r: 2 },
    tickLine: 'none',
    gridAxis: 'x',
    xAxisProps: { minTickGap: 40 },
  } as const;
  return (
    <div className={classes.charts}>
      <Figure title="Calls by outcome" per={traffic.stepMinutes}>
        <AreaChart
          {...chart}
          type="stacked"
          data={traffic.points.map((point) => ({
            at: at(point.at),
            Allowed: point.allowed,
            Changed: point.changed,
            Refused: point.refused,
            'Not evaluated': point.notEvaluated,
          }))}
          dataKey="at"
          series={OUTCOMES}
          withLegend
          fillOpacity={0.35}
          valueFormatter={say}
        />
      </Figure>
      <Figure title="Time of a call, milliseconds">
        <LineChart
          {...chart}
          connectNulls={false}
          data={traffic.points.map((point) => ({
            at: at(point.at),
            Median: point.totalP50Ms,
            '95 %': point.totalP95Ms,
            '99 %': point.totalP99Ms,
          }))}
          dataKey="at"
          series={[
            { name: 'Median', color: 'var(--a-accent)' },
            { name: '95 %', color: 'var(--a-stale-ink)', strokeDasharray: '6 3' },
            { name: '99 %', color: 'var(--a-fail-ink)', strokeDasharray: '2 3' },
          ]}
          withLegend
          valueFormatter={say}
        />
      </Figure>
      <Figure title="Tokens" per={traffic.stepMinutes}>
        <BarChart
          {...chart}
          type="stacked"
          data={traffic.points.map((point) => ({
            at: at(point.at),
            Asked: point.tokensInput,
            Answered: point.tokensOutput,
          }))}
          dataKey="at"
          series={[
            { name: 'Asked', color: 'var(--a-accent)' },
            { name: 'Answered', color: 'var(--a-partial-ink)' },
          ]}
          withLegend
          valueFormatter={say}
        />
      </Figure>
      {traffic.totals.costMicroUsd > 0 ? (
        <Figure title="Spend" per={traffic.stepMinutes}>
          <BarChart
            {...chart}
            data={traffic.points.map((point) => ({ at: at(point.at), Spend: point.costMicroUsd }))}
            dataKey="at"
            series={[{ name: 'Spend', color: 'var(--a-accent)' }]}
            valueFormatter={dollars}
            yAxisProps={{ width: 72 }}
          />
        </Figure>
      ) : null}
      {classesFound.length > 0 ? (
        <Figure title="Found by the checks" per={traffic.stepMinutes}>
          <BarChart
            {...chart}
            type="stacked"
            data={traffic.points.map((point) => ({
              at: at(point.at),
              ...Object.fromEntries(classesFound.map((name) => [spaced(name), point.found[name] ?? 0])),
            }))}
            dataKey="at"
            series={classesFound.map((name, i) => ({
              name: spaced(name),
              color: CLASS_COLORS[i % CLASS_COLORS.length] ?? 'var(--a-text)',
            }))}
            withLegend
            valueFormatter={say}
          />
        </Figure>
      ) : null}
      <Figure title="Added by the gateway, milliseconds">
        <LineChart
          {...chart}
          connectNulls={false}
          data={traffic.points.map((point) => ({
            at: at(point.at),
            Median: point.addedP50Ms,
            '99 %': point.addedP99Ms,
          }))}
          dataKey="at"
          series={[
            { name: 'Median', color: 'var(--a-accent)' },
            { name: '99 %', color: 'var(--a-fail-ink)', strokeDasharray: '2 3' },
          ]}
          withLegend
          valueFormatter={(value) => value.toFixed(2)}
        />
      </Figure>
    </div>
  );
}

function Figure({ title, per, children }: { title: string; per?: number; children: React.ReactNode }) {
  const unit =
    per === undefined
      ? ''
      : per < 60
        ? `, per ${per === 1 ? 'minute' : `${per} minutes`}`
        : `, per ${per / 60 === 1 ? 'hour' : `${per / 60} hours`}`;
  return (
    <figure className={classes.figure}>
      <figcaption>
        {title}
        <span className={classes.quiet}>{unit}</span>
      </figcaption>
      {/* The numbers stand in the table below; the drawing itself says nothing to a screen reader. */}
      <div aria-hidden>{children}</div>
    </figure>
  );
}
