import { Link } from '@tanstack/react-router';
import type { ControlCounts } from '#src/features/overview/model.ts';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { STATE_LOOKS } from '#src/ui/state-look.ts';
import classes from './state-bar.module.css';

const PARTS = [
  { state: 'failing', member: 'failing' },
  { state: 'error', member: 'error' },
  { state: 'no_data', member: 'noData' },
  { state: 'stale', member: 'stale' },
  { state: 'partial', member: 'partial' },
  { state: 'passing', member: 'passing' },
  { state: 'not_applicable', member: 'notApplicable' },
] as const;

/** How many controls are in each state: lengths to compare, words and numbers to read, each a link. No percentage on purpose. */
export function StateBar({ counts }: { counts: ControlCounts }) {
  const held = PARTS.filter(({ member }) => counts[member] > 0);
  return (
    <div>
      <div className={classes.bar} aria-hidden="true">
        {held.map(({ state, member }) => (
          <span
            key={state}
            className={classes.part}
            data-tone={STATE_LOOKS[state].tone}
            style={{ flexGrow: counts[member] }}
          />
        ))}
      </div>
      <ul className={classes.legend} aria-label="Controls by state">
        {held.map(({ state, member }) => (
          <li key={state}>
            <Link to="/controls" search={{ state, scope: 'in' }} className={classes.link}>
              <StateBadge state={state} count={counts[member]} />
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
