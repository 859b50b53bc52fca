import { SegmentedControl, Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { MarkedText } from '#src/ui/marked-text.tsx';
import { Page } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import type { ControlPage, ControlRow, FrameworkPage, StateCounts } from '../model.ts';
import classes from './controls-page.module.css';
import { Judge } from './judge-button.tsx';
import { controlsQuery, frameworksQuery } from './queries.ts';
import { RequirementHead, RequirementList } from './requirement-list.tsx';

const route = getRouteApi('/app/controls');

const STATES = [
  ['failing', 'failing'],
  ['error', 'error'],
  ['no_data', 'noData'],
  ['stale', 'stale'],
  ['partial', 'partial'],
  ['passing', 'passing'],
  ['not_applicable', 'notApplicable'],
] as const satisfies readonly (readonly [string, keyof StateCounts])[];

const STATE_ORDER: Record<string, number> = Object.fromEntries(STATES.map(([state], index) => [state, index]));

const COLUMNS: Column<ControlRow>[] = [
  {
    key: 'id',
    title: 'Control',
    width: '5.5rem',
    text: (control) => control.id,
    render: (control) => <span className={classes.id}>{control.id}</span>,
  },
  {
    key: 'title',
    title: 'Title',
    narrow: 'title',
    text: (control) => control.title,
    render: (control) => (
      <>
        <Link to="/controls/$controlId" params={{ controlId: control.id }} {...rowLink}>
          {control.title}
        </Link>
        <span className={classes.because}>
          <MarkedText text={control.because} />
        </span>
      </>
    ),
  },
  {
    key: 'key',
    title: 'Key',
    narrow: 'hide',
    text: ({ isKey }) => (isKey ? 'key' : ''),
    render: ({ isKey }) => (isKey ? <span className={classes.ai}>Key</span> : null),
  },
  {
    key: 'state',
    title: 'State',
    width: '8.5rem',
    text: (control) => control.state,
    sort: (control) => STATE_ORDER[control.state],
    render: (control) => <StateBadge state={control.state} />,
  },
  {
    key: 'tests',
    title: 'Fails',
    numeric: true,
    text: (control) => String(control.failingSubjects),
    sort: (control) => control.failingSubjects,
    render: (control) => (control.failingSubjects > 0 ? control.failingSubjects.toLocaleString('en-US') : '–'),
  },
  {
    key: 'evidence',
    title: 'Evidence',
    numeric: true,
    text: (control) => `${control.evidence.covered} of ${control.evidence.expected}`,
    sort: (control) => control.evidence.covered - control.evidence.expected,
    render: (control) => `${control.evidence.covered} of ${control.evidence.expected}`,
  },
  {
    key: 'category',
    title: 'Category',
    narrow: 'hide',
    text: (control) => control.categoryTitle,
    render: (control) => (
      <>
        {control.categoryTitle}
        {control.aiSpecific ? <span className={classes.ai}>AI</span> : null}
      </>
    ),
  },
];

export function ControlsPage() {
  const { q, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery({ ...controlsQuery(filter), placeholderData: keepPreviousData });
  const frameworks = useQuery(frameworksQuery);
  const put = (change: Partial<typeof filter>) => navigate({ search: (held) => ({ ...held, ...change }) });

  return (
    <Page
      title="Controls"
      lead="What the company does, how each control is tested, and what speaks for it. A state is always computed; nobody can set it."
      actions={
        <>
          <LinkButton variant="default" to="/controls/calendar">
            Calendar
          </LinkButton>
          <Judge />
        </>
      }
    >
      <Frameworks page={frameworks.data} framework={filter.framework} />
      <div className={filter.framework ? classes.split : undefined}>
        {filter.framework ? (
          <Loaded query={frameworks} what="the framework">
            {(page) => (
              <RequirementList
                framework={page.items.find(({ id }) => id === filter.framework)}
                requirement={filter.requirement}
              />
            )}
          </Loaded>
        ) : null}
        <div className={classes.main}>
          <RequirementHead page={frameworks.data} framework={filter.framework} requirement={filter.requirement} />
          <Loaded query={query} what="the controls" rows={12}>
            {(page) => (
              <>
                <States counts={page.counts} state={filter.state} />
                <DataTable
                  label="Controls"
                  rows={page.items}
                  columns={filter.framework ? COLUMNS.filter(({ key }) => key !== 'category') : COLUMNS}
                  rowKey={(control) => control.id}
                  fileName="controls"
                  initialSort={{ key: 'state', descending: false }}
                  filterText={q ?? ''}
                  onFilterText={(text) =>
                    navigate({ search: (held) => ({ ...held, q: text || undefined }), replace: true })
                  }
                  filters={<Filters page={page} filter={filter} put={put} />}
                  empty={
                    <Empty title="No control fits">
                      <Link to="/controls">Show all controls</Link>
                    </Empty>
                  }
                />
              </>
            )}
          </Loaded>
        </div>
      </div>
    </Page>
  );
}

function Frameworks({ page, framework }: { page: FrameworkPage | undefined; framework: string | undefined }) {
  return (
    <nav aria-label="Frameworks" className={classes.frameworks}>
      <Link
        from="/controls"
        to="/controls"
        search={(held) => ({ ...held, framework: undefined, requirement: undefined })}
        aria-current={framework === undefined ? 'page' : undefined}
        activeProps={{}}
      >
        All controls
      </Link>
      {page?.items.map(({ id, title }) => (
        <Link
          key={id}
          from="/controls"
          to="/controls"
          search={(held) => ({ ...held, framework: id, requirement: undefined })}
          aria-current={framework === id ? 'page' : undefined}
          activeProps={{}}
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}

/** The states as filters, with how many controls each holds. */
function States({ counts, state }: { counts: StateCounts; state: string | undefined }) {
  return (
    <ul className={classes.states} aria-label="Filter by state">
      <li>
        <Link
          from="/controls"
          to="/controls"
          search={(held) => ({ ...held, state: undefined })}
          className={classes.stateLink}
          data-current={state === undefined || undefined}
        >
          All {counts.total.toLocaleString('en-US')}
        </Link>
      </li>
      {STATES.filter(([name, member]) => counts[member] > 0 || name === state).map(([name, member]) => (
        <li key={name}>
          <Link
            from="/controls"
            to="/controls"
            search={(held) => ({ ...held, state: state === name ? undefined : name })}
            className={classes.stateLink}
            data-current={state === name || undefined}
          >
            <StateBadge state={name} count={counts[member]} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

type Filter = Omit<ReturnType<typeof route.useSearch>, 'q'>;

function Filters({ page, filter, put }: { page: ControlPage; filter: Filter; put: (change: Partial<Filter>) => void }) {
  const categories = new Map(page.items.map(({ category, categoryTitle }) => [category, categoryTitle]));
  if (filter.category && !categories.has(filter.category))
    categories.set(filter.category, sentenceCase(filter.category));
  return (
    <>
      <Select
        size="xs"
        w={210}
        aria-label="Category"
        placeholder="Any category"
        clearable
        searchable
        value={filter.category ?? null}
        data={[...categories]
          .map(([value, label]) => ({ value, label }))
          .sort((a, b) => a.label.localeCompare(b.label))}
        onChange={(category) => put({ category: category ?? undefined })}
      />
      <SegmentedControl
        aria-label="Scope"
        value={filter.scope ?? 'all'}
        onChange={(value) => put({ scope: value === 'in' ? 'in' : undefined })}
        data={[
          { value: 'all', label: 'All' },
          { value: 'in', label: 'In scope' },
        ]}
      />
      <SegmentedControl
        aria-label="AI-specific"
        value={filter.ai ?? 'all'}
        onChange={(value) => put({ ai: value === 'all' ? undefined : (value as 'true' | 'false') })}
        data={[
          { value: 'all', label: 'All' },
          { value: 'true', label: 'AI' },
          { value: 'false', label: 'General' },
        ]}
      />
      <SegmentedControl
        aria-label="Weight"
        value={filter.key ?? 'all'}
        onChange={(value) => put({ key: value === 'true' ? 'true' : undefined })}
        data={[
          { value: 'all', label: 'All' },
          { value: 'true', label: 'Key' },
        ]}
      />
    </>
  );
}
