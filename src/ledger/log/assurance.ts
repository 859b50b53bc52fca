import { TimestampProblem } from '../timestamp/timestamp-problem.ts';
import { type Timestamp, verifyTimestamp } from '../timestamp/timestamp-verify.ts';
import {
  ASSURANCE_LEVELS,
  type Assurance,
  type AssuranceLevel,
  type AssuranceStep,
  STILL_POSSIBLE,
} from './assurance-levels.ts';
import { utf8Bytes } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { InvalidFormat } from './invalid-format.ts';
import { type Note, parseNote, type VerifiedSignature, verifyKnownSignatures } from './note.ts';
import { isQuorumMet, type Policy } from './policy.ts';
import { formatKeyId, type VerifierKey } from './verifier-key.ts';

const NOTHING_HOLDS = 'Nothing can be said: the checkpoint is not signed by a key that is trusted for it.';

export type AssuranceEvidence = {
  /** The signed note, with whatever cosignatures there are. */
  note: Uint8Array;
  /** Whom the reader trusts: logs, witnesses and how many of them. */
  policy: Policy;
  /** Time-stamp responses (DER) for it, and the authorities the reader trusts (PEM). */
  timestamps?: { responses: readonly Uint8Array[]; trusted: string };
  /** Names of the places that hold this very checkpoint and are not the operator's, as the reader has seen. */
  mirrors?: readonly string[];
  /** Unix milliseconds. */
  nowMs?: number;
};

/** Finds the level a checkpoint has reached for a reader with that policy. Never throws for what the evidence holds. */
export async function assuranceOf(evidence: AssuranceEvidence): Promise<Assurance> {
  const signed = readSigned(evidence);
  if ('reason' in signed) return failed(signed.reason);
  const steps: AssuranceStep[] = [
    {
      level: 'signed',
      reached: true,
      reason: `The log ${signed.log.name} signed it (key id ${formatKeyId(signed.log.id)}).`,
    },
    await stamped(evidence, signed.note.text),
    witnessed(evidence.policy, signed.verified),
    mirrored(evidence.mirrors ?? []),
  ];
  const level = levelOf(steps);
  return { level, steps, stillPossible: STILL_POSSIBLE[level] };
}

// A mirror says that the history is kept elsewhere; that there is only one history, only witnesses say.
function levelOf(steps: readonly AssuranceStep[]): AssuranceLevel {
  const has = (level: AssuranceLevel) => steps.some((step) => step.level === level && step.reached);
  if (has('witnessed')) return has('mirrored') ? 'mirrored' : 'witnessed';
  return has('time-stamped') ? 'time-stamped' : 'signed';
}

type Signed = { note: Note; log: VerifierKey; verified: readonly VerifiedSignature[] };

function readSigned({ note: bytes, policy }: AssuranceEvidence): Signed | { reason: string } {
  try {
    const note = parseNote(bytes);
    const { origin } = parseCheckpoint(note.text);
    const verified = verifyKnownSignatures(note, [...policy.logs, ...policy.witnesses.values()]);
    const log = policy.logs.find((key) => key.name === origin && verified.some((one) => one.key === key));
    return log ? { note, log, verified } : { reason: `No key that is trusted for the log ${origin} has signed it.` };
  } catch (error) {
    if (error instanceof InvalidFormat) return { reason: error.message };
    throw error;
  }
}

function failed(reason: string): Assurance {
  const steps = ASSURANCE_LEVELS.map((level) => ({
    level,
    reached: false,
    reason: level === 'signed' ? reason : 'It was not looked at, as the signature of the log is missing.',
  }));
  return { level: null, steps, stillPossible: NOTHING_HOLDS };
}

async function stamped({ timestamps, nowMs }: AssuranceEvidence, text: string): Promise<AssuranceStep> {
  const step = (reached: boolean, reason: string): AssuranceStep => ({ level: 'time-stamped', reached, reason });
  if (!timestamps || timestamps.responses.length === 0) return step(false, 'No time stamp came with it.');
  const holding: Timestamp[] = [];
  let problem = '';
  for (const response of timestamps.responses) {
    try {
      holding.push(await verifyTimestamp(response, { message: utf8Bytes(text), trusted: timestamps.trusted, nowMs }));
    } catch (error) {
      if (!(error instanceof TimestampProblem)) throw error;
      problem ||= error.message;
    }
  }
  holding.sort((a, b) => a.stampedAtMs - b.stampedAtMs);
  const [earliest] = holding;
  if (!earliest) return step(false, `The time stamp that came with it does not hold: ${problem}`);
  const at = new Date(earliest.stampedAtMs).toISOString();
  return step(true, `${earliest.authority} stamped it at ${at}, so it is not younger than that.`);
}

function witnessed(policy: Policy, verified: readonly VerifiedSignature[]): AssuranceStep {
  const step = (reached: boolean, reason: string): AssuranceStep => ({ level: 'witnessed', reached, reason });
  if (policy.quorum === 'none') return step(false, 'The policy names no witnesses that have to cosign.');
  const names = [...policy.witnesses].flatMap(([name, key]) => (verified.some((one) => one.key === key) ? [name] : []));
  const count = `${names.length} of the ${policy.witnesses.size} witnesses of the policy cosigned it`;
  const listed = names.length === 0 ? '' : ` (${names.join(', ')})`;
  return isQuorumMet(policy, new Set(names))
    ? step(true, `${count}${listed}, which is enough for the quorum "${policy.quorum}".`)
    : step(false, `${count}${listed}; the quorum "${policy.quorum}" asks for more.`);
}

function mirrored(mirrors: readonly string[]): AssuranceStep {
  return mirrors.length === 0
    ? { level: 'mirrored', reached: false, reason: 'No mirror is known to hold it.' }
    : { level: 'mirrored', reached: true, reason: `Held by ${mirrors.join(', ')}.` };
}
