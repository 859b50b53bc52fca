import { randomBytes } from 'node:crypto';
import { and, desc, eq, isNull, lte, max, sql } from 'drizzle-orm';
import { type Actor, actorText, ledgerActor } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Clock } from '#src/kernel/time.ts';
import { appendEntry } from '#src/ledger/store/append.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import { EVERY_SECONDS, type NewLedgerParty, type PartyKind, type PartyProblem, type PartySettings } from './model.ts';
import { checkedParty } from './party-check.ts';
import { ledgerMirrored, ledgerParty, ledgerPartyProblem, type PartyRow } from './tables.ts';

const PROBLEMS_SHOWN_MAX = 50;
const BACKOFF_MAX_SECONDS = 3_600;
const SENTENCE_MAX = 1_000;
/** How long a process that asks a party keeps others from asking it. */
const CLAIM_SECONDS = 120;

/** The parties that are used, by kind and name. */
export function listParties(executor: Executor): Promise<PartyRow[]> {
  return executor
    .select()
    .from(ledgerParty)
    .where(isNull(ledgerParty.removedAt))
    .orderBy(sql`array_position(array['witness', 'timestamp', 'mirror'], ${ledgerParty.kind})`, ledgerParty.name);
}

/** Throws `AppError('not_found')`. */
export async function partyById(executor: Executor, id: string): Promise<PartyRow> {
  const [row] = await executor
    .select()
    .from(ledgerParty)
    .where(and(eq(ledgerParty.id, id), isNull(ledgerParty.removedAt)));
  if (!row) throw new AppError('not_found', `There is no party ${id.slice(0, 64)}. It may have been removed.`);
  return row;
}

/** One of a kind by its name. Throws `AppError('not_found')`. */
export async function partyByName(executor: Executor, kind: PartyKind, name: string): Promise<PartyRow> {
  const row = (await listParties(executor)).find((one) => one.kind === kind && (one.name === name || one.id === name));
  if (!row) throw new AppError('not_found', `There is no ${kind} "${name.slice(0, 200)}".`);
  return row;
}

/**
 * Adds a party, with its entry in the ledger. Throws `AppError`: `invalid_input` for a key, certificate or path that
 * cannot be used, `conflict` for a name that is taken.
 */
export async function addParty(
  services: { database: Database; clock: Clock; dataDir: string },
  asked: NewLedgerParty,
  by: Actor,
): Promise<PartyRow> {
  const { database, clock } = services;
  const { name, settings } = checkedParty(asked, services.dataDir);
  const { kind } = settings;
  const { min, usual } = EVERY_SECONDS[kind];
  const everySeconds = Math.max(min, asked.everySeconds ?? usual);
  const nowMs = clock();
  const id = makeId('lpt', nowMs, randomBytes(10));
  const now = new Date(nowMs);
  return database.transaction(async (tx) => {
    const [row] = await tx
      .insert(ledgerParty)
      .values({ id, kind, name, settings, everySeconds, addedAt: now, addedBy: actorText(by), nextTryAt: now })
      .onConflictDoNothing()
      .returning();
    if (!row)
      throw new AppError('conflict', `There is a ${kind} named "${name}" already. Remove it first, or choose a name.`);
    await record(tx, row, 'party.added', by, clock);
    return row;
  });
}

/** Ends the use of a party, with its entry in the ledger. What it has signed stays. */
export async function removeParty(
  { database, clock }: { database: Database; clock: Clock },
  id: string,
  by: Actor,
): Promise<PartyRow> {
  return database.transaction(async (tx) => {
    const row = await partyById(tx, id);
    await tx
      .update(ledgerParty)
      .set({ removedAt: new Date(clock()), removedBy: actorText(by) })
      .where(eq(ledgerParty.id, id));
    await endProblem(tx, id, new Date(clock()));
    await record(tx, row, 'party.removed', by, clock);
    return row;
  });
}

// Hosts, keys and digests only: a path may hold the name of a person, and a leaf is never erased.
async function record(
  tx: Executor,
  { id, kind, name, settings }: PartyRow,
  type: 'party.added' | 'party.removed',
  by: Actor,
  clock: Clock,
): Promise<void> {
  const details =
    settings.kind === 'mirror'
      ? { place: settings.place }
      : {
          host: new URL(settings.url).host,
          ...(settings.kind === 'witness'
            ? { vkey: settings.vkey }
            : { trustedSha256: sha256Hex(Buffer.from(settings.trusted)) }),
        };
  await appendEntry(
    tx,
    {
      type,
      actor: ledgerActor(by),
      subject: { kind: 'ledger-party', id },
      series: `ledger-party:${id}`,
      body: { kind, name, ...details },
      dedupeKey: `${type}/${id}`,
    },
    clock,
  );
}

