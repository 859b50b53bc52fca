import { Link } from '@tanstack/react-router';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { judgingSentences, type Measure } from '../model.ts';
import classes from './monitors.module.css';
import { lineThrough, ticksOf } from './plot.ts';
import { countsText, figure } from './window-look.ts';

/** Each monitor with how its windows ended, its series over the time with gaps, and the windows that were missed. */
export function Measures({ monitors, title }: { monitors: readonly Measure[]; title: string }) {
  if (monitors.length === 0)
    return (
      <Section title={title}>
        <Empty title="No monitor watches this system">
          <Link to="/monitors">Propose a monitor</Link> for what the system promises.
        </Empty>
      </Section>
    );
  return (
    <Section title={title} count={monitors.length}>
      {monitors.map((monitor) => (
        <div key={monitor.monitorId} className={classes.evidence}>
          <div className={classes.multipleHead}>
            <Link to="/monitors/$monitorId" params={{ monitorId: monitor.monitorId }}>
              {monitor.name}
            </Link>
            <span className={classes.figures}>{countsText(monitor.counts)}</span>
          </div>
          {monitor.judging
            ? judgingSentences(monitor.judging).map((sentence) => (
                <p key={sentence} className={classes.sub}>
                  {sentence}
                </p>
              ))
            : null}
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

function SeriesLine({ series }: { series: Measure['series'][number] }) {
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
