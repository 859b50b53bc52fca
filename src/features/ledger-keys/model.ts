import * as z from 'zod';

/*
 * The keys the ledger is signed with. Routes:
 *   GET  /api/v1/ledger-keys                                      -> LedgerKeys        ledger.read
 *   POST /api/v1/ledger-keys           RotateLedgerKey            -> LedgerKeys (201)  ledger-keys.write, a person
 *   POST /api/v1/ledger-keys/:id/retire  RetireLedgerKey          -> LedgerKeys        ledger-keys.write, a person
 * Sealing is not among them: it needs a stopped server (`assay ledger seal`).
 */

/**
 * `announced`: an entry announces it, and no signed head covers that entry yet. `active`: it signs. `retiring`: it signs
 * beside the newer one that takes over. `retired`: it signs nothing more. `lost`: the ledger counts on it, and its file is
 * missing or damaged.
 */
export const KEY_STATES = ['announced', 'active', 'retiring', 'retired', 'lost'] as const;
export const KeyState = z.enum(KEY_STATES);
export type KeyState = z.infer<typeof KeyState>;

export const KEY_PURPOSES = ['log', 'bundle'] as const;
export const LedgerKeyPurpose = z.enum(KEY_PURPOSES);
export type LedgerKeyPurpose = z.infer<typeof LedgerKeyPurpose>;

export const LedgerKey = z
  .object({
    /** 8 hex digits. */
    id: z.string(),
    purpose: LedgerKeyPurpose,
    vkey: z.string(),
    state: KeyState,
    announcedBy: z.int(),
    announcedAt: z.iso.datetime(),
    retiredBy: z.int().nullable(),
    retiredAt: z.iso.datetime().nullable(),
    /** Why its file cannot be used, where it is lost. */
    problem: z.string().nullable(),
  })
  .meta({ id: 'LedgerKey' });
export type LedgerKey = z.infer<typeof LedgerKey>;

export const LedgerKeys = z
  .object({
    origin: z.string(),
    items: z.array(LedgerKey),
    /** Witnesses that are set up: their operators need a new key of the log before the old one is retired. */
    witnesses: z.array(z.string()),
  })
  .meta({ id: 'LedgerKeys' });
export type LedgerKeys = z.infer<typeof LedgerKeys>;

/** `confirm` is what is rotated, typed by the person: the id of the key that signs now. */
const confirm = z.string().trim().max(64);
export const RotateLedgerKey = z.strictObject({ purpose: LedgerKeyPurpose, confirm });
export const RetireLedgerKey = z.strictObject({ confirm });
