import { randomBytes } from 'node:crypto';
import { eventActor, type RecordEvent } from '#src/features/users/index.ts';
import { canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import type { Identity } from '#src/platform/http/route.ts';
import {
  DEFAULT_PROFILE,
  type Organization,
  type OrganizationProfile,
  SCOPE_FIELDS,
  type ScopeField,
} from './model.ts';
import {
  insertScopeChanges,
  listScopeChanges,
  replaceOrganization,
  type ScopeChangeRow,
  storedOrganization,
} from './store.ts';

const SCOPE_CHANGES_SHOWN_MAX = 200;

export type OrganizationDependencies = {
  database: Database;
  clock: Clock;
  /** Called inside the transaction of the change. */
  record: RecordEvent;
  /** Names by user id, for the history. */
  namesOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The frameworks the catalog holds. */
  frameworkIds: readonly string[];
};

export type OrganizationService = ReturnType<typeof createOrganizationService>;

export function createOrganizationService({
  database,
  clock,
  record,
  namesOf,
  frameworkIds,
}: OrganizationDependencies) {
  async function read(): Promise<Organization> {
    const [stored, changes] = await Promise.all([
      storedOrganization(database.drizzle),
      listScopeChanges(database.drizzle, SCOPE_CHANGES_SHOWN_MAX),
    ]);
    const names = await namesOf([...new Set(changes.map(({ changedBy }) => changedBy))]);
    return {
      profile: stored?.profile ?? DEFAULT_PROFILE,
      revision: stored?.revision ?? 0,
      updatedAt: stored ? toInstant(stored.updatedAt.getTime()) : null,
      scopeChanges: changes.map(({ field, before, after, changedAt, changedBy }) => ({
        field,
        before: before.value,
        after: after.value,
        changedAt: toInstant(changedAt.getTime()),
        changedBy: { id: changedBy, name: names.get(changedBy) ?? changedBy },
      })),
    };
  }

  return {
    read,

    /** Throws `conflict` when somebody changed the profile since `revision` was read. */
    async replace(identity: Identity, next: { profile: OrganizationProfile; revision: number }): Promise<Organization> {
      const unknown = next.profile.frameworks.find((id) => !frameworkIds.includes(id));
      if (unknown !== undefined)
        throw new AppError('invalid_input', `frameworks: "${unknown}" is not in the catalog. Choose one of its ids.`);
      await database.transaction((tx) => store(tx, identity, next));
      return read();
    },
  };

  async function store(
    tx: Parameters<RecordEvent>[0],
    identity: Identity,
    { profile, revision }: { profile: OrganizationProfile; revision: number },
  ): Promise<void> {
    const stored = await storedOrganization(tx);
    const before = stored?.profile ?? DEFAULT_PROFILE;
    const updatedAt = new Date(clock());
    const isFresh = (stored?.revision ?? 0) === revision;
    const isWritten =
      isFresh && (await replaceOrganization(tx, { profile, over: revision, updatedAt, updatedBy: identity.userId }));
    if (!isWritten)
      throw new AppError(
        'conflict',
        'Somebody else changed the company profile meanwhile. Reload it and make your change again.',
      );
    const changed = changedFields(before, profile);
    if (changed.length === 0) return;
    await insertScopeChanges(tx, scopeChanges(before, profile, identity.userId, updatedAt));
    await record(tx, {
      type: 'organization.changed',
      actor: eventActor(identity),
      subject: { kind: 'organization', id: 'organization' },
      body: { changed, before: scopeOf(before), after: scopeOf(profile) },
      dedupeKey: `organization.changed:${revision + 1}`,
    });
  }
}

/** The profile as it is now, inside a transaction or outside. */
export async function readProfile(executor: Executor): Promise<OrganizationProfile> {
  return (await storedOrganization(executor))?.profile ?? DEFAULT_PROFILE;
}

function changedFields(before: OrganizationProfile, after: OrganizationProfile): (keyof OrganizationProfile)[] {
  const fields = Object.keys(after) as (keyof OrganizationProfile)[];
  return fields.filter((field) => canonicalJson(before[field]) !== canonicalJson(after[field])).sort();
}

function scopeChanges(
  before: OrganizationProfile,
  after: OrganizationProfile,
  changedBy: string,
  changedAt: Date,
): ScopeChangeRow[] {
  const isScope = (field: string): field is ScopeField => (SCOPE_FIELDS as readonly string[]).includes(field);
  return changedFields(before, after)
    .filter(isScope)
    .map((field) => ({
      id: makeId('sco', changedAt.getTime(), randomBytes(10)),
      field,
      before: { value: before[field] },
      after: { value: after[field] },
      changedAt,
      changedBy,
    }));
}

function scopeOf(profile: OrganizationProfile): { [field: string]: JsonValue } {
  return Object.fromEntries(SCOPE_FIELDS.map((field) => [field, profile[field]]));
}
