import * as z from 'zod';
import { actorOf, type NamesOf, type Records } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import type { addJob } from '#src/platform/jobs.ts';
import { listProbes, probeById } from './list-probes.ts';
import { NewProbe, ProbePage, ProbeQuery, ProbeRun } from './model.ts';
import { PROBE_JOB, requestProbe } from './run-probe.ts';

const ById = z.object({ id: z.string().max(64) });

export function gatewayProbeRoutes(parts: { records: Records; namesOf: NamesOf; addJob: typeof addJob }): Routes {
  const { records, namesOf } = parts;
  const { database } = records;
  return defineRoutes((app) => {
    app.get(
      '/gateway/probes',
      { config: { permission: 'gateway.read' }, schema: { querystring: ProbeQuery, response: { 200: ProbePage } } },
      (request) => listProbes(database, request.query, { namesOf, nowMs: records.clock() }),
    );
    app.get(
      '/gateway/probes/:id',
      { config: { permission: 'gateway.read' }, schema: { params: ById, response: { 200: ProbeRun } } },
      (request) => probeById(database, request.params.id, namesOf),
    );
    app.post(
      '/gateway/probes',
      {
        config: { permission: 'gateway.write', perMinute: 10 },
        schema: { body: NewProbe, response: { 202: ProbeRun } },
      },
      async (request, reply) => {
        const id = await requestProbe(records, request.body, actorOf(callerOf(request)));
        await parts.addJob(
          database.drizzle,
          PROBE_JOB,
          { probeId: id },
          { key: `${PROBE_JOB}:${id}`, queue: PROBE_JOB, maxAttempts: 1 },
        );
        return reply.code(202).send(await probeById(database, id, namesOf));
      },
    );
  });
}
