import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Actor, actorOf, type NamesOf, type Records } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { gateVerdict } from './gate.ts';
import {
  AskRelease,
  ChangeSuite,
  Comparison,
  ComparisonQuery,
  EvaluationRelease,
  EvaluationReleases,
  EvaluationResults,
  EvaluationRun,
  EvaluationRuns,
  EvaluationSuite,
  EvaluationSuites,
  GateQuery,
  GateVerdict,
  NewSuite,
  ReleaseQuery,
  ResultQuery,
  ReviewSuite,
  RobustnessOf,
  RunQuery,
  StartRun,
} from './model.ts';
import { compareRuns, listResults, listRuns, listSuites, runById } from './present.ts';
import { decideRelease, listReleases, releaseById } from './releases.ts';
import { addRobustnessSuite } from './robustness.ts';
import { cancelRun, type EvaluationQueue, enterRun, queueRun } from './run-queue.ts';
import { type Acting, addSuite, proposeVersion, reviewVersion } from './suites.ts';

const ById = z.object({ id: z.string().max(200) });
const ByVersion = z.object({ id: z.string().max(64), version: z.coerce.number().int().min(1) });
const read = { permission: 'evaluations.read' } as const;
const write = { permission: 'evaluations.write' } as const;
const approve = { permission: 'evaluations.approve' } as const;

export function evaluationRoutes(parts: { records: Records; namesOf: NamesOf; queue: EvaluationQueue }): Routes {
  const { records, namesOf, queue } = parts;
  const { drizzle } = records.database;
  const at = () => new Date(records.clock());
  const newId = (prefix: string) => makeId(prefix, records.clock(), randomBytes(10));
  const change = <T>(actor: Actor, work: (tx: Transaction, acting: Acting) => Promise<T>) =>
    records.change('evaluations', ['evaluation-suite'], (tx) => work(tx, { at: at(), actor, append: records.append }));
  const suiteOf = async (id: string) => {
    const found = (await listSuites(drizzle, namesOf)).find((suite) => suite.id === id);
    if (!found) throw new AppError('not_found', `There is no evaluation suite ${id}.`);
    return found;
  };
  return defineRoutes((app) => {
    app.get('/evaluations/suites', { config: read, schema: { response: { 200: EvaluationSuites } } }, async () => ({
      items: await listSuites(drizzle, namesOf),
    }));
    app.post(
      '/evaluations/suites',
      { config: write, schema: { body: NewSuite, response: { 201: EvaluationSuite } } },
      async (request, reply) => {
        const id = newId('evs');
        await change(actorOf(callerOf(request)), (tx, acting) => addSuite(tx, id, request.body, acting));
        return reply.code(201).send(await suiteOf(id));
      },
    );
    app.post(
      '/evaluations/suites/:id/versions',
      { config: write, schema: { params: ById, body: ChangeSuite, response: { 201: EvaluationSuite } } },
      async (request, reply) => {
        const { id } = request.params;
        await change(actorOf(callerOf(request)), (tx, acting) => proposeVersion(tx, id, request.body, acting));
        return reply.code(201).send(await suiteOf(id));
      },
    );
    app.post(
      '/evaluations/suites/:id/versions/:version/review',
      { config: approve, schema: { params: ByVersion, body: ReviewSuite, response: { 200: EvaluationSuite } } },
      async (request) => {
        const { id, version } = request.params;
        await change(actorOf(callerOf(request)), (tx, acting) => reviewVersion(tx, id, version, request.body, acting));
        return suiteOf(id);
      },
    );
    app.post(
      '/evaluations/suites/:id/robustness',
      { config: write, schema: { params: ById, body: RobustnessOf, response: { 201: EvaluationSuite } } },
      async (request, reply) => {
        const actor = actorOf(callerOf(request));
        const { id } = await addRobustnessSuite(records, request.params.id, request.body, actor);
        return reply.code(201).send(await suiteOf(id));
      },
    );
    app.post(
      '/evaluations/suites/:id/runs',
      {
        config: { ...write, perMinute: 30 },
        schema: { params: ById, body: StartRun, response: { 202: EvaluationRun } },
      },
      async (request, reply) => {
        const actor = actorOf(callerOf(request));
        const asked = { target: request.body, suite: request.params.id };
        const id = await records.database.transaction(async (tx) => {
          const entered = await enterRun(tx, asked, { at: at(), actor });
          await queueRun(tx, queue, entered);
          return entered;
        });
        return reply.code(202).send(await runById(drizzle, id, namesOf));
      },
    );
    app.get(
      '/evaluations/suites/:id/gate',
      { config: read, schema: { params: ById, querystring: GateQuery, response: { 200: GateVerdict } } },
      (request) => gateVerdict(drizzle, { suite: request.params.id, ...request.query }, at()),
    );
    app.get(
      '/evaluations',
      { config: read, schema: { querystring: RunQuery, response: { 200: EvaluationRuns } } },
      (request) => listRuns(drizzle, request.query, namesOf),
    );
    app.get(
      '/evaluations/releases',
      { config: read, schema: { querystring: ReleaseQuery, response: { 200: EvaluationReleases } } },
      (request) => listReleases(drizzle, request.query, namesOf),
    );
    app.post(
      '/evaluations/releases',
      { config: write, schema: { body: AskRelease, response: { 201: EvaluationRelease } } },
      async (request, reply) => {
        const id = await decideRelease(records, request.body, actorOf(callerOf(request)));
        return reply.code(201).send(await releaseById(drizzle, id, namesOf));
      },
    );
    app.get(
      '/evaluations/comparison',
      { config: read, schema: { querystring: ComparisonQuery, response: { 200: Comparison } } },
      (request) => compareRuns(drizzle, request.query, namesOf),
    );
    app.get(
      '/evaluations/:id',
      { config: read, schema: { params: ById, response: { 200: EvaluationRun } } },
      (request) => runById(drizzle, request.params.id, namesOf),
    );
    app.get(
      '/evaluations/:id/results',
      { config: read, schema: { params: ById, querystring: ResultQuery, response: { 200: EvaluationResults } } },
      (request) => listResults(drizzle, request.params.id, request.query),
    );
    app.post(
      '/evaluations/:id/cancel',
      { config: write, schema: { params: ById, response: { 200: EvaluationRun } } },
      async (request) => {
        await records.database.transaction((tx) => cancelRun(tx, request.params.id, at()));
        return runById(drizzle, request.params.id, namesOf);
      },
    );
  });
}
