import classes from './state-badge.module.css';
import { STATE_LOOKS, type StateLook, type StateWord } from './state-look.ts';
import { StateMark } from './state-mark.tsx';

/** Shape, word and color of a state. States that ask for action are filled. */
export function StateBadge({ state, count, word }: { state: StateWord; count?: number; word?: string }) {
  const look: StateLook = STATE_LOOKS[state];
  return (
    <span
      className={`${classes.badge} ${look.loud ? classes.loud : classes.quiet}`}
      data-tone={look.tone}
      data-state={state}
    >
      <StateMark shape={look.shape} />
      <span>
        {count === undefined ? null : <span className={classes.count}>{count.toLocaleString('en-US')} </span>}
        {word ?? look.word}
      </span>
    </span>
  );
}

/** The mark alone, in its color, for places where the word stands elsewhere in the same row. */
export function StateIcon({ state, sizePx }: { state: StateWord; sizePx?: number }) {
  const look: StateLook = STATE_LOOKS[state];
  return (
    <span className={classes.plain} data-tone={look.tone}>
      <StateMark shape={look.shape} sizePx={sizePx} />
    </span>
  );
}