/** Takes one due party for this process; null when it is not due, or another process asks it. */
export async function claimParty(executor: Executor, id: string, now: Date): Promise<PartyRow | null> {
  const [row] = await executor
    .update(ledgerParty)
    .set({ nextTryAt: new Date(now.getTime() + CLAIM_SECONDS * 1_000) })
    .where(and(eq(ledgerParty.id, id), isNull(ledgerParty.removedAt), lte(ledgerParty.nextTryAt, now)))
    .returning();
  return row ?? null;
}

/** What came of showing a head to a party. `sentence` is for people. */
export type PartyOutcome =
  | { kind: 'seen'; size: number }
  | { kind: 'problem'; problem: PartyProblem; sentence: string };

/** Notes an outcome and when the party is asked next: later and later while it fails. */
export async function noteOutcome(
  database: Database,
  row: PartyRow,
  outcome: PartyOutcome,
  { origin, now }: { origin: string; now: Date },
): Promise<void> {
  await database.transaction(async (tx) => {
    const after = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
    if (outcome.kind === 'seen') {
      const seen = { lastOrigin: origin, lastSize: outcome.size, lastAt: now, nextTryAt: after(row.everySeconds) };
      await tx
        .update(ledgerParty)
        .set({ ...seen, failures: 0, problem: null, problemSince: null, problemKind: null })
        .where(eq(ledgerParty.id, row.id));
      await endProblem(tx, row.id, now);
      if (row.kind === 'mirror')
        await tx
          .insert(ledgerMirrored)
          .values({ partyId: row.id, origin, size: outcome.size, mirroredAt: now })
          .onConflictDoNothing();
      return;
    }
    const failures = row.failures + 1;
    const sentence = outcome.sentence.slice(0, SENTENCE_MAX);
    const pauseSeconds = Math.min(
      Math.max(BACKOFF_MAX_SECONDS, row.everySeconds),
      row.everySeconds * 2 ** Math.min(failures, 12),
    );
    await tx
      .update(ledgerParty)
      .set({
        failures,
        problem: sentence,
        problemSince: row.problemSince ?? now,
        problemKind: outcome.problem,
        nextTryAt: after(pauseSeconds),
      })
      .where(eq(ledgerParty.id, row.id));
    // A count of milliseconds in it does not make it another problem.
    if (row.problem?.replace(/\d+/g, '') === sentence.replace(/\d+/g, '')) return;
    await endProblem(tx, row.id, now);
    await tx.insert(ledgerPartyProblem).values({ partyId: row.id, sentence, beganAt: now });
  });
}

async function endProblem(executor: Executor, partyId: string, endedAt: Date): Promise<void> {
  await executor
    .update(ledgerPartyProblem)
    .set({ endedAt })
    .where(and(eq(ledgerPartyProblem.partyId, partyId), isNull(ledgerPartyProblem.endedAt)));
}

/** The newest problems of all parties, those of removed ones too. */
export async function listProblems(executor: Executor) {
  return executor
    .select({
      partyId: ledgerPartyProblem.partyId,
      name: ledgerParty.name,
      sentence: ledgerPartyProblem.sentence,
      beganAt: ledgerPartyProblem.beganAt,
      endedAt: ledgerPartyProblem.endedAt,
    })
    .from(ledgerPartyProblem)
    .innerJoin(ledgerParty, eq(ledgerParty.id, ledgerPartyProblem.partyId))
    .orderBy(desc(ledgerPartyProblem.beganAt), desc(ledgerPartyProblem.id))
    .limit(PROBLEMS_SHOWN_MAX);
}

/** Mirrors in use that took the head of `size` entries. */
export async function mirrorsOf(
  executor: Executor,
  origin: string,
  size: number,
): Promise<{ name: string; settings: PartySettings; mirroredAt: Date }[]> {
  return executor
    .select({ name: ledgerParty.name, settings: ledgerParty.settings, mirroredAt: ledgerMirrored.mirroredAt })
    .from(ledgerMirrored)
    .innerJoin(ledgerParty, eq(ledgerParty.id, ledgerMirrored.partyId))
    .where(and(eq(ledgerMirrored.origin, origin), eq(ledgerMirrored.size, size), isNull(ledgerParty.removedAt)))
    .orderBy(ledgerParty.name);
}

/** The largest head any mirror in use took, or null. */
export async function largestMirrored(executor: Executor, origin: string): Promise<number | null> {
  const [row] = await executor
    .select({ size: max(ledgerMirrored.size) })
    .from(ledgerMirrored)
    .innerJoin(ledgerParty, eq(ledgerParty.id, ledgerMirrored.partyId))
    .where(and(eq(ledgerMirrored.origin, origin), isNull(ledgerParty.removedAt)));
  return row?.size ?? null;
}
