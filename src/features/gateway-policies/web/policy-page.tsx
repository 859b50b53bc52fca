import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { CodeBlock } from '#src/ui/code-block.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Empty, Notice } from '#src/ui/feedback.tsx';
import { FormButtons } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { count } from '#src/ui/words.ts';
import type { PolicyChange, PolicyDetail, PolicyVersion } from '../model.ts';
import { DryRunSection } from './dry-run-section.tsx';
import classes from './gateway.module.css';
import { PolicyEditor } from './policy-editor.tsx';
import { policyQuery } from './queries.ts';
import { Review } from './review.tsx';
import { TestRunSection } from './test-run-section.tsx';

const route = getRouteApi('/app/gateway/policies/$policyId');

/** One policy: its versions, what each changes, and who decided. */
export function PolicyPage() {
  const { policyId } = route.useParams();
  const query = useQuery(policyQuery(policyId));
  return (
    <Page
      title={query.data?.name ?? 'Policy'}
      eyebrow={<Link to="/gateway/policies">Gateway policies</Link>}
      lead={query.data?.description || undefined}
    >
      <Loaded query={query} what="the policy">
        {(policy) => <Versions policy={policy} />}
      </Loaded>
    </Page>
  );
}

function Versions({ policy }: { policy: PolicyDetail }) {
  const { version: asked } = route.useSearch();
  const whyNot = useWhyNot('gateway.write', 'write policies');
  const [editing, setEditing] = useState(false);
  const shown =
    policy.versions.find(({ version }) => version === (asked ?? policy.openVersion ?? policy.inForceVersion)) ??
    policy.versions[0];
  if (!shown) return null;
  const document = policy.documents[String(shown.version)];
  return (
    <>
      {policy.inForceVersion === null ? (
        <Notice tone="fail">
          No version is in force: nothing is screened under this policy, and calls to{' '}
          {policy.routes.join(', ') || 'its paths'} are refused.
        </Notice>
      ) : null}
      <Section
        title="Versions"
        count={policy.versions.length}
        flush
        aside={
          <ReasonButton reason={whyNot} onClick={() => setEditing(true)}>
            {policy.openVersion === null ? 'Write the next version' : `Change version ${policy.openVersion}`}
          </ReasonButton>
        }
      >
        <DataTable
          label="Versions"
          rows={policy.versions}
          columns={versionColumns(policy.id)}
          rowKey={({ version }) => String(version)}
          fileName={`gateway-policy-${policy.name}`}
          isCurrent={({ version }) => version === shown.version}
          empty={<Empty title="No version yet">Write one.</Empty>}
        />
      </Section>
      {editing ? <PolicyEditor policy={policy} onDone={() => setEditing(false)} /> : null}
      <Section
        title={`What version ${shown.version} changes`}
        count={shown.changes.length}
        flush
        lead={
          <>
            {shown.note} Written by {shown.authors.map(({ name }) => name).join(', ')}
            {shown.decidedBy ? `, ${shown.state} by ${shown.decidedBy.name}` : ''}.
            {shown.decisionReason ? ` ${shown.decisionReason}` : ''} Digest <Digest hex={shown.digest} />
          </>
        }
      >
        <DataTable
          label="Changes"
          rows={shown.changes}
          columns={CHANGE_COLUMNS}
          rowKey={({ what, before, after }) => `${what} ${before} ${after}`}
          empty={<Empty title="Nothing differs">It says what the version before it says.</Empty>}
        />
        <Review key={`${shown.version}-${shown.digest}`} policy={policy} version={shown} />
      </Section>
      <TestRunSection key={`test-${shown.version}-${shown.digest}`} policy={policy} version={shown} />
      {document ? (
        <Section title={`What version ${shown.version} says`} flush>
          <CodeBlock label={`${policy.name}, version ${shown.version}`} text={JSON.stringify(document, null, 2)} />
        </Section>
      ) : null}
      <DryRunSection key={`try-${shown.version}`} policyId={policy.id} version={shown.version} />
      <InForceAt policyId={policy.id} />
    </>
  );
}

const CHANGE_COLUMNS: Column<PolicyChange>[] = [
  { key: 'what', title: 'What', narrow: 'title', text: ({ what }) => what, render: ({ what }) => what },
  {
    key: 'effect',
    title: 'Effect',
    text: ({ effect }) => effect,
    render: ({ effect }) => <StateBadge state={effect} />,
  },
  {
    key: 'before',
    title: 'Before',
    text: ({ before }) => before,
    render: ({ before }) => <span className={classes.paths}>{before}</span>,
  },
  {
    key: 'after',
    title: 'After',
    text: ({ after }) => after,
    render: ({ after }) => <span className={classes.paths}>{after}</span>,
  },
];

