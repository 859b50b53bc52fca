export { type ExecuteParts, executeRun } from './execute-run.ts';
export { evaluationRunFacts, evaluationSuiteFacts, modelReleaseFacts } from './facts.ts';
export { gateVerdict } from './gate.ts';
export { importResultsFile } from './import-file.ts';
export { importResults } from './import-results.ts';
export { keepJudgeKey, suitesAskByRoute } from './judge-key.ts';
export { type GatewayUrl, judgeEndpoint } from './judge-place.ts';
export { OpenedModels } from './opened-models.ts';
export { compareRuns, listRuns, listSuites, runById } from './present.ts';
export { IMPORT_FORMATS, type ImportFormat } from './read-items.ts';
export { recordImport } from './record-import.ts';
export { decideRelease, listReleases, releaseById } from './releases.ts';
export { addRobustnessSuite } from './robustness.ts';
export { evaluationRoutes } from './routes.ts';
export {
  type AskedTarget,
  EVALUATION_JOB,
  type EvaluationQueue,
  enterRun,
  findProvider,
  queueRun,
  recoverRuns,
} from './run-queue.ts';
