import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { describeInstant, formatInstant, When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { STATE_LOOKS, type StateWord } from '#src/ui/state-look.ts';
import type { ControlHistory } from '../model.ts';
import classes from './control-timeline.module.css';
import { historyQuery } from './queries.ts';
import { type Span, segmentsOf, spanAt } from './timeline.ts';

const STEPS = 1000;

type Lane = { id: string; title: string; spans: Span<StateWord>[] };

/** How the control and its tests stood over time; the slider asks any moment of it. */
export function ControlTimeline({ controlId }: { controlId: string }) {
  const query = useQuery(historyQuery(controlId));
  return (
    <Section title="History">
      <Loaded query={query} what="the history" rows={3}>
        {(history) => <Timeline history={history} />}
      </Loaded>
    </Section>
  );
}

function lanesOf(history: ControlHistory): Lane[] {
  return [
    { id: 'control', title: 'Control', spans: history.states },
    ...history.tests.map((test) => ({
      id: test.id,
      title: test.title,
      spans: test.spans.map(({ fromAt, toAt, result, because }) => ({ fromAt, toAt, state: result, because })),
    })),
  ];
}

function Timeline({ history }: { history: ControlHistory }) {
  const [step, setStep] = useState(STEPS);
  const lanes = lanesOf(history);
  const starts = lanes.flatMap(({ spans }) => spans.map(({ fromAt }) => Date.parse(fromAt)));
  const toMs = Date.parse(history.asOf.at);
  const fromMs = Math.min(...starts, toMs - 60_000);
  const atMs = fromMs + ((toMs - fromMs) * step) / STEPS;
  if (starts.length === 0) return <p className={classes.none}>Nothing has been judged yet, so there is no history.</p>;
  return (
    <div className={classes.frame}>
      <div className={classes.lanes}>
        {lanes.map((lane) => (
          <div key={lane.id} className={classes.lane}>
            <span className={classes.name} title={lane.title}>
              {lane.title}
            </span>
            <div className={classes.track}>
              {segmentsOf(lane.spans, fromMs, toMs).map((segment) => (
                <span
                  key={segment.fromAt}
                  className={classes.segment}
                  data-state={segment.state}
                  style={{ left: `${segment.leftPercent}%`, width: `${segment.widthPercent}%` }}
                  title={`${STATE_LOOKS[segment.state].word} from ${formatInstant(segment.fromAt)}\n${segment.because}`}
                />
              ))}
              <span className={classes.needle} style={{ left: `${(step / STEPS) * 100}%` }} />
            </div>
          </div>
        ))}
        <div className={classes.lane}>
          <span className={classes.name} />
          <input
            type="range"
            min={0}
            max={STEPS}
            value={step}
            className={classes.slider}
            aria-label="Moment to look at"
            aria-valuetext={formatInstant(atMs)}
            onChange={(event) => setStep(Number(event.currentTarget.value))}
          />
        </div>
        <div className={classes.lane}>
          <span className={classes.name} />
          <div className={classes.ends}>
            <When at={new Date(fromMs).toISOString()} />
            <When at={history.asOf.at} />
          </div>
        </div>
      </div>
      <Moment lanes={lanes} atMs={atMs} isNow={step === STEPS} />
      <details className={classes.details}>
        <summary>All changes as a list{history.earlier ? ' (there is more before)' : ''}</summary>
        <ol className={classes.changes}>
          {lanes
            .flatMap((lane) => lane.spans.map((span) => ({ ...span, lane: lane.title })))
            .sort((a, b) => b.fromAt.localeCompare(a.fromAt))
            .map((change) => (
              <li key={`${change.lane} ${change.fromAt}`}>
                <When at={change.fromAt} />
                <span>
                  {change.lane}: <StateBadge state={change.state} />
                </span>
                <span className={classes.quiet}>{change.because}</span>
              </li>
            ))}
        </ol>
      </details>
    </div>
  );
}

function Moment({ lanes, atMs, isNow }: { lanes: Lane[]; atMs: number; isNow: boolean }) {
  return (
    <div className={classes.moment} aria-live="polite">
      <p title={describeInstant(atMs)}>{isNow ? 'Now' : `On ${formatInstant(atMs)}`}</p>
      <ul>
        {lanes.map((lane) => {
          const span = spanAt(lane.spans, atMs);
          return (
            <li key={lane.id}>
              {span ? <StateBadge state={span.state} /> : <StateBadge state="no_data" word="Not known" />}
              <span>{lane.title}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
