import { addEvidence } from '#src/features/evidence/index.ts';
import { type Actor, type Append, actorText, ledgerActor } from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { diffPolicy } from './diff-policy.ts';
import type { PolicyChange, VersionDecision } from './model.ts';
import { updateVersion, versionInForceAt } from './policy-store.ts';
import type { PolicyRow, VersionRow } from './tables.ts';

const CONTROLS = ['GRD-01', 'GRD-02'];
const WAIT_MAX_MS = 366 * DAY_MS;
const CHANGES_IN_LEAF_MAX = 100;

/** Decides a version: approved it is evidence, with what it loosens and tightens in the ledger. */
export async function decideVersion(
  tx: Transaction,
  {
    policy,
    versions,
    row,
    decision,
  }: { policy: PolicyRow; versions: readonly VersionRow[]; row: VersionRow; decision: VersionDecision },
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
  await updateVersion(tx, row, {
    state: decision.decision,
    decidedAt: at,
    decidedBy: actorText(actor),
    decisionReason: decision.reason ?? null,
    inForceFrom,
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
    leaf: { policy: policy.id, version: row.version },
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

/** Expressions, patterns and names of tools are words of people: the leaf names them and leaves out what they say. */
function forLeaf({ what, effect, before, after }: PolicyChange): JsonValue {
  return /^(Rule|Pattern|Tool|Schema)/.test(what)
    ? { what: what.split(' ')[0], effect }
    : { what, effect, before, after };
}
