import type { Assurance } from '#src/ledger/log/assurance-levels.ts';
import { StateIcon } from '#src/ui/state-badge.tsx';
import classes from './ledger-parties.module.css';

const TITLES = {
  signed: 'Signed',
  'time-stamped': 'Time-stamped',
  witnessed: 'Witnessed',
  mirrored: 'Mirrored',
} as const;

/** The four levels with the reason for each, and what the operator could still do. */
export function AssuranceSteps({
  assurance,
  about,
  reached,
}: {
  assurance: Pick<Assurance, 'steps' | 'stillPossible'>;
  about?: string;
  /** The largest head that reached each level, where that is known. */
  reached?: readonly { level: string; size: number | null }[];
}) {
  return (
    <div className={classes.steps}>
      {about ? <p>{about}</p> : null}
      <ul>
        {assurance.steps.map((step) => {
          const size = reached?.find(({ level }) => level === step.level)?.size ?? null;
          return (
            <li key={step.level}>
              <StateIcon state={step.reached ? 'pass' : 'not_applicable'} />
              <span>
                <strong>{TITLES[step.level]}</strong>
                {step.reached ? '' : ': not reached'}
                <span className={classes.sub}>
                  {step.reason}
                  {!step.reached && size !== null
                    ? ` The head of ${size.toLocaleString('en-US')} entries reached it.`
                    : ''}
                </span>
              </span>
            </li>
          );
        })}
      </ul>
      <p className={classes.possible}>{assurance.stillPossible}</p>
    </div>
  );
}
