import type * as z from 'zod';
import { removeDisclosingBundles } from '#src/features/bundles/index.ts';
import { eraseEvidenceOfPerson, evidenceOfPerson } from '#src/features/evidence/index.ts';
import { type Actor, actorText, ledgerActor, lockFor, personOf, type Records } from '#src/features/records/index.ts';
import { HOLDS_LOCK, standingHolds } from '#src/features/retention/index.ts';
import { eraseUser } from '#src/features/users/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { eraseDisclosures } from '#src/ledger/store/personal.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { PersonErasure } from './model.ts';
import { isPerson, whyBlocked } from './read-persons.ts';
import { personErasure } from './tables.ts';
import { eraseUnattributed, eraseWrittenWords } from './written-words.ts';

export type ErasureServices = {
  records: Records;
  dataKeys: DataKeys;
  blobs: Pick<Blobs, 'removeErased'>;
  dataDir: string;
};

/**
 * Destroys everything that says who the person behind an id is: key, salts and values beside the ledger, files they handed
 * in, what they wrote, the user's row. One transaction with the entry `person.erased`; files go right after it, and by the next retention
 * run where that was cut short. No leaf changes. Throws `not_found`, `invalid_input` for a wrong confirmation, `conflict`
 * under a legal hold or for the last owner.
 */
export async function erasePerson(
  services: ErasureServices,
  id: string,
  wanted: z.input<typeof PersonErasure>,
  actor: Actor,
): Promise<void> {
  const { records, dataKeys } = services;
  const { append, clock } = records;
  if (wanted.confirm !== id)
    throw new AppError('invalid_input', `confirm: type the id ${id} to say that this person is meant.`);
  if (personOf(actor) === id)
    throw new AppError('conflict', 'You cannot erase yourself: a second person does it. Ask another owner.');
  await records.change('evidence', ['attestation', 'user'], async (tx) => {
    await lockFor(tx, HOLDS_LOCK);
    if (!(await isPerson(tx, id)))
      throw new AppError('not_found', `There is no person ${id}. List them to find the id.`);
    const known = await dataKeys.destroyed(tx, [id]);
    const items = await evidenceOfPerson(tx, id);
    const holds = await standingHolds(tx, [id, ...items.map((item) => item.id)]);
    const refusal = whyBlocked({ state: known.has(id) ? 'erased' : 'held' }, holds);
    if (refusal !== null) throw new AppError('conflict', refusal);
    const at = new Date(clock());
    const { reason, basis } = wanted;
    const isUser = await eraseUser(tx, id, at);
    const files = await eraseEvidenceOfPerson(tx, id, { at, actor, append, reason, basis });
    await eraseWrittenWords(tx, id);
    await eraseUnattributed(tx, wanted.words ?? []);
    const { values } = await eraseDisclosures(tx, dataKeys, id, at);
    const { pendingId } = await append(tx, {
      type: 'person.erased',
      actor: ledgerActor(actor),
      subject: { kind: 'person', id },
      body: { reason, basis, values, files, account: isUser },
      dedupeKey: `person.erased:${id}`,
    });
    await tx.insert(personErasure).values({
      personId: id,
      erasedAt: at,
      erasedBy: actorText(actor),
      reason,
      basis,
      valuesErased: values,
      filesErased: files,
      ledgerPendingId: pendingId,
    });
  });
  await services.blobs.removeErased();
  await removeDisclosingBundles({ database: records.database, dataDir: services.dataDir }, clock());
}
