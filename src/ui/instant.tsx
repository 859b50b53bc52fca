const DAY_MS = 86_400_000;

const shortDate = new Intl.DateTimeFormat('en-US', { day: 'numeric', month: 'short', year: 'numeric' });
const shortDateThisYear = new Intl.DateTimeFormat('en-US', { day: 'numeric', month: 'short' });
const clock = new Intl.DateTimeFormat('en-US', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const fullLocal = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23' });
const fullUtc = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'long',
  hourCycle: 'h23',
  timeZone: 'UTC',
});

/** `2026-11-23T14:02:05Z` as `Nov 23, 14:02` in the reader's zone; the year is named when it is not this one. */
export function formatInstant(at: string | number, now = Date.now()): string {
  const date = new Date(at);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return `${(sameYear ? shortDateThisYear : shortDate).format(date)}, ${clock.format(date)}`;
}

/** Both the reader's zone and UTC, to the second. */
export function describeInstant(at: string | number): string {
  const date = new Date(at);
  return `${fullLocal.format(date)} (your time)\n${fullUtc.format(date)}`;
}

/** How long ago, or how far ahead, in the largest whole unit: `3 min ago`, `in 12 days`. */
export function formatAge(at: string | number, now = Date.now()): string {
  const distanceMs = now - new Date(at).getTime();
  const past = distanceMs >= 0;
  const size = Math.abs(distanceMs);
  const say = (amount: number, unit: string) => {
    const words = `${amount} ${unit}${amount === 1 || unit === 'min' || unit === 'h' ? '' : 's'}`;
    return past ? `${words} ago` : `in ${words}`;
  };
  if (size < 45_000) return past ? 'just now' : 'in a moment';
  if (size < 3_570_000) return say(Math.round(size / 60_000), 'min');
  if (size < DAY_MS) return say(Math.round(size / 3_600_000), 'h');
  if (size < 60 * DAY_MS) return say(Math.round(size / DAY_MS), 'day');
  if (size < 700 * DAY_MS) return say(Math.round(size / (30.44 * DAY_MS)), 'month');
  return say(Math.round(size / (365.25 * DAY_MS)), 'year');
}

/** An instant. Hover or focus shows it to the second in the reader's zone and in UTC. */
export function When({
  at,
  age = false,
  both = false,
}: {
  at: string | null | undefined;
  age?: boolean;
  both?: boolean;
}) {
  if (!at) return <span title="never">–</span>;
  const text = both ? `${formatInstant(at)} (${formatAge(at)})` : age ? formatAge(at) : formatInstant(at);
  return (
    <time dateTime={at} title={describeInstant(at)} style={{ whiteSpace: 'nowrap' }}>
      {text}
    </time>
  );
}

/** A calendar day such as `2026-11-23`, which has no zone and must not be moved by one. */
export function Day({ on }: { on: string | null | undefined }) {
  if (!on) return <span title="not set">–</span>;
  const date = new Date(`${on.slice(0, 10)}T12:00:00Z`);
  const text = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }).format(date);
  return (
    <time dateTime={on.slice(0, 10)} style={{ whiteSpace: 'nowrap' }}>
      {text}
    </time>
  );
}
