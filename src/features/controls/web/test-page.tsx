import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { CodeBlock } from '#src/ui/code-block.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { MarkedText } from '#src/ui/marked-text.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import type { ResultCounts, Subject, TestStatus } from '../model.ts';
import classes from './control-page.module.css';
import { subjectsQuery, testsQuery } from './queries.ts';
import { NextStep } from './test-card.tsx';

const route = getRouteApi('/app/controls/tests/$testId');

const RESULTS = [
  ['fail', 'fail'],
  ['error', 'error'],
  ['no_data', 'noData'],
  ['pass', 'pass'],
  ['not_applicable', 'notApplicable'],
] as const satisfies readonly (readonly [string, keyof ResultCounts])[];

/** Every subject of one test, with what was seen of each. */
export function TestPage() {
  const { testId } = route.useParams();
  const { result } = route.useSearch();
  const tests = useQuery(testsQuery);
  const test = tests.data?.items.find(({ id }) => id === testId);
  const subjects = useQuery(subjectsQuery(testId, result));
  return (
    <Page
      title={test?.title ?? testId}
      eyebrow={
        <>
          <Link to="/controls">Controls</Link>
          {test?.controls.map((id) => (
            <span key={id}>
              /{' '}
              <Link to="/controls/$controlId" params={{ controlId: id }}>
                {id}
              </Link>
            </span>
          ))}
        </>
      }
      lead={test ? <Lead test={test} /> : null}
    >
      <Loaded query={tests} what="the test">
        {() =>
          test ? (
            <>
              <NextStep test={test} />
              <Section title="Subjects" flush>
                <Loaded query={subjects} what="the subjects">
                  {(page) => (
                    <Subjects
                      items={page.items}
                      total={page.total}
                      counts={page.counts}
                      testId={testId}
                      result={result}
                    />
                  )}
                </Loaded>
              </Section>
            </>
          ) : (
            <Empty title="There is no such test">
              <Link to="/controls">All controls</Link>
            </Empty>
          )
        }
      </Loaded>
    </Page>
  );
}

function Lead({ test }: { test: TestStatus }) {
  return (
    <>
      <span className={classes.verdict}>
        <StateBadge state={test.result} />
        <span>
          <MarkedText text={test.because} />
        </span>
      </span>
      <p>{test.asks}</p>
      <p>
        {sentenceCase(test.severity)} · {test.why}
      </p>
    </>
  );
}

const placeOf = (subject: Subject) =>
  subject.path === null ? '' : `${subject.path}${subject.line === null ? '' : `:${subject.line}`}`;

function Subjects({
  items,
  total,
  counts,
  testId,
  result,
}: {
  items: Subject[];
  total: number;
  counts: ResultCounts;
  testId: string;
  result: string | undefined;
}) {
  const [opened, setOpened] = useState<Subject | null>(null);
  const columns: Column<Subject>[] = [
    {
      key: 'because',
      title: 'What was seen',
      narrow: 'title',
      text: (subject) => subject.because,
      render: (subject) => (
        <button
          type="button"
          onClick={() => setOpened(subject)}
          {...rowLink}
          style={{ all: 'unset', cursor: 'pointer' }}
        >
          <MarkedText text={subject.because} />
        </button>
      ),
    },
    {
      key: 'result',
      title: 'Result',
      text: (subject) => subject.result,
      render: (subject) => <StateBadge state={subject.result} />,
    },
    {
      key: 'place',
      title: 'Place',
      text: placeOf,
      render: (subject) => <span className={classes.path}>{placeOf(subject) || '–'}</span>,
    },
    {
      key: 'observed',
      title: 'Observed',
      text: (subject) => subject.observed ?? '',
      render: (subject) => subject.observed ?? '–',
    },
    {
      key: 'expected',
      title: 'Expected',
      text: (subject) => subject.expected ?? '',
      render: (subject) => subject.expected ?? '–',
    },
    {
      key: 'source',
      title: 'Source',
      narrow: 'hide',
      text: (subject) => subject.source.title,
      render: (subject) => subject.source.title,
    },
    {
      key: 'since',
      title: 'Since',
      text: (subject) => subject.since,
      render: (subject) => <When at={subject.since} />,
    },
  ];
  return (
    <>
      <ul className={classes.counts} aria-label="Filter by result" style={{ marginBottom: '0.625rem' }}>
        <li>
          <Link
            to="/controls/tests/$testId"
            params={{ testId }}
            aria-current={result === undefined ? 'true' : undefined}
            activeProps={{}}
          >
            All
          </Link>
        </li>
        {RESULTS.filter(([, member]) => counts[member] > 0).map(([name, member]) => (
          <li key={name}>
            <Link
              to="/controls/tests/$testId"
              params={{ testId }}
              search={{ result: name }}
              aria-current={result === name ? 'true' : undefined}
              activeProps={{}}
            >
              <StateBadge state={name} count={counts[member]} />
            </Link>
          </li>
        ))}
      </ul>
      <DataTable
        label="Subjects"
        rows={items}
        columns={columns}
        rowKey={(subject) => `${subject.source.id} ${subject.subject}`}
        fileName={`subjects-${testId}`}
        note={
          items.length < total
            ? `the first ${items.length.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`
            : undefined
        }
        empty={
          <Empty title="No subject" command="bin/assay scan PATH --record">
            {result ? 'Nothing has this result.' : 'Nothing was read yet that this test could be about.'}
          </Empty>
        }
      />
      <SideDrawer opened={opened !== null} onClose={() => setOpened(null)} title={opened?.subject ?? ''}>
        {opened ? <SubjectDetail subject={opened} /> : null}
      </SideDrawer>
    </>
  );
}

function SubjectDetail({ subject }: { subject: Subject }) {
  return (
    <>
      <p>
        <StateBadge state={subject.result} /> <MarkedText text={subject.because} />
      </p>
      <Facts
        rows={{
          Observed: subject.observed,
          Expected: subject.expected,
          Place: placeOf(subject) === '' ? null : <span className={classes.path}>{placeOf(subject)}</span>,
          Source: subject.source.title,
          Since: <When at={subject.since} both />,
        }}
      />
      {subject.fact ? (
        <CodeBlock text={JSON.stringify(subject.fact, null, 2)} label={`The fact behind it (${subject.fact.kind})`} />
      ) : (
        <p className={classes.quiet}>This verdict is about the whole source, so there is no single fact behind it.</p>
      )}
    </>
  );
}
