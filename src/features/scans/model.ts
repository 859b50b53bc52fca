import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

/*
 * Routes, all under /api/v1/scans:
 *   GET  ''            ScanQuery -> ScanPage        scans.read
 *   POST ''            NewScan -> Scan (202)        scans.run
 *   GET  roots         -> ScanRoots                 scans.read
 *   GET  schedules     -> ScanSchedules             scans.read
 *   PUT  schedules     SetScanSchedule -> ScanSchedules   scans.run
 *   GET  :id           -> Scan                      scans.read
 *   POST :id/cancel    -> Scan                      scans.run
 */

export const ScanState = z.enum(['queued', 'running', 'recorded', 'failed', 'canceled']);
export type ScanState = z.infer<typeof ScanState>;

export const NewScan = z.strictObject({
  /** Absolute path of a folder on the machine that runs Assay. */
  path: z.string().trim().min(1).max(4096),
});
export type NewScan = z.infer<typeof NewScan>;

/** How many items, verdicts and facts a recorded scan changed. */
export const ScanSummary = z.object({
  /** True where the source said the same as last time; then no new evidence is made, only confirmed. */
  unchanged: z.boolean(),
  facts: z.object({
    total: z.number().int(),
    added: z.number().int(),
    changed: z.number().int(),
    removed: z.number().int(),
  }),
  items: z.object({
    found: z.number().int(),
    proposed: z.number().int(),
    gone: z.number().int(),
    returned: z.number().int(),
    byKind: z.record(z.string(), z.number().int()),
  }),
  systems: z.object({ proposed: z.number().int() }),
  /** How all control tests stand after the scan. */
  tests: z.object({
    total: z.number().int(),
    pass: z.number().int(),
    fail: z.number().int(),
    noData: z.number().int(),
    notApplicable: z.number().int(),
    error: z.number().int(),
  }),
  /** Tests whose result changed with this scan. */
  changedTests: z.array(z.object({ id: z.string(), from: z.string().nullable(), to: z.string().nullable() })),
  complete: z.boolean(),
  incompleteBecause: z.array(z.string()),
  skipped: z.number().int(),
  durationMs: z.number().int(),
});
export type ScanSummary = z.infer<typeof ScanSummary>;

export const Scan = z
  .object({
    id: z.string(),
    path: z.string(),
    state: ScanState,
    source: z.object({ key: z.string(), title: z.string() }).nullable(),
    progress: z.object({
      /** `waiting`, `listing`, `reading`, `relating`, `recording` or `done`. */
      phase: z.string(),
      files: z.number().int(),
      /** Null while the tree is still being listed. */
      filesTotal: z.number().int().nullable(),
      bytes: z.number().int(),
      detections: z.number().int(),
      /** The file read last, relative to the root. Untrusted text. */
      current: z.string().nullable(),
    }),
    cancelRequested: z.boolean(),
    requestedBy: Who,
    requestedAt: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    /** One sentence with the next step; set when the state is `failed`. */
    error: z.string().nullable(),
    summary: ScanSummary.nullable(),
    evidenceId: z.string().nullable(),
  })
  .meta({ id: 'Scan' });
export type Scan = z.infer<typeof Scan>;

export const ScanPage = z.object({ items: z.array(Scan), total: z.number().int(), nextCursor: z.string().optional() });
export type ScanPage = z.infer<typeof ScanPage>;
export const ScanQuery = z.object({
  state: ScanState.optional(),
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ScanQuery = z.infer<typeof ScanQuery>;

/** Folders that may be scanned from the web. `null` means any folder the server can read. */
export const ScanRoots = z.object({ roots: z.array(z.string()).nullable() });

export const SetScanSchedule = z.strictObject({
  path: NewScan.shape.path,
  /** Null takes it off. */
  everyHours: z.number().int().min(1).max(744).nullable(),
});
export type SetScanSchedule = z.infer<typeof SetScanSchedule>;
/** A folder that the server scans by itself. */
export const ScanSchedule = z
  .object({
    path: z.string(),
    everyHours: z.number().int(),
    nextAt: z.iso.datetime(),
    setAt: z.iso.datetime(),
    setBy: Who,
  })
  .meta({ id: 'ScanSchedule' });
export type ScanSchedule = z.infer<typeof ScanSchedule>;
export const ScanSchedules = z.object({ items: z.array(ScanSchedule) });
