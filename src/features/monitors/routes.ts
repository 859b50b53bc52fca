import * as z from 'zod';
import { readProfile } from '#src/features/organization/index.ts';
import { actorOf } from '#src/features/records/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { baselinesOf, proposeBaseline, reviewBaseline } from './baselines.ts';
import { listCanaries } from './canary.ts';
import { inForceAt, listChanges, replay } from './change-history.ts';
import { proposeChange, proposeMonitor, reviewMonitor } from './change-monitor.ts';
import { compareBaselines } from './compare-baselines.ts';
import { evidence } from './evidence.ts';
import { evidencePdf } from './evidence-pdf.ts';
import { calendar, listMonitors, monitorDetail } from './list-monitors.ts';
import {
  BaselineComparison,
  BaselineList,
  Calendar,
  CanaryList,
  ChangeList,
  ChangeQuery,
  ComparisonQuery,
  Distribution,
  DistributionQuery,
  Evidence,
  InForce,
  InForceQuery,
  MonitorChange,
  MonitorDetail,
  MonitorPage,
  MonitorQuery,
  NewBaseline,
  NewMonitor,
  NewSpecification,
  Operation,
  OperationQuery,
  PeriodQuery,
  Reliability,
  ReliabilityQuery,
  Replay,
  ReplayRequest,
  Review,
  Specification,
  SpecificationList,
  WindowDetail,
} from './model.ts';
import { operation } from './operation.ts';
import { presentBaseline, type Reading, readPeriod, whoOf } from './present.ts';
import { reliability } from './reliability.ts';
import { reliabilityPdf } from './reliability-pdf.ts';
import { type Deciding, MONITORS_LOCK, type MonitorRouteServices } from './services.ts';
import { listSpecifications, proposeSpecification, reviewSpecification } from './specifications.ts';
import { distribution, windowDetail } from './window-detail.ts';

const ById = z.object({ id: z.string().max(64) });
const SystemQuery = z.object({ systemId: z.string().max(64).optional() });
const read = { permission: 'monitors.read' } as const;
const write = { permission: 'monitors.write' } as const;
const approve = { permission: 'monitors.approve' } as const;
const KINDS = ['monitor', 'integrity-specification'] as const;

export function monitorRoutes(services: MonitorRouteServices): Routes[] {
  return [readingRoutes(services), changingRoutes(services), baselineRoutes(services), specificationRoutes(services)];
}

function readingOf({ records, namesOf }: MonitorRouteServices): Reading {
  return { executor: records.database.drizzle, namesOf, nowMs: records.clock() };
}

