import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Empty } from '#src/ui/feedback.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateMark } from '#src/ui/state-mark.tsx';
import { METRIC_WORDS, type MonitorRow } from '../model.ts';
import { SmallMultiple } from './metric-chart.tsx';
import classes from './monitors.module.css';
import { NewMonitor } from './new-monitor.tsx';
import { monitorsQuery } from './queries.ts';
import { countsText, drawnOn, figure, lookOf, WINDOW_LOOKS } from './window-look.ts';

export function MonitorsPage() {
  const query = useQuery(monitorsQuery({}));
  const whyNot = useWhyNot('monitors.write', 'propose monitors');
  const [isNew, setNew] = useState(false);
  return (
    <Page
      title="Monitors"
      lead="What is promised of each AI system, measured window by window. A window that did not run is as visible as one that broke a threshold."
      actions={
        <ReasonButton variant="filled" reason={whyNot} onClick={() => setNew(true)}>
          Propose a monitor
        </ReasonButton>
      }
    >
      <Loaded query={query} what="the monitors" rows={8}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty title="No monitor yet" command="bin/assay monitor import predictions.csv --help">
              A monitor watches one metric of one AI system: drift, errors, latency, calibration, fairness or
              completeness. Events come from the gateway, over HTTP, as OpenTelemetry spans or from files. Propose a
              monitor here; a second person approves it before it counts.
            </Empty>
          ) : (
            bySystem(page.items).map(([systemId, name, rows]) => (
              <Section
                key={systemId}
                title={name}
                count={rows.length}
                aside={
                  <LinkButton
                    to="/monitors/evidence/$systemId"
                    params={{ systemId }}
                    search={{}}
                    variant="subtle"
                    size="compact-sm"
                  >
                    Evidence page
                  </LinkButton>
                }
              >
                <div className={classes.multiples}>
                  {rows.map((row) => (
                    <Multiple key={row.id} row={row} />
                  ))}
                </div>
              </Section>
            ))
          )
        }
      </Loaded>
      <NewMonitor opened={isNew} onClose={() => setNew(false)} />
    </Page>
  );
}

function bySystem(rows: readonly MonitorRow[]): [string, string, MonitorRow[]][] {
  const systems = new Map<string, [string, string, MonitorRow[]]>();
  for (const row of rows) {
    const held = systems.get(row.systemId) ?? [row.systemId, row.systemName, []];
    held[2].push(row);
    systems.set(row.systemId, held);
  }
  return [...systems.values()];
}

function Multiple({ row }: { row: MonitorRow }) {
  const version = row.current ?? row.proposed;
  if (!version) return null;
  const { definition } = version;
  const { points, field } = drawnOn(definition.metric, row.points);
  const last = row.points.findLast((point) => point.state !== 'pending');
  const look = row.current === null ? WINDOW_LOOKS.pending : lookOf(last?.state ?? 'pending', last?.level ?? 'none');
  return (
    <article className={classes.multiple}>
      <div className={classes.multipleHead}>
        <Link to="/monitors/$monitorId" params={{ monitorId: row.id }}>
          {definition.name}
        </Link>
        <span className={classes.state} data-tone={look.tone}>
          <StateMark shape={look.shape} sizePx={13} />
          {row.current === null ? 'Waits for approval' : look.word}
        </span>
      </div>
      <SmallMultiple points={points} name={definition.name} field={field} />
      <p className={classes.figures}>
        {METRIC_WORDS[definition.metric.type]} by {definition.window}
        {last?.[field] === null || last === undefined ? '' : `, last ${figure(last[field])}`}. {countsText(row.counts)}.
        {row.baselineNeeded && row.baseline === null ? ' Has no baseline yet.' : ''}
        {row.current !== null && row.proposed !== null ? ' A change waits for approval.' : ''}
      </p>
    </article>
  );
}
