import { type ReactNode, useEffect } from 'react';
import classes from './entrance.module.css';

/** The page before the app: a name, one card, nothing else. */
export function Entrance({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Assay`;
  }, [title]);
  return (
    <main className={classes.entrance}>
      <div className={classes.card}>
        <p className={classes.brand}>
          <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" fill="var(--a-accent-ground)" />
            <path d="M8 23.5 16 8l8 15.5m-11.7-4.3 2.7 2.6 5-5.2" />
          </svg>
          Assay
        </p>
        <h1 tabIndex={-1} data-page-title>
          {title}
        </h1>
        {lead ? <div className={classes.lead}>{lead}</div> : null}
        {children}
      </div>
    </main>
  );
}
