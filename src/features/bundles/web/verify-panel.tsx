import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { BundleReport } from '#src/ledger/bundle/bundle-report.ts';
import { FileDrop } from '#src/ui/file-drop.tsx';
import { Section } from '#src/ui/page.tsx';
import { BundleReportView } from './bundle-report-view.tsx';
import classes from './bundles.module.css';
import type { HeadsCompared } from './given-heads.ts';
import { NO_TRUST, TrustFields } from './trust-fields.tsx';
import type { Trust, VerifyAnswer, VerifyRequest } from './verify-worker.ts';

type State =
  | { step: 'idle' }
  | { step: 'busy'; file: File; readBytes: number }
  | { step: 'done'; file: File; report: BundleReport; heads: HeadsCompared | null }
  | { step: 'unreadable'; file: File; why: string };

/**
 * Verifies a bundle in this browser. The file never leaves the machine, and it works with the network unplugged.
 * `makeWorker` starts verify-worker.ts.
 */
export function VerifyPanel({ makeWorker }: { makeWorker: () => Worker }) {
  const worker = useRef<Worker>(null);
  const [state, setState] = useState<State>({ step: 'idle' });
  const [trust, setTrust] = useState<Trust>(NO_TRUST);

  useEffect(() => {
    // Loaded with the page and not at the first file, so that it is there when the network is not.
    const made = makeWorker();
    made.addEventListener('message', (event: MessageEvent<VerifyAnswer>) => {
      const answer = event.data;
      setState((held) => {
        if (held.step !== 'busy') return held;
        if ('readBytes' in answer) return { ...held, readBytes: answer.readBytes };
        return 'report' in answer
          ? { step: 'done', file: held.file, report: answer.report, heads: answer.heads }
          : { step: 'unreadable', file: held.file, why: answer.failure };
      });
    });
    made.addEventListener('error', () =>
      setState((held) =>
        held.step === 'busy'
          ? { step: 'unreadable', file: held.file, why: 'The verifier stopped. Reload the page and try again.' }
          : held,
      ),
    );
    worker.current = made;
    return () => made.terminate();
  }, [makeWorker]);

  function verify(file: File) {
    setState({ step: 'busy', file, readBytes: 0 });
    worker.current?.postMessage({ file, trust } satisfies VerifyRequest);
  }

  const file = state.step === 'idle' ? null : state.file;
  return (
    <Section title="Verify">
      <div className={classes.verify}>
        <FileDrop
          label="Drop a bundle here"
          note="It is checked in this browser and sent nowhere. It works offline."
          accept=".zip,application/zip"
          chosen={file}
          onFile={verify}
        />
        <details className={classes.policy}>
          <summary>With what you trust: keys, authorities, heads kept elsewhere</summary>
          <TrustFields trust={trust} onChange={setTrust} />
          {file ? (
            <Button variant="default" mt="xs" onClick={() => verify(file)}>
              Verify again with this
            </Button>
          ) : null}
        </details>
        {state.step === 'busy' ? (
          <progress
            className={classes.progress}
            aria-label={`Verifying ${state.file.name}`}
            max={state.file.size}
            value={Math.min(state.readBytes, state.file.size)}
          />
        ) : null}
        <div role="status" aria-live="polite">
          {state.step === 'busy' ? <p>Verifying {state.file.name} …</p> : null}
          {state.step === 'unreadable' ? (
            <div className={classes.verdict} data-ok="false">
              <p>{state.why}</p>
            </div>
          ) : null}
          {state.step === 'done' && state.heads ? <HeadsFound heads={state.heads} /> : null}
          {state.step === 'done' ? <BundleReportView report={state.report} fileName={state.file.name} /> : null}
        </div>
      </div>
    </Section>
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
