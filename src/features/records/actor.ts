import { AppError } from '#src/kernel/errors.ts';
import type { Identity } from '#src/platform/http/route.ts';
import type { Who } from './model.ts';

/** Who acts. An API key acts for the person it belongs to, so a second person cannot be one's own key. */
export type Actor =
  | { kind: 'user'; id: string }
  | { kind: 'api-key'; id: string; userId: string }
  | { kind: 'service'; id: string };

/** The command line on the machine itself: whoever can read the data folder. */
export const COMMAND_LINE: Actor = { kind: 'service', id: 'command-line' };

const SERVICE_NAMES: Record<string, string> = {
  'command-line': 'Command line',
  'source-tree': 'Source tree scanner',
  assay: 'Assay',
};

export function actorOf(identity: Identity): Actor {
  return identity.kind === 'user'
    ? { kind: 'user', id: identity.userId }
    : { kind: 'api-key', id: identity.id, userId: identity.userId };
}

/** How an actor is stored in one column: `user:usr_…`, `key:key_…:usr_…` or `service:<name>`. */
export function actorText(actor: Actor): string {
  if (actor.kind === 'api-key') return `key:${actor.id}:${actor.userId}`;
  return `${actor.kind}:${actor.id}`;
}

export function parseActor(text: string): Actor {
  const [kind, id, userId] = text.split(':');
  if (kind === 'user' && id) return { kind, id };
  if (kind === 'service' && id) return { kind, id };
  if (kind === 'key' && id && userId) return { kind: 'api-key', id, userId };
  throw new AppError('internal', 'A stored actor could not be read.', { details: { text } });
}

/** The person behind an actor; null for a service. */
export function personOf(actor: Actor): string | null {
  if (actor.kind === 'user') return actor.id;
  return actor.kind === 'api-key' ? actor.userId : null;
}

/** Words a person wrote, for `personal` of an entry: the leaf commits to them and erasing the person takes them away. */
export function wordsOf(
  actor: Actor,
  words: Readonly<Record<string, string | undefined>>,
): { personal?: { person: string; values: Record<string, string> } } {
  const person = personOf(actor);
  const values = Object.fromEntries(
    Object.entries(words).filter((word): word is [string, string] => word[1] !== undefined),
  );
  return person === null || Object.keys(values).length === 0 ? {} : { personal: { person, values } };
}

/** An actor in a leaf of the ledger: pseudonyms only. */
export function ledgerActor(actor: Actor): { kind: 'user' | 'service'; id: string } {
  const person = personOf(actor);
  return person === null ? { kind: 'service', id: actor.id } : { kind: 'user', id: person };
}

/** Looks up names of users by id; ids it does not know are left out. */
export type NamesOf = (userIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** Turns stored actors into what a screen shows. One look-up for a whole page. */
export async function resolveWho(
  namesOf: NamesOf,
  stored: readonly (string | null | undefined)[],
): Promise<(text: string) => Who> {
  const people = new Set<string>();
  for (const text of stored) {
    const person = text ? personOf(parseActor(text)) : null;
    if (person) people.add(person);
  }
  const names = people.size > 0 ? await namesOf([...people]) : new Map<string, string>();
  return (text) => {
    const actor = parseActor(text);
    const person = personOf(actor);
    if (person === null) return { kind: 'service', id: actor.id, name: SERVICE_NAMES[actor.id] ?? actor.id };
    const name = names.get(person) ?? person;
    return actor.kind === 'api-key'
      ? { kind: 'api-key', id: actor.id, name: `${name} (API key)` }
      : { kind: 'user', id: person, name };
  };
}

/** How a plain user id is stored where a column holds actors. */
export function userText(userId: string): string {
  return `user:${userId}`;
}
