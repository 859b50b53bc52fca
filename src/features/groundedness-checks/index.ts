export {
  type AnswerToCheck,
  type CheckResult,
  checkResults,
  choosingRules,
  eraseChecksOfErasedDays,
  type GroundednessChecks,
  openGroundednessChecks,
  tellLostChecks,
} from './checks.ts';
export { type Entailment, openEntailment } from './entailment.ts';
export { groundednessCheckRoutes } from './routes.ts';
