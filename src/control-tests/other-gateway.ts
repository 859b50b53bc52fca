import type { FactBody } from '#src/facts/index.ts';
import type { Instant } from '#src/kernel/time.ts';
import { dayOf, daysBetween } from './age.ts';
import type { Verdict } from './define.ts';
import { at as place, quoted, where } from './words.ts';

/** A configuration changes with each deployment; what was read a month ago says little of today. */
const DAYS = 31;

type Route = FactBody<'other-gateway-route'>;
type Member = 'authenticated' | 'requestsLimited' | 'tokensLimited';

/** What the configuration of another gateway says of one thing on one route, as a verdict. */
export function judgeRoute(
  { key, body }: { key: string; body: Route },
  now: Instant,
  { member, expected, yes, no }: { member: Member; expected: string; yes: string; no: string },
): Verdict {
  const { state, by } = body[member];
  const named = `The route ${quoted(body.route)} of ${quoted(body.name)} (${where(body.place)})`;
  const base = { subject: key, expected, observed: state, ...place(body.place) };
  if (body.isClosed) return { ...base, result: 'not_applicable', because: `${named} refuses every call.` };
  if (state === 'no') return { ...base, result: 'fail', because: `${named} ${no}: ${by}.` };
  const days = daysBetween(body.importedAt, now);
  if (days === null || days > DAYS)
    return {
      ...base,
      result: 'no_data',
      because: `${named} was read on ${dayOf(body.importedAt)}, more than ${DAYS} days ago.`,
    };
  if (state === 'unknown') return { ...base, result: 'no_data', because: `${named}: ${by}.` };
  return { ...base, result: 'pass', because: `${named} ${yes} (${by}).` };
}
