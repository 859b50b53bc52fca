import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { utf8Bytes } from '#src/ledger/log/bytes.ts';
import { keyFingerprint } from '#src/ledger/log/verifier-key.ts';
import { verifyWindowProof, type WindowProof } from '#src/ledger/log/window-proof.ts';
import { saveFile } from '#src/ui/csv.ts';
import { Digest } from '#src/ui/digest.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateBadge, StateIcon } from '#src/ui/state-badge.tsx';
import type { DecisionDetail } from '../model.ts';
import { say } from './figures.ts';
import classes from './gateway.module.css';
import { proofQuery } from './queries.ts';

/** Where a decision stands in its sealed window and the window in the ledger, checked here and now. */
export function DecisionProof({ detail }: { detail: DecisionDetail }) {
  const { window } = detail;
  const isSealed = window?.ledgerIndex != null;
  return (
    <Section
      title="Proof"
      lead="Checked in this browser with the code of the offline verifier; the server’s word is not taken for anything."
      aside={
        window?.ledgerIndex == null ? null : (
          <Link to="/evidence/ledger" search={{ entry: window.ledgerIndex }}>
            ledger entry {say(window.ledgerIndex)}
          </Link>
        )
      }
    >
      {isSealed ? (
        <Proof detail={detail} />
      ) : (
        <p className={classes.none}>
          {window === null ? (
            'The decision was just written and is taken in within seconds.'
          ) : (
            <>
              Its window, <When at={window.from} /> to <When at={window.to} />, is still open. It is sealed within a
              minute of its end, and the proof then shows here by itself.
            </>
          )}
        </p>
      )}
    </Section>
  );
}

function Proof({ detail }: { detail: DecisionDetail }) {
  const query = useQuery(proofQuery(detail.summary.id));
  return (
    <Loaded query={query} what="the proof" rows={4}>
      {(proof) => <Checked detail={detail} proof={proof} />}
    </Loaded>
  );
}

function Checked({ detail, proof }: { detail: DecisionDetail; proof: WindowProof }) {
  const file = useMemo(() => `${JSON.stringify(proof, null, 2)}\n`, [proof]);
  const report = useMemo(() => verifyWindowProof(utf8Bytes(file)), [file]);
  // The proof has to be of the very bytes the rest of the page is read from.
  const isSame = proof.record === detail.record;
  const holds = report.ok && isSame;
  return (
    <div className={classes.proof}>
      <p>
        <StateBadge state={holds ? 'pass' : 'fail'} word={holds ? 'The proof holds' : 'The proof does not hold'} />
      </p>
      <ul className={classes.checks}>
        {report.checked.map((sentence) => (
          <li key={sentence}>
            <StateIcon state="pass" />
            <span>{sentence}</span>
          </li>
        ))}
        {report.problem ? (
          <li>
            <StateIcon state="fail" />
            <span>Not so: {report.problem}</span>
          </li>
        ) : null}
        {isSame ? null : (
          <li>
            <StateIcon state="fail" />
            <span>Not so: the proof is of other bytes than this page shows.</span>
          </li>
        )}
      </ul>
      {report.root ? (
        <p className={classes.quiet}>
          Window {report.windowId}, root <Digest hex={report.root} what="root of the window" />
        </p>
      ) : null}
      {report.key ? (
        <p className={classes.quiet}>
          Key fingerprint <code>{keyFingerprint(report.key)}</code>. Compare it with the one you were given on another
          way.
        </p>
      ) : null}
      <div className={classes.actions}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => saveFile(`${detail.summary.id}.proof.json`, 'application/json', file)}
        >
          Proof file
        </Button>
        <span className={classes.quiet}>
          Anybody can check it with <code>assay gateway verify</code>, without this server.
        </span>
      </div>
    </div>
  );
}
