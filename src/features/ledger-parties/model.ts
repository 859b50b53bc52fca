import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

/*
 * Parties outside that see the heads of the ledger, so that its operator has to be believed less. Routes:
 *   GET    /api/v1/ledger-parties               -> LedgerParties                    ledger-parties.read
 *   POST   /api/v1/ledger-parties  NewLedgerParty -> LedgerParty (201)              ledger-parties.write
 *   POST   /api/v1/ledger-parties/:id/try       -> LedgerParty, after an attempt    ledger-parties.write
 *   DELETE /api/v1/ledger-parties/:id           -> 204                              ledger-parties.write
 */

export const PARTY_KINDS = ['witness', 'timestamp', 'mirror'] as const;
export const PartyKind = z.enum(PARTY_KINDS);
export type PartyKind = z.infer<typeof PartyKind>;

export const PARTY_TITLES: Record<PartyKind, { one: string; many: string; does: string }> = {
  witness: {
    one: 'Witness',
    many: 'Witnesses',
    does: 'Cosigns a head only if the log grew: with it, nobody can be shown another history.',
  },
  timestamp: {
    one: 'Time-stamp authority',
    many: 'Time-stamp authorities',
    does: 'Signs when a head was seen: with it, the log cannot be made to look older than it is.',
  },
  mirror: {
    one: 'Mirror',
    many: 'Mirrors',
    does: 'Keeps every head, and the entries if it is a folder with tiles, where the operator cannot change them.',
  },
};

/** The least time between two heads that a party is shown, in seconds. */
export const EVERY_SECONDS: Record<PartyKind, { min: number; usual: number }> = {
  witness: { min: 1, usual: 10 },
  timestamp: { min: 10, usual: 3_600 },
  mirror: { min: 1, usual: 60 },
};

/** It did not answer; it answered and that does not hold; what it says and what the ledger says of itself differ. */
export type PartyProblem = 'silent' | 'refused' | 'contradicts';

/** How long a party may take no head before that is an alert: three of its turns, and never under a quarter of an hour. */
export function allowedSilenceSeconds(everySeconds: number): number {
  return Math.max(900, 3 * everySeconds);
}

const address = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .max(500)
  .refine((text) => !URL.canParse(text) || new URL(text).username === '', 'must not hold a user name or password')
  .refine((text) => !/[?#]/.test(text), 'must not hold a query or a fragment');
const path = z.string().max(500).regex(/^\//, 'must be an absolute path');

export const WitnessSettings = z.strictObject({
  kind: z.literal('witness'),
  url: address,
  /** Its public key, as "assay witness --print-key" prints it. */
  vkey: z.string().trim().max(1_000),
  /** Lets calls reach a private network or this machine. */
  allowPrivateAddress: z.boolean().default(false),
});
export const TimestampSettings = z.strictObject({
  kind: z.literal('timestamp'),
  url: address,
  /** PEM: what its certificates must lead to. */
  trusted: z.string().max(100_000),
  /** The policy to ask for, an object identifier. */
  policy: z
    .string()
    .regex(/^[0-2](\.(0|[1-9]\d{0,20})){1,30}$/, 'must be an object identifier, like 1.3.6.1.4.1.4146.2.3')
    .nullable()
    .default(null),
  allowPrivateAddress: z.boolean().default(false),
});
export const MirrorSettings = z.strictObject({
  kind: z.literal('mirror'),
  /** A folder such as a mounted share, or a bare git repository. */
  place: z.enum(['folder', 'git']),
  path,
  /** Of a folder: whether it gets the whole log as tiles, and not only its heads. */
  tiles: z.boolean().default(false),
  /** Of a git repository: where every commit is pushed to. */
  remote: z.string().max(500).nullable().default(null),
  /** Lets the remote be in a private network or on this machine. */
  allowPrivateAddress: z.boolean().default(false),
});
export const PartySettings = z.discriminatedUnion('kind', [WitnessSettings, TimestampSettings, MirrorSettings]);
export type PartySettings = z.infer<typeof PartySettings>;

export const PartyName = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/,
    'must begin with a letter or digit, and hold only letters, digits, dots, slashes and dashes',
  );

export const NewLedgerParty = z.strictObject({
  /** Of a witness it is the name in its key, and left out here. */
  name: PartyName.optional(),
  everySeconds: z.int().min(1).max(2_592_000).optional(),
  settings: PartySettings,
});
export type NewLedgerParty = z.infer<typeof NewLedgerParty>;

export const LedgerParty = z
  .object({
    id: z.string(),
    kind: PartyKind,
    name: z.string(),
    /** For people: the address or the path. */
    place: z.string(),
    everySeconds: z.int(),
    settings: PartySettings,
    addedAt: z.string(),
    addedBy: Who,
    /** The largest head it has seen, and when; null before the first. */
    lastSize: z.int().nullable(),
    lastAt: z.string().nullable(),
    /** Set while it fails: the reason, since when, how often in a row. */
    problem: z.string().nullable(),
    problemSince: z.string().nullable(),
    failures: z.int(),
    nextTryAt: z.string(),
  })
  .meta({ id: 'LedgerParty' });
export type LedgerParty = z.infer<typeof LedgerParty>;

export const PastProblem = z.object({
  partyId: z.string(),
  name: z.string(),
  sentence: z.string(),
  beganAt: z.string(),
  endedAt: z.string().nullable(),
});

export const LedgerParties = z
  .object({ items: z.array(LedgerParty), problems: z.array(PastProblem) })
  .meta({ id: 'LedgerParties' });
export type LedgerParties = z.infer<typeof LedgerParties>;
