import { addEvidence } from '#src/features/evidence/index.ts';
import { type Actor, type Append, actorText, ledgerActor, parseActor, personOf } from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { diffPolicy } from './diff-policy.ts';
import type { EmergencyReview, PolicyChange, TestRun, VersionDecision } from './model.ts';
import { updateVersion, versionInForceAt } from './policy-store.ts';
import type { PolicyRow, VersionRow } from './tables.ts';
import { judgeTestRun, limitsFor, newestTestRuns, runOf } from './test-run.ts';

const CONTROLS = ['GRD-01', 'GRD-02', 'MLC-06'];
const REVIEW_WITHIN_MS = 7 * DAY_MS;
const WAIT_MAX_MS = 366 * DAY_MS;
const CHANGES_IN_LEAF_MAX = 100;

/** On what a version is approved: a run of the suites that passes, or an emergency. */
export type Basis = { testRun: TestRun } | { emergency: string };

/** Throws `conflict` where the version is approved on neither. */
export async function basisOf(
  tx: Transaction,
  { versions, row, decision }: { versions: readonly VersionRow[]; row: VersionRow; decision: VersionDecision },
  at: Date,
): Promise<Basis> {
  if (decision.emergency !== undefined) return { emergency: decision.emergency };
  const run = runOf(await newestTestRuns(tx), row);
  const next = 'Play all suites under this version, or approve it as an emergency with a reason.';
  if (run === null)
    throw new AppError('conflict', `Version ${row.version} was not tried: no run of the attack suites. ${next}`);
  const inForce = versionInForceAt(versions, at.getTime());
  const testRun = judgeTestRun(run, limitsFor(row.document, inForce?.document ?? null), at.getTime());
  if (testRun.verdict !== 'pass')
    throw new AppError('conflict', `The test run of version ${row.version} did not pass. ${testRun.because} ${next}`);
  return { testRun };
}

/** Notes that somebody looked at what was approved in an emergency, with the run that was made under it since. */
export async function reviewEmergency(
  tx: Transaction,
  { versions, row, review }: { versions: readonly VersionRow[]; row: VersionRow; review: EmergencyReview },
  { actor, at }: { actor: Actor; at: Date },
): Promise<TestRun> {
  if (row.emergencyReason === null || row.state !== 'approved')
    throw new AppError('conflict', `Version ${row.version} was not approved in an emergency.`);
  if (row.emergencyReviewedAt !== null) throw new AppError('conflict', `Version ${row.version} was reviewed already.`);
  if (row.digest !== review.digest)
    throw new AppError('conflict', `This is not what version ${row.version} says. Read it again, then review it.`);
  const person = personOf(actor);
  if (person === null || (row.decidedBy !== null && personOf(parseActor(row.decidedBy)) === person))
    throw new AppError('forbidden', 'An emergency is reviewed by another person than the one who approved it.');
  const run = runOf(await newestTestRuns(tx), row);
  if (run === null)
    throw new AppError('conflict', `Play all suites under version ${row.version} first: the review looks at the run.`);
  const before = versionInForceAt(
    versions.filter(({ version }) => version !== row.version),
    (row.inForceFrom ?? at).getTime(),
  );
  const testRun = judgeTestRun(run, limitsFor(row.document, before?.document ?? null), at.getTime());
  if (testRun.verdict === 'no_data') throw new AppError('conflict', `${testRun.because} Play all suites again.`);
  await updateVersion(tx, row, {
    testRun,
    emergencyReviewedAt: at,
    emergencyReviewedBy: actorText(actor),
    emergencyReviewNote: review.note,
  });
  return testRun;
}

