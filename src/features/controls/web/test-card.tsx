import { Link } from '@tanstack/react-router';
import { CodeBlock } from '#src/ui/code-block.tsx';
import { CopyButton } from '#src/ui/copy-button.tsx';
import { When } from '#src/ui/instant.tsx';
import { MarkedText } from '#src/ui/marked-text.tsx';
import { StateBadge, StateIcon } from '#src/ui/state-badge.tsx';
import { STATE_LOOKS, type StateWord } from '#src/ui/state-look.ts';
import { count, sentenceCase } from '#src/ui/words.ts';
import type { ControlDetail, Subject, TestSource } from '../model.ts';
import classes from './control-page.module.css';

type Test = ControlDetail['testStatus'][number];

const RESULTS = [
  ['fail', 'fail'],
  ['error', 'error'],
  ['no_data', 'noData'],
  ['pass', 'pass'],
  ['not_applicable', 'notApplicable'],
] as const;

/** One test: what it asks, what it found where, and how to mend what fails. */
export function TestCard({ test }: { test: Test }) {
  return (
    <details className={classes.card} id={`test-${test.id}`} open={test.result === 'fail' || test.result === 'error'}>
      <summary className={classes.cardHead}>
        <StateBadge state={test.result} />
        <h3>{test.title}</h3>
        <span className={classes.cardAside}>{countsInWords(test.counts)}</span>
      </summary>
      <div className={classes.body}>
        <div>
          <p>{test.asks}</p>
          <p className={classes.quiet}>
            {sentenceCase(test.severity)} · {test.why}
          </p>
        </div>
        <p>
          <MarkedText text={test.because} />
          {test.since ? (
            <span className={classes.quiet}>
              {' '}
              Since <When at={test.since} />, judged <When at={test.judgedAt} age />.
            </span>
          ) : null}
        </p>
        <ul className={classes.counts} aria-label="Subjects by result">
          {RESULTS.filter(([, member]) => test.counts[member] > 0).map(([result, member]) => (
            <li key={result}>
              <Link to="/controls/tests/$testId" params={{ testId: test.id }} search={{ result }}>
                <StateBadge state={result} count={test.counts[member]} />
              </Link>
            </li>
          ))}
        </ul>
        <Sources sources={test.sources} />
        {test.failing.length > 0 ? (
          <>
            <ul className={classes.subjects} aria-label="What fails">
              {test.failing.map((subject) => (
                <SubjectRow key={`${subject.source.id} ${subject.subject}`} subject={subject} />
              ))}
            </ul>
            {test.counts.fail > test.failing.length ? (
              <Link to="/controls/tests/$testId" params={{ testId: test.id }} search={{ result: 'fail' }}>
                All {count(test.counts.fail, 'failing subject')}
              </Link>
            ) : null}
          </>
        ) : null}
        <NextStep test={test} />
      </div>
    </details>
  );
}

function countsInWords(counts: Test['counts']): string {
  const parts = RESULTS.filter(([, member]) => counts[member] > 0).map(
    ([result, member]) => `${counts[member].toLocaleString('en-US')} ${STATE_LOOKS[result].word.toLowerCase()}`,
  );
  return parts.length === 0 ? 'never judged' : parts.join(', ');
}

const SOURCE_LOOKS: Record<TestSource['status'], { state: StateWord; words: string }> = {
  read: { state: 'pass', words: 'read' },
  empty: { state: 'not_applicable', words: 'read whole, nothing of the kind there' },
  stale: { state: 'stale', words: 'read too long ago' },
  incomplete: { state: 'no_data', words: 'read in part' },
  unread: { state: 'no_data', words: 'never read' },
  error: { state: 'error', words: 'the rule broke here' },
};

function Sources({ sources }: { sources: TestSource[] }) {
  if (sources.length === 0) return null;
  return (
    <ul className={classes.sources} aria-label="Sources">
      {sources.map((source) => {
        const look = SOURCE_LOOKS[source.status];
        return (
          <li key={source.id} title={source.because}>
            <StateIcon state={look.state} />
            {source.title}
            <span className={classes.quiet}>
              {look.words}
              {source.readAt ? (
                <>
                  {' '}
                  <When at={source.readAt} age />
                </>
              ) : null}
              , {count(source.population, 'subject')}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

export function SubjectRow({ subject }: { subject: Subject }) {
  return (
    <li>
      <div className={classes.subjectHead}>
        <span>
          <MarkedText text={subject.because} />
        </span>
        <span className={classes.quiet}>
          since <When at={subject.since} />
        </span>
      </div>
      {subject.path ? (
        <span className={classes.path}>
          {subject.path}
          {subject.line === null ? '' : `:${subject.line}`}
          <span className={classes.quiet}> in {subject.source.title}</span>
        </span>
      ) : null}
      {subject.observed === null && subject.expected === null ? null : (
        <dl className={classes.compare}>
          {subject.observed === null ? null : (
            <>
              <dt>Observed</dt>
              <dd>
                <MarkedText text={subject.observed} />
              </dd>
            </>
          )}
          {subject.expected === null ? null : (
            <>
              <dt>Expected</dt>
              <dd>
                <MarkedText text={subject.expected} />
              </dd>
            </>
          )}
        </dl>
      )}
    </li>
  );
}

/** What to do about a result: mend what fails; where there is no data, get it. */
export function NextStep({ test }: { test: Pick<Test, 'fix' | 'result'> }) {
  if (test.result === 'fail') return <Fix test={test} />;
  if (test.result !== 'no_data') return null;
  return (
    <div className={classes.fix}>
      <strong>How to get data.</strong> Read the source again, or for the first time. What was never read counts as
      neither good nor bad.
      <div className={classes.command}>
        <code>{SCAN_COMMAND}</code>
        <CopyButton text={SCAN_COMMAND} what="command" />
      </div>
    </div>
  );
}

const SCAN_COMMAND = 'bin/assay scan PATH --record';

function Fix({ test }: { test: Pick<Test, 'fix'> }) {
  const { fix } = test;
  return (
    <div className={classes.fix}>
      <strong>How to fix it.</strong> <MarkedText text={fix.summary} />
      <ol>
        {fix.steps.map((step) => (
          <li key={step}>
            <MarkedText text={step} />
          </li>
        ))}
      </ol>
      {fix.example ? <CodeBlock text={fix.example} label="Example" numbered={false} /> : null}
    </div>
  );
}
