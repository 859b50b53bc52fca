import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type MouseEvent, useState } from 'react';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay } from '#src/apps/web/session.ts';
import { MarkedText } from '#src/ui/marked-text.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { sentenceCase, wordsOf } from '#src/ui/words.ts';
import type { ControlDetail } from '../model.ts';
import classes from './control-page.module.css';
import { ControlTimeline } from './control-timeline.tsx';
import { ExpectedEvidence } from './expected-evidence.tsx';
import { ExpectedRunsNotice } from './expected-runs.tsx';
import { Judge } from './judge-button.tsx';
import { controlQuery } from './queries.ts';
import { TestCard } from './test-card.tsx';

const route = getRouteApi('/app/controls/$controlId');

export function ControlPage() {
  const { controlId } = route.useParams();
  const query = useQuery(controlQuery(controlId));
  const control = query.data;
  const mayAttest = useMay('evidence.write');
  return (
    <Page
      title={control ? `${control.id} ${control.title}` : controlId}
      eyebrow={
        <>
          <Link to="/controls">Controls</Link>
          {control ? (
            <>
              <span aria-hidden>/</span>
              <Link to="/controls" search={{ category: control.category }}>
                {control.categoryTitle}
              </Link>
            </>
          ) : null}
        </>
      }
      lead={
        control ? (
          <span className={classes.verdict}>
            <StateBadge state={control.state} />
            <span>
              <MarkedText text={control.because} />
            </span>
          </span>
        ) : null
      }
      actions={
        <>
          <Judge />
          {mayAttest ? (
            <LinkButton to="/evidence/attestations/new" search={{ control: controlId }}>
              Add statement or file
            </LinkButton>
          ) : null}
        </>
      }
    >
      <Loaded query={query} what={`control ${controlId}`} rows={12}>
        {(loaded) => <Detail control={loaded} />}
      </Loaded>
    </Page>
  );
}

function Detail({ control }: { control: ControlDetail }) {
  return (
    <>
      <div className={classes.statement}>
        <div>
          <h2>What the company does</h2>
          <p>{control.statement}</p>
        </div>
        <div>
          <h2>Why it matters for AI</h2>
          <p>{control.whyForAi}</p>
        </div>
      </div>
      <MissingList control={control} />
      <Section
        title="Tests"
        count={control.testStatus.length}
        flush
        lead={
          control.testStatus.length === 0
            ? 'No automatic test decides this control yet. It stands on statements and files.'
            : undefined
        }
      >
        <ExpectedRunsNotice runs={control.expectedRuns} />
        <div className={classes.cards}>
          {control.testStatus.map((test) => (
            <TestCard key={test.id} test={test} />
          ))}
        </div>
      </Section>
      <ExpectedEvidence control={control} />
      <ControlTimeline controlId={control.id} />
      <div className={classes.statement}>
        <Section title="About this control" flush>
          <Facts
            rows={{
              Weight: control.isKey ? 'Key control: the criteria it is mapped to lean on it most' : 'Ordinary',
              Owner: sentenceCase(control.ownerRole),
              Frequency: sentenceCase(control.frequency),
              Nature: sentenceCase(control.nature),
              'Carried out': EXECUTION[control.execution],
              'Applies to': control.appliesTo.map(wordsOf).join(', '),
              Population: control.population,
              'Without data': control.manualFallback,
              'Full test': `${control.testPlan.dataNeeded} ${control.testPlan.passRule}`,
            }}
          />
        </Section>
        <Section title="Helps with" flush>
          <Facts
            rows={Object.fromEntries(
              control.mappedTo.map((framework) => [
                framework.title,
                <Requirements key={framework.framework} framework={framework} />,
              ]),
            )}
          />
        </Section>
      </div>
    </>
  );
}

const EXECUTION = {
  automated: 'By systems; data proves it',
  hybrid: 'By people; data verifies it',
  manual: 'By people, who file evidence',
} as const;

const MISSING_SHOWN = 6;

/** Opens the test a link points at: browsers go to a closed one without opening it. */
function openTarget(event: MouseEvent<HTMLAnchorElement>) {
  const place = document.querySelector(event.currentTarget.hash);
  if (place instanceof HTMLDetailsElement) place.open = true;
}

/** What keeps the control from passing, each with the next step. */
function MissingList({ control }: { control: ControlDetail }) {
  const [all, setAll] = useState(false);
  if (control.missing.length === 0) return null;
  const shown = all ? control.missing : control.missing.slice(0, MISSING_SHOWN);
  return (
    <Section title="What is missing" count={control.missing.length}>
      <ol className={classes.missing}>
        {shown.map((each) => (
          <li key={`${each.kind} ${each.id}`}>
            <div>
              <strong>
                <MarkedText text={each.what} />
              </strong>
              <p>
                <MarkedText text={each.next} />
              </p>
            </div>
            <a href={`#${each.kind === 'evidence' ? 'evidence' : `test-${each.id}`}`} onClick={openTarget}>
              {each.id}
            </a>
          </li>
        ))}
        {shown.length < control.missing.length ? (
          <li>
            <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
              Show all {control.missing.length}
            </Button>
          </li>
        ) : null}
      </ol>
    </Section>
  );
}

function Requirements({ framework }: { framework: ControlDetail['mappedTo'][number] }) {
  return (
    <span className={classes.requirements}>
      {framework.requirements.map((requirement) => (
        <Link
          key={requirement.id}
          to="/controls"
          search={{ framework: framework.framework, requirement: requirement.id }}
          title={requirement.title}
        >
          {requirement.id}
        </Link>
      ))}
    </span>
  );
}