/** Decides a version: approved it is evidence, with what it loosens and tightens in the ledger. */
export async function decideVersion(
  tx: Transaction,
  {
    policy,
    versions,
    row,
    decision,
    basis,
  }: {
    policy: PolicyRow;
    versions: readonly VersionRow[];
    row: VersionRow;
    decision: VersionDecision;
    /** Null where it is refused, or comes with the product. */
    basis: Basis | null;
  },
  context: {
    actor: Actor;
    at: Date;
    append: Append;
    newId(prefix: string): string;
    /** What the version says, already in the blob store. */
    blob: { sha256: string; sizeBytes: number };
  },
): Promise<void> {
  const { actor, at } = context;
  const approved = decision.decision === 'approved';
  const inForceFrom = approved ? startOf(decision, versions, at) : null;
  const testRun = basis !== null && 'testRun' in basis ? basis.testRun : null;
  const emergency = basis !== null && 'emergency' in basis ? basis.emergency : null;
  const reviewDueAt = emergency === null ? null : new Date(at.getTime() + REVIEW_WITHIN_MS);
  await updateVersion(tx, row, {
    state: decision.decision,
    decidedAt: at,
    decidedBy: actorText(actor),
    decisionReason: decision.reason ?? null,
    inForceFrom,
    testRun,
    emergencyReason: emergency,
    emergencyReviewDueAt: reviewDueAt,
  });
  const before = versionInForceAt(versions, inForceFrom?.getTime() ?? at.getTime());
  const changes = diffPolicy(before?.document ?? null, row.document);
  await context.append(tx, {
    type: approved ? 'approval.granted' : 'approval.refused',
    actor: ledgerActor(actor),
    subject: { kind: 'gateway-policy', id: policy.id, version: String(row.version) },
    series: 'gateway',
    body: {
      what: 'gateway-policy',
      digest: row.digest,
      before: before?.digest ?? null,
      inForceFrom: inForceFrom?.toISOString() ?? null,
      ...(approved && { testRun: runForLeaf(testRun) }),
      ...(reviewDueAt && { emergency: { reviewDueAt: reviewDueAt.toISOString() } }),
      loosened: changes.filter(({ effect }) => effect === 'loosened').length,
      changes: changes.slice(0, CHANGES_IN_LEAF_MAX).map(forLeaf),
    },
    dedupeKey: `gateway:${context.newId('chg')}`,
  });
  if (!approved) return;
  await addEvidence(tx, context.append, {
    id: context.newId('evd'),
    kind: 'records',
    title: `Gateway policy ${policy.name}, version ${row.version}`,
    source: { key: `assay:gateway-policy:${policy.id}`, title: `Gateway policy ${policy.name}` },
    query: `Gateway, Policies, ${policy.name}, version ${row.version}, as approved`,
    collector: actor,
    grade: 'B',
    occurredAt: at,
    observedAt: at,
    recordedAt: at,
    content: {
      ...context.blob,
      mediaType: 'application/json',
      fileName: `gateway-policy-${policy.name}-${row.version}.json`,
    },
    controls: CONTROLS,
    tests: [],
    leaf: { policy: policy.id, version: row.version, testRun: testRun?.runId ?? null },
  });
}

function startOf(decision: VersionDecision, versions: readonly VersionRow[], at: Date): Date {
  const asked = decision.inForceFrom === undefined ? at.getTime() : Date.parse(decision.inForceFrom);
  if (asked > at.getTime() + WAIT_MAX_MS)
    throw new AppError(
      'invalid_input',
      'inForceFrom: is more than a year away. Approve the version when it is nearer.',
    );
  // What was in force in the past is history: it cannot be made up afterwards.
  const fromMs = Math.max(asked, at.getTime());
  const later = versions.find(({ inForceFrom }) => (inForceFrom?.getTime() ?? 0) > fromMs);
  if (later)
    throw new AppError(
      'conflict',
      `Version ${later.version} comes into force on ${later.inForceFrom?.toISOString()} and would replace this one then. Choose a moment after it.`,
    );
  return new Date(fromMs);
}

/** What of a run stands in the ledger: numbers and ids, the path of the route left out. */
export function runForLeaf(testRun: TestRun | null): JsonValue {
  if (testRun === null) return null;
  const { path: _path, because: _because, ...numbers } = testRun;
  return numbers;
}

/** Expressions, patterns and names of tools are words of people: the leaf names them and leaves out what they say. */
function forLeaf({ what, effect, before, after }: PolicyChange): JsonValue {
  return /^(Rule|Pattern|Tool|Schema)/.test(what)
    ? { what: what.split(' ')[0], effect }
    : { what, effect, before, after };
}
