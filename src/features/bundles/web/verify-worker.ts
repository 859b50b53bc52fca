import { fromBlob, type RandomAccess } from '#src/ledger/bundle/bundle-files.ts';
import type { BundleReport } from '#src/ledger/bundle/bundle-report.ts';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { compareHeads, type GivenHead, type HeadsCompared } from './given-heads.ts';

/** `run` names the request: answers to one that is given up on are told apart by it. */
export type VerifyRequest = { run: number; file: File; trust: Trust };
/** What a reader brings along. Empty texts and lists: nothing, and the bundle's own are taken. */
export type Trust = { policy: string; trustedAuthorities: string; heads: readonly GivenHead[] };
export type VerifyAnswer = { run: number } & (
  | { report: BundleReport; heads: HeadsCompared | null }
  | { failure: string }
  | { readBytes: number }
);

const TOLD_EVERY_MS = 200;

// Beside the page, because a large bundle keeps a processor busy for seconds. It reads the file piece by piece and
// touches no network: the page hands it the file, and it hands back a report.
self.addEventListener('message', async (event: MessageEvent<VerifyRequest>) => {
  const {
    run,
    file,
    trust: { policy, trustedAuthorities, heads },
  } = event.data;
  let answer: VerifyAnswer;
  let compared: HeadsCompared | null = null;
  try {
    const report = await verifyBundle(tellingProgress(fromBlob(file), run), {
      ...(policy.trim() !== '' && { policy }),
      ...(trustedAuthorities.trim() !== '' && { trustedAuthorities }),
      ...(heads.length > 0 && {
        mirrorsHolding: async (head) => {
          compared = compareHeads(heads, head);
          return compared.holding;
        },
      }),
    });
    answer = { run, report, heads: compared };
  } catch (error) {
    answer = { run, failure: error instanceof Error ? error.message : 'The file could not be read.' };
  }
  self.postMessage(answer);
});

// Most of a bundle is read once and in order, so what was read says well enough how far it is.
function tellingProgress(source: RandomAccess, run: number): RandomAccess {
  let readBytes = 0;
  let toldAtMs = performance.now();
  return {
    sizeBytes: source.sizeBytes,
    read: (offset, length) => {
      readBytes += length;
      if (performance.now() - toldAtMs > TOLD_EVERY_MS) {
        toldAtMs = performance.now();
        self.postMessage({ run, readBytes } satisfies VerifyAnswer);
      }
      return source.read(offset, length);
    },
  };
}
