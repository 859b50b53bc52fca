export { labelSampleFacts } from './facts.ts';
export type { ShownTexts } from './labels.ts';
export {
  forgetLabelTexts,
  goldOfChecks,
  isForLabels,
  type JudgedAnswer,
  labelTextKey,
  offerForLabels,
} from './live-items.ts';
export { labelReports } from './report.ts';
export { type LabelServices, labelRoutes } from './routes.ts';