function readingRoutes(services: MonitorRouteServices): Routes {
  const reading = () => readingOf(services);
  const { drizzle } = services.records.database;
  const reliabilityOf = (systemId: string, query: z.infer<typeof ReliabilityQuery>) =>
    reliability(reading(), { systemId, model: query.model }, readPeriod(query, services.records.clock()));
  return defineRoutes((app) => {
    app.get(
      '/monitors',
      { config: read, schema: { querystring: MonitorQuery, response: { 200: MonitorPage } } },
      async ({ query }) => {
        const period = readPeriod(query, services.records.clock());
        const items = await listMonitors(reading(), { systemId: query.systemId }, period);
        return { items, from: toInstant(period.fromMs), to: toInstant(period.toMs) };
      },
    );
    app.get(
      '/monitors/calendar',
      { config: read, schema: { querystring: MonitorQuery, response: { 200: Calendar } } },
      ({ query }) => calendar(reading(), { systemId: query.systemId }, readPeriod(query, services.records.clock())),
    );
    app.get(
      '/monitors/changes',
      { config: read, schema: { querystring: ChangeQuery, response: { 200: ChangeList } } },
      async ({ query }) => {
        const { systemId, monitorId, loosening } = query;
        const period = readPeriod(query, services.records.clock() + 1);
        return {
          items: await listChanges(reading(), { systemId, monitorId, loosening: loosening === 'true' }, period),
        };
      },
    );
    app.get(
      '/monitors/operation',
      { config: { ...read, perMinute: 60 }, schema: { querystring: OperationQuery, response: { 200: Operation } } },
      ({ query }) => operation(services.records.database, query, services.records.clock()),
    );
    app.get('/monitors/canaries', { config: read, schema: { response: { 200: CanaryList } } }, async () => ({
      items: await listCanaries(drizzle),
    }));
    app.get(
      '/monitors/windows/:id',
      { config: read, schema: { params: ById, response: { 200: WindowDetail } } },
      ({ params }) => windowDetail(drizzle, params.id),
    );
    app.get(
      '/monitors/evidence/:id',
      { config: read, schema: { params: ById, querystring: PeriodQuery, response: { 200: Evidence } } },
      ({ params, query }) => evidence(reading(), params.id, readPeriod(query, services.records.clock())),
    );
    app.get(
      '/monitors/evidence/:id/pdf',
      { config: { ...read, streams: true, perMinute: 20 }, schema: { params: ById, querystring: PeriodQuery } },
      async ({ params, query }, reply) => {
        const found = await evidence(reading(), params.id, readPeriod(query, services.records.clock()));
        const { companyName } = await readProfile(drizzle);
        return reply
          .type('application/pdf')
          .header('content-disposition', 'attachment; filename="processing-integrity.pdf"')
          .send(evidencePdf(found, companyName === '' ? null : companyName));
      },
    );
    app.get(
      '/monitors/reliability/:id',
      { config: read, schema: { params: ById, querystring: ReliabilityQuery, response: { 200: Reliability } } },
      ({ params, query }) => reliabilityOf(params.id, query),
    );
    app.get(
      '/monitors/reliability/:id/pdf',
      { config: { ...read, streams: true, perMinute: 20 }, schema: { params: ById, querystring: ReliabilityQuery } },
      async ({ params, query }, reply) => {
        const found = await reliabilityOf(params.id, query);
        const { companyName } = await readProfile(drizzle);
        return reply
          .type('application/pdf')
          .header('content-disposition', 'attachment; filename="reliability.pdf"')
          .send(reliabilityPdf(found, companyName === '' ? null : companyName));
      },
    );
    app.get(
      '/monitors/:id',
      { config: read, schema: { params: ById, querystring: PeriodQuery, response: { 200: MonitorDetail } } },
      ({ params, query }) => monitorDetail(reading(), params.id, readPeriod(query, services.records.clock())),
    );
    app.get(
      '/monitors/:id/distribution',
      { config: read, schema: { params: ById, querystring: DistributionQuery, response: { 200: Distribution } } },
      ({ params, query }) => distribution(drizzle, params.id, query),
    );
    app.get(
      '/monitors/:id/in-force',
      { config: read, schema: { params: ById, querystring: InForceQuery, response: { 200: InForce } } },
      async ({ params, query }) => {
        const atMs = Date.parse(query.at);
        return { at: toInstant(atMs), ...(await inForceAt(reading(), params.id, atMs)) };
      },
    );
    app.post(
      '/monitors/:id/replay',
      { config: read, schema: { params: ById, body: ReplayRequest, response: { 200: Replay } } },
      ({ params, body }) => replay(reading(), params.id, body),
    );
  });
}

function changingRoutes(services: MonitorRouteServices): Routes {
  const { records } = services;
  const detail = (id: string) => monitorDetail(readingOf(services), id, readPeriod({}, records.clock()));
  const deciding = (request: Parameters<typeof callerOf>[0]): Deciding => ({
    actor: actorOf(callerOf(request)),
    at: new Date(records.clock()),
  });
  return defineRoutes((app) => {
    app.post(
      '/monitors',
      { config: write, schema: { body: NewMonitor, response: { 201: MonitorDetail } } },
      async (request, reply) => {
        const id = await records.change(MONITORS_LOCK, KINDS, (tx) =>
          proposeMonitor(tx, services, request.body, deciding(request)),
        );
        return reply.code(201).send(await detail(id));
      },
    );
    app.post(
      '/monitors/:id/changes',
      { config: write, schema: { params: ById, body: MonitorChange, response: { 200: MonitorDetail } } },
      async (request) => {
        const { id } = request.params;
        await records.change(MONITORS_LOCK, KINDS, (tx) =>
          proposeChange(tx, services, id, request.body, deciding(request)),
        );
        return detail(id);
      },
    );
    app.post(
      '/monitors/:id/review',
      { config: approve, schema: { params: ById, body: Review, response: { 200: MonitorDetail } } },
      async (request) => {
        const { id } = request.params;
        await records.change(MONITORS_LOCK, KINDS, (tx) =>
          reviewMonitor(tx, services, id, request.body, deciding(request)),
        );
        return detail(id);
      },
    );
  });
}

