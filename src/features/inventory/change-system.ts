import { eq } from 'drizzle-orm';
import { type Actor, actorText } from '#src/features/records/index.ts';
import { isActiveUser } from '#src/features/users/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { unknownSystem } from './list-systems.ts';
import type { NewSystem, SystemChange } from './model.ts';
import { addChanges, type NewChange } from './rows.ts';
import { inventoryItem, inventorySystem, type SystemRow } from './tables.ts';

type Changing = { at: Date; actor: Actor };

const FIELD_WORDS = {
  name: 'name',
  purpose: 'purpose',
  ownerId: 'owner',
  dataClasses: 'data classes',
  riskTier: 'risk tier',
  environment: 'environment',
  autonomyLevel: 'autonomy level',
} as const;
type Field = keyof typeof FIELD_WORDS;
// An exclusion was approved for the system as it was: a change of one of these needs the decision anew.
const SCOPE_FACTS: readonly Field[] = ['dataClasses', 'environment', 'autonomyLevel'];

/** Adds a system that no scan proposed. */
export async function addSystem(tx: Transaction, system: NewSystem, context: Changing & { id: string }): Promise<void> {
  if (system.ownerId) await requireActiveUser(tx, system.ownerId, context.at);
  const by = actorText(context.actor);
  await tx.insert(inventorySystem).values({
    id: context.id,
    name: system.name,
    state: 'confirmed',
    origin: 'manual',
    purpose: system.purpose ?? null,
    ownerId: system.ownerId ?? null,
    dataClasses: system.dataClasses ?? [],
    riskTier: system.riskTier ?? null,
    environment: system.environment ?? null,
    autonomyLevel: system.autonomyLevel ?? null,
    createdAt: context.at,
    createdBy: by,
  });
  await addChanges(tx, [
    { subjectId: context.id, at: context.at, by, fromState: null, toState: 'confirmed', reason: 'Added by hand.' },
  ]);
}

/** The row, locked for this transaction. Throws `not_found`. */
export async function takeSystem(tx: Transaction, id: string): Promise<SystemRow> {
  const [row] = await tx.select().from(inventorySystem).where(eq(inventorySystem.id, id)).for('update');
  if (!row) throw unknownSystem(id);
  return row;
}

/** Changes fields and state of a system. Returns false where everything was so already. */
export async function changeSystem(
  tx: Transaction,
  id: string,
  change: SystemChange,
  context: Changing,
): Promise<boolean> {
  const row = await takeSystem(tx, id);
  const by = actorText(context.actor);
  const changes: NewChange[] = [];
  const set: Partial<typeof inventorySystem.$inferInsert> = {};
  const fields = changedFields(row, change);
  if (fields.length > 0) {
    refuseUnlessOpen(row, change.state);
    if (change.ownerId && change.ownerId !== row.ownerId) await requireActiveUser(tx, change.ownerId, context.at);
    for (const field of fields) Object.assign(set, { [field]: change[field] });
    const words = fields.map((field) => FIELD_WORDS[field]).join(', ');
    const said = change.state === undefined && change.reason ? ` ${change.reason}` : '';
    changes.push({
      subjectId: id,
      at: context.at,
      by,
      fromState: row.state,
      toState: row.state,
      reason: `Changed: ${words}.${said}`,
    });
    if (row.scope === 'out' && fields.some((field) => SCOPE_FACTS.includes(field))) {
      Object.assign(set, {
        scope: 'undecided',
        scopeReason: null,
        scopeDecidedBy: null,
        scopeApprovedBy: null,
        scopeDecidedAt: null,
      });
      changes.push({
        subjectId: id,
        at: context.at,
        by,
        fromState: 'scope: out',
        toState: 'scope: undecided',
        reason: 'What the exclusion was approved for has changed, so it needs a new decision.',
      });
    }
  }
  if (change.state !== undefined && change.state !== row.state) {
    const reason = stateReason(change);
    set.state = change.state;
    changes.push({ subjectId: id, at: context.at, by, fromState: row.state, toState: change.state, reason });
    // Its items belong to nothing now; they are asked about on their own.
    if (change.state === 'rejected')
      await tx
        .update(inventoryItem)
        .set({ systemId: null, systemChosenBy: null })
        .where(eq(inventoryItem.systemId, id));
  }
  if (Object.keys(set).length === 0) return false;
  await tx.update(inventorySystem).set(set).where(eq(inventorySystem.id, id));
  await addChanges(tx, changes);
  return true;
}

function changedFields(row: SystemRow, change: SystemChange): Field[] {
  return (Object.keys(FIELD_WORDS) as Field[]).filter(
    (field) => change[field] !== undefined && JSON.stringify(change[field]) !== JSON.stringify(row[field]),
  );
}

function refuseUnlessOpen(row: SystemRow, state: SystemChange['state']): void {
  const closed = row.state === 'rejected' || row.state === 'retired';
  if (closed && (state === undefined || state === row.state))
    throw new AppError(
      'conflict',
      `The AI system "${row.name}" is ${row.state}. Confirm it again before you change its fields.`,
    );
}

function stateReason(change: SystemChange): string | null {
  const needsReason = change.state === 'rejected' || change.state === 'retired';
  if (needsReason && change.reason === undefined)
    throw new AppError(
      'invalid_input',
      `Say why the system is ${change.state}: the reason is kept and shown to the auditor.`,
    );
  return change.reason ?? null;
}

async function requireActiveUser(tx: Transaction, userId: string, at: Date): Promise<void> {
  if (!(await isActiveUser(tx, userId, at.getTime())))
    throw new AppError('invalid_input', 'The owner must be an active user. Choose one from the list of users.');
}
