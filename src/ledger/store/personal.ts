import { randomBytes } from 'node:crypto';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { openUnder, sealUnder } from '#src/platform/envelope.ts';
import { toBase64 } from '../log/bytes.ts';
import { commitTo, SALT_BYTES } from '../log/commitment.ts';
import type { NewEntry } from '../log/entry.ts';
import { appendEntry, pendingIdOf } from './append.ts';
import { ledgerDisclosure } from './tables.ts';

/*
 * Personal values beside the log. The leaf holds a salted commitment to each; salt and value are rows under the key of the
 * person they are about, which the master key wraps. Erasing a person destroys key and rows and changes no leaf.
 */

/** What is said of one person in an entry. `person` is an opaque id; `values` never reach the leaf, only commitments do. */
export type PersonalValues = { person: string; values: Readonly<Record<string, JsonValue>> };

/** An entry that may say something of a person. */
export type PersonalEntry = NewEntry & { personal?: PersonalValues };

type Opened = { salt: Buffer; value: JsonValue };

/**
 * As `appendEntry`, with the personal values committed to in the leaf and kept encrypted beside it, in the same
 * transaction. Appended again under the same dedupe key, the salts are those of the first time, so the entry is the same
 * one. Throws `conflict` for a person who was erased.
 */
export async function appendPersonal(
  tx: Transaction,
  entry: PersonalEntry,
  parts: { clock: Clock; dataKeys: DataKeys },
): Promise<{ pendingId: string }> {
  const { personal, ...plain } = entry;
  if (!personal || Object.keys(personal.values).length === 0) return appendEntry(tx, plain, parts.clock);
  const key = await parts.dataKeys.getOrCreate(tx, personal.person);
  const pendingId = pendingIdOf(entry.dedupeKey);
  const known = await openAll(tx, key, pendingId);
  const commitments: Record<string, string> = { ...plain.commitments };
  const rows: (typeof ledgerDisclosure.$inferInsert)[] = [];
  for (const [field, value] of Object.entries(personal.values)) {
    const salt = known.get(field)?.salt ?? randomBytes(SALT_BYTES);
    commitments[field] = commitTo(value, salt);
    if (!known.has(field)) rows.push(sealRow({ key, keyId: personal.person, pendingId, field }, { salt, value }));
  }
  const appended = await appendEntry(tx, { ...plain, commitments }, parts.clock);
  if (rows.length > 0) await tx.insert(ledgerDisclosure).values(rows);
  return appended;
}

/** Salts and values behind the commitments of an entry, as a bundle discloses them; null where none can be opened. */
export async function disclosuresOf(
  executor: Executor,
  dataKeys: DataKeys,
  pendingId: string,
): Promise<Record<string, { salt: string; value: JsonValue }> | null> {
  const [first] = await executor
    .select({ keyId: ledgerDisclosure.keyId })
    .from(ledgerDisclosure)
    .where(eq(ledgerDisclosure.pendingId, pendingId))
    .limit(1);
  const key = first && (await dataKeys.get(executor, first.keyId));
  if (!key) return null;
  const opened = await openAll(executor, key, pendingId);
  return Object.fromEntries([...opened].map(([field, { salt, value }]) => [field, { salt: toBase64(salt), value }]));
}

/** One personal value of an entry; undefined once it was erased. */
export async function personalValue(
  executor: Executor,
  dataKeys: DataKeys,
  pendingId: string,
  field: string,
): Promise<JsonValue | undefined> {
  return (await disclosuresOf(executor, dataKeys, pendingId))?.[field]?.value;
}

/** What is held of each of these persons beside the log: entries and values. */
export async function countDisclosures(
  executor: Executor,
  persons?: readonly string[],
): Promise<Map<string, { entries: number; values: number }>> {
  const rows = await executor
    .select({
      keyId: ledgerDisclosure.keyId,
      entries: sql<number>`count(distinct ${ledgerDisclosure.pendingId})::int`,
      values: sql<number>`count(*)::int`,
    })
    .from(ledgerDisclosure)
    .where(persons ? inArray(ledgerDisclosure.keyId, [...persons]) : undefined)
    .groupBy(ledgerDisclosure.keyId);
  return new Map(rows.map(({ keyId, entries, values }) => [keyId, { entries, values }]));
}

/** Destroys the key of a person and every salt and value under it. Leaves, proofs and heads stay as they are. */
export async function eraseDisclosures(
  tx: Transaction,
  dataKeys: DataKeys,
  person: string,
  at: Date,
): Promise<{ values: number }> {
  // Made where there was none, so that it stands as destroyed and nothing personal is stored of this person again.
  await dataKeys.getOrCreate(tx, person);
  await dataKeys.destroy(tx, person, at);
  const gone = await tx
    .delete(ledgerDisclosure)
    .where(eq(ledgerDisclosure.keyId, person))
    .returning({ field: ledgerDisclosure.field });
  return { values: gone.length };
}

/** Destroys one value of one entry, such as the key of a file whose time is over. */
export async function eraseDisclosure(tx: Transaction, pendingId: string, field: string): Promise<void> {
  await tx
    .delete(ledgerDisclosure)
    .where(and(eq(ledgerDisclosure.pendingId, pendingId), eq(ledgerDisclosure.field, field)));
}

function sealRow(
  place: { key: Buffer; keyId: string; pendingId: string; field: string },
  { salt, value }: Opened,
): typeof ledgerDisclosure.$inferInsert {
  const { key, keyId, pendingId, field } = place;
  return {
    pendingId,
    field,
    keyId,
    salt: sealUnder(key, salt, boundTo(pendingId, field, 'salt')),
    value: sealUnder(key, Buffer.from(canonicalJson(value)), boundTo(pendingId, field, 'value')),
  };
}

async function openAll(executor: Executor, key: Buffer, pendingId: string): Promise<Map<string, Opened>> {
  const rows = await executor.select().from(ledgerDisclosure).where(eq(ledgerDisclosure.pendingId, pendingId));
  return new Map(
    rows.map(({ field, salt, value }) => [
      field,
      {
        salt: openUnder(key, salt, boundTo(pendingId, field, 'salt')),
        value: JSON.parse(openUnder(key, value, boundTo(pendingId, field, 'value')).toString('utf8')) as JsonValue,
      },
    ]),
  );
}

/** A row that is moved to another entry or field does not open there. */
function boundTo(pendingId: string, field: string, part: 'salt' | 'value'): string {
  return `assay disclosure\0${pendingId}\0${field}\0${part}`;
}
