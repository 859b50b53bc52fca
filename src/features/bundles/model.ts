import * as z from 'zod';
import { AssuranceReport } from '#src/features/ledger/model.ts';
import { Who } from '#src/features/records/model.ts';

/*
 * Routes, all under /api/v1/bundles:
 *   GET  ''              -> BundlePage                  bundles.read
 *   POST ''              NewBundle -> Bundle (202)      bundles.write
 *   GET  verifier        -> one HTML file                bundles.read
 *   GET  :id             -> Bundle                      bundles.read
 *   GET  :id/download    -> the file; answers ranges    bundles.read
 */

export const BundleState = z.enum(['queued', 'running', 'ready', 'failed']);
export type BundleState = z.infer<typeof BundleState>;

/** Which personal values behind commitments are put in: none, the openings of files that people handed in, or all. */
export const Disclose = z.enum(['nothing', 'files', 'everything']);
export type Disclose = z.infer<typeof Disclose>;

/** Indexes of the ledger, both included. Left out: the whole ledger. */
export const NewBundle = z.strictObject({
  from: z.number().int().min(0).optional(),
  to: z.number().int().min(0).optional(),
  /** False leaves the evidence files out and declares them withheld. */
  withBlobs: z.boolean().default(true),
  /** Instead of or besides the range: every entry of these series, such as `user-second-factor`. */
  series: z.array(z.string().min(1).max(512)).min(1).max(64).optional(),
  disclose: Disclose.default('nothing'),
});
export type NewBundle = z.infer<typeof NewBundle>;

export const Bundle = z
  .object({
    id: z.string(),
    state: BundleState,
    from: z.number().int().nullable(),
    to: z.number().int().nullable(),
    withBlobs: z.boolean(),
    series: z.array(z.string()).nullable(),
    disclose: Disclose,
    requestedBy: Who,
    requestedAt: z.string(),
    finishedAt: z.string().nullable(),
    /** Bytes written so far, or in all. */
    writtenBytes: z.number().int(),
    sizeBytes: z.number().int().nullable(),
    sha256: z.string().nullable(),
    entries: z.number().int().nullable(),
    fileName: z.string(),
    /** False: written by the command where it ran, so that it cannot be fetched here. */
    kept: z.boolean(),
    /** One sentence with the next step; set when the state is `failed`. */
    error: z.string().nullable(),
    /** What its head had reached when it was made; null before, and for those made before levels were kept. */
    assurance: AssuranceReport.nullable(),
    /** How often it was fetched, and when last. */
    downloads: z.number().int(),
    lastDownloadAt: z.string().nullable(),
    lastDownloadBy: Who.nullable(),
  })
  .meta({ id: 'Bundle' });
export type Bundle = z.infer<typeof Bundle>;

export const BundlePage = z.object({ items: z.array(Bundle), total: z.number().int() });
export type BundlePage = z.infer<typeof BundlePage>;