function baselineRoutes(services: MonitorRouteServices): Routes {
  const { records } = services;
  const list = async (monitorId: string) => {
    const baselines = await baselinesOf(records.database.drizzle, monitorId);
    const who = await whoOf(services, [{ versions: [], baselines }]);
    return { items: baselines.map((row) => presentBaseline(row, who)) };
  };
  const deciding = (request: Parameters<typeof callerOf>[0]): Deciding => ({
    actor: actorOf(callerOf(request)),
    at: new Date(records.clock()),
  });
  return defineRoutes((app) => {
    app.get(
      '/monitors/:id/baselines',
      { config: read, schema: { params: ById, response: { 200: BaselineList } } },
      ({ params }) => list(params.id),
    );
    app.get(
      '/monitors/:id/baselines/compare',
      { config: read, schema: { params: ById, querystring: ComparisonQuery, response: { 200: BaselineComparison } } },
      ({ params, query }) => compareBaselines(readingOf(services), params.id, query),
    );
    app.post(
      '/monitors/:id/baselines',
      { config: write, schema: { params: ById, body: NewBaseline, response: { 201: BaselineList } } },
      async (request, reply) => {
        const { id } = request.params;
        await records.change(MONITORS_LOCK, KINDS, (tx) =>
          proposeBaseline(tx, services, id, request.body, deciding(request)),
        );
        return reply.code(201).send(await list(id));
      },
    );
    app.post(
      '/monitors/baselines/:id/review',
      { config: approve, schema: { params: ById, body: Review, response: { 200: BaselineList } } },
      async (request) => {
        const monitorId = await records.change(MONITORS_LOCK, KINDS, (tx) =>
          reviewBaseline(tx, services, request.params.id, request.body, deciding(request)),
        );
        return list(monitorId);
      },
    );
  });
}

function specificationRoutes(services: MonitorRouteServices): Routes {
  const { records } = services;
  const one = async (id: string) => (await listSpecifications(readingOf(services), { id }))[0] as Specification;
  const deciding = (request: Parameters<typeof callerOf>[0]): Deciding => ({
    actor: actorOf(callerOf(request)),
    at: new Date(records.clock()),
  });
  return defineRoutes((app) => {
    app.get(
      '/monitors/specifications',
      { config: read, schema: { querystring: SystemQuery, response: { 200: SpecificationList } } },
      async ({ query }) => ({ items: await listSpecifications(readingOf(services), query) }),
    );
    app.post(
      '/monitors/specifications',
      { config: write, schema: { body: NewSpecification, response: { 201: Specification } } },
      async (request, reply) => {
        const id = await records.change(MONITORS_LOCK, KINDS, (tx) =>
          proposeSpecification(tx, services, request.body, deciding(request)),
        );
        return reply.code(201).send(await one(id));
      },
    );
    app.get(
      '/monitors/specifications/:id',
      { config: read, schema: { params: ById, response: { 200: Specification } } },
      ({ params }) => one(params.id),
    );
    app.post(
      '/monitors/specifications/:id/review',
      { config: approve, schema: { params: ById, body: Review, response: { 200: Specification } } },
      async (request) => {
        const { id } = request.params;
        await records.change(MONITORS_LOCK, KINDS, (tx) =>
          reviewSpecification(tx, services, id, request.body, deciding(request)),
        );
        return one(id);
      },
    );
  });
}
