import type pg from 'pg';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { toBase64, utf8Bytes } from '../log/bytes.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import type { EntryActor, NewEntry } from '../log/entry.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { type NextLog, signSuccession } from '../log/key-statement.ts';
import { parseNote } from '../log/note.ts';
import { parseVerifierKey } from '../log/verifier-key.ts';
import { readHeadFile, setAsideHeadFile } from './head-file.ts';
import { KeyRing } from './key-ring.ts';
import { sequenceWithin, withClient } from './sequencer.ts';
import { type HeadSource, type KnownHead, Signer } from './signer.ts';
import { cosignaturesOf } from './store-cosignatures.ts';
import { diskError } from './store-files.ts';
import { findLog, type LogIdentity, logIdOf, prepareLog, startLog, submitFirst } from './store-log.ts';
import { LedgerReader, type SignedHead } from './store-read.ts';

/** Why a log ends. */
export const SEAL_REASONS = ['key-lost', 'key-stolen', 'backup-restored', 'database-lost', 'ended'] as const;
export type SealReason = (typeof SEAL_REASONS)[number];

export type Sealed = {
  /** The log that ended; null where the database held none any more. */
  previous: { origin: string; size: number; finalHeadSigned: boolean; lostFrom: number | null } | null;
  origin: string;
};

type SealParts = {
  database: Database;
  dataDir: string;
  clock: Clock;
  host: string;
  headSources: readonly HeadSource[];
  /** Has witnesses, authorities and mirrors see the last head, as far as they answer. */
  settle?: ((identity: LogIdentity, head: SignedHead) => Promise<unknown> | undefined) | undefined;
};

// What fits beside everything else in a leaf of 16 KiB.
const NOTE_BYTES_MAX = 12_000;

/**
 * Ends the ledger and starts a new one, with a new origin, whose entry 0 holds the last head of the old. Where the old
 * one can still be signed, its last entry is `log.sealed` under a final head. Where it cannot (its key is lost, or heads
 * are known that this database does not continue), it ends as the database holds it, and entry 0 says what was known
 * outside. Throws `AppError('conflict')` when it cannot be signed and `reason` does not say why, and `unavailable` when the
 * disk fails. Stopped in the middle, it is finished when the ledger is opened next.
 */
export async function sealLedger(parts: SealParts, ask: { reason: SealReason; actor: EntryActor }): Promise<Sealed> {
  try {
    return await seal(parts, ask);
  } catch (error) {
    // Repeated blindly, it could end the new ledger as well.
    const what = 'The ledger could not be sealed in full; see how far it came before you repeat it (assay ledger list)';
    throw diskError(error, what);
  }
}

async function seal(parts: SealParts, ask: { reason: SealReason; actor: EntryActor }): Promise<Sealed> {
  const identity = await findLog(parts.database.pool);
  if (!identity) return (await finishSeal(parts, ask.reason)) ?? restartLost(parts, ask);
  const ring = ringOf(parts, identity);
  const signer = signerOf(parts, identity, ring);
  const problem = await unsignable(ring, signer);
  if (problem === null) {
    await appendSeal(parts, identity, ask, ring);
    return (await finishSeal(parts)) as Sealed;
  }
  if (ask.reason === 'ended' || ask.reason === 'key-stolen') throw problem;
  return abandon(parts, identity, { ...ask, outside: await signer.outsideHeads() });
}

/**
 * Continues a log that was sealed and has no successor yet. Null when there is none. With the reason `key-lost` it is not
 * signed any more, and the log that continues it need not be the one whose key was made for that.
 */
