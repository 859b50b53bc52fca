import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Column, DataTable, rowLink, type Selection } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import { ASSET_KINDS, type Item, type ItemPage, type ItemQuery, type ItemState } from '../model.ts';
import classes from './inventory.module.css';

export type ItemSearch = Pick<ItemQuery, 'kind' | 'system' | 'q'> & { state?: ItemState | 'all' };

const CONFIDENCE_ORDER = { high: 3, medium: 2, low: 1 } as const;

/** `path/to/file.py:12`, as tools and editors write it. */
export function Place({ path, line }: { path: string | null; line: number | null }) {
  if (path === null) return <span>–</span>;
  return (
    <span className={classes.place}>
      {path}
      {line === null ? null : <span className={classes.line}>:{line}</span>}
    </span>
  );
}

function columnsOf(hideSystem: boolean, search: ItemSearch): Column<Item>[] {
  return [
    {
      key: 'title',
      title: 'Item',
      narrow: 'title',
      text: (item) => item.title,
      render: (item) => (
        <Link to="/inventory/items" search={{ ...search, item: item.id }} {...rowLink}>
          {item.title}
        </Link>
      ),
    },
    { key: 'kind', title: 'Kind', text: (item) => ASSET_KINDS[item.kind], render: (item) => ASSET_KINDS[item.kind] },
    { key: 'state', title: 'State', text: (item) => item.state, render: (item) => <StateBadge state={item.state} /> },
    {
      key: 'place',
      title: 'First place',
      text: (item) => (item.path === null ? '' : `${item.path}${item.line === null ? '' : `:${item.line}`}`),
      render: (item) => (
        <>
          <Place path={item.path} line={item.line} />
          {item.places > 1 ? <span className={classes.sub}>and {item.places - 1} more</span> : null}
        </>
      ),
    },
    {
      key: 'confidence',
      title: 'Confidence',
      text: (item) => item.confidence ?? '',
      sort: (item) => (item.confidence ? CONFIDENCE_ORDER[item.confidence] : null),
      render: (item) => (item.confidence ? sentenceCase(item.confidence) : '–'),
    },
    ...(hideSystem
      ? []
      : [
          {
            key: 'system',
            title: 'System',
            text: (item: Item) => item.system?.name ?? '',
            render: (item: Item) =>
              item.system ? (
                <Link to="/inventory/systems/$systemId" params={{ systemId: item.system.id }}>
                  {item.system.name}
                </Link>
              ) : (
                '–'
              ),
          },
        ]),
    {
      key: 'seen',
      title: 'Last seen',
      narrow: 'hide' as const,
      text: (item) => item.lastSeenAt ?? '',
      render: (item) => <When at={item.lastSeenAt} age />,
    },
  ];
}

export function ItemTable({
  page,
  fileName,
  search,
  hideSystem = false,
  filters,
  filterText,
  onFilterText,
  selection,
  current,
  emptyText,
  emptyAction,
}: {
  page: ItemPage;
  fileName: string;
  /** What the items page shows behind the panel of an item. */
  search: ItemSearch;
  hideSystem?: boolean;
  filters?: ReactNode;
  filterText?: string;
  onFilterText?: (text: string) => void;
  selection?: Selection;
  /** Id of the item whose panel is open. */
  current?: string;
  emptyText: string;
  emptyAction?: ReactNode;
}) {
  return (
    <DataTable
      label="Items"
      rows={page.items}
      columns={columnsOf(hideSystem, search)}
      rowKey={(item) => item.id}
      fileName={fileName}
      filters={filters}
      filterText={filterText}
      onFilterText={onFilterText}
      selection={selection}
      isCurrent={(item) => item.id === current}
      note={
        page.items.length < page.total
          ? `the first ${page.items.length.toLocaleString('en-US')} of ${page.total.toLocaleString('en-US')}; narrow them with the filters`
          : undefined
      }
      empty={
        <Empty title="No items here" action={emptyAction}>
          {emptyText}
        </Empty>
      }
    />
  );
}
