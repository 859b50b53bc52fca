export { failingScans } from './failing-scans.ts';
export { type Finding, findingsOf, SEVERITIES, type Severity } from './findings.ts';
export { recordCommandScan } from './record-command-scan.ts';
export { type RecordedScan, type RecordScanServices, recordScan } from './record-scan.ts';
export { scanRoutes } from './routes.ts';
export { type RunScanServices, runScan, type ScanTree } from './run-scan.ts';
export { recoverScans, requestScan, SCAN_JOB, type ScanQueue } from './scan-queue.ts';
export { requestDueScans } from './scan-schedules.ts';
