import { type ReactNode, useEffect } from 'react';
import classes from './page.module.css';

/** One page: where it is, what it is called, what can be done here. The heading takes the focus after navigation. */
export function Page({
  title,
  documentTitle,
  eyebrow,
  lead,
  actions,
  children,
}: {
  title: ReactNode;
  /** Title of the browser tab, where it is not the heading. */
  documentTitle?: string;
  /** Where the page belongs, usually a link back to its list. */
  eyebrow?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const tab = documentTitle ?? (typeof title === 'string' ? title : '');
  useEffect(() => {
    document.title = tab ? `${tab} · Assay` : 'Assay';
  }, [tab]);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.titles}>
          {eyebrow ? <div className={classes.eyebrow}>{eyebrow}</div> : null}
          <h1 tabIndex={-1} className={classes.title} data-page-title>
            {title}
          </h1>
          {lead ? <div className={classes.lead}>{lead}</div> : null}
        </div>
        {actions ? <div className={classes.actions}>{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}

/** A titled part of a page. `count` stands beside the title; `aside` at the far end. */
export function Section({
  title,
  count,
  aside,
  lead,
  children,
  id,
  flush = false,
}: {
  title: ReactNode;
  count?: number;
  aside?: ReactNode;
  lead?: ReactNode;
  children: ReactNode;
  id?: string;
  /** Without a panel around it: for tables and text that carry their own. */
  flush?: boolean;
}) {
  return (
    <section className={classes.section} id={id}>
      <div className={classes.sectionHead}>
        <h2>
          {title}
          {count === undefined ? null : <span className={classes.count}>{count.toLocaleString('en-US')}</span>}
        </h2>
        {aside ? <div className={classes.sectionAside}>{aside}</div> : null}
      </div>
      {lead ? <p className={classes.sectionLead}>{lead}</p> : null}
      {flush ? children : <div className={classes.panel}>{children}</div>}
    </section>
  );
}

/** Names and values, aligned, in the order given. A value of null is left out. */
export function Facts({ rows, columns = 1 }: { rows: Readonly<Record<string, ReactNode>>; columns?: 1 | 2 }) {
  return (
    <dl className={columns === 2 ? classes.factsTwo : classes.facts}>
      {Object.entries(rows)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
