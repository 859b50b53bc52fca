export { BUNDLE_JOB, type ExportQueue, recoverBundles, requestBundle } from './export-queue.ts';
export { bundleRoutes } from './routes.ts';
export {
  bundlePath,
  clearUnfinishedBundles,
  type ExportBundle,
  noteCommandExport,
  type RunExportServices,
  removeDisclosingBundles,
  runExport,
} from './run-export.ts';
export { readVerifier, VERIFIER_FILE_NAME } from './verifier-file.ts';
