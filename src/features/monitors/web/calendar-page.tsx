import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { describeInstant } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { StateMark } from '#src/ui/state-mark.tsx';
import type { Calendar } from '../model.ts';
import classes from './monitors.module.css';
import { calendarQuery, canariesQuery } from './queries.ts';
import { countsText, lookOf } from './window-look.ts';

const route = getRouteApi('/app/monitors/calendar');
/** An hour-long window has this many in four days: more are not told apart by eye. */
const WINDOWS_SHOWN = 96;

/** Every window that was expected, and how it ended; one that did not run stands there as much as the others. */
export function CalendarPage() {
  const query = useQuery(calendarQuery({}));
  const canaries = useQuery(canariesQuery);
  return (
    <Page
      title="Calendar of runs"
      documentTitle="Calendar · Monitors"
      lead={query.data ? `Last 30 days: ${countsText(query.data.counts)}.` : null}
    >
      <Loaded query={query} what="the calendar" rows={8}>
        {(calendar) => (
          <Section title="Expected windows" count={calendar.counts.expected}>
            {calendar.items.length === 0 ? (
              <Empty title="Nothing is expected yet">
                Each approved monitor expects a window by its schedule, whether or not anything runs.
              </Empty>
            ) : (
              calendar.items.map((entry) => <Row key={entry.monitorId} entry={entry} />)
            )}
          </Section>
        )}
      </Loaded>
      <Section
        title="Planted shifts"
        lead="Each day a shift is planted into a copy of each detector’s stream, and must be found; a clean copy must stay quiet."
      >
        <Loaded query={canaries} what="the planted shifts" rows={3}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="None ran yet">They run once a day by themselves.</Empty>
            ) : (
              <div className={classes.list}>
                {items.slice(0, 40).map((canary) => (
                  <p
                    key={`${canary.day} ${canary.detector}`}
                    className={classes.state}
                    data-tone={canary.passed ? 'pass' : 'fail'}
                  >
                    <StateMark shape={canary.passed ? 'check' : 'cross'} sizePx={13} />
                    {canary.day}, {canary.detector.replaceAll('_', ' ')}:{' '}
                    {canary.shiftedAlarmed ? 'the shift was found' : 'the shift was not found'}
                    {canary.cleanAlarmed ? ', and the clean stream raised an alarm' : ''}
                  </p>
                ))}
              </div>
            )
          }
        </Loaded>
      </Section>
    </Page>
  );
}

function Row({ entry }: { entry: Calendar['items'][number] }) {
  const navigate = route.useNavigate();
  const shown = entry.windows.slice(-WINDOWS_SHOWN);
  return (
    <div className={classes.calendarRow}>
      <div className={classes.multipleHead}>
        <Link to="/monitors/$monitorId" params={{ monitorId: entry.monitorId }}>
          {entry.name}
        </Link>
        <span className={classes.figures}>{countsText(entry.counts)}</span>
      </div>
      <div className={classes.strip}>
        {shown.map((window) => {
          const look = lookOf(window.state, window.level);
          const words = `${describeInstant(window.startsAt).split('\n')[0]}: ${look.word}${window.cause ? `, ${window.cause}` : ''}${
            window.recomputed ? `, computed later: ${window.recomputed.replaceAll('_', ' ')}` : ''
          }${window.corrected ? ', corrected by late events' : ''}`;
          return (
            <button
              key={window.startsAt}
              type="button"
              data-tone={look.tone}
              title={words}
              aria-label={words}
              onClick={() =>
                navigate({
                  to: '/monitors/$monitorId',
                  params: { monitorId: entry.monitorId },
                  search: window.windowId ? { window: window.windowId } : {},
                })
              }
            >
              <StateMark shape={look.shape} sizePx={14} />
            </button>
          );
        })}
      </div>
      {entry.windows.length > shown.length ? (
        <p className={classes.sub}>
          The last {shown.length} of {entry.windows.length.toLocaleString('en-US')} windows. The monitor’s page has all.
        </p>
      ) : null}
    </div>
  );
}
