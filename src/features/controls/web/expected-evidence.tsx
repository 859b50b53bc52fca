import { Link } from '@tanstack/react-router';
import { useMay } from '#src/apps/web/session.ts';
import { Day, When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateBadge, StateIcon } from '#src/ui/state-badge.tsx';
import { STATE_LOOKS, type StateWord } from '#src/ui/state-look.ts';
import { sentenceCase } from '#src/ui/words.ts';
import type { ControlDetail, Coverage } from '../model.ts';
import classes from './control-page.module.css';

const COVERAGE_LOOKS: Record<Coverage['state'], { state: StateWord; words: string }> = {
  covers: { state: 'pass', words: 'covers it' },
  not_needed: { state: 'not_applicable', words: 'nothing of the kind exists' },
  not_passing: { state: 'fail', words: 'does not pass' },
  waiting: { state: 'waiting', words: 'waits for review' },
  rejected: { state: 'rejected', words: 'was rejected' },
  expired: { state: 'expired', words: 'has expired' },
  withdrawn: { state: 'withdrawn', words: 'was withdrawn' },
};

/** What an auditor expects to see, what covers each, and the items there are. */
export function ExpectedEvidence({ control }: { control: ControlDetail }) {
  const mayAttest = useMay('evidence.write');
  return (
    <>
      <Section
        title="Expected evidence"
        id="evidence"
        aside={`${control.evidence.covered} of ${control.evidence.expected} covered`}
      >
        <ul className={classes.evidence}>
          {control.expectedEvidence.map((expected) => (
            <li key={expected.id}>
              <div className={classes.evidenceHead}>
                <div>
                  {expected.expect} <span className={classes.evidenceId}>{expected.id}</span>
                </div>
                {expected.covered ? (
                  <StateBadge state="pass" word="Covered" />
                ) : (
                  <StateBadge state="no_data" word="Not covered" />
                )}
              </div>
              <ul className={classes.coverage}>
                {expected.coverage.map((coverage) => (
                  <CoverageRow key={`${coverage.kind} ${coverage.id}`} coverage={coverage} />
                ))}
                {expected.covered || !mayAttest ? null : (
                  <li>
                    <Link to="/evidence/attestations/new" search={{ control: control.id, expected: expected.id }}>
                      Add a statement or file
                    </Link>
                  </li>
                )}
              </ul>
            </li>
          ))}
        </ul>
      </Section>
      <Section
        title="Statements and files"
        count={control.attestations.length}
        aside={
          <Link to="/evidence/attestations" search={{ control: control.id }}>
            All of this control
          </Link>
        }
      >
        {control.attestations.length === 0 ? (
          <p className={classes.nothing}>
            None yet. Where no test can tell, a person states it or files a document, and a second person reviews it.
          </p>
        ) : null}
        <ul className={classes.rows}>
          {control.attestations.map((attestation) => (
            <li key={attestation.id}>
              <Link to="/evidence/attestations/$attestationId" params={{ attestationId: attestation.id }}>
                {attestation.title}
              </Link>
              <span className={classes.rowAside}>
                {sentenceCase(attestation.form)}
                <span>
                  <Day on={attestation.periodFrom} /> to <Day on={attestation.periodTo} />
                </span>
                <span>
                  expires <Day on={attestation.expiresOn} />
                </span>
                <StateBadge state={attestation.state} />
              </span>
            </li>
          ))}
        </ul>
      </Section>
      <Section
        title="Evidence"
        count={control.evidenceItems.length}
        aside={
          <Link to="/evidence" search={{ control: control.id }}>
            All of this control
          </Link>
        }
      >
        {control.evidenceItems.length === 0 ? (
          <p className={classes.nothing}>No item of evidence speaks for this control yet.</p>
        ) : null}
        <ul className={classes.rows}>
          {control.evidenceItems.map((item) => (
            <li key={item.id}>
              <Link to="/evidence/$evidenceId" params={{ evidenceId: item.id }}>
                {item.title}
              </Link>
              <span className={classes.rowAside}>
                <When at={item.recordedAt} />
                {item.ledgerIndex === null ? 'waits for the ledger' : `ledger entry ${item.ledgerIndex}`}
                {item.state in STATE_LOOKS ? <StateBadge state={item.state as StateWord} /> : item.state}
              </span>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

function CoverageRow({ coverage }: { coverage: Coverage }) {
  const look = COVERAGE_LOOKS[coverage.state];
  return (
    <li>
      <StateIcon state={look.state} />
      <span>
        {coverage.kind === 'test' ? (
          <Link to="/controls/tests/$testId" params={{ testId: coverage.id }}>
            {coverage.title}
          </Link>
        ) : (
          <Link to="/evidence/attestations/$attestationId" params={{ attestationId: coverage.id }}>
            {coverage.title}
          </Link>
        )}{' '}
        {look.words}
        {coverage.expiresOn ? (
          <>
            {' '}
            until <Day on={coverage.expiresOn} />
          </>
        ) : null}
      </span>
    </li>
  );
}
