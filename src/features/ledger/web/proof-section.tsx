import { useMemo } from 'react';
import { CodeBlock, prettyJson } from '#src/ui/code-block.tsx';
import { Loading } from '#src/ui/feedback.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateBadge, StateIcon } from '#src/ui/state-badge.tsx';
import type { LedgerPosition } from '../model.ts';
import { HashPathDrawing } from './hash-path.tsx';
import classes from './proof.module.css';
import { type Check, checkPosition } from './proof-check.ts';

/** Where an entry stands in the ledger, checked here and now, with the way from its leaf to the signed root drawn out. */
export function ProofSection({ position, contentDigest }: { position: LedgerPosition; contentDigest?: string }) {
  const check = useMemo(
    () => (position.state === 'integrated' ? checkPosition(position, contentDigest) : null),
    [position, contentDigest],
  );
  return (
    <Section
      title="Proof"
      aside={position.index === null ? null : `ledger entry ${position.index.toLocaleString('en-US')}`}
      lead="Checked in this browser with the code of the offline verifier; the server’s word is not taken for anything."
    >
      {check === null ? (
        <>
          <p className={classes.waiting}>
            The entry is stored and waits to be put into the ledger. This takes a moment.
          </p>
          <Loading what="the proof" rows={3} />
        </>
      ) : (
        <div className={classes.room}>
          <div className={classes.frame}>
            <div>
              <CheckList ok={check.ok} checks={check.checks} right="The proof holds" wrong="The proof does not hold" />
              {check.keyFingerprint ? (
                <p className={classes.fingerprint}>
                  Key fingerprint <code>{check.keyFingerprint}</code>. Compare it with the one you were given on another
                  way.
                </p>
              ) : null}
            </div>
            {check.path === null ? null : (
              <HashPathDrawing
                key={check.path.root}
                path={check.path}
                label="Way from the root at the top down to the leaf"
                root={`Root of ${(position.size ?? 0).toLocaleString('en-US')} entries`}
              />
            )}
            <details className={classes.raw}>
              <summary>Leaf, checkpoint and key as they are</summary>
              <CodeBlock
                text={prettyJson(position.leaf ?? '')}
                label="Leaf (shown with line breaks; it is hashed without)"
              />
              <CodeBlock text={position.checkpoint ?? ''} label="Checkpoint (C2SP signed note)" numbered={false} />
              <CodeBlock text={position.vkey} label="Public key of the ledger (vkey)" numbered={false} />
            </details>
          </div>
        </div>
      )}
    </Section>
  );
}

/** What was checked, each with what was found. */
export function CheckList({
  ok,
  checks,
  right,
  wrong,
}: {
  ok: boolean;
  checks: readonly Check[];
  right: string;
  wrong: string;
}) {
  return (
    <>
      <p className={classes.verdict}>
        <StateBadge state={ok ? 'pass' : 'fail'} word={ok ? right : wrong} />
      </p>
      <ul className={classes.checks}>
        {checks.map((check) => (
          <li key={check.what}>
            <StateIcon state={check.ok ? 'pass' : 'fail'} />
            <span>
              <span>{check.what}</span>
              <span className={classes.detail}>
                {check.ok ? '' : 'Not so: '}
                {check.detail}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
