import * as z from 'zod';
import { defaultSource } from '#src/features/events/index.ts';
import { actorOf, actorText, type NamesOf } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { decideFeedback } from './decide-feedback.ts';
import { feedbackById, feedbackText, listFeedback } from './list-feedback.ts';
import {
  Feedback,
  FeedbackDecision,
  FeedbackDelivery,
  FeedbackPage,
  FeedbackQuery,
  FeedbackText,
  NewFeedbackList,
} from './model.ts';
import { type FeedbackServices, feedbackTextKey, takeFeedback } from './take-feedback.ts';

const read = { permission: 'feedback.read' } as const;
// One delivery for each click is normal.
const write = { permission: 'feedback.write', perMinute: 6_000 } as const;
const decide = { permission: 'feedback.decide' } as const;
const ById = z.object({ id: z.string().max(64) });

/** What users say of answers, and what people do about it. */
export function feedbackRoutes(services: FeedbackServices & { namesOf: NamesOf }): Routes {
  const { records, secrets, namesOf } = services;
  const { drizzle } = records.database;
  const context = () => ({ namesOf, nowMs: records.clock() });
  return defineRoutes((app) => {
    app.post(
      '/feedback',
      { config: write, schema: { body: NewFeedbackList, response: { 200: FeedbackDelivery } } },
      async (request) => ({
        items: await takeFeedback(services, request.body.items, {
          from: actorText(actorOf(callerOf(request))),
          source: defaultSource(request),
        }),
      }),
    );
    app.get(
      '/feedback',
      { config: read, schema: { querystring: FeedbackQuery, response: { 200: FeedbackPage } } },
      (request) => listFeedback(drizzle, request.query, context()),
    );
    // Whoever decides needs the user's words; an auditor sees that there were some.
    app.get(
      '/feedback/:id/text',
      { config: decide, schema: { params: ById, response: { 200: FeedbackText } } },
      async (request) => ({ text: await feedbackText(drizzle, request.params.id, await feedbackTextKey(secrets)) }),
    );
    app.post(
      '/feedback/:id/decide',
      { config: decide, schema: { params: ById, body: FeedbackDecision, response: { 200: Feedback } } },
      async (request) => {
        const { id } = request.params;
        const acting = { actor: actorOf(callerOf(request)), at: new Date(records.clock()), append: records.append };
        await records.change('feedback', ['user-feedback'], (tx) => decideFeedback(tx, id, request.body, acting));
        return feedbackById(drizzle, id, context());
      },
    );
  });
}
