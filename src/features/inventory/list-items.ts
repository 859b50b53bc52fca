import { and, count, eq, ilike, isNull, or, type SQL, sql } from 'drizzle-orm';
import { decodeCursor, encodeCursor, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Item, ItemPage, ItemQuery } from './model.ts';
import { type ItemRow, inventoryItem, inventorySource, inventorySystem } from './tables.ts';

export type ItemWithNames = {
  item: ItemRow;
  source: { title: string; lastReadAt: Date } | null;
  systemName: string | null;
};

/** Items with the names of their source and system, as a query to refine. */
export function selectItems(executor: Executor) {
  return executor
    .select({
      item: inventoryItem,
      source: { title: inventorySource.title, lastReadAt: inventorySource.lastReadAt },
      systemName: inventorySystem.name,
    })
    .from(inventoryItem)
    .leftJoin(inventorySource, eq(inventorySource.key, inventoryItem.sourceKey))
    .leftJoin(inventorySystem, eq(inventorySystem.id, inventoryItem.systemId));
}

export async function listItems(executor: Executor, query: ItemQuery, namesOf: NamesOf): Promise<ItemPage> {
  const others = [systemFilter(query.system), textFilter(query.q)];
  const byKind = query.kind && eq(inventoryItem.kind, query.kind);
  const byState = query.state && eq(inventoryItem.state, query.state);
  const where = and(...others, byKind, byState);
  const rows = await selectItems(executor)
    .where(and(where, query.cursor === undefined ? undefined : after(query.cursor)))
    .orderBy(inventoryItem.kind, inventoryItem.title, inventoryItem.id)
    .limit(query.limit + 1);
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1)?.item : undefined;
  const [counted] = await executor.select({ total: count() }).from(inventoryItem).where(where);
  return {
    items: await presentItems(page, namesOf),
    total: counted?.total ?? 0,
    ...(last && { nextCursor: encodeCursor([last.kind, last.title, last.id]) }),
    facets: {
      kind: await facet(executor, inventoryItem.kind, and(...others, byState)),
      state: await facet(executor, inventoryItem.state, and(...others, byKind)),
    },
  };
}

async function facet(
  executor: Executor,
  column: typeof inventoryItem.kind | typeof inventoryItem.state,
  where: SQL | undefined,
): Promise<Record<string, number>> {
  const rows = await executor
    .select({ value: column, total: count() })
    .from(inventoryItem)
    .where(where)
    .groupBy(column);
  return Object.fromEntries(rows.map((row) => [row.value, row.total]));
}

function systemFilter(system: string | undefined): SQL | undefined {
  if (system === undefined) return undefined;
  return system === 'none' ? isNull(inventoryItem.systemId) : eq(inventoryItem.systemId, system);
}

function textFilter(text: string | undefined): SQL | undefined {
  const words = (text ?? '').trim();
  if (words === '') return undefined;
  const pattern = `%${words.replace(/[\\%_]/g, '\\$&')}%`;
  return or(
    ilike(inventoryItem.title, pattern),
    ilike(inventoryItem.provider, pattern),
    ilike(inventoryItem.path, pattern),
  );
}

function after(cursor: string): SQL {
  const [kind, title, id] = decodeCursor(cursor, 3);
  return sql`(${inventoryItem.kind}, ${inventoryItem.title}, ${inventoryItem.id}) > (${kind}, ${title}, ${id})`;
}

/** The rows as the API shows them. */
export async function presentItems(rows: readonly ItemWithNames[], namesOf: NamesOf): Promise<Item[]> {
  const who = await resolveWho(
    namesOf,
    rows.map((row) => row.item.decidedBy),
  );
  return rows.map(({ item, source, systemName }) => ({
    id: item.id,
    kind: item.kind,
    title: item.title,
    state: item.state,
    origin: item.origin,
    source: item.sourceKey === null ? null : { key: item.sourceKey, title: source?.title ?? item.sourceKey },
    provider: item.provider,
    system: item.systemId === null ? null : { id: item.systemId, name: systemName ?? item.systemId },
    path: item.path,
    line: item.line,
    rule: item.rule,
    confidence: item.confidence,
    purpose: item.purpose,
    places: item.placesCount,
    proposedAt: item.proposedAt.toISOString(),
    // While it is there, every reading of its source sees it.
    lastSeenAt: item.state === 'gone' ? null : (source?.lastReadAt.toISOString() ?? null),
    goneAt: item.goneAt?.toISOString() ?? null,
    decidedAt: item.decidedAt?.toISOString() ?? null,
    decidedBy: item.decidedBy === null ? null : who(item.decidedBy),
    reason: item.reason,
  }));
}
