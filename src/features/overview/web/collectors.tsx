import type { Overview } from '#src/features/overview/model.ts';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateIcon } from '#src/ui/state-badge.tsx';
import classes from './overview-page.module.css';

/** Where facts come from and when each source was last read whole. */
export function Collectors({ collectors }: { collectors: Overview['collectors'] }) {
  return (
    <Section title="Sources" count={collectors.length}>
      {collectors.length === 0 ? <p className={classes.quietText}>No source has been read yet.</p> : null}
      <ul className={classes.list}>
        {collectors.map((collector) => {
          const state =
            collector.lastReadAt === null
              ? 'no_data'
              : collector.stale
                ? 'stale'
                : collector.complete
                  ? 'pass'
                  : 'partial';
          const words = {
            no_data: 'never read',
            stale: 'too old to count',
            partial: 'read in part',
            pass: 'read whole',
          }[state];
          return (
            <li key={collector.key}>
              <span className={classes.mark}>
                <StateIcon state={state} sizePx={16} />
              </span>
              <div className={classes.words}>
                {collector.title}
                <p className={classes.why}>
                  {words}
                  {collector.note ? ` · ${collector.note}` : ''}
                </p>
              </div>
              <span className={classes.aside}>
                <When at={collector.lastReadAt} age />
              </span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
