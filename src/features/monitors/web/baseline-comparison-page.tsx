import { Select, Table } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import type { BaselineComparison } from '../model.ts';
import { CurvePair } from './curve-pair.tsx';
import classes from './monitors.module.css';
import { comparisonQuery } from './queries.ts';
import { figure } from './window-look.ts';

const route = getRouteApi('/app/monitors/$monitorId/baselines');

/** Two versions of what windows are compared with: what they hold, how large, from when, and who answers for them. */
export function BaselineComparisonPage() {
  const { monitorId } = route.useParams();
  const { first = '', second = '', series = 'all' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery({
    ...comparisonQuery(monitorId, { first, second, series }),
    placeholderData: keepPreviousData,
  });
  const found = query.data;
  return (
    <Page
      title="Baselines side by side"
      eyebrow={
        <Link to="/monitors/$monitorId" params={{ monitorId }} search={{}}>
          {found?.monitorName ?? 'Monitor'}
        </Link>
      }
      lead={found ? `Version ${found.first.version} and version ${found.second.version}.` : null}
      actions={
        found && found.allSeries.length > 1 ? (
          <Select
            size="xs"
            w={200}
            searchable
            aria-label="Series"
            allowDeselect={false}
            value={series}
            data={found.allSeries.map((value) => ({ value, label: value === 'all' ? 'All' : value }))}
            onChange={(value) => navigate({ search: (held) => ({ ...held, series: value ?? 'all' }), replace: true })}
          />
        ) : null
      }
    >
      <Loaded query={query} what="the baselines" rows={8}>
        {(comparison) => (
          <>
            <Drawn found={comparison} />
            <Facts found={comparison} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

const TITLES: Record<BaselineComparison['form'], string> = {
  cumulative: 'Share at or below each value',
  calibration: 'What a score turned out to be worth',
  categories: 'Shares of categories',
  none: 'Distribution',
};

function Drawn({ found }: { found: BaselineComparison }) {
  const names = [`version ${found.first.version}`, `version ${found.second.version}`] as const;
  return (
    <Section title={TITLES[found.form]}>
      <div className={classes.body}>
        {found.form === 'none' ? (
          <p className={classes.quiet}>
            Baselines of this kind hold samples with no axis to draw them on. Their sizes and digests are below.
          </p>
        ) : found.form === 'categories' ? (
          <Categories found={found} names={names} />
        ) : (
          <CurvePair
            first={found.curves.first}
            second={found.curves.second}
            names={names}
            title={TITLES[found.form]}
            isDiagonal={found.form === 'calibration'}
          />
        )}
      </div>
    </Section>
  );
}

function Categories({ found, names }: { found: BaselineComparison; names: readonly [string, string] }) {
  const most = Math.max(1e-12, ...found.categories.flatMap(({ first, second }) => [first, second]));
  const say = (share: number) => `${(share * 100).toFixed(1)} %`;
  return (
    <>
      <ul className={classes.bars} aria-label={TITLES.categories}>
        {found.categories.map(({ label, first, second }) => (
          <li key={label} className={classes.bar}>
            <span className={classes.barLabel} title={label}>
              {label}
            </span>
            <span className={classes.pair} aria-hidden>
              <span className={classes.now} style={{ width: `${(second / most) * 100}%` }} />
              <span className={classes.reference} style={{ width: `${(first / most) * 100}%` }} />
            </span>
            <span className={classes.barNumbers}>
              {say(second)} (was {say(first)})
            </span>
          </li>
        ))}
      </ul>
      <p className={classes.sub}>
        Filled: {names[1]}. Outlined: {names[0]}.
      </p>
    </>
  );
}

function Facts({ found }: { found: BaselineComparison }) {
  const { first, second } = found;
  const both = [first, second];
  return (
    <Section title="What they are">
      <Table.ScrollContainer minWidth={480}>
        <Table aria-label="Both baselines" className={classes.both}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">What</Table.Th>
              {both.map((one) => (
                <Table.Th key={one.id} scope="col">
                  Version {one.version}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Row title="State" cells={both.map((one) => sentenceCase(one.state.replaceAll('_', ' ')))} />
            <Row
              title="Period"
              cells={both.map((one) => (
                <span key={one.id}>
                  <Day on={one.periodFrom} /> to <Day on={one.periodTo} />
                </span>
              ))}
            />
            <Row title="Values" cells={both.map((one) => one.n.toLocaleString('en-US'))} />
            <Row
              title="Times a window"
              cells={both.map(
                ({ sizeCheck }) =>
                  `${Math.round(sizeCheck.ratio).toLocaleString('en-US')}${sizeCheck.verdict === 'thin' ? ', thin' : ''}`,
              )}
            />
            {found.numbers
              .filter(({ name }) => name !== 'n')
              .map(({ name, first: a, second: b }) => (
                <Row key={name} title={sentenceCase(name.replaceAll('_', ' '))} cells={[figure(a), figure(b)]} />
              ))}
            <Row
              title="Proposed"
              cells={both.map((one) => (
                <span key={one.id}>
                  {one.proposedBy.name}, <When at={one.proposedAt} />
                </span>
              ))}
            />
            <Row title="Why" cells={both.map(({ reason }) => reason)} />
            <Row
              title="Reviewed"
              cells={both.map((one) =>
                one.reviewedBy && one.reviewedAt ? (
                  <span key={one.id}>
                    {one.reviewedBy.name}, <When at={one.reviewedAt} />
                    {one.reviewComment ? `: ${one.reviewComment}` : ''}
                  </span>
                ) : (
                  'not yet'
                ),
              )}
            />
            <Row
              title="In force"
              cells={both.map((one) =>
                one.validFrom ? (
                  <span key={one.id}>
                    <When at={one.validFrom} />
                    {one.validTo ? (
                      <>
                        {' '}
                        to <When at={one.validTo} />
                      </>
                    ) : (
                      ', still'
                    )}
                  </span>
                ) : (
                  'never'
                ),
              )}
            />
            <Row title="SHA-256" cells={both.map(({ id, sha256 }) => <code key={id}>{sha256.slice(0, 16)}…</code>)} />
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

function Row({ title, cells }: { title: string; cells: ReactNode[] }) {
  return (
    <Table.Tr>
      <Table.Th scope="row">{title}</Table.Th>
      {cells.map((cell, k) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: always the first and the second
        <Table.Td key={k}>{cell}</Table.Td>
      ))}
    </Table.Tr>
  );
}
