import type { RecordKind, Records } from '#src/features/records/index.ts';
import type { AuditEvent, RecordEvent } from '#src/features/users/index.ts';
import type { EntryType } from '#src/ledger/log/entry.ts';

/** What the ledger calls each event: words of lower-case letters, and `key.` there means the keys of the log itself. */
const ENTRY_TYPES = {
  'user.created': 'user.created',
  'user.changed': 'user.changed',
  'user.link_made': 'user.link-made',
  'user.password_set': 'user.password-set',
  'user.two_factor_changed': 'user.two-factor-changed',
  'key.created': 'user.key-created',
  'key.revoked': 'user.key-revoked',
  'organization.changed': 'organization.changed',
} as const satisfies Record<AuditEvent['type'], EntryType>;

/**
 * Commits an event of users, keys or the company profile together with its change: as an entry of the ledger, as facts,
 * and with the verdicts that follow from them.
 */
export function recordEvent(records: Records): RecordEvent {
  return async (tx, event) => {
    await records.append(tx, {
      type: ENTRY_TYPES[event.type],
      actor: event.actor,
      subject: event.subject,
      series: `${event.subject.kind}:${event.subject.id}`,
      body: event.body,
      ...(event.personal && { personal: { person: event.subject.id, values: event.personal } }),
      dedupeKey: event.dedupeKey,
    });
    const kind: RecordKind = event.subject.kind === 'organization' ? 'organization-scope' : 'user';
    const { collectionId } = await records.store(tx, [kind]);
    await records.judge(tx, { kind: 'records', collectionId });
  };
}
