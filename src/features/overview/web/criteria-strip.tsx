import { Link } from '@tanstack/react-router';
import type { Overview } from '#src/features/overview/model.ts';
import { Section } from '#src/ui/page.tsx';
import { STATE_LOOKS, type StateWord } from '#src/ui/state-look.ts';
import { StateMark } from '#src/ui/state-mark.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import classes from './criteria-strip.module.css';

type Criterion = Overview['criteria'][number];

/** Every criterion in scope with its own mark, by category. Nothing is summed up into a score. */
export function CriteriaStrip({ criteria }: { criteria: Criterion[] }) {
  const categories = new Map<string, Criterion[]>();
  for (const criterion of criteria)
    categories.set(criterion.category, [...(categories.get(criterion.category) ?? []), criterion]);
  return (
    <Section
      title="Criteria"
      count={criteria.length}
      aside={
        <Link to="/controls" search={{ framework: 'soc2' }}>
          By criterion
        </Link>
      }
    >
      <div className={classes.strip}>
        {[...categories].map(([category, held]) => (
          <div key={category} className={classes.category}>
            <h3>{sentenceCase(category)}</h3>
            <ul>
              {held.map((criterion) => (
                <Cell key={criterion.id} criterion={criterion} />
              ))}
            </ul>
          </div>
        ))}
      </div>
    </Section>
  );
}

function Cell({ criterion }: { criterion: Criterion }) {
  const known = criterion.state in STATE_LOOKS;
  const look = STATE_LOOKS[known ? (criterion.state as StateWord) : 'no_data'];
  const name = `${criterion.id} ${criterion.title}: ${look.word.toLowerCase()}`;
  return (
    <li>
      <Link
        to="/controls"
        search={{ framework: 'soc2', requirement: criterion.id }}
        className={classes.cell}
        data-tone={look.tone}
        data-loud={look.loud || undefined}
        aria-label={name}
        title={`${criterion.title}\n${look.word} · ${criterion.controls} controls`}
      >
        <StateMark shape={look.shape} sizePx={13} />
        <span>{criterion.id}</span>
      </Link>
    </li>
  );
}
