import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty, Notice } from '#src/ui/feedback.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import type { Comparison } from '../model.ts';
import classes from './evaluations.module.css';
import { comparisonQuery } from './queries.ts';

const route = getRouteApi('/app/evaluations/compare');
type Score = Comparison['scores'][number];
type Changed = Comparison['changed'][number];

const number = (value: number | null) => (value === null ? '–' : value.toFixed(4));
const FINDINGS = {
  better: { state: 'pass', word: 'Better' },
  worse: { state: 'fail', word: 'Worse' },
  no_difference_shown: { state: 'not_applicable', word: 'No difference shown' },
  insufficient_data: { state: 'no_data', word: 'Too few items' },
} as const;

const COLUMNS: Column<Score>[] = [
  { key: 'scorer', title: 'Scorer', narrow: 'title', text: (one) => one.scorer, render: (one) => one.scorer },
  {
    key: 'finding',
    title: 'Finding',
    text: (one) => FINDINGS[one.finding].word,
    render: (one) => <StateBadge state={FINDINGS[one.finding].state} word={FINDINGS[one.finding].word} />,
  },
  {
    key: 'before',
    title: 'Before',
    numeric: true,
    text: (one) => number(one.meanBefore),
    render: (one) => number(one.meanBefore),
  },
  {
    key: 'after',
    title: 'After',
    numeric: true,
    text: (one) => number(one.meanAfter),
    render: (one) => number(one.meanAfter),
  },
  {
    key: 'difference',
    title: 'Difference, 95 % interval',
    text: (one) =>
      `${number(one.difference)} ${number(one.interval95?.low ?? null)} to ${number(one.interval95?.high ?? null)}`,
    render: (one) => (
      <span className={classes.number}>
        {number(one.difference)}
        {one.interval95 ? ` [${number(one.interval95.low)}, ${number(one.interval95.high)}]` : ''}
      </span>
    ),
  },
  {
    key: 'p',
    title: 'p, corrected',
    numeric: true,
    text: (one) => number(one.pAdjusted),
    sort: (one) => one.pAdjusted ?? 2,
    render: (one) => (
      <>
        {number(one.pAdjusted)} <span className={classes.quiet}>{one.test.replaceAll('_', ' ')}</span>
      </>
    ),
  },
  {
    key: 'shown',
    title: 'Could show',
    numeric: true,
    text: (one) => number(one.minimumDetectable),
    render: (one) => number(one.minimumDetectable),
  },
  {
    key: 'n',
    title: 'Items',
    numeric: true,
    text: (one) => String(one.n),
    sort: (one) => one.n,
    render: (one) => `${one.n}: ${one.improved} up, ${one.worsened} down`,
  },
];
/** On a narrow screen the variant stands above, and the scorer below it like the rest. */
const withoutTitle = ({ narrow: _, ...column }: Column<Score>): Column<Score> => column;
const VARIANTS: Column<Comparison['variants'][number]>[] = [
  { key: 'variant', title: 'Variant', narrow: 'title', text: (one) => one.variant, render: (one) => one.variant },
  ...COLUMNS.map((column): Column<Score> => (column.key === 'scorer' ? withoutTitle(column) : column)),
];
const CHANGED: Column<Changed>[] = [
  { key: 'item', title: 'Item', narrow: 'title', text: (one) => one.itemId, render: (one) => one.itemId },
  { key: 'scorer', title: 'Scorer', text: (one) => one.scorer, render: (one) => one.scorer },
  {
    key: 'before',
    title: 'Before',
    numeric: true,
    text: (one) => number(one.before),
    sort: (one) => one.before,
    render: (one) => number(one.before),
  },
  {
    key: 'after',
    title: 'After',
    numeric: true,
    text: (one) => number(one.after),
    sort: (one) => one.after,
    render: (one) => number(one.after),
  },
];

/** Two runs, item by item. */
export function ComparisonPage() {
  const { before, after } = route.useSearch();
  const query = useQuery({
    ...comparisonQuery(before ?? '', after ?? ''),
    enabled: before !== undefined && after !== undefined,
  });
  return (
    <Page
      title="Comparison"
      eyebrow={<Link to="/evaluations">Evaluations</Link>}
      lead="The same items in both runs: each is its own control. What this many items could not have shown stands beside each finding."
    >
      {before === undefined || after === undefined ? (
        <Empty title="Nothing to compare">Choose two runs in the list of evaluations.</Empty>
      ) : (
        <Loaded query={query} what="the comparison">
          {(comparison) => <Compared comparison={comparison} />}
        </Loaded>
      )}
    </Page>
  );
}

function Compared({ comparison }: { comparison: Comparison }) {
  return (
    <>
      {comparison.sameDataset ? null : (
        <Notice tone="noData">
          The runs are not over the same data set. Only the {comparison.pairs} items with the same id are compared.
        </Notice>
      )}
      <Section
        title={`${comparison.before.model} against ${comparison.after.model}`}
        lead={`${comparison.pairs} items in both; ${comparison.onlyBefore} only before, ${comparison.onlyAfter} only after.`}
        flush
      >
        <DataTable
          label="Comparison"
          rows={comparison.scores}
          columns={COLUMNS}
          rowKey={(one) => one.scorer}
          fileName="evaluation-comparison"
          empty={<Empty title="No item is in both runs">They share no ids.</Empty>}
        />
      </Section>
      {comparison.variants.length === 0 ? null : (
        <Section
          title="Variants against their plain items"
          lead="Each answer to a variant is paired with the answer to the item it was made from, in the run before."
          flush
        >
          <DataTable
            label="Variants"
            rows={comparison.variants}
            columns={VARIANTS}
            rowKey={(one) => `${one.variant} ${one.scorer}`}
            fileName="evaluation-variants"
            empty={
              <Empty title="No variant has its plain item in the run before">
                Compare with the run it was made from.
              </Empty>
            }
          />
        </Section>
      )}
      <Section title="Items that changed" count={comparison.changed.length} flush>
        <DataTable
          label="Changed items"
          rows={comparison.changed}
          columns={CHANGED}
          rowKey={(one) => `${one.scorer} ${one.itemId}`}
          fileName="evaluation-changes"
          empty={<Empty title="No item changed">Each item has the same score in both runs.</Empty>}
        />
      </Section>
    </>
  );
}
