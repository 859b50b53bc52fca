import type { ReactNode } from 'react';
import classes from './form.module.css';

/** Fields below each other. */
export function FormStack({ children }: { children: ReactNode }) {
  return <div className={classes.stack}>{children}</div>;
}

/** Fields beside each other where there is room. */
export function FormRow({ children }: { children: ReactNode }) {
  return <div className={classes.row}>{children}</div>;
}

export function FormButtons({ children, align = 'end' }: { children: ReactNode; align?: 'start' | 'end' }) {
  return (
    <div className={classes.buttons} data-align={align}>
      {children}
    </div>
  );
}

/** Why the form was not accepted, above its fields. */
export function FormProblem({ failure }: { failure: { message: string; requestId?: string } | null | undefined }) {
  if (!failure) return null;
  return (
    <div className={classes.problem} role="alert">
      {failure.message}
      {failure.requestId ? (
        <span className={classes.request}>
          Request <code>{failure.requestId}</code>
        </span>
      ) : null}
    </div>
  );
}
