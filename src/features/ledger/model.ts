import * as z from 'zod';
import { ASSURANCE_LEVELS } from '#src/ledger/log/assurance-levels.ts';

/*
 * Routes, all under /api/v1/ledger:
 *   GET ''               -> LedgerHead                              ledger.read
 *   GET entries          EntryQuery -> EntryPage (newest first)     ledger.read
 *   GET entries/:index   -> EntryDetail with its inclusion proof    ledger.read
 *   GET heads            HeadQuery -> HeadPage (newest first)       ledger.read
 *   GET growth           GrowthQuery -> LedgerGrowth                ledger.read
 *   GET logs             -> FormerLedgers                           ledger.read
 * With `log` the others read a sealed ledger.
 */

/** How little the operator has to be believed: docs/spec/bundle.md, "Levels". */
export const AssuranceReport = z
  .object({
    level: z.enum(ASSURANCE_LEVELS).nullable(),
    steps: z.array(z.object({ level: z.enum(ASSURANCE_LEVELS), reached: z.boolean(), reason: z.string() })),
    stillPossible: z.string(),
  })
  .meta({ id: 'Assurance' });

export const LedgerHead = z
  .object({
    origin: z.string(),
    /** The log's public key in signed-note form; its key hash is what a reader compares. */
    vkey: z.string(),
    size: z.number().int(),
    /** Root hash, base64. */
    root: z.string(),
    /** The signed checkpoint, whole. */
    checkpoint: z.string(),
    signedAt: z.string(),
    /** What this head has reached. A new head starts at `signed`, until the parties outside have seen it. */
    level: z.enum(ASSURANCE_LEVELS).nullable(),
    assurance: AssuranceReport,
    /** The largest head that reached each level; null where none did. */
    reached: z.array(z.object({ level: z.enum(ASSURANCE_LEVELS), size: z.number().int().nullable() })),
    /** Why nothing is signed at present, with the next step; null while all is well. */
    problem: z.string().nullable(),
    /** Entries that wait for the sequencer. */
    pending: z.number().int(),
  })
  .meta({ id: 'LedgerHead' });
export type LedgerHead = z.infer<typeof LedgerHead>;

export const LedgerEntryRow = z
  .object({
    index: z.number().int(),
    type: z.string(),
    recordedAt: z.string(),
    leafHash: z.string(),
    sizeBytes: z.number().int(),
    subject: z.object({ kind: z.string(), id: z.string() }).nullable(),
    actor: z.object({ kind: z.string(), id: z.string() }).nullable(),
    series: z.object({ id: z.string(), seq: z.number().int() }).nullable(),
    /** Of the export of a bundle: its range, the end not included, or its series; all null for the whole ledger. */
    exported: z
      .object({
        from: z.number().int().nullable(),
        to: z.number().int().nullable(),
        series: z.array(z.string()).nullable(),
        /** Of a sealed log; null for the log the entry is in. */
        origin: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'LedgerEntry' });
export type LedgerEntryRow = z.infer<typeof LedgerEntryRow>;

export const EntryPage = z.object({
  items: z.array(LedgerEntryRow),
  total: z.number().int(),
  nextCursor: z.string().optional(),
});
export type EntryPage = z.infer<typeof EntryPage>;
const LogId = z.string().regex(/^[0-9a-f]{32}$/, 'must be the id of a sealed ledger, 32 hex digits');
/** A sealed log to read in place of the present one. */
export const LogQuery = z.object({ log: LogId.optional() });
export const EntryQuery = z.object({
  /** Entries below this index. */
  before: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  type: z.string().max(64).optional(),
  series: z.string().max(200).optional(),
  log: LogId.optional(),
  /** Recorded within, both included. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});

/** A log that was sealed and that the present one continues. See docs/spec/ledger.md, sections 4.2 and 4.3. */
export const FormerLedger = z
  .object({
    id: z.string(),
    origin: z.string(),
    vkey: z.string().nullable(),
    createdAt: z.string(),
    sealedAt: z.string(),
    /** Why it ended, as entry 0 of the log that continues it says; null where that log is not here. */
    reason: z.string().nullable(),
    continuedBy: z.string().nullable(),
    /** Its last signed head; null where none was signed. */
    head: z
      .object({ size: z.number().int(), root: z.string(), checkpoint: z.string(), signedAt: z.string() })
      .nullable(),
    /** Entries beyond that head, which were never signed. */
    unsigned: z.number().int(),
    /** From which entry on a head known outside has more than the database. */
    lostFrom: z.number().int().nullable(),
  })
  .meta({ id: 'FormerLedger' });
export type FormerLedger = z.infer<typeof FormerLedger>;
export const FormerLedgers = z.object({ items: z.array(FormerLedger) });

/**
 * Where an entry stands in the ledger, with what a browser needs to check it without trusting the server: hash the leaf
 * text (RFC 6962), fold in the hashes, compare with the root of the checkpoint, verify its signature with the key.
 */
export const LedgerPosition = z
  .object({
    state: z.enum(['pending', 'integrated']),
    index: z.number().int().nullable(),
    /** Tree size the proof is for. */
    size: z.number().int().nullable(),
    leafHash: z.string().nullable(),
    /** Exact text of the leaf as it was hashed. */
    leaf: z.string().nullable(),
    /** Inclusion proof, base64 hashes from the leaf to the root. */
    proof: z.array(z.string()),
    checkpoint: z.string().nullable(),
    vkey: z.string(),
    origin: z.string(),
  })
  .meta({ id: 'LedgerPosition' });
export type LedgerPosition = z.infer<typeof LedgerPosition>;

export const EntryDetail = LedgerEntryRow.extend({ position: LedgerPosition }).meta({ id: 'LedgerEntryDetail' });
export type EntryDetail = z.infer<typeof EntryDetail>;

const Size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const HeadVoice = z.object({ name: z.string(), at: z.string() });
export const SignedHeadRow = z
  .object({
    size: z.number().int(),
    root: z.string(),
    signedAt: z.string(),
    /** Witnesses and time-stamp authorities that vouch for this very head, and when by their own clocks. */
    cosigned: z.array(HeadVoice),
    stamped: z.array(HeadVoice),
  })
  .meta({ id: 'LedgerSignedHead' });
export type SignedHeadRow = z.infer<typeof SignedHeadRow>;
export const HeadPage = z.object({ items: z.array(SignedHeadRow), nextCursor: z.string().optional() });
export type HeadPage = z.infer<typeof HeadPage>;
export const HeadQuery = z.object({
  /** Heads of fewer entries than this. */
  before: Size.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  log: LogId.optional(),
});

/** Two sizes of which signed heads exist. */
export const GrowthQuery = z.object({ older: Size, newer: Size, log: LogId.optional() });

/** What a browser needs to see that the log only grew between two heads (RFC 9162, section 2.1.4.2). */
export const LedgerGrowth = z
  .object({
    older: z.object({ size: z.number().int(), checkpoint: z.string() }),
    newer: z.object({ size: z.number().int(), checkpoint: z.string() }),
    /** Consistency proof, base64 hashes. */
    proof: z.array(z.string()),
    /** Every key that has signed this log, oldest first. */
    vkeys: z.array(z.string()),
    origin: z.string(),
  })
  .meta({ id: 'LedgerGrowth' });
export type LedgerGrowth = z.infer<typeof LedgerGrowth>;
