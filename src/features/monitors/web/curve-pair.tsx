import classes from './monitors.module.css';
import { ticksOf } from './plot.ts';
import { figure } from './window-look.ts';

type Place = { x: number; y: number };

const FRAME = { width: 720, height: 300, left: 44, right: 12, top: 12, bottom: 28 };

/** Two curves from 0 to 1 over one axis: the newer one solid, the older one dashed, so that print tells them apart. */
export function CurvePair({
  first,
  second,
  names,
  title,
  isDiagonal,
}: {
  first: readonly Place[];
  second: readonly Place[];
  names: readonly [string, string];
  title: string;
  isDiagonal: boolean;
}) {
  const all = [...first, ...second].map(({ x }) => x);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const width = high - low || 1;
  const x = (value: number) => FRAME.left + ((value - low) / width) * (FRAME.width - FRAME.left - FRAME.right);
  const y = (value: number) => FRAME.top + (1 - value) * (FRAME.height - FRAME.top - FRAME.bottom);
  const path = (curve: readonly Place[]) =>
    curve.map((place, k) => `${k === 0 ? 'M' : 'L'}${x(place.x).toFixed(1)} ${y(place.y).toFixed(1)}`).join('');
  return (
    <figure className={classes.chart}>
      <svg
        viewBox={`0 0 ${FRAME.width} ${FRAME.height}`}
        role="img"
        aria-label={`${title}. ${[first, second].map((curve, k) => `${names[k]}: middle at ${figure(middleOf(curve))}`).join('; ')}`}
      >
        <title>{title}</title>
        {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
          <g key={tick}>
            <line x1={FRAME.left} x2={FRAME.width - FRAME.right} y1={y(tick)} y2={y(tick)} className={classes.grid} />
            <text x={FRAME.left - 6} y={y(tick) + 4} textAnchor="end" className={classes.tick}>
              {tick}
            </text>
          </g>
        ))}
        {ticksOf(low, high).map((tick) => (
          <text key={tick} x={x(tick)} y={FRAME.height - 8} textAnchor="middle" className={classes.tick}>
            {figure(tick)}
          </text>
        ))}
        {isDiagonal ? <line x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} className={classes.grid} /> : null}
        <path d={path(first)} className={classes.older} />
        <path d={path(second)} className={classes.line} />
      </svg>
      <figcaption className={classes.legend}>
        <span className={classes.keyOlder}>{names[0]}</span>
        <span className={classes.keyLine}>{names[1]}</span>
      </figcaption>
    </figure>
  );
}

/** Where a curve first reaches one half. */
function middleOf(curve: readonly Place[]): number | null {
  return curve.find(({ y }) => y >= 0.5)?.x ?? null;
}
