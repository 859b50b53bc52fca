import { Button, Checkbox, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDownload, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { saveFile, toCsv } from './csv.ts';
import classes from './data-table.module.css';
import { matches, type Sort, type SortValue, sortRows } from './table-order.ts';

export type Column<Row> = {
  key: string;
  title: string;
  render: (row: Row) => ReactNode;
  /** What the cell says in plain text: for the filter, the export and, without `sort`, the order. */
  text: (row: Row) => string;
  /** What the rows are ordered by; `false` where an order makes no sense. */
  sort?: ((row: Row) => SortValue) | false;
  /** CSS width of the column. */
  width?: string;
  numeric?: boolean;
  /** On narrow screens: the cell that names the row, a labeled line, or nothing. */
  narrow?: 'title' | 'line' | 'hide';
};

export type Selection = { selected: ReadonlySet<string>; onChange: (selected: Set<string>) => void };

const PAGE_ROWS = 50;

/** Rows that sort, filter, page and export; arrow keys move between them, `x` selects. Give links in cells `rowLink`. */
export function DataTable<Row>({
  rows,
  columns,
  rowKey,
  label,
  empty,
  fileName,
  initialSort,
  filters,
  filterText,
  onFilterText,
  selection,
  note,
  isCurrent,
}: {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** What the table holds: its name for screen readers and, in lower case, in its count. */
  label: string;
  empty: ReactNode;
  /** Name of the exported file without its ending; no export without it. */
  fileName?: string;
  initialSort?: Sort;
  /** More filters beside the text filter. */
  filters?: ReactNode;
  /** Hand both in to hold the filter outside, e.g. in the URL. */
  filterText?: string;
  onFilterText?: (text: string) => void;
  selection?: Selection;
  note?: ReactNode;
  isCurrent?: (row: Row) => boolean;
}) {
  const [ownFilter, setOwnFilter] = useState('');
  const [sort, setSort] = useState<Sort | undefined>(initialSort);
  const [page, setPage] = useState(0);
  const filter = filterText ?? ownFilter;

  const found = useMemo(
    () =>
      filter.trim() === ''
        ? rows
        : rows.filter((row) => matches(columns.map((column) => column.text(row)).join('  '), filter.trim())),
    [rows, columns, filter],
  );
  const ordered = useMemo(() => {
    const column = sort && columns.find((candidate) => candidate.key === sort.key);
    if (!sort || !column || column.sort === false) return found;
    return sortRows(found, column.sort ?? column.text, sort.descending);
  }, [found, columns, sort]);

  const pages = Math.max(1, Math.ceil(ordered.length / PAGE_ROWS));
  const current = Math.min(page, pages - 1);
  const shown = ordered.slice(current * PAGE_ROWS, (current + 1) * PAGE_ROWS);

  function changeFilter(text: string) {
    setPage(0);
    if (onFilterText) onFilterText(text);
    else setOwnFilter(text);
  }
  function exportCsv() {
    const body = ordered.map((row) => columns.map((column) => column.text(row)));
    saveFile(
      `${fileName}.csv`,
      'text/csv;charset=utf-8',
      toCsv(
        columns.map((column) => column.title),
        body,
      ),
    );
  }

  return (
    <div className={classes.frame}>
      <div className={classes.toolbar}>
        <TextInput
          size="xs"
          className={classes.search}
          placeholder="Filter"
          aria-label={`Filter ${label.toLowerCase()}`}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={filter}
          onChange={(event) => changeFilter(event.currentTarget.value)}
        />
        {filters}
        <div className={classes.toolbarEnd}>
          {fileName ? (
            <Button
              variant="subtle"
              color="gray"
              leftSection={<IconDownload size={14} aria-hidden />}
              onClick={exportCsv}
              disabled={ordered.length === 0}
            >
              CSV
            </Button>
          ) : null}
        </div>
      </div>
      {ordered.length === 0 ? (
        rows.length === 0 ? (
          empty
        ) : (
          <p className={classes.none}>
            Nothing matches “{filter}”.{' '}
            <Button variant="subtle" size="compact-xs" onClick={() => changeFilter('')}>
              Clear the filter
            </Button>
          </p>
        )
      ) : (
        <Rows {...{ shown, columns, rowKey, label, sort, setSort, selection, isCurrent }} all={ordered} />
      )}
      {ordered.length > 0 ? (
        <Footer {...{ current, pages, setPage, note }} found={ordered.length} total={rows.length} />
      ) : null}
    </div>
  );
}

function Rows<Row>({
  shown,
  all,
  columns,
  rowKey,
  label,
  sort,
  setSort,
  selection,
  isCurrent,
}: {
  shown: readonly Row[];
  all: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  label: string;
  sort: Sort | undefined;
  setSort: (sort: Sort) => void;
  selection?: Selection;
  isCurrent?: (row: Row) => boolean;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const lastToggled = useRef<string | null>(null);

  function toggle(key: string, range: boolean) {
    if (!selection) return;
    const next = new Set(selection.selected);
    const on = !next.has(key);
    const keys = shown.map(rowKey);
    const from = range && lastToggled.current ? keys.indexOf(lastToggled.current) : -1;
    const to = keys.indexOf(key);
    const touched = from < 0 ? [key] : keys.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const each of touched) {
      if (on) next.add(each);
      else next.delete(each);
    }
    lastToggled.current = key;
    selection.onChange(next);
  }

  function move(event: KeyboardEvent) {
    if (event.target instanceof HTMLInputElement && event.target.type !== 'checkbox') return;
    const row = (event.target as HTMLElement).closest('tr');
    const list = [...(body.current?.rows ?? [])];
    const at = row ? list.indexOf(row) : -1;
    if (at < 0) return;
    if (event.key === 'x' && selection) {
      event.preventDefault();
      return toggle(list[at]?.dataset.key ?? '', event.shiftKey);
    }
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 };
    const target = steps[event.key];
    if (target === undefined) return;
    const place = list[target]?.querySelector<HTMLElement>('[data-row-link], a, button');
    if (!place) return;
    event.preventDefault();
    place.focus();
  }

  const selectedHere = selection ? all.filter((row) => selection.selected.has(rowKey(row))).length : 0;
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            {selection ? (
              <th scope="col" className={classes.check}>
                <Checkbox
                  aria-label={`Select all ${all.length} rows`}
                  checked={selectedHere > 0 && selectedHere === all.length}
                  indeterminate={selectedHere > 0 && selectedHere < all.length}
                  onChange={() => selection.onChange(new Set(selectedHere === all.length ? [] : all.map(rowKey)))}
                />
              </th>
            ) : null}
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sort={sort} setSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={move}>
          {shown.map((row) => {
            const key = rowKey(row);
            const selected = selection?.selected.has(key) ?? false;
            return (
              <tr
                key={key}
                data-key={key}
                data-selected={selected || undefined}
                data-current={isCurrent?.(row) || undefined}
              >
                {selection ? (
                  <td className={classes.check}>
                    <Checkbox
                      aria-label={`Select ${columns[0]?.text(row) ?? key}`}
                      checked={selected}
                      onChange={() => undefined}
                      onClick={(event) => toggle(key, event.shiftKey)}
                    />
                  </td>
                ) : null}
                {columns.map((column) => (
                  <td
                    key={column.key}
                    data-label={column.title}
                    data-narrow={column.narrow ?? 'line'}
                    className={column.numeric ? classes.numeric : undefined}
                  >
                    <div>{column.render(row)}</div>
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function HeadCell<Row>({
  column,
  sort,
  setSort,
}: {
  column: Column<Row>;
  sort: Sort | undefined;
  setSort: (sort: Sort) => void;
}) {
  const active = sort?.key === column.key;
  const className = column.numeric ? classes.numeric : undefined;
  if (column.sort === false)
    return (
      <th scope="col" style={{ width: column.width }} className={className}>
        {column.title}
      </th>
    );
  return (
    <th
      scope="col"
      style={{ width: column.width }}
      className={className}
      aria-sort={active ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        className={classes.sort}
        onClick={() => setSort({ key: column.key, descending: active ? !sort.descending : false })}
      >
        {column.title}
        {active && sort.descending ? <IconArrowDown size={12} aria-hidden /> : null}
        {active && !sort.descending ? <IconArrowUp size={12} aria-hidden /> : null}
      </button>
    </th>
  );
}

function Footer({
  found,
  total,
  current,
  pages,
  setPage,
  note,
}: {
  found: number;
  total: number;
  current: number;
  pages: number;
  setPage: (page: number) => void;
  note: ReactNode;
}) {
  const say = (value: number) => value.toLocaleString('en-US');
  const first = current * PAGE_ROWS + 1;
  const last = Math.min(found, first + PAGE_ROWS - 1);
  return (
    <div className={classes.footer}>
      <span>
        {pages > 1 ? `${say(first)}–${say(last)} of ${say(found)}` : `${say(found)} ${found === 1 ? 'row' : 'rows'}`}
        {found < total ? ` (filtered from ${say(total)})` : ''}
        {note ? <> · {note}</> : null}
      </span>
      {pages > 1 ? (
        <nav aria-label="Pages" className={classes.pager}>
          <Button variant="default" size="compact-xs" disabled={current === 0} onClick={() => setPage(current - 1)}>
            Previous
          </Button>
          <span>
            Page {current + 1} of {pages}
          </span>
          <Button
            variant="default"
            size="compact-xs"
            disabled={current === pages - 1}
            onClick={() => setPage(current + 1)}
          >
            Next
          </Button>
        </nav>
      ) : null}
    </div>
  );
}

/** Spread on the link that stands for its row: the whole row then follows it, and arrow keys stop at it. */
export const rowLink = { className: classes.rowLink, 'data-row-link': true } as const;
