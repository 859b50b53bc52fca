import { CanonicalJsonError, canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import { utf8Bytes } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';
import { checkLeaf } from './leaf.ts';
import { type EntrySeries, LEAF_BYTES_MAX } from './leaf-form.ts';

/** Everything that is committed. `incident.*` takes any lower-case word. docs/spec/ledger.md says what each means. */
export const ENTRY_TYPES = [
  'evidence.collected',
  'test.expected',
  'test.performed',
  'test.result',
  'gateway.window',
  'event.erased',
  'gateway.dropped',
  'gateway.provider-changed',
  'gateway.tenant-changed',
  'gateway.key-changed',
  'gateway.issuer-changed',
  'gateway.route-changed',
  'gateway.policy-changed',
  'gateway.price-changed',
  'gateway.capture-changed',
  'gateway.payload-read',
  'gateway.payload-erased',
  'monitor.window',
  'monitor.canary',
  'inventory.decided',
  'system.registered',
  'attestation.submitted',
  'attestation.reviewed',
  'model.registered',
  'model.version',
  'approval.requested',
  'approval.granted',
  'approval.refused',
  'approval.revoked',
  'approval.used',
  'approval.expired',
  'deployment.promoted',
  'deployment.rolled-back',
  'dataset.version',
  'dataset.scan',
  'threshold.changed',
  'exception.granted',
  'exception.expired',
  'access.reviewed',
  'label.sampled',
  'label.given',
  'feedback.decided',
  'evaluation.finished',
  'evaluation.release-decided',
  'alert.opened',
  'alert.muted',
  'alert.unmuted',
  'alert.recurred',
  'alert.retested',
  'alert.acknowledged',
  'alert.assigned',
  'alert.commented',
  'alert.escalated',
  'alert.delivered',
  'alert.delivery-failed',
  'alert.incident-opened',
  'alert.resolved',
  'alert.channel-changed',
  'blob.erased',
  'person.erased',
  'hold.placed',
  'hold.released',
  'retention.changed',
  'bundle.exported',
  'user.created',
  'user.changed',
  'user.link-made',
  'user.password-set',
  'user.two-factor-changed',
  'user.key-created',
  'user.key-revoked',
  'organization.changed',
  'key.announced',
  'key.retired',
  'party.added',
  'party.removed',
  'log.sealed',
  'log.continued',
] as const;

export type EntryType = (typeof ENTRY_TYPES)[number] | `incident.${string}`;

export type EntryActor = { kind: 'user' | 'service' | 'auditor'; id: string };
export type EntrySubject = { kind: string; id: string; version?: string };
export type EntryBlob = { sha256: string; size: number; mediaType: string; role: string };

/** What the business side hands over. Nothing in it may be personal data or a secret: leaves are never erased. */
export type NewEntry = {
  type: EntryType;
  /** `id` is a pseudonym such as a user's id, never a name or an address. */
  actor: EntryActor;
  subject: EntrySubject;
  /** Entries of one series are numbered and linked by the sequencer, so that a missing one shows. */
  series?: string;
  refs?: readonly { rel: string; leaf: string }[];
  body: { [member: string]: JsonValue | undefined };
  /** Salted commitments (64 hex digits) that stand for personal values; see `commitTo`. */
  commitments?: Readonly<Record<string, string>>;
  blobs?: readonly EntryBlob[];
  /** Appending twice under one key gives one entry. */
  dedupeKey: string;
};

const WIDEST_SEQ = Number.MAX_SAFE_INTEGER;
const WIDEST_PREV = '0'.repeat(64);
const ADDRESS = /^[^\s@:/]+@([a-z0-9-]+\.)+[a-z]{2,}$/i;

/** `prev` is the leaf hash of the entry before, in hex; the first of a series has none. */
export function seriesMember(series: EntrySeries): string {
  const prev = series.prev === undefined ? '' : `"prev":${canonicalJson(series.prev)},`;
  return `{"id":${canonicalJson(series.id)},${prev}"seq":${canonicalJson(series.seq)}}`;
}

/**
 * The two halves of a leaf between which the `series` member goes, once its number is known: members are sorted, and
 * `series` stands between `refs` and `subject`. Throws `InvalidFormat` when the entry breaks the profile.
 */
export function splitLeaf(entry: NewEntry, id: string, at: string): { before: string; after: string } {
  const { actor, body, subject, type } = entry;
  const blobs = entry.blobs as JsonValue[] | undefined;
  const refs = entry.refs as JsonValue[] | undefined;
  const commitments = entry.commitments as { [field: string]: string } | undefined;
  // The number and the link are not known yet: the widest they can be decides.
  const widest = entry.series === undefined ? null : { id: entry.series, seq: WIDEST_SEQ, prev: WIDEST_PREV };
  try {
    const before = canonicalJson({ actor, at, blobs, body, commitments, id, refs });
    const halves = { before, after: canonicalJson({ subject, type, v: 1 }) };
    checkLeaf(
      { actor, at, blobs, body, commitments, id, refs, series: widest ?? undefined, subject, type, v: 1 },
      sizeAtMost(joinLeaf(halves, widest)),
    );
    refusePersonalData(entry);
    return halves;
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw new InvalidFormat('entry', `The entry ${type} is ${error.message}.`);
    throw error;
  }
}

/** A bound on the bytes of `text` in UTF-8 where that is within the limit of a leaf, else their number. */
function sizeAtMost(text: string): number {
  const bound = text.length * UTF8_BYTES_MAX;
  return bound <= LEAF_BYTES_MAX ? bound : utf8Bytes(text).length;
}

// Of one unit of UTF-16.
const UTF8_BYTES_MAX = 3;

export function joinLeaf(halves: { before: string; after: string }, series: EntrySeries | null): string {
  const middle = series ? `"series":${seriesMember(series)},` : '';
  return `${halves.before.slice(0, -1)},${middle}${halves.after.slice(1)}`;
}

// What a program can tell is little; this stops the commonest slip, an address put where an id belongs.
function refusePersonalData(entry: NewEntry): void {
  const looked: [string, JsonValue][] = [
    ['actor.id', entry.actor.id],
    ['subject.id', entry.subject.id],
    ['body', entry.body],
  ];
  for (const [name, value] of looked) {
    const path = addressWithin(value);
    if (path !== null)
      throw new InvalidFormat(
        'entry',
        `${name}${path} of the entry ${entry.type} is an e-mail address. A leaf is never erased: use a commitment or an id.`,
      );
  }
}

// Where in `value` an address stands, such as `.owner[2].mail`; null when there is none.
function addressWithin(value: JsonValue | undefined): string | null {
  if (typeof value === 'string') return value.includes('@') && ADDRESS.test(value) ? '' : null;
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const path = addressWithin(item);
      if (path !== null) return `[${i}]${path}`;
    }
    return null;
  }
  for (const member in value) {
    const path = addressWithin(value[member]);
    if (path !== null) return `.${member}${path}`;
  }
  return null;
}
