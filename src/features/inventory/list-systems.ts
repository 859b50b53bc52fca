import { and, count, eq, ilike, isNotNull, ne, or } from 'drizzle-orm';
import { type NamesOf, resolveWho, userText } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { historyOf } from './item-detail.ts';
import {
  type AiSystem,
  ATTESTATION_MAX_AGE_DAYS,
  type SystemDetail,
  type SystemPage,
  type SystemState,
  scopeAdvice,
} from './model.ts';
import { inventoryItem, inventorySystem, type SystemRow } from './tables.ts';

export type SystemReading = { executor: Executor; namesOf: NamesOf; nowMs: number };

/** All AI systems: those that wait for a decision first, then by name. */
export async function listSystems(
  reading: SystemReading,
  query: { state?: SystemState | undefined; q?: string | undefined },
): Promise<SystemPage> {
  const text = query.q?.trim() ?? '';
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const rows = await reading.executor
    .select()
    .from(inventorySystem)
    .where(
      and(
        query.state && eq(inventorySystem.state, query.state),
        text === '' ? undefined : or(ilike(inventorySystem.name, pattern), ilike(inventorySystem.purpose, pattern)),
      ),
    );
  const items = await presentSystems(reading, rows);
  items.sort((a, b) => ORDER[a.state] - ORDER[b.state] || a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1));
  return { items, total: items.length };
}

const ORDER: Record<SystemState, number> = { proposed: 0, confirmed: 1, retired: 2, rejected: 3 };

/** One system with its history. Throws `not_found`. */
export async function systemDetail(reading: SystemReading, id: string): Promise<SystemDetail> {
  const rows = await reading.executor.select().from(inventorySystem).where(eq(inventorySystem.id, id));
  const [shown] = await presentSystems(reading, rows);
  if (!shown) throw unknownSystem(id);
  return { ...shown, history: await historyOf(reading.executor, id, reading.namesOf) };
}

export function unknownSystem(id: string): AppError {
  return new AppError('not_found', `There is no AI system ${id.slice(0, 80)}. Reload the list of systems.`);
}

async function presentSystems(reading: SystemReading, rows: readonly SystemRow[]): Promise<AiSystem[]> {
  const { executor, namesOf, nowMs } = reading;
  const counts = await countItems(executor);
  const who = await resolveWho(
    namesOf,
    rows.flatMap((row) => [
      row.ownerId === null ? null : userText(row.ownerId),
      row.scopeDecidedBy,
      row.scopeApprovedBy,
      row.scopePendingBy,
      row.attestedBy,
    ]),
  );
  const whoOrNull = (text: string | null) => (text === null ? null : who(text));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    state: row.state,
    origin: row.origin,
    source: row.sourceKey === null ? null : { key: row.sourceKey, title: row.sourceTitle ?? row.sourceKey },
    root: row.root,
    purpose: row.purpose,
    owner: row.ownerId === null ? null : who(userText(row.ownerId)),
    dataClasses: row.dataClasses,
    riskTier: row.riskTier,
    environment: row.environment,
    autonomyLevel: row.autonomyLevel,
    scope: {
      decision: row.scope,
      reason: row.scopeReason,
      decidedBy: whoOrNull(row.scopeDecidedBy),
      approvedBy: whoOrNull(row.scopeApprovedBy),
      decidedAt: row.scopeDecidedAt?.toISOString() ?? null,
      pending:
        row.scopePendingBy === null || row.scopePendingAt === null
          ? null
          : {
              reason: row.scopePendingReason ?? '',
              by: who(row.scopePendingBy),
              at: row.scopePendingAt.toISOString(),
            },
      advice: scopeAdvice(row),
    },
    attestation: attestationOf(row, whoOrNull(row.attestedBy), nowMs),
    missing: missingFields(row),
    counts: counts.get(row.id) ?? { items: 0, proposed: 0, byKind: {} },
    createdAt: row.createdAt.toISOString(),
  }));
}

function attestationOf(row: SystemRow, by: AiSystem['owner'], nowMs: number): AiSystem['attestation'] {
  if (row.attestedAt === null) return { state: 'never', at: null, by: null, dueAt: null };
  const dueMs = row.attestedAt.getTime() + ATTESTATION_MAX_AGE_DAYS * DAY_MS;
  return {
    state: dueMs > nowMs ? 'current' : 'due',
    at: row.attestedAt.toISOString(),
    by,
    dueAt: new Date(dueMs).toISOString(),
  };
}

/** What an auditor expects of an inventory entry and is still empty (control AIG-01), in words for screens. */
export function missingFields(row: SystemRow): string[] {
  const missing: string[] = [];
  if (row.ownerId === null) missing.push('owner');
  if (row.purpose === null) missing.push('purpose');
  if (row.dataClasses.length === 0) missing.push('data classes');
  if (row.environment === null) missing.push('environment');
  if (row.autonomyLevel === null) missing.push('autonomy level');
  if (row.riskTier === null) missing.push('risk tier');
  if (row.scope === 'undecided') missing.push('scope decision');
  return missing;
}

async function countItems(executor: Executor): Promise<Map<string, AiSystem['counts']>> {
  const rows = await executor
    .select({
      systemId: inventoryItem.systemId,
      kind: inventoryItem.kind,
      state: inventoryItem.state,
      total: count(),
    })
    .from(inventoryItem)
    .where(and(isNotNull(inventoryItem.systemId), ne(inventoryItem.state, 'gone'), ne(inventoryItem.state, 'rejected')))
    .groupBy(inventoryItem.systemId, inventoryItem.kind, inventoryItem.state);
  const counts = new Map<string, AiSystem['counts']>();
  for (const row of rows) {
    if (row.systemId === null) continue;
    const held = counts.get(row.systemId) ?? { items: 0, proposed: 0, byKind: {} };
    held.items += row.total;
    if (row.state === 'proposed') held.proposed += row.total;
    held.byKind[row.kind] = (held.byKind[row.kind] ?? 0) + row.total;
    counts.set(row.systemId, held);
  }
  return counts;
}
