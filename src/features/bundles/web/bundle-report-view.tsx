import { AssuranceSteps } from '#src/features/ledger-parties/web/assurance-steps.tsx';
import type { BundleFacts, BundleReport } from '#src/ledger/bundle/bundle-report.ts';
import { When } from '#src/ui/instant.tsx';
import { Facts } from '#src/ui/page.tsx';
import { StateBadge, StateIcon } from '#src/ui/state-badge.tsx';
import { count } from '#src/ui/words.ts';
import classes from './bundles.module.css';

/** What a verification found, in plain words: the first problem if there is one, what was checked, what was not. */
export function BundleReportView({ report, fileName }: { report: BundleReport; fileName: string }) {
  const { ok, firstProblem, facts } = report;
  return (
    <div className={classes.lists}>
      <div className={classes.verdict} data-ok={ok}>
        <p>
          <StateBadge
            state={ok ? 'pass' : 'fail'}
            word={ok ? 'The bundle is whole and unchanged' : 'The bundle is not right'}
          />
        </p>
        {firstProblem ? (
          <p>
            <strong>{firstProblem.where}:</strong> {firstProblem.sentence}
          </p>
        ) : (
          <p>
            {fileName}: {facts.entries === null ? '' : `${count(facts.entries, 'entry', 'entries')}, `}
            {facts.keyFromBundle
              ? 'signed by the key in the bundle. Compare its fingerprint below with the one you were given.'
              : 'signed by a key you trust.'}
          </p>
        )}
      </div>
      <FactsFound facts={facts} />
      {facts.assurance.length > 0 ? (
        <div>
          <h3>How little the operator has to be believed</h3>
          <AssuranceSteps assurance={{ steps: facts.assurance, stillPossible: facts.stillPossible ?? '' }} />
        </div>
      ) : null}
      <div>
        <h3>{ok ? 'Checked' : 'Found to hold before that'}</h3>
        {report.checked.length === 0 ? <p className={classes.quiet}>Nothing.</p> : null}
        <ul>
          {report.checked.map((item) => (
            <li key={item.what}>
              <StateIcon state="pass" />
              <span>
                {item.what}
                {item.count === undefined ? '' : ` (${item.count.toLocaleString('en-US')})`}
                {item.detail ? <span className={classes.sub}>{item.detail}</span> : null}
              </span>
            </li>
          ))}
        </ul>
      </div>
      <div>
        <h3>Not checked</h3>
        <ul>
          {report.notChecked.map((item) => (
            <li key={item.what}>
              <StateIcon state="not_applicable" />
              <span>
                {item.what}
                <span className={classes.sub}>{item.why}</span>
              </span>
            </li>
          ))}
        </ul>
      </div>
      {report.entryTypes.length > 0 ? (
        <div>
          <h3>What is in it</h3>
          <p className={classes.quiet}>{report.entryTypes.map((entry) => `${entry.type} ${entry.count}`).join(', ')}</p>
        </div>
      ) : null}
    </div>
  );
}

function FactsFound({ facts }: { facts: BundleFacts }) {
  return (
    <Facts
      rows={{
        Fingerprint: facts.keyFingerprint ? <code>{facts.keyFingerprint}</code> : null,
        Origin: facts.origin ? <code>{facts.origin}</code> : null,
        Range:
          facts.from === null || facts.to === null
            ? null
            : `entries ${facts.from.toLocaleString('en-US')} to ${(facts.to - 1).toLocaleString('en-US')}${facts.size === null ? '' : ` of a ledger of ${facts.size.toLocaleString('en-US')}`}`,
        Content: `${count(facts.blobs, 'file')} of evidence${facts.blobsWithheld > 0 ? `, ${facts.blobsWithheld} withheld` : ''}${facts.blobsErased > 0 ? `, ${facts.blobsErased} erased` : ''}`,
        Exported: facts.exportedAt ? <When at={facts.exportedAt} both /> : null,
        Witnesses:
          facts.cosigners.length > 0
            ? facts.cosigners.map(({ name }) => name).join(', ')
            : 'None: signed by the operator alone',
      }}
    />
  );
}
