import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Actor, actorOf, type NamesOf, type Records } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { alertDetail } from './alert-detail.ts';
import { acknowledgeAlerts, assignAlert, commentAlert, openIncidentFor, resolveAlert } from './change-alert.ts';
import type { Acting } from './life.ts';
import { listAlerts } from './list-alerts.ts';
import {
  AcknowledgeAlerts,
  AcknowledgeOutcome,
  AlertDetail,
  AlertMutes,
  AlertPage,
  AlertQuery,
  AlertReport,
  AlertReportQuery,
  AssignAlert,
  CommentAlert,
  NewAlertMute,
  OpenAlertIncident,
  ResolveAlert,
  ReviewAlertMute,
} from './model.ts';
import { endMute, listMutes, requestMute, reviewMute } from './mutes.ts';
import { alertReport } from './report.ts';

const ById = z.object({ id: z.string().max(64) });
const read = { permission: 'alerts.read' } as const;
const write = { permission: 'alerts.write' } as const;
const manage = { permission: 'alerts.manage' } as const;

export type AlertRouteParts = { records: Records; namesOf: NamesOf };

export function alertRoutes({ records, namesOf }: AlertRouteParts): Routes {
  const { drizzle } = records.database;
  const at = () => new Date(records.clock());
  const newId = (prefix: string) => makeId(prefix, records.clock(), randomBytes(10));
  const reading = () => ({ executor: drizzle, namesOf, at: at() });
  const change = <T>(actor: Actor, work: (tx: Transaction, acting: Acting) => Promise<T>) =>
    records.change('alerts', ['alert', 'incident'], (tx) => work(tx, { at: at(), actor, append: records.append }));
  const mutes = async () => ({ items: await listMutes(drizzle, namesOf, at()) });
  return defineRoutes((app) => {
    app.get('/alerts', { config: read, schema: { querystring: AlertQuery, response: { 200: AlertPage } } }, (request) =>
      listAlerts(reading(), request.query, callerOf(request).userId),
    );
    app.get(
      '/alerts/report',
      { config: read, schema: { querystring: AlertReportQuery, response: { 200: AlertReport } } },
      (request) => {
        const to = request.query.to === undefined ? at() : new Date(request.query.to);
        const from =
          request.query.from === undefined ? new Date(to.getTime() - 90 * DAY_MS) : new Date(request.query.from);
        if (from >= to) throw new AppError('invalid_input', 'from: must be before to.');
        return alertReport(reading(), { from, to });
      },
    );
    app.post(
      '/alerts/acknowledge',
      { config: write, schema: { body: AcknowledgeAlerts, response: { 200: AcknowledgeOutcome } } },
      (request) => {
        const { ids, comment } = request.body;
        return change(actorOf(callerOf(request)), (tx, acting) => acknowledgeAlerts(tx, ids, comment, acting));
      },
    );
    app.get('/alerts/mutes', { config: read, schema: { response: { 200: AlertMutes } } }, mutes);
    app.post(
      '/alerts/mutes',
      { config: write, schema: { body: NewAlertMute, response: { 201: AlertMutes } } },
      async (request, reply) => {
        await change(actorOf(callerOf(request)), (tx, acting) => requestMute(tx, newId('mut'), request.body, acting));
        return reply.code(201).send(await mutes());
      },
    );
    app.post(
      '/alerts/mutes/:id/review',
      { config: manage, schema: { params: ById, body: ReviewAlertMute, response: { 200: AlertMutes } } },
      async (request) => {
        await change(actorOf(callerOf(request)), (tx, acting) =>
          reviewMute(tx, request.params.id, request.body, acting),
        );
        return mutes();
      },
    );
    app.post(
      '/alerts/mutes/:id/end',
      { config: write, schema: { params: ById, response: { 200: AlertMutes } } },
      async (request) => {
        await change(actorOf(callerOf(request)), (tx, acting) => endMute(tx, request.params.id, acting));
        return mutes();
      },
    );
    app.get('/alerts/:id', { config: read, schema: { params: ById, response: { 200: AlertDetail } } }, (request) =>
      alertDetail(reading(), request.params.id),
    );
    app.post(
      '/alerts/:id/assign',
      { config: write, schema: { params: ById, body: AssignAlert, response: { 200: AlertDetail } } },
      async (request) => {
        const { id } = request.params;
        await change(actorOf(callerOf(request)), (tx, acting) => assignAlert(tx, id, request.body.ownerId, acting));
        return alertDetail(reading(), id);
      },
    );
    app.post(
      '/alerts/:id/comments',
      { config: write, schema: { params: ById, body: CommentAlert, response: { 200: AlertDetail } } },
      async (request) => {
        const { id } = request.params;
        await change(actorOf(callerOf(request)), (tx, acting) => commentAlert(tx, id, request.body.text, acting));
        return alertDetail(reading(), id);
      },
    );
    app.post(
      '/alerts/:id/resolve',
      { config: write, schema: { params: ById, body: ResolveAlert, response: { 200: AlertDetail } } },
      async (request) => {
        const { id } = request.params;
        await change(actorOf(callerOf(request)), (tx, acting) => resolveAlert(tx, id, request.body, acting));
        return alertDetail(reading(), id);
      },
    );
    app.post(
      '/alerts/:id/incident',
      { config: write, schema: { params: ById, body: OpenAlertIncident, response: { 201: AlertDetail } } },
      async (request, reply) => {
        const { id } = request.params;
        const given = { incidentId: newId('inc'), title: request.body.title };
        await change(actorOf(callerOf(request)), (tx, acting) => openIncidentFor(tx, id, given, acting));
        return reply.code(201).send(await alertDetail(reading(), id));
      },
    );
  });
}
