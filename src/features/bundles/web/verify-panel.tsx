import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { BundleReport } from '#src/ledger/bundle/bundle-report.ts';
import { linkBundles, NOT_LINKED } from '#src/ledger/bundle/succession.ts';
import { FileDrop } from '#src/ui/file-drop.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { BundleReportView } from './bundle-report-view.tsx';
import classes from './bundles.module.css';
import type { HeadsCompared } from './given-heads.ts';
import { NO_TRUST, TrustFields } from './trust-fields.tsx';
import type { Trust, VerifyAnswer, VerifyRequest } from './verify-worker.ts';

type Verified = { file: File } & ({ report: BundleReport; heads: HeadsCompared | null } | { failure: string });
/** Files are verified one after the other: `done` are those before the one that is read now. */
type State = { run: number; files: readonly File[]; trust: Trust; done: readonly Verified[]; readBytes: number };

const NOTHING: State = { run: 0, files: [], trust: NO_TRUST, done: [], readBytes: 0 };
const BUNDLES_MAX = 20;

/**
 * Verifies bundles in this browser, and says of several what joins them. The files never leave the machine, and it works with
 * the network unplugged. `makeWorker` starts verify-worker.ts.
 */
export function VerifyPanel({ makeWorker }: { makeWorker: () => Worker }) {
  const worker = useRef<Worker>(null);
  const [state, setState] = useState<State>(NOTHING);
  const [trust, setTrust] = useState<Trust>(NO_TRUST);
  const [leftOut, setLeftOut] = useState(0);

  useEffect(() => {
    // Loaded with the page and not at the first file, so that it is there when the network is not.
    const made = makeWorker();
    made.addEventListener('message', ({ data: answer }: MessageEvent<VerifyAnswer>) =>
      setState((held) => (answer.run === held.run + held.done.length ? withAnswer(held, answer) : held)),
    );
    made.addEventListener('error', () =>
      setState((held) => withResult(held, { failure: 'The verifier stopped. Reload the page and try again.' })),
    );
    worker.current = made;
    return () => made.terminate();
  }, [makeWorker]);

  const { files, done } = state;
  const current = files[done.length];
  // One request at a time, each under a number of its own.
  const number = state.run + done.length;
  useEffect(() => {
    if (current)
      worker.current?.postMessage({ run: number, file: current, trust: state.trust } satisfies VerifyRequest);
  }, [current, number, state.trust]);

  function verify(given: readonly File[]) {
    const taken = given.slice(0, BUNDLES_MAX);
    setLeftOut(given.length - taken.length);
    setState((held) => ({ run: held.run + held.files.length, files: taken, trust, done: [], readBytes: 0 }));
  }

  return (
    <Section title="Verify">
      <div className={classes.verify}>
        <FileDrop
          label="Drop bundles here"
          note="They are checked in this browser and sent nowhere. It works offline. Bundles of ledgers that continue one another are compared."
          accept=".zip,application/zip"
          multiple
          chosen={files}
          onFiles={verify}
        />
        {leftOut > 0 ? (
          <p role="alert" className={classes.problem}>
            {BUNDLES_MAX} bundles are verified at once; {leftOut} more were left out.
          </p>
        ) : null}
        <details className={classes.policy}>
          <summary>With what you trust: keys, authorities, heads kept elsewhere</summary>
          <TrustFields trust={trust} onChange={setTrust} />
          {files.length > 0 ? (
            <Button variant="default" mt="xs" onClick={() => verify(files)}>
              Verify again with this
            </Button>
          ) : null}
        </details>
        {current ? (
          <progress
            className={classes.progress}
            aria-label={`Verifying ${current.name}`}
            max={current.size}
            value={Math.min(state.readBytes, current.size)}
          />
        ) : null}
        <div role="status" aria-live="polite" className={classes.lists}>
          {current ? <p>Verifying {current.name} …</p> : null}
          {files.length > 1 && !current ? <Links done={done} /> : null}
          {done.map((one, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two files may have one name, and none moves
            <div key={i} className={classes.lists}>
              {files.length > 1 ? <h3 className={classes.file}>{one.file.name}</h3> : null}
              <OneVerified verified={one} />
            </div>
          ))}
        </div>
      </div>
    </Section>
  );
}

function withAnswer(held: State, answer: VerifyAnswer): State {
  return 'readBytes' in answer ? { ...held, readBytes: answer.readBytes } : withResult(held, answer);
}

function withResult(
  held: State,
  result: { report: BundleReport; heads: HeadsCompared | null } | { failure: string },
): State {
  const file = held.files[held.done.length];
  return file ? { ...held, done: [...held.done, { file, ...result }], readBytes: 0 } : held;
}

function OneVerified({ verified }: { verified: Verified }) {
  if ('failure' in verified)
    return (
      <div className={classes.verdict} data-ok="false">
        <p>{verified.failure}</p>
      </div>
    );
  return (
    <>
      {verified.heads ? <HeadsFound heads={verified.heads} /> : null}
      <BundleReportView report={verified.report} fileName={verified.file.name} />
    </>
  );
}

const LINK_STATES = {
  joined: { state: 'pass', word: 'Joined' },
  contradicts: { state: 'fail', word: 'Contradiction' },
  unknown: { state: 'no_data', word: 'Not shown' },
} as const;

/** What joins several bundles; only of those that hold by themselves. */
function Links({ done }: { done: readonly Verified[] }) {
  const right = done.flatMap((one) => ('report' in one && one.report.ok ? [one] : []));
  const links = linkBundles(right.map(({ file, report }) => ({ name: file.name, ...report.facts })));
  return (
    <div className={classes.verdict} data-ok={!links.some(({ state }) => state === 'contradicts')}>
      <h3>How they belong together</h3>
      {right.length < done.length ? <p>Bundles that are not right are not compared.</p> : null}
      {links.length === 0 ? <p>{NOT_LINKED}</p> : null}
      {links.map(({ older, newer, state, sentence }) => (
        <p key={`${older} ${newer}`}>
          <StateBadge {...LINK_STATES[state]} /> {sentence}
        </p>
      ))}
    </div>
  );
}

/** The gravest first: a kept head that contradicts the bundle matters even where everything in the bundle holds. */
function HeadsFound({ heads: { holding, contradicting, unrelated } }: { heads: HeadsCompared }) {
  if (contradicting.length > 0)
    return (
      <div className={classes.verdict} data-ok="false">
        <p>
          <strong>The log has two histories.</strong> {contradicting.join(', ')}: same log and size as the head of this
          bundle, another root. Keep both files, and tell whoever relies on the log.
        </p>
      </div>
    );
  if (holding.length > 0 || unrelated.length === 0) return null;
  return (
    <p className={classes.quiet}>
      None of the heads you gave is the head of this bundle. In a mirror it lies under checkpoints, named by the number
      of entries.
    </p>
  );
}
