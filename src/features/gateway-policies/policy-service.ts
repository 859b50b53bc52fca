import { randomBytes } from 'node:crypto';
import {
  type Actor,
  actorText,
  ledgerActor,
  type NamesOf,
  parseActor,
  personOf,
  type Records,
  resolveWho,
} from '#src/features/records/index.ts';
import { canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { requireRunnable } from './check-policy.ts';
import { basisOf, decideVersion, reviewEmergency, runForLeaf } from './decide-version.ts';
import type {
  Draft,
  EmergencyReview,
  NewPolicy,
  Policy,
  PolicyDetail,
  PolicyVersion,
  VersionDecision,
} from './model.ts';
import {
  findPolicy,
  insertPolicy,
  insertVersion,
  listPolicyRows,
  listVersionSummaries,
  listVersions,
  takeVersions,
  updateVersion,
  versionInForceAt,
} from './policy-store.ts';
import { presentPolicy, presentVersions } from './present-policy.ts';
import { STARTER_NAME, STARTER_NOTE, STARTER_POLICY } from './starter-policy.ts';
import type { PolicyRow, VersionRow } from './tables.ts';

export type GatewayPoliciesDependencies = { records: Records; blobs: Pick<Blobs, 'put'>; namesOf: NamesOf };
export type GatewayPoliciesService = ReturnType<typeof createGatewayPolicies>;

const LOCK = 'gateway';
const KINDS = ['gateway-policy', 'gateway-route'] as const;
/** The author of what comes with the product. */
const ASSAY: Actor = { kind: 'service', id: 'assay' };

/** Policies as versions: written, read by a second person, in force from a moment. */
export function createGatewayPolicies({ records, blobs, namesOf }: GatewayPoliciesDependencies) {
  const { drizzle } = records.database;
  const newId = (prefix: string) => makeId(prefix, records.clock(), randomBytes(10));
  const now = () => new Date(records.clock());

  async function entry(
    tx: Transaction,
    type: 'gateway.policy-changed' | 'approval.requested',
    actor: Actor,
    version: Pick<VersionRow, 'policyId' | 'version' | 'digest'>,
    body: Record<string, JsonValue>,
  ): Promise<void> {
    await records.append(tx, {
      type,
      actor: ledgerActor(actor),
      subject: { kind: 'gateway-policy', id: version.policyId, version: String(version.version) },
      series: 'gateway',
      body: { at: toInstant(records.clock()), digest: version.digest, ...body },
      dedupeKey: `gateway:${newId('chg')}`,
    });
  }

  async function detail(idOrName: string): Promise<PolicyDetail> {
    const row = await findPolicy(drizzle, idOrName);
    const versions = await listVersions(drizzle, row.id);
    const summary = (await list()).find((policy) => policy.id === row.id);
    if (!summary) throw new AppError('not_found', 'This policy was removed meanwhile.');
    const presented = await presentVersions(drizzle, versions, namesOf, records.clock());
    const documents = Object.fromEntries(versions.map(({ version, document }) => [String(version), document]));
    return { ...summary, versions: presented, documents };
  }

  async function list(): Promise<Policy[]> {
    const [rows, versions] = await Promise.all([listPolicyRows(drizzle), listVersionSummaries(drizzle)]);
    const who = await resolveWho(
      namesOf,
      rows.map(({ createdBy }) => createdBy),
    );
    return presentPolicy(drizzle, { rows, versions, who, nowMs: records.clock() });
  }

  function firstVersion(policyId: string, draft: Draft, authors: string[]): VersionRow {
    return {
      policyId,
      version: 1,
      document: draft.document,
      digest: digestOf(draft.document),
      note: draft.note,
      state: 'draft',
      authors,
      createdAt: now(),
      changedAt: now(),
      submittedAt: null,
      submittedBy: null,
      decidedAt: null,
      decidedBy: null,
      decisionReason: null,
      inForceFrom: null,
      testRun: null,
      emergencyReason: null,
      emergencyReviewDueAt: null,
      emergencyReviewedAt: null,
      emergencyReviewedBy: null,
      emergencyReviewNote: null,
    };
  }

  /** Writes the next version, or changes the one that is being worked on, whose approval then starts anew. */
  async function write(tx: Transaction, actor: Actor, policy: PolicyRow, draft: Draft): Promise<VersionRow> {
    const versions = await takeVersions(tx, policy.id);
    const open = versions.find(({ state }) => state === 'draft' || state === 'submitted');
    const author = actorText(actor);
    if (!open) {
      const made = { ...firstVersion(policy.id, draft, [author]), version: (versions[0]?.version ?? 0) + 1 };
      await insertVersion(tx, made);
      await entry(tx, 'gateway.policy-changed', actor, made, { change: 'drafted' });
      return made;
    }
    const set = {
      document: draft.document,
      digest: digestOf(draft.document),
      note: draft.note,
      state: 'draft' as const,
      submittedAt: null,
      submittedBy: null,
      changedAt: now(),
      authors: [...new Set([...open.authors, author])],
    };
    await updateVersion(tx, open, set);
    await entry(tx, 'gateway.policy-changed', actor, { ...open, ...set }, { change: 'redrafted', before: open.digest });
    return { ...open, ...set };
  }

  return {
    list,
    detail,

    /** True while nobody has a policy of the starter's name. */
    async starterOffered(): Promise<boolean> {
      return !(await listPolicyRows(drizzle)).some(({ name }) => name === STARTER_NAME);
    },

    /** Adds a policy with its first version, as a draft. Nothing is in force by that. */
    async create(actor: Actor, input: NewPolicy): Promise<PolicyDetail> {
      const { note, document = STARTER_POLICY } = input;
      requireRunnable(document);
      const policy = newPolicyRow(newId('gpo'), input.name, input.description ?? '', actor, now());
      await records.change(LOCK, KINDS, async (tx) => {
        await insertPolicy(tx, policy);
        await write(tx, actor, policy, { document, note });
      });
      return detail(policy.id);
    },

    async draft(actor: Actor, idOrName: string, draft: Draft): Promise<PolicyDetail> {
      requireRunnable(draft.document);
      const policy = await findPolicy(drizzle, idOrName);
      await records.change(LOCK, KINDS, (tx) => write(tx, actor, policy, draft));
      return detail(policy.id);
    },

    /** Asks a second person. */
    async submit(actor: Actor, idOrName: string, version: number): Promise<PolicyDetail> {
      const policy = await findPolicy(drizzle, idOrName);
      await records.change(LOCK, KINDS, async (tx) => {
        const row = versionNumbered(await takeVersions(tx, policy.id), policy, version);
        if (row.state === 'submitted') return;
        if (row.state !== 'draft') throw wrongState(policy, row, 'Only a draft is submitted.');
        await updateVersion(tx, row, { state: 'submitted', submittedAt: now(), submittedBy: actorText(actor) });
        await entry(tx, 'approval.requested', actor, row, { what: 'gateway-policy' });
      });
      return detail(policy.id);
    },

    /** Takes back what is not decided yet. */
    async withdraw(actor: Actor, idOrName: string, version: number): Promise<PolicyDetail> {
      const policy = await findPolicy(drizzle, idOrName);
      await records.change(LOCK, KINDS, async (tx) => {
        const row = versionNumbered(await takeVersions(tx, policy.id), policy, version);
        if (row.state !== 'draft' && row.state !== 'submitted')
          throw wrongState(policy, row, 'Only what is not decided yet is withdrawn.');
        await updateVersion(tx, row, { state: 'withdrawn', changedAt: now() });
        await entry(tx, 'gateway.policy-changed', actor, row, { change: 'withdrawn' });
      });
      return detail(policy.id);
    },

    /** The second person's word. Approved, the version is in force from its moment on, on every node. */
    async decide(actor: Actor, idOrName: string, version: number, decision: VersionDecision): Promise<PolicyDetail> {
      const policy = await findPolicy(drizzle, idOrName);
      const read = versionNumbered(await listVersions(drizzle, policy.id), policy, version);
      // Written before the transaction that points to it; what is left behind without one costs a file.
      const blob = await blobs.put(Buffer.from(canonicalJson(read.document)), 'application/json');
      await records.change(LOCK, KINDS, async (tx) => {
        const versions = await takeVersions(tx, policy.id);
        const row = versionNumbered(versions, policy, version);
        if (row.state !== 'submitted') throw wrongState(policy, row, 'Only a submitted version is decided.');
        if (row.digest !== decision.digest || row.digest !== blob.sha256)
          throw new AppError(
            'conflict',
            `Version ${version} was changed since you read it. Read it again, then decide.`,
          );
        refuseUnlessSecondPerson(row, actor);
        const basis = decision.decision === 'approved' ? await basisOf(tx, { versions, row, decision }, now()) : null;
        const context = { actor, at: now(), append: records.append, newId, blob };
        await decideVersion(tx, { policy, versions, row, decision, basis }, context);
      });
      return detail(policy.id);
    },

    /** Another person's look at what was approved in an emergency. It freezes the run that was made since. */
    async reviewEmergency(
      actor: Actor,
      idOrName: string,
      version: number,
      review: EmergencyReview,
    ): Promise<PolicyDetail> {
      const policy = await findPolicy(drizzle, idOrName);
      await records.change(LOCK, KINDS, async (tx) => {
        const versions = await takeVersions(tx, policy.id);
        const row = versionNumbered(versions, policy, version);
        const testRun = await reviewEmergency(tx, { versions, row, review }, { actor, at: now() });
        const body = { change: 'emergency-reviewed', testRun: runForLeaf(testRun) };
        await entry(tx, 'gateway.policy-changed', actor, row, body);
      });
      return detail(policy.id);
    },

    /**
     * Puts the built-in policy in force. Its author is the product, so that whoever adopts it is the second person; the
     * command line may, too, and then the control test says that no person is known to have approved it. It needs no run of
     * the suites before it: without a policy no call is served. The control test asks for one afterwards.
     */
    async adoptStarter(actor: Actor): Promise<PolicyDetail> {
      const policy = newPolicyRow(newId('gpo'), STARTER_NAME, 'The policy Assay comes with.', ASSAY, now());
      const blob = await blobs.put(Buffer.from(canonicalJson(STARTER_POLICY)), 'application/json');
      await records.change(LOCK, KINDS, async (tx) => {
        await insertPolicy(tx, policy);
        const draft = { document: STARTER_POLICY, note: STARTER_NOTE };
        const row = await write(tx, ASSAY, policy, draft);
        const decision = { decision: 'approved' as const, digest: row.digest };
        const context = { actor, at: now(), append: records.append, newId, blob };
        await decideVersion(tx, { policy, versions: [row], row, decision, basis: null }, context);
      });
      return detail(policy.id);
    },

    /** The version in force at a moment of the past or the future, with what it says. */
    async at(
      idOrName: string,
      atMs: number,
    ): Promise<{ version: PolicyVersion; document: VersionRow['document'] } | null> {
      const policy = await findPolicy(drizzle, idOrName);
      const versions = await listVersions(drizzle, policy.id);
      const found = versionInForceAt(versions, atMs);
      if (!found) return null;
      const presented = await presentVersions(drizzle, versions, namesOf, records.clock());
      const version = presented.find((one) => one.version === found.version);
      return version ? { version, document: found.document } : null;
    },

    /** One version of a policy; the newest when none is named. */
    async version(idOrName: string, version?: number): Promise<VersionRow> {
      const policy = await findPolicy(drizzle, idOrName);
      const versions = await listVersions(drizzle, policy.id);
      return versionNumbered(versions, policy, version ?? versions[0]?.version ?? 0);
    },
  };
}

export function digestOf(document: VersionRow['document']): string {
  return sha256Hex(canonicalJson(document));
}

function newPolicyRow(id: string, name: string, description: string, by: Actor, createdAt: Date): PolicyRow {
  return { id, name, description, createdAt, createdBy: actorText(by) };
}

function versionNumbered(versions: readonly VersionRow[], policy: PolicyRow, version: number): VersionRow {
  const row = versions.find((one) => one.version === version);
  if (!row) throw new AppError('not_found', `The policy "${policy.name}" has no version ${version}.`);
  return row;
}

function wrongState(policy: PolicyRow, row: VersionRow, rule: string): AppError {
  return new AppError('conflict', `Version ${row.version} of "${policy.name}" is ${row.state}. ${rule}`);
}

function refuseUnlessSecondPerson(row: VersionRow, actor: Actor): void {
  const person = personOf(actor);
  if (person === null)
    throw new AppError(
      'forbidden',
      'A policy is approved by a person. Sign in and decide it there, or name the API key of one in ASSAY_API_KEY.',
    );
  if (row.authors.some((author) => personOf(parseActor(author)) === person))
    throw new AppError(
      'forbidden',
      'A policy is approved by another person than those who wrote it. Ask a colleague with the right to review, or invite one under Settings, Users.',
    );
}
