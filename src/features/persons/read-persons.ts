import { eq } from 'drizzle-orm';
import { countEvidenceOfPersons, evidenceOfPerson } from '#src/features/evidence/index.ts';
import { type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { presentHolds, standingHolds } from '#src/features/retention/index.ts';
import { personsAmongUsers } from '#src/features/users/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { countDisclosures } from '#src/ledger/store/personal.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Person, PersonDetail } from './model.ts';
import { personErasure } from './tables.ts';
import { unattributedWords } from './written-words.ts';

/** Everybody of whom something is held or was erased: users, and others that entries say something of. */
export async function listPersons(executor: Executor): Promise<Person[]> {
  const users = await personsAmongUsers(executor);
  const held = await countDisclosures(executor);
  const erasures = new Map((await executor.select().from(personErasure)).map((row) => [row.personId, row]));
  const onHold = new Set((await standingHolds(executor)).map(({ subjectId }) => subjectId));
  const files = await countEvidenceOfPersons(executor);
  const known = new Map(users.map((user) => [user.id, user]));
  const ids = [...new Set([...known.keys(), ...[...held.keys()].sort(), ...erasures.keys()])];
  return ids.map((id) => {
    const erasure = erasures.get(id);
    const user = erasure ? undefined : known.get(id);
    const { entries, values } = held.get(id) ?? { entries: 0, values: 0 };
    return {
      id,
      name: user?.name ?? null,
      email: user?.email ?? null,
      state: erasure ? 'erased' : 'held',
      entries,
      values,
      files: files.get(id) ?? 0,
      onHold: onHold.has(id),
      erasedAt: erasure?.erasedAt.toISOString() ?? null,
    };
  });
}

export async function isPerson(executor: Executor, id: string): Promise<boolean> {
  if ((await personsAmongUsers(executor)).some((user) => user.id === id)) return true;
  return (await countDisclosures(executor, [id])).has(id);
}

/** One person, with what erasing them destroys. Throws `not_found`. */
export async function personDetail(executor: Executor, namesOf: NamesOf, id: string): Promise<PersonDetail> {
  const person = (await listPersons(executor)).find((one) => one.id === id);
  if (!person) throw new AppError('not_found', `There is no person ${id.slice(0, 128)}. List them to find the id.`);
  const [erasure] = await executor.select().from(personErasure).where(eq(personErasure.personId, id));
  const items = await evidenceOfPerson(executor, id);
  const holds = await standingHolds(executor, [id, ...items.map((item) => item.id)]);
  const who = await resolveWho(namesOf, [erasure?.erasedBy]);
  return {
    ...person,
    willBeLost: erasure ? [] : whatIsLost(person),
    willStay: [
      `Entries of the ledger that name ${id}, with commitments that nothing opens any more.`,
      'Proofs, checkpoints and bundles made before: they go on verifying.',
    ],
    blockedBy: whyBlocked(person, holds),
    holds: await presentHolds(holds, namesOf),
    unattributed: erasure ? [] : await unattributedWords(executor),
    erasure: erasure
      ? {
          at: erasure.erasedAt.toISOString(),
          by: who(erasure.erasedBy),
          reason: erasure.reason,
          basis: erasure.basis,
          values: erasure.valuesErased,
          files: erasure.filesErased,
        }
      : null,
  };
}

/** Null where nothing stands against erasing the person. */
export function whyBlocked(
  person: Pick<Person, 'state'>,
  holds: readonly { id: string; subjectKind: string; subjectId: string; placedAt: Date }[],
): string | null {
  if (person.state === 'erased') return 'This person was erased already.';
  const [hold] = holds;
  if (!hold) return null;
  const of = hold.subjectKind === 'person' ? 'this person' : `the evidence ${hold.subjectId} of this person`;
  return `A legal hold on ${of} stands since ${hold.placedAt.toISOString().slice(0, 10)} (${hold.id}). Release it first: nothing under a hold is erased.`;
}

function whatIsLost(person: Person): string[] {
  const lost: string[] = [];
  if (person.email !== null)
    lost.push(
      'Name, email address, password, second factor, sessions and API keys of the user. The account is closed.',
    );
  if (person.values > 0)
    lost.push(
      `${person.values} ${person.values === 1 ? 'value' : 'values'} that ${person.entries} ${person.entries === 1 ? 'entry commits' : 'entries commit'} to, with their salts: they can no longer be disclosed to anybody.`,
    );
  if (person.files > 0)
    lost.push(
      `${person.files} ${person.files === 1 ? 'file or statement' : 'files or statements'} handed in as evidence. Attestations that rest on them are withdrawn, and their controls may lose their state.`,
    );
  lost.push(
    'Reasons, comments and notes they wrote on alerts, reviews, holds and the like: they read "Erased" from then on.',
  );
  lost.push('Exported bundles kept here that disclose personal values: their files are removed.');
  return lost;
}
