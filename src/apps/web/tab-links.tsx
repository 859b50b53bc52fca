import { Link, type LinkProps } from '@tanstack/react-router';
import classes from './tab-links.module.css';

export type TabLink = { to: LinkProps['to']; title: string; exact?: boolean; count?: number };

/** Tabs over pages that bring their own heading; placed as the pages are. */
export function TabsAbove(props: { label: string; tabs: readonly TabLink[] }) {
  return (
    <div className={classes.above}>
      <TabLinks {...props} />
    </div>
  );
}

/** The pages of one part of the app, as links: each can be bookmarked and opened beside the other. */
export function TabLinks({ label, tabs }: { label: string; tabs: readonly TabLink[] }) {
  return (
    <nav aria-label={label} className={classes.tabs}>
      {tabs.map((tab) => (
        <Link
          key={tab.title}
          to={tab.to}
          className={classes.tab}
          activeOptions={{ exact: tab.exact ?? true, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          {tab.title}
          {tab.count ? <span className={classes.count}>{tab.count.toLocaleString('en-US')}</span> : null}
        </Link>
      ))}
    </nav>
  );
}