function testRunWord({ emergency, testRun }: PolicyVersion): string {
  return emergency && emergency.reviewedAt === null ? 'emergency' : (testRun?.verdict ?? '–');
}

function versionColumns(policyId: string): Column<PolicyVersion>[] {
  const loosened = (version: PolicyVersion) => version.changes.filter(({ effect }) => effect === 'loosened').length;
  return [
    {
      key: 'version',
      title: 'Version',
      narrow: 'title',
      text: ({ version }) => String(version),
      sort: ({ version }) => version,
      render: ({ version }) => (
        <Link to="/gateway/policies/$policyId" params={{ policyId }} search={{ version }} {...rowLink}>
          Version {version}
        </Link>
      ),
    },
    {
      key: 'state',
      title: 'State',
      text: ({ state, inForce }) => (inForce ? 'in force' : state),
      render: ({ state, inForce }) =>
        inForce ? <StateBadge state="current" word="In force" /> : <StateBadge state={state} />,
    },
    {
      key: 'test',
      title: 'Test run',
      text: testRunWord,
      render: (version) =>
        version.emergency && version.emergency.reviewedAt === null ? (
          <StateBadge state="fail" word="Emergency" />
        ) : version.testRun ? (
          <StateBadge state={version.testRun.verdict} />
        ) : (
          '–'
        ),
    },
    {
      key: 'authors',
      title: 'Written by',
      text: ({ authors }) => authors.map(({ name }) => name).join(', '),
      render: ({ authors }) => authors.map(({ name }) => name).join(', '),
    },
    {
      key: 'decided',
      title: 'Decided by',
      text: ({ decidedBy }) => decidedBy?.name ?? '',
      render: ({ decidedBy }) => decidedBy?.name ?? '–',
    },
    {
      key: 'from',
      title: 'In force',
      text: ({ inForceFrom }) => inForceFrom ?? '',
      render: ({ inForceFrom, inForceUntil }) =>
        inForceFrom === null ? (
          '–'
        ) : (
          <>
            <When at={inForceFrom} />
            {inForceUntil ? (
              <>
                {' '}
                to <When at={inForceUntil} />
              </>
            ) : null}
          </>
        ),
    },
    {
      key: 'loosened',
      title: 'Loosens',
      numeric: true,
      text: (version) => String(loosened(version)),
      sort: loosened,
      render: (version) =>
        loosened(version) === 0 ? '–' : <StateBadge state="loosened" word={count(loosened(version), 'setting')} />,
    },
  ];
}

function InForceAt({ policyId }: { policyId: string }) {
  const [moment, setMoment] = useState('');
  const [asked, setAsked] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ['gateway', 'policies', policyId, 'at', asked],
    enabled: asked !== null,
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/api/v1/gateway/policies/{id}/at', {
          params: { path: { id: policyId }, query: { at: asked ?? '' } },
          signal,
        }),
      ),
  });
  return (
    <Section
      title="What was in force at a moment"
      lead="For an auditor who asks which thresholds counted when a call was decided."
    >
      <form
        className={`${classes.stack} ${classes.panel}`}
        onSubmit={(event) => {
          event.preventDefault();
          if (moment !== '') setAsked(new Date(`${moment}Z`).toISOString());
        }}
      >
        <TextInput
          type="datetime-local"
          label="Moment, in UTC"
          step={1}
          value={moment}
          onChange={(event) => setMoment(event.currentTarget.value)}
        />
        <FormButtons align="start">
          <Button type="submit" variant="default">
            Look it up
          </Button>
        </FormButtons>
        {asked === null ? null : (
          <Loaded query={query} what="what was in force" rows={1}>
            {({ at, version, document }) =>
              version === null ? (
                <p>
                  Nothing was in force at <When at={at} />.
                </p>
              ) : (
                <>
                  <p>
                    Version {version.version}, from <When at={version.inForceFrom} />
                    {version.inForceUntil ? (
                      <>
                        {' '}
                        to <When at={version.inForceUntil} />
                      </>
                    ) : null}
                    , approved by {version.decidedBy?.name ?? '–'}.
                  </p>
                  <CodeBlock label={`In force at ${at}`} text={JSON.stringify(document, null, 2)} />
                </>
              )
            }
          </Loaded>
        )}
      </form>
    </Section>
  );
}
