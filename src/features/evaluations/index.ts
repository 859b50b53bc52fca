export { openModel } from './ask-model.ts';
export {
  EVALUATION_JOB,
  type EvaluationQueue,
  type ExecuteParts,
  executeRun,
  recoverRuns,
  requestRun,
} from './execute-run.ts';
export { evaluationRunFacts, evaluationSuiteFacts } from './facts.ts';
export { gateVerdict } from './gate.ts';
export { IMPORT_BYTES_MAX, IMPORT_FORMATS, type ImportFormat, importResults } from './import-results.ts';
export { compareRuns, listRuns, listSuites, runById } from './present.ts';
export { recordImport } from './record-import.ts';
export { evaluationRoutes } from './routes.ts';
