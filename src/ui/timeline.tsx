import type { CSSProperties, ReactNode } from 'react';
import classes from './timeline.module.css';

/** What happened, one step below the other on a line. The children are list items. */
export function Timeline({ style, children }: { style?: CSSProperties; children: ReactNode }) {
  return (
    <ol className={classes.timeline} style={style}>
      {children}
    </ol>
  );
}
