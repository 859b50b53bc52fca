import type { JsonValue } from '#src/kernel/canonical-json.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { Identity } from '#src/platform/http/route.ts';

/** A change an auditor may ask about. Holds ids and roles; never a name, an address or a secret. */
export type AuditEvent = {
  type:
    | 'user.created'
    | 'user.changed'
    | 'user.link_made'
    | 'user.password_set'
    | 'user.two_factor_changed'
    | 'key.created'
    | 'key.revoked'
    | 'organization.changed';
  actor: { kind: 'user' | 'service'; id: string };
  subject: { kind: 'user' | 'api-key' | 'organization'; id: string };
  body: { [member: string]: JsonValue };
  /** What it says of the user who is its subject. Only commitments to it reach the ledger. */
  personal?: { [field: string]: JsonValue };
  /** Unique to this event, so that a repeated delivery can be known. */
  dedupeKey: string;
};

/** Commits the event together with the change it tells of: both are stored, or neither. */
export type RecordEvent = (tx: Transaction, event: AuditEvent) => Promise<void>;

/** The person behind a caller, as an event names them. */
export function eventActor(identity: Identity): AuditEvent['actor'] {
  return { kind: 'user', id: identity.userId };
}
