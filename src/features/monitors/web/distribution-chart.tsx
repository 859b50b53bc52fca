import { useQuery } from '@tanstack/react-query';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Section } from '#src/ui/page.tsx';
import type { Distribution } from '../model.ts';
import classes from './monitors.module.css';
import { distributionQuery } from './queries.ts';
import { figure } from './window-look.ts';

const TITLES: Record<Distribution['form'], string> = {
  bins: 'Distribution now and in the baseline',
  categories: 'Categories now and in the baseline',
  quantiles: 'Percentiles',
  reliability: 'Reliability',
  groups: 'By group',
  sources: 'By source',
  none: 'Distribution',
};

/** What lies behind the number: the distribution of the window beside that of the baseline, or how well probabilities hold. */
export function DistributionChart({
  monitorId,
  windowId,
  series,
}: {
  monitorId: string;
  windowId: string | undefined;
  series: string;
}) {
  const query = useQuery(distributionQuery(monitorId, { series, ...(windowId && { windowId }) }));
  const form = query.data?.form ?? 'none';
  if (query.data && form === 'none') return null;
  return (
    <Section
      title={TITLES[form]}
      aside={
        query.data
          ? `${query.data.nCurrent.toLocaleString('en-US')} events${query.data.nReference > 0 ? `, ${query.data.nReference.toLocaleString('en-US')} in the baseline` : ''}`
          : null
      }
    >
      <Loaded query={query} what="the distribution" rows={5}>
        {(found) => (
          <div className={classes.body}>
            {found.form === 'reliability' ? <Reliability found={found} /> : <Bars found={found} />}
            {found.unseen.length > 0 ? (
              <p className={classes.sub}>
                Not in the baseline: {found.unseen.map(({ label, count }) => `${label} (${count})`).join(', ')}
              </p>
            ) : null}
            {found.gaps.length > 0 ? (
              <p className={classes.sub}>
                Numbers that never arrived:{' '}
                {found.gaps
                  .map(({ source, from, to }) => `${source} ${from === to ? from : `${from} to ${to}`}`)
                  .join(', ')}
              </p>
            ) : null}
          </div>
        )}
      </Loaded>
    </Section>
  );
}

function Bars({ found }: { found: Distribution }) {
  const isShare = found.form !== 'quantiles';
  const most = Math.max(1e-12, ...found.bars.flatMap(({ reference, current }) => [reference, current]));
  const hasReference = found.nReference > 0;
  const say = (value: number) => (isShare ? `${(value * 100).toFixed(1)} %` : figure(value));
  return (
    <ul className={classes.bars} aria-label={TITLES[found.form]}>
      {found.bars.map((bar) => (
        <li key={bar.label} className={classes.bar}>
          <span className={classes.barLabel} title={bar.label}>
            {found.form === 'bins' ? binText(bar) : bar.label}
          </span>
          <span className={classes.pair} aria-hidden>
            <span className={classes.now} style={{ width: `${(bar.current / most) * 100}%` }} />
            {hasReference ? (
              <span className={classes.reference} style={{ width: `${(bar.reference / most) * 100}%` }} />
            ) : null}
          </span>
          <span className={classes.barNumbers}>
            {say(bar.current)}
            {hasReference ? ` (was ${say(bar.reference)})` : ''}
          </span>
        </li>
      ))}
    </ul>
  );
}

function binText({ low, high }: Distribution['bars'][number]): string {
  if (low === null) return `up to ${figure(high)}`;
  return high === null ? `above ${figure(low)}` : `${figure(low)} to ${figure(high)}`;
}

const SIZE = 260;
const EDGE = 32;

/** Predicted probability against the share that came true, with Wilson's interval; on the diagonal it is calibrated. */
function Reliability({ found }: { found: Distribution }) {
  const place = (value: number) => EDGE + value * (SIZE - EDGE - 8);
  const x = (value: number) => place(value);
  const y = (value: number) => SIZE - place(value);
  return (
    <svg
      viewBox={`0 0 ${SIZE} ${SIZE}`}
      style={{ maxWidth: '22rem', width: '100%' }}
      role="img"
      aria-label={`Reliability: ${found.reliability.map((bin) => `predicted ${figure(bin.meanPredicted)}, came true ${figure(bin.share)} of ${bin.n}`).join('; ')}`}
    >
      {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
        <g key={tick}>
          <line x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} className={classes.grid} />
          <text x={x(0) - 4} y={y(tick) + 4} textAnchor="end" className={classes.tick}>
            {tick}
          </text>
          <text x={x(tick)} y={y(0) + 16} textAnchor="middle" className={classes.tick}>
            {tick}
          </text>
        </g>
      ))}
      <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} className={classes.warn} />
      {found.reliability.map((bin) => (
        <g key={bin.bin}>
          <line
            x1={x(bin.meanPredicted)}
            x2={x(bin.meanPredicted)}
            y1={y(bin.low)}
            y2={y(bin.high)}
            className={classes.line}
          />
          <circle cx={x(bin.meanPredicted)} cy={y(bin.share)} r={3.5} className={classes.dot} />
        </g>
      ))}
    </svg>
  );
}
