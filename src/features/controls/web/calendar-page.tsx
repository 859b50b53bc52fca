import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { Day } from '#src/ui/instant.tsx';
import { Page } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import type { Occurrence, PeriodicControl } from '../model.ts';
import classes from './calendar-page.module.css';
import { calendarQuery } from './queries.ts';

const route = getRouteApi('/app/controls/calendar');
const YEARS_BACK = 3;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The last millisecond of a period. */
const endOf = (to: string) => new Date(Date.parse(to) - 1);
const lastDone = ({ occurrences }: PeriodicControl) => occurrences.findLast(({ doneAt }) => doneAt !== null);
const nextDue = ({ occurrences }: PeriodicControl) => occurrences.find(({ state }) => state === 'due');
const overdue = ({ occurrences }: PeriodicControl) => occurrences.filter(({ state }) => state === 'overdue').length;

const COLUMNS: Column<PeriodicControl>[] = [
  {
    key: 'control',
    title: 'Control',
    narrow: 'title',
    text: ({ id, title }) => `${id} ${title}`,
    render: ({ id, title }) => (
      <Link to="/controls/$controlId" params={{ controlId: id }} {...rowLink}>
        {id} {title}
      </Link>
    ),
  },
  {
    key: 'frequency',
    title: 'How often',
    text: ({ frequency }) => frequency,
    render: ({ frequency }) => sentenceCase(frequency),
  },
  {
    key: 'state',
    title: 'Overdue',
    text: (control) => String(overdue(control)),
    sort: overdue,
    render: (control) =>
      overdue(control) === 0 ? '–' : <StateBadge state="failing" word={`${overdue(control)} overdue`} />,
  },
  {
    key: 'done',
    title: 'Last done',
    text: (control) => lastDone(control)?.doneAt ?? '',
    render: (control) => {
      const last = lastDone(control);
      if (!last?.doneAt) return 'never';
      const day = <Day on={last.doneAt} />;
      if (last.evidenceId)
        return (
          <Link to="/evidence/$evidenceId" params={{ evidenceId: last.evidenceId }}>
            {day}
          </Link>
        );
      return last.testId ? (
        <Link to="/controls/tests/$testId" params={{ testId: last.testId }}>
          {day}
        </Link>
      ) : (
        day
      );
    },
  },
  {
    key: 'due',
    title: 'Due by',
    text: (control) => nextDue(control)?.to ?? '',
    render: (control) => {
      const next = nextDue(control);
      return next ? <Day on={endOf(next.to).toISOString()} /> : '–';
    },
  },
  {
    key: 'year',
    title: 'Occurrences by the month they end in',
    sort: false,
    text: ({ occurrences }) => occurrences.map(({ from, state }) => `${from.slice(0, 10)} ${state}`).join('; '),
    render: ({ occurrences }) => <Months occurrences={occurrences} />,
  },
];

/** Done of ended in each month, or that it is due; what began before the product did is left out. */
function Months({ occurrences }: { occurrences: readonly Occurrence[] }) {
  // A week may begin in the year and end in the next: it stands there.
  const year = occurrences[0] && endOf(occurrences[0].to).getUTCFullYear();
  const asked = occurrences.filter(({ state, to }) => state !== 'not_asked' && endOf(to).getUTCFullYear() === year);
  return (
    <ol className={classes.months}>
      {MONTHS.map((name, month) => {
        const own = asked.filter(({ to }) => endOf(to).getUTCMonth() === month);
        if (own.length === 0) return null;
        const done = own.filter(({ state }) => state === 'done').length;
        const missed = own.filter(({ state }) => state === 'overdue').length;
        const ended = done + missed;
        return (
          <li key={name} data-state={missed > 0 ? 'overdue' : 'due'} className={classes.month}>
            {name} {ended === 0 ? 'due' : own.length === 1 ? (done > 0 ? 'done' : 'overdue') : `${done} of ${ended}`}
          </li>
        );
      })}
    </ol>
  );
}

/** Every control that comes round by the calendar, with when it was done, when it is due, and what was missed. */
export function CalendarPage() {
  const thisYear = new Date().getUTCFullYear();
  const { year = String(thisYear) } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery({ ...calendarQuery(Number(year)), placeholderData: keepPreviousData });
  return (
    <Page
      title="Calendar of controls"
      eyebrow={<Link to="/controls">Controls</Link>}
      lead="A period counts as done once evidence of the control was recorded in it, or a test of it had data. One that ends without either is overdue and raises an alert."
      actions={
        <Select
          size="xs"
          w={110}
          aria-label="Year"
          allowDeselect={false}
          value={year}
          data={Array.from({ length: YEARS_BACK + 1 }, (_, k) => String(thisYear - k))}
          onChange={(value) => navigate({ search: { year: value ?? undefined }, replace: true })}
        />
      }
    >
      <Loaded query={query} what="the calendar" rows={10}>
        {({ items }) => (
          <DataTable
            label="Periodic controls"
            rows={items}
            columns={COLUMNS}
            rowKey={({ id }) => id}
            fileName="control-calendar"
            empty={<Empty title="No periodic control is in scope">Set the scope of the company under Settings.</Empty>}
          />
        )}
      </Loaded>
    </Page>
  );
}