export async function finishSeal(parts: SealParts, asked?: SealReason): Promise<Sealed | null> {
  const { database, clock } = parts;
  const identity = await sealedWithoutSuccessor(database);
  if (!identity) return null;
  const reader = new LedgerReader(database, identity.id);
  const { size, root } = await reader.logState();
  const last = await reader.entryAt(size - 1);
  const sealed = last?.type === 'log.sealed' ? sealIn(last.bytes) : { reason: 'ended' as const };
  const isKeyLost = asked === 'key-lost';
  const { rows } = await database.pool.query<{ epoch: number }>('select epoch from ledger_log where id = $1', [
    identity.id,
  ]);
  const ring = ringOf(parts, identity);
  // Signed by whoever finishes: the log takes no entries any more, so nobody else can have gone on.
  if (!isKeyLost)
    await signerOf(parts, identity, ring).signSealed({ size, root, epoch: rows[0]?.epoch ?? 0 }, new Date(clock()));
  const head = await reader.lastSigned();
  if (head) await parts.settle?.(identity, head);
  const previous = {
    ...(await previousOf(database, identity, head)),
    ...(size > (head?.size ?? 0) && { unsigned: { size, root: toBase64(root) } }),
    reason: isKeyLost ? asked : sealed.reason,
  };
  const next = sealed.next === undefined || isKeyLost ? undefined : identityIn(sealed.next);
  const origin = await withClient(database, async (client) => {
    // Another process may have been quicker.
    const meanwhile = await findLog(client);
    return meanwhile?.origin ?? continueLog(client, parts, previous, next);
  });
  setAsideHeadFile(parts.dataDir);
  const finalHeadSigned = head?.size === size;
  return { previous: { origin: identity.origin, size, finalHeadSigned, lostFrom: null }, origin };
}

// Everything that waits goes in first, and `log.sealed` last; from the commit on the log takes nothing more.
async function appendSeal(
  parts: SealParts,
  identity: LogIdentity,
  { reason, actor }: { reason: SealReason; actor: EntryActor },
  ring: KeyRing,
): Promise<void> {
  const at = toInstant(parts.clock());
  // Under a key that somebody else may hold nothing is said about what comes after.
  const next = reason === 'ended' ? nextLog(parts, identity, ring) : undefined;
  await withClient(parts.database, async (client) => {
    while ((await sequenceWithin(client, identity.id)).sequenced > 0);
    await submitFirst(client, at, [sealEntry(identity, { reason, actor, next })]);
    await sequenceWithin(client, identity.id);
    await client.query('update ledger_log set sealed_at = $2 where id = $1', [identity.id, at]);
  });
}

function nextLog(parts: SealParts, { origin }: LogIdentity, ring: KeyRing): NextLog {
  const by = ring.activeAt('log', Number.MAX_SAFE_INTEGER).map((key) => ring.signerOf(key));
  return signSuccession(origin, { made: prepareLog(parts).log, by });
}

// The log cannot be signed any further: it ends where the database has it, together with the start of the new one.
async function abandon(
  parts: SealParts,
  identity: LogIdentity,
  ask: { reason: SealReason; outside: readonly KnownHead[] },
): Promise<Sealed> {
  const { database, clock } = parts;
  const reader = new LedgerReader(database, identity.id);
  const head = await reader.lastSigned();
  const known = ask.outside.reduce<KnownHead | null>(
    (largest, one) => (largest && largest.checkpoint.size >= one.checkpoint.size ? largest : one),
    null,
  );
  const { origin, size } = await withClient(database, async (client) => {
    const state = await reader.logState();
    await client.query('update ledger_log set sealed_at = $2 where id = $1', [identity.id, toInstant(clock())]);
    const previous = {
      reason: ask.reason,
      ...(await previousOf(database, identity, head)),
      ...(state.size > (head?.size ?? 0) && { unsigned: { size: state.size, root: toBase64(state.root) } }),
      ...(known && { known: knownMember(known) }),
    };
    return { origin: await continueLog(client, parts, previous), size: state.size };
  });
  setAsideHeadFile(parts.dataDir);
  const isLater = known?.checkpoint.origin === identity.origin && known.checkpoint.size > size;
  const lostFrom = isLater ? size : null;
  return { previous: { origin: identity.origin, size, finalHeadSigned: false, lostFrom }, origin };
}

