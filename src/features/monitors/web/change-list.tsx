import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import type { Change } from '../model.ts';
import classes from './monitors.module.css';
import { figure } from './window-look.ts';

const COLUMNS: Column<Change>[] = [
  { key: 'at', title: 'When', text: (item) => item.at, render: (item) => <When at={item.at} /> },
  {
    key: 'title',
    title: 'What',
    narrow: 'title',
    text: (item) => `${item.title} ${item.kind} ${item.what} version ${item.version}`,
    render: (item) => (
      <>
        {item.title}
        <span className={classes.sub}>
          {item.kind}, version {item.version}, {item.what}
        </span>
      </>
    ),
  },
  { key: 'by', title: 'By', text: (item) => item.by.name, render: (item) => item.by.name },
  {
    key: 'thresholds',
    title: 'Warn, fail',
    text: (item) => thresholdsText(item),
    sort: false,
    render: (item) => thresholdsText(item),
  },
  {
    key: 'loosens',
    title: 'Less strict',
    text: (item) => item.loosens.join(' '),
    render: (item) =>
      item.loosens.length === 0 ? (
        '–'
      ) : (
        <span className={classes.state} data-tone="stale" style={{ whiteSpace: 'normal' }}>
          {item.loosens.join(' ')}
        </span>
      ),
  },
  { key: 'reason', title: 'Why', text: (item) => item.reason ?? '', render: (item) => item.reason ?? '–' },
];

function thresholdsText({ from, to }: Change): string {
  const say = (one: { warn: number; fail: number } | null) => (one ? `${figure(one.warn)}, ${figure(one.fail)}` : '');
  return from && to ? `${say(from)} → ${say(to)}` : say(to ?? from) || '–';
}

/** Every change of what counts, with who, why, and whether it made the monitor less strict. */
export function ChangeList({ items }: { items: readonly Change[] }) {
  return (
    <DataTable
      label="Changes"
      rows={items}
      columns={COLUMNS}
      rowKey={(item) => `${item.at} ${item.kind} ${item.title} ${item.version} ${item.what}`}
      fileName="monitor-changes"
      initialSort={{ key: 'at', descending: true }}
      empty={
        <Empty title="No change in this time">Thresholds, baselines, segments and pauses would be listed here.</Empty>
      }
    />
  );
}
