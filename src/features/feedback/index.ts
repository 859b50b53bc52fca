export { forgetFeedbackTexts } from './decide-feedback.ts';
export { userFeedbackFacts } from './facts.ts';
export { feedbackRoutes } from './routes.ts';
export { type FeedbackServices, takeFeedback } from './take-feedback.ts';