// The database holds no ledger at all, and the data folder has signed one: only its last head is left of it.
async function restartLost(parts: SealParts, { reason }: { reason: SealReason }): Promise<Sealed> {
  const head = lastHeadIn(parts.dataDir);
  if (head === null) throw new AppError('not_found', 'There is no ledger to seal: none was started here yet.');
  if (reason !== 'database-lost')
    throw new AppError(
      'conflict',
      'The database holds no ledger, and the data folder has signed one. If its database is gone for good, give the reason database-lost; otherwise put the database back.',
    );
  const { origin: old, size, root } = head.checkpoint;
  const previous = { reason, origin: old, size: 0, known: { size, root: toBase64(root), checkpoint: head.note } };
  const origin = await withClient(parts.database, (client) => continueLog(client, parts, previous));
  setAsideHeadFile(parts.dataDir);
  return { previous: { origin: old, size: 0, finalHeadSigned: false, lostFrom: 0 }, origin };
}

async function continueLog(
  client: pg.PoolClient,
  parts: SealParts,
  { reason, ...previous }: { reason: SealReason; origin: string; [member: string]: JsonValue | undefined },
  identity?: LogIdentity,
): Promise<string> {
  const { dataDir, host, clock } = parts;
  const first: NewEntry = {
    type: 'log.continued',
    actor: { kind: 'service', id: 'ledger' },
    subject: { kind: 'ledger', id: previous.origin },
    body: { reason, previous },
    dedupeKey: `log.continued/${previous.origin}`,
  };
  return (await startLog(client, { dataDir, host, clock, first, ...(identity && { identity }) })).origin;
}

async function previousOf(database: Database, { origin }: LogIdentity, head: SignedHead | null) {
  if (!head) return { origin, size: 0 };
  const lines = await cosignaturesOf(database, origin, head.size);
  const whole = head.note + lines.map(({ line }) => line).join('');
  const checkpoint = whole.length <= NOTE_BYTES_MAX ? whole : head.note;
  return { origin, size: head.size, root: toBase64(head.root), checkpoint };
}

function knownMember({ checkpoint }: KnownHead): { origin: string; size: number; root: string } {
  return { origin: checkpoint.origin, size: checkpoint.size, root: toBase64(checkpoint.root) };
}

function sealEntry(
  { id, origin }: LogIdentity,
  { reason, actor, next }: { reason: SealReason; actor: EntryActor; next: NextLog | undefined },
): NewEntry {
  return {
    type: 'log.sealed',
    actor,
    subject: { kind: 'ledger', id: origin },
    body: { reason, ...(next && { next }) },
    dedupeKey: `log.sealed/${id}`,
  };
}

function sealIn(bytes: Uint8Array): { reason: SealReason; next?: NextLog } {
  return JSON.parse(Buffer.from(bytes).toString('utf8')).body;
}

function identityIn({ vkey }: NextLog): LogIdentity {
  const origin = parseVerifierKey(vkey).name;
  return { id: logIdOf(origin), origin };
}

async function sealedWithoutSuccessor(database: Database): Promise<LogIdentity | null> {
  const { rows } = await database.pool.query<LogIdentity>(
    `select id, origin from ledger_log where sealed_at is not null and not exists (
       select from ledger_log where sealed_at is null) order by sealed_at desc limit 1`,
  );
  return rows[0] ?? null;
}

async function unsignable(ring: KeyRing, signer: Signer): Promise<AppError | null> {
  try {
    await ring.logSignersAt(Number.MAX_SAFE_INTEGER);
    await signer.checkKnownHeads();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function ringOf({ database, dataDir }: SealParts, { id, origin }: LogIdentity): KeyRing {
  return new KeyRing({ database, dataDir, logId: id, origin });
}

function signerOf(parts: SealParts, { id, origin }: LogIdentity, ring: KeyRing): Signer {
  const { database, dataDir, headSources } = parts;
  const { tree } = new LedgerReader(database, id);
  const rootAt = (size: number) => tree.root(size);
  return new Signer({ database, logId: id, origin, ring, dataDir, sources: headSources, rootAt });
}

function lastHeadIn(dataDir: string) {
  const note = readHeadFile(dataDir);
  try {
    return note === null ? null : { note, checkpoint: parseCheckpoint(parseNote(utf8Bytes(note)).text) };
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    throw new AppError('conflict', `The head file in ${dataDir} cannot be read: ${error.message}`, { cause: error });
  }
}
