import { randomBytes } from 'node:crypto';
import type { ScanResult } from '#src/connectors/source-tree/model.ts';
import { actorText, COMMAND_LINE } from '#src/features/records/index.ts';
import { makeId } from '#src/kernel/id.ts';
import { type RecordedScan, type RecordScanServices, recordScan } from './record-scan.ts';
import { scan } from './tables.ts';

/** Records a scan that ended just now on the command line; it is listed among the scans of the web app. */
export function recordCommandScan(
  services: RecordScanServices,
  result: ScanResult,
  path: string,
): Promise<RecordedScan> {
  const { clock } = services.records;
  return recordScan(services, result, COMMAND_LINE, async (tx, { summary, evidenceId }) => {
    await tx.insert(scan).values({
      id: makeId('scn', clock(), randomBytes(10)),
      path,
      state: 'recorded',
      requestedBy: actorText(COMMAND_LINE),
      requestedAt: new Date(result.startedAt),
      attempts: 1,
      startedAt: new Date(result.startedAt),
      finishedAt: new Date(clock()),
      phase: 'done',
      files: result.stats.files,
      filesTotal: result.stats.files,
      bytes: result.stats.bytes,
      detections: result.detections.length,
      sourceKey: result.source.key,
      sourceTitle: result.source.title,
      summary,
      evidenceId,
    });
  });
}
