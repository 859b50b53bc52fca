export { type AnswerToCheck, choosingRules } from './answer-to-check.ts';
export { type GroundednessChecks, openGroundednessChecks } from './check-queue.ts';
export { type CheckResult, checkResults, eraseChecksOfErasedDays, tellLostChecks } from './check-store.ts';
export { type Entailment, openEntailment } from './entailment.ts';
export { groundednessCheckRoutes } from './routes.ts';
