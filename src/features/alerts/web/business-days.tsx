import { Checkbox, TextInput } from '@mantine/core';
import type { AlertSettings } from '../model.ts';
import classes from './alerts.module.css';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const USUAL = { opensAt: '09:00', closesAt: '17:00' };

type Day = AlertSettings['calendar']['days'][number];

/** What the server says of any of the days, in one sentence. */
export function dayFailure(fields: Readonly<Record<string, string>> | undefined): string | null {
  const found = Object.entries(fields ?? {}).find(([field]) => field.startsWith('settings.calendar.days'));
  return found ? found[1] : null;
}

/** On which weekdays the clocks of business hours run, and from when to when. */
export function BusinessDays({
  days,
  error,
  onChange,
}: {
  days: readonly Day[];
  error: string | null;
  onChange: (days: Day[]) => void;
}) {
  const put = (weekday: number, change: Partial<Day> | null) => {
    const others = days.filter((day) => day.weekday !== weekday);
    const held = days.find((day) => day.weekday === weekday);
    const next = change === null ? others : [...others, { weekday, ...USUAL, ...held, ...change }];
    onChange(next.sort((a, b) => a.weekday - b.weekday));
  };
  return (
    <fieldset className={classes.days}>
      <legend>Business hours</legend>
      {WEEKDAYS.map((name, k) => {
        const weekday = k + 1;
        const day = days.find((one) => one.weekday === weekday);
        return (
          <div key={name} className={classes.dayRow}>
            <Checkbox
              label={name}
              checked={day !== undefined}
              onChange={(event) => put(weekday, event.currentTarget.checked ? {} : null)}
            />
            {day ? (
              <>
                <TextInput
                  size="xs"
                  w={76}
                  aria-label={`${name}: opens at`}
                  placeholder="09:00"
                  value={day.opensAt}
                  onChange={(event) => put(weekday, { opensAt: event.currentTarget.value })}
                />
                <span aria-hidden>to</span>
                <TextInput
                  size="xs"
                  w={76}
                  aria-label={`${name}: closes at`}
                  placeholder="17:00"
                  value={day.closesAt}
                  onChange={(event) => put(weekday, { closesAt: event.currentTarget.value })}
                />
              </>
            ) : (
              <span className={classes.quiet}>closed</span>
            )}
          </div>
        );
      })}
      <p className={classes.quiet}>Times like 09:00; 24:00 is the end of the day.</p>
      {error ? (
        <p role="alert" className={classes.wrong}>
          Business hours {error}
        </p>
      ) : null}
    </fieldset>
  );
}
