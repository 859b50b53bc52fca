import { useMemo } from 'react';
import { CodeBlock, prettyJson } from '#src/ui/code-block.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Loading } from '#src/ui/feedback.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateBadge, StateIcon } from '#src/ui/state-badge.tsx';
import type { LedgerPosition } from '../model.ts';
import classes from './proof.module.css';
import { checkPosition, type ProofCheck } from './proof-check.ts';

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
        <div className={classes.frame}>
          <Checks check={check} />
          <Ladder check={check} />
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
      )}
    </Section>
  );
}

function Checks({ check }: { check: ProofCheck }) {
  return (
    <div>
      <p className={classes.verdict}>
        {check.ok ? (
          <StateBadge state="pass" word="The proof holds" />
        ) : (
          <StateBadge state="fail" word="The proof does not hold" />
        )}
      </p>
      <ul className={classes.checks}>
        {check.checks.map(({ what, ok, detail }) => (
          <li key={what}>
            <StateIcon state={ok ? 'pass' : 'fail'} />
            <span>
              <span>{what}</span>
              <span className={classes.detail}>
                {ok ? '' : 'Not so: '}
                {detail}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {check.keyFingerprint ? (
        <p className={classes.fingerprint}>
          Key fingerprint <code>{check.keyFingerprint}</code>. Compare it with the one you were given on another way.
        </p>
      ) : null}
    </div>
  );
}

/** The path of hashes, leaf at the bottom, root at the top: at each level the hash so far and the one beside it make the next. */
function Ladder({ check }: { check: ProofCheck }) {
  const levels = [...check.path].reverse();
  return (
    <ol className={classes.ladder} aria-label="Path from the root down to the leaf">
      <li className={classes.end}>
        <span className={classes.label}>Root</span>
        <Digest hex={check.root} what="root hash" />
      </li>
      {levels.map((step, index) => {
        const before = levels[index + 1]?.result ?? check.leafHash;
        const isLeaf = index === levels.length - 1;
        const own = (
          <span className={classes.own}>
            <span className={classes.label}>{isLeaf ? 'Leaf' : 'So far'}</span>
            <Digest hex={before} what={isLeaf ? 'leaf hash' : 'hash'} />
          </span>
        );
        const sibling = (
          <span className={classes.sibling}>
            <span className={classes.label}>Beside it</span>
            <Digest hex={step.sibling} what="hash beside it" />
          </span>
        );
        return (
          <li key={step.result} className={classes.level}>
            {step.side === 'left' ? (
              <>
                {sibling}
                {own}
              </>
            ) : (
              <>
                {own}
                {sibling}
              </>
            )}
          </li>
        );
      })}
      {levels.length === 0 ? (
        <li className={classes.end}>
          <span className={classes.label}>It is the only entry: the leaf is the root.</span>
        </li>
      ) : null}
    </ol>
  );
}
