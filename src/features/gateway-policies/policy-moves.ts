import { randomBytes } from 'node:crypto';
import { and, desc, eq, inArray } from 'drizzle-orm';
import { gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
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
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { loosenedBy, type MoveTarget } from './loosening.ts';
import type { PolicyMove, PolicyMoveDecision } from './model.ts';
import { listPolicyRows } from './policy-store.ts';
import { listRouteRows, updateRoute } from './route-store.ts';
import { gatewayPolicyMove, type PolicyMoveRow } from './tables.ts';

export type PolicyMoves = ReturnType<typeof createPolicyMoves>;

const LOCK = 'gateway';
const KINDS = ['gateway-route', 'gateway-tenant'] as const;
const SHOWN_MAX = 100;

/** Moves of routes and tenants to other policies. What loosens nothing is done at once; the rest waits for a second person. */
export function createPolicyMoves({ records, namesOf }: { records: Records; namesOf: NamesOf }) {
  const { drizzle } = records.database;
  const newId = (prefix: string) => makeId(prefix, records.clock(), randomBytes(10));

  async function entry(
    tx: Transaction,
    type: 'approval.requested' | 'approval.granted' | 'approval.refused' | 'approval.revoked',
    actor: Actor,
    row: PolicyMoveRow,
  ): Promise<void> {
    await records.append(tx, {
      type,
      actor: ledgerActor(actor),
      subject: { kind: 'gateway-policy-move', id: row.id },
      series: 'gateway',
      body: {
        at: toInstant(records.clock()),
        what: 'gateway-policy-move',
        digest: row.digest,
        target: { kind: row.targetKind, id: row.targetId },
        from: row.fromPolicyId,
        to: row.toPolicyId,
        loosened: row.changes.filter(({ effect }) => effect === 'loosened').length,
      },
      dedupeKey: `gateway:${newId('chg')}`,
    });
  }

  async function close(tx: Transaction, row: PolicyMoveRow, set: Partial<PolicyMoveRow>): Promise<void> {
    await tx.update(gatewayPolicyMove).set(set).where(eq(gatewayPolicyMove.id, row.id));
  }

  async function take(tx: Transaction, id: string): Promise<PolicyMoveRow> {
    const [row] = await tx.select().from(gatewayPolicyMove).where(eq(gatewayPolicyMove.id, id)).for('update');
    if (!row) throw new AppError('not_found', 'There is no such move. Reload the list.');
    if (row.state !== 'waiting') throw new AppError('conflict', `This move was ${row.state} already.`);
    return row;
  }

  async function list(): Promise<PolicyMove[]> {
    const rows = await drizzle
      .select()
      .from(gatewayPolicyMove)
      .orderBy(desc(gatewayPolicyMove.requestedAt))
      .limit(SHOWN_MAX);
    const [policies, routes, tenants, who] = await Promise.all([
      listPolicyRows(drizzle),
      listRouteRows(drizzle),
      drizzle.select({ id: gatewayTenant.id, name: gatewayTenant.name }).from(gatewayTenant),
      resolveWho(
        namesOf,
        rows.flatMap((row) => [row.requestedBy, row.decidedBy]),
      ),
    ]);
    const policy = (id: string | null) =>
      id === null ? null : { id, name: policies.find((one) => one.id === id)?.name ?? id };
    return rows.map((row) => ({
      id: row.id,
      target: {
        kind: row.targetKind,
        id: row.targetId,
        name:
          row.targetKind === 'route'
            ? (routes.find(({ id }) => id === row.targetId)?.path ?? row.targetId)
            : (tenants.find(({ id }) => id === row.targetId)?.name ?? row.targetId),
      },
      from: policy(row.fromPolicyId),
      to: policy(row.toPolicyId),
      changes: row.changes,
      digest: row.digest,
      state: row.state,
      requestedAt: toInstant(row.requestedAt.getTime()),
      requestedBy: who(row.requestedBy),
      decidedAt: row.decidedAt ? toInstant(row.decidedAt.getTime()) : null,
      decidedBy: row.decidedBy ? who(row.decidedBy) : null,
      reason: row.reason,
    }));
  }

  return {
    list,

    /**
     * Whether a target may move at once. False: the move loosens something, and was put before a second person; the target
     * stays as it is. A request that waited for the same target is overtaken either way.
     */
    async mayMove(tx: Transaction, actor: Actor, target: MoveTarget): Promise<boolean> {
      const [waiting] = await tx
        .select()
        .from(gatewayPolicyMove)
        .where(
          and(
            eq(gatewayPolicyMove.targetKind, target.kind),
            eq(gatewayPolicyMove.targetId, target.id),
            eq(gatewayPolicyMove.state, 'waiting'),
          ),
        )
        .for('update');
      const changes = await loosenedBy(tx, target, records.clock());
      const digest = digestOf(target, changes);
      if (waiting?.digest === digest) return false;
      if (waiting) {
        await close(tx, waiting, { state: 'withdrawn' });
        await entry(tx, 'approval.revoked', actor, waiting);
      }
      // What cannot be ordered, such as a rule that reads otherwise, may loosen.
      if (changes.every(({ effect }) => effect === 'tightened')) return true;
      const row: PolicyMoveRow = {
        id: newId('gpm'),
        targetKind: target.kind,
        targetId: target.id,
        fromPolicyId: target.from,
        toPolicyId: target.to,
        digest,
        changes,
        state: 'waiting',
        requestedAt: new Date(records.clock()),
        requestedBy: actorText(actor),
        decidedAt: null,
        decidedBy: null,
        reason: null,
      };
      await tx.insert(gatewayPolicyMove).values(row);
      await entry(tx, 'approval.requested', actor, row);
      return false;
    },

    /** The second person's word. Approved, the move is made in the same transaction. */
    async decide(actor: Actor, id: string, { decision, digest, reason }: PolicyMoveDecision): Promise<void> {
      const person = personOf(actor);
      if (person === null)
        throw new AppError(
          'forbidden',
          'A milder policy is approved by a person. Sign in and decide it there, or name the API key of one in ASSAY_API_KEY.',
        );
      await records.change(LOCK, KINDS, async (tx) => {
        const row = await take(tx, id);
        if (personOf(parseActor(row.requestedBy)) === person)
          throw new AppError('forbidden', 'You asked for this move: another person has to decide it.');
        const target = targetOf(row);
        const [current] = await policyOf(tx, target);
        if (current === undefined) throw new AppError('conflict', 'The route or tenant was removed meanwhile.');
        const changes = await loosenedBy(tx, target, records.clock());
        if (current.policyId !== row.fromPolicyId || digest !== row.digest || digestOf(target, changes) !== row.digest)
          throw new AppError(
            'conflict',
            'The policies changed since this move was asked for. Let it be asked for again, and read it anew.',
          );
        await close(tx, row, {
          state: decision,
          decidedAt: new Date(records.clock()),
          decidedBy: actorText(actor),
          reason: reason ?? null,
        });
        await entry(tx, decision === 'approved' ? 'approval.granted' : 'approval.refused', actor, row);
        if (decision === 'approved') await makeMove(tx, actor, target);
      });
    },

    /** Takes back what is not decided yet. */
    async withdraw(actor: Actor, id: string): Promise<void> {
      await records.change(LOCK, KINDS, async (tx) => {
        const row = await take(tx, id);
        await close(tx, row, { state: 'withdrawn' });
        await entry(tx, 'approval.revoked', actor, row);
      });
    },
  };

  async function makeMove(tx: Transaction, actor: Actor, { kind, id, from, to }: MoveTarget): Promise<void> {
    if (kind === 'route') await updateRoute(tx, id, { policyId: to });
    else await tx.update(gatewayTenant).set({ policyId: to }).where(eq(gatewayTenant.id, id));
    const body: Record<string, JsonValue> = {
      at: toInstant(records.clock()),
      change: 'changed',
      fields: ['policyId'],
      from: { policyId: from },
      to: { policyId: to },
    };
    await records.append(tx, {
      type: kind === 'route' ? 'gateway.route-changed' : 'gateway.tenant-changed',
      actor: ledgerActor(actor),
      subject: { kind: `gateway-${kind}`, id },
      series: 'gateway',
      body,
      dedupeKey: `gateway:${newId('chg')}`,
    });
  }
}

/** The moves that wait, by the id of their target. */
export async function waitingMoves(executor: Executor, kind: MoveTarget['kind']): Promise<Map<string, string>> {
  const rows = await executor
    .select({ id: gatewayPolicyMove.id, targetId: gatewayPolicyMove.targetId })
    .from(gatewayPolicyMove)
    .where(and(eq(gatewayPolicyMove.targetKind, kind), inArray(gatewayPolicyMove.state, ['waiting'])));
  return new Map(rows.map(({ id, targetId }) => [targetId, id]));
}

function targetOf(row: PolicyMoveRow): MoveTarget {
  return { kind: row.targetKind, id: row.targetId, from: row.fromPolicyId, to: row.toPolicyId };
}

async function policyOf(tx: Transaction, { kind, id }: MoveTarget): Promise<{ policyId: string | null }[]> {
  if (kind === 'tenant')
    return tx.select({ policyId: gatewayTenant.policyId }).from(gatewayTenant).where(eq(gatewayTenant.id, id));
  return (await listRouteRows(tx)).filter((row) => row.id === id);
}

function digestOf(target: MoveTarget, changes: readonly unknown[]): string {
  return sha256Hex(canonicalJson({ target, changes }));
}
