import { describeInstant, formatInstant } from '#src/ui/instant.tsx';
import { StateMark } from '#src/ui/state-mark.tsx';
import type { Point } from '../model.ts';
import classes from './monitors.module.css';
import { bandBetween, type Frame, lineThrough, scaleOf, stepsThrough, ticksOf } from './plot.ts';
import { figure, lookOf } from './window-look.ts';

const FRAME: Frame = { width: 960, height: 280, left: 56, right: 12, top: 12, bottom: 58 };
const STRIP_PX = 12;

/**
 * One series over the whole time: the value with its interval, thresholds as they stood, the noise floor, and below a strip
 * with the end of every expected window, so that one that is missing is seen as much as one that broke a threshold.
 */
export function MetricChart({
  points,
  name,
  field,
  selected,
  onSelect,
}: {
  points: readonly Point[];
  name: string;
  /** `effect` for estimates, whose thresholds say how far they may lie below the baseline's. */
  field: 'value' | 'effect';
  selected: string | undefined;
  onSelect: (windowId: string) => void;
}) {
  if (points.length === 0) return <p className={classes.quiet}>No window was expected in this time.</p>;
  const scale = scaleOf(points, FRAME, field);
  const base = FRAME.height - FRAME.bottom;
  const width = Math.max(1, Math.min(28, scale.x(1) - scale.x(0) - 1));
  const said = points.filter((point) => point[field] !== null);
  const marks = [0, Math.floor(points.length / 2), points.length - 1].filter((at, i, all) => all.indexOf(at) === i);
  return (
    <figure className={classes.chart}>
      <svg viewBox={`0 0 ${FRAME.width} ${FRAME.height}`} role="img" aria-label={chartText(points, name, field)}>
        <title>{name}</title>
        {ticksOf(scale.low, scale.high).map((tick) => (
          <g key={tick}>
            <line
              x1={FRAME.left}
              x2={FRAME.width - FRAME.right}
              y1={scale.y(tick)}
              y2={scale.y(tick)}
              className={classes.grid}
            />
            <text x={FRAME.left - 6} y={scale.y(tick) + 4} textAnchor="end" className={classes.tick}>
              {figure(tick)}
            </text>
          </g>
        ))}
        {field === 'value' ? (
          <path
            d={bandBetween(
              points.map(({ low, high }) => (low === null || high === null ? null : { low, high })),
              scale,
            )}
            className={classes.band}
          />
        ) : null}
        {(['warn', 'fail'] as const).map((level) => (
          <path
            key={level}
            d={stepsThrough(
              points.map((point) => point[level]),
              scale,
            )}
            className={classes[level]}
          />
        ))}
        <path
          d={lineThrough(
            points.map((point) => point[field]),
            scale,
          )}
          className={classes.line}
        />
        {said.length <= 120
          ? points.map((point, i) =>
              point[field] === null ? null : (
                <circle
                  key={point.startsAt}
                  cx={scale.x(i)}
                  cy={scale.y(point[field])}
                  r={point.windowId === selected ? 5 : 2.5}
                  className={classes.dot}
                  data-level={point.level}
                />
              ),
            )
          : null}
        {points.map((point, i) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer only; by keyboard the table below opens a window
          <rect
            key={point.startsAt}
            x={scale.x(i) - width / 2}
            y={base + 10}
            width={width}
            height={STRIP_PX}
            rx={1.5}
            className={classes.cell}
            data-tone={lookOf(point.state, point.level).tone}
            data-state={point.state}
            data-selected={point.windowId === selected || undefined}
            onClick={() => point.windowId && onSelect(point.windowId)}
          >
            <title>{pointText(point, field)}</title>
          </rect>
        ))}
        {marks.map((at) => (
          <text
            key={at}
            x={scale.x(at)}
            y={base + 42}
            textAnchor={at === 0 && points.length > 1 ? 'start' : at === points.length - 1 ? 'end' : 'middle'}
            className={classes.tick}
          >
            {formatInstant(points[at]?.startsAt ?? '').split(',')[0]}
          </text>
        ))}
      </svg>
      <figcaption className={classes.legend}>
        <span className={classes.keyLine}>{field === 'effect' ? 'below the baseline’s estimate' : 'value'}</span>
        {field === 'value' ? <span className={classes.keyBand}>interval</span> : null}
        <span className={classes.keyWarn}>warns from here</span>
        <span className={classes.keyFail}>fails from here</span>
        {[...new Map(points.map((point) => [lookOf(point.state, point.level).word, point])).values()].map((point) => {
          const look = lookOf(point.state, point.level);
          return (
            <span key={look.word} className={classes.keyState} data-tone={look.tone}>
              <StateMark shape={look.shape} sizePx={12} /> {look.word}
            </span>
          );
        })}
      </figcaption>
    </figure>
  );
}

/** A small picture of a series: its shape, its gaps, and where it broke a threshold. */
export function SmallMultiple({
  points,
  name,
  field,
}: {
  points: readonly Point[];
  name: string;
  field: 'value' | 'effect';
}) {
  const frame: Frame = { width: 220, height: 52, left: 2, right: 2, top: 4, bottom: 12 };
  const scale = scaleOf(points, frame, field);
  const width = Math.max(1, (frame.width - 4) / Math.max(1, points.length) - 0.6);
  return (
    <svg
      viewBox={`0 0 ${frame.width} ${frame.height}`}
      className={classes.small}
      role="img"
      aria-label={chartText(points, name, field)}
    >
      <path
        d={stepsThrough(
          points.map((point) => point.fail),
          scale,
        )}
        className={classes.fail}
      />
      <path
        d={lineThrough(
          points.map((point) => point[field]),
          scale,
        )}
        className={classes.line}
      />
      {points.map((point, i) => (
        <rect
          key={point.startsAt}
          x={scale.x(i) - width / 2}
          y={frame.height - 8}
          width={width}
          height={6}
          className={classes.cell}
          data-tone={lookOf(point.state, point.level).tone}
          data-state={point.state}
        />
      ))}
    </svg>
  );
}

function pointText(point: Point, field: 'value' | 'effect'): string {
  const words = [describeInstant(point.startsAt).split('\n')[0] ?? '', lookOf(point.state, point.level).word];
  if (point[field] !== null) words.push(`${figure(point[field])}, n = ${point.n.toLocaleString('en-US')}`);
  if (point.recomputed) words.push(`computed later: ${point.recomputed.replaceAll('_', ' ')}`);
  return words.join(' · ');
}

function chartText(points: readonly Point[], name: string, field: 'value' | 'effect'): string {
  const last = points.findLast((point) => point[field] !== null);
  const gaps = points.filter((point) => point[field] === null && point.state !== 'pending').length;
  const breaches = points.filter((point) => point.state === 'breach').length;
  return `${name}: ${points.length} windows, ${breaches} beyond the fail threshold, ${gaps} without a value${
    last ? `, last ${figure(last[field])}` : ''
  }`;
}
