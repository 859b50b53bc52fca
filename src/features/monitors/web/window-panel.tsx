import { useQuery } from '@tanstack/react-query';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts } from '#src/ui/page.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import { METRIC_METHODS, type WindowDetail } from '../model.ts';
import { JudgedAnswers } from './judged-answers.tsx';
import classes from './monitors.module.css';
import { windowQuery } from './queries.ts';
import { figure, lookOf } from './window-look.ts';

/** As it comes over HTTP, where a pair is a list. */
type Shown = Omit<WindowDetail, 'decisions'> & {
  decisions: (Omit<WindowDetail['decisions'][number], 'interval'> & { interval: number[] | null })[];
};

const REASONS: Record<WindowDetail['decisions'][number]['reason'], string> = {
  within_thresholds: 'within the thresholds',
  not_significant: 'beyond a threshold, but no more than chance explains',
  beyond_warn: 'beyond the warn threshold',
  beyond_fail: 'beyond the fail threshold',
  trend: 'within the thresholds, and heading for the warn threshold',
  too_few: 'too few events to say anything',
  too_few_labels: 'too few labels to say anything',
  too_few_judged: 'too few of the sampled answers were judged',
  judge_uninformative: 'people agree with the judge hardly more often than with a coin',
  no_baseline: 'no baseline is in force',
  not_computable: 'the metric cannot be computed from these events',
};

/** One window: what was decided of each series and on which numbers, and where its record stands. */
export function WindowPanel({ id, series, onClose }: { id: string; series: string; onClose: () => void }) {
  const query = useQuery(windowQuery(id));
  return (
    <SideDrawer opened title="Window" onClose={onClose}>
      <Loaded query={query} what="the window" rows={8}>
        {(window) => <Window window={window} series={series} />}
      </Loaded>
    </SideDrawer>
  );
}

function Window({ window, series }: { window: Shown; series: string }) {
  const decision = window.decisions.find((one) => one.series === series) ?? window.decisions[0];
  const look = lookOf(window.state, window.level);
  const method = METRIC_METHODS[window.definition.metric.type];
  return (
    <div className={classes.list}>
      <p className={classes.state} data-tone={look.tone}>
        {look.word}
        {window.cause ? `: ${window.cause}` : ''}
      </p>
      <Facts
        rows={{
          Begins: <When at={window.startsAt} />,
          Ends: <When at={window.endsAt} />,
          Due: <When at={window.dueAt} />,
          Closed: <When at={window.closedAt} />,
          Events: window.n.toLocaleString('en-US'),
          Version: `${window.version}${window.versions.length > 1 ? ` of ${window.versions.length}` : ''}`,
          'Tests of the same family': window.familySize.toLocaleString('en-US'),
          Code: window.codeVersion,
          'SHA-256 of what was counted': window.sha256 ? <code>{window.sha256}</code> : null,
          'Digest in the ledger': <code>{window.batchDigest}</code>,
        }}
      />
      {decision ? (
        <>
          <h3>
            {decision.series === 'all' ? 'All events' : decision.series}: {REASONS[decision.reason]}
          </h3>
          <Facts
            rows={{
              n: decision.n.toLocaleString('en-US'),
              Value: figure(decision.value),
              Method: method.value,
              Interval: decision.interval ? decision.interval.map(figure).join(' to ') : null,
              'Method of the interval': method.interval,
              'Noise floor': decision.noiseFloor === null ? null : figure(decision.noiseFloor),
              'Held against the thresholds': figure(decision.effect),
              'Warn, fail': `${figure(decision.thresholds.warn)}, ${figure(decision.thresholds.fail)}`,
              [decision.statistic?.name ?? 'Statistic']: decision.statistic ? figure(decision.statistic.value) : null,
              'p, adjusted for the family':
                decision.p === null ? null : `${figure(decision.p)}, ${figure(decision.pAdjusted)}`,
              'Smallest effect it could show': decision.detectable === null ? null : figure(decision.detectable),
              ...(decision.trend && {
                Trend: `${figure(decision.trend.slope)} a window over ${decision.trend.windows} windows`,
                'p of the trend, adjusted': `${figure(decision.trend.p)}, ${figure(decision.trend.pAdjusted)}`,
                'Windows until the warn threshold':
                  decision.trend.reachesIn === null ? 'it leads away from it' : figure(decision.trend.reachesIn),
              }),
              'Missing, infinite, unreadable': `${decision.missing}, ${decision.nonfinite}, ${decision.unreadable}`,
              ...Object.fromEntries(decision.more.map(({ name, value }) => [name, figure(value)])),
              'SHA-256 of the decision': <code>{decision.sha256}</code>,
            }}
          />
          {decision.judging ? <JudgedAnswers judging={decision.judging} /> : null}
        </>
      ) : null}
      <p className={classes.sub}>
        Recompute it from what was stored: <code>bin/assay monitor recompute --window {window.id}</code>
      </p>
    </div>
  );
}
