import * as z from 'zod';
import { actorOf, type NamesOf } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { listScans, scanById } from './list-scans.ts';
import { NewScan, Scan, ScanPage, ScanQuery, ScanRoots, ScanSchedules, SetScanSchedule } from './model.ts';
import { cancelScan, requestScan, type ScanQueue } from './scan-queue.ts';
import { listSchedules, setSchedule } from './scan-schedules.ts';

const ById = z.object({ id: z.string().max(64) });

export function scanRoutes(services: { queue: ScanQueue; namesOf: NamesOf }): Routes {
  const { queue, namesOf } = services;
  const { drizzle } = queue.database;
  return defineRoutes((app) => {
    app.get(
      '/scans',
      { config: { permission: 'scans.read' }, schema: { querystring: ScanQuery, response: { 200: ScanPage } } },
      (request) => listScans(drizzle, request.query, namesOf),
    );
    app.get(
      '/scans/roots',
      { config: { permission: 'scans.read' }, schema: { response: { 200: ScanRoots } } },
      async () => ({ roots: queue.scanRoots ? [...queue.scanRoots] : null }),
    );
    app.post(
      '/scans',
      { config: { permission: 'scans.run', perMinute: 30 }, schema: { body: NewScan, response: { 202: Scan } } },
      async (request, reply) => {
        const id = await requestScan(queue, request.body.path, actorOf(callerOf(request)));
        return reply.code(202).send(await scanById(drizzle, id, namesOf));
      },
    );
    app.get(
      '/scans/schedules',
      { config: { permission: 'scans.read' }, schema: { response: { 200: ScanSchedules } } },
      async () => ({ items: await listSchedules(drizzle, namesOf) }),
    );
    app.put(
      '/scans/schedules',
      { config: { permission: 'scans.run' }, schema: { body: SetScanSchedule, response: { 200: ScanSchedules } } },
      async (request) => {
        await setSchedule(queue, request.body, actorOf(callerOf(request)));
        return { items: await listSchedules(drizzle, namesOf) };
      },
    );
    app.get(
      '/scans/:id',
      { config: { permission: 'scans.read' }, schema: { params: ById, response: { 200: Scan } } },
      (request) => scanById(drizzle, request.params.id, namesOf),
    );
    app.post(
      '/scans/:id/cancel',
      { config: { permission: 'scans.run' }, schema: { params: ById, response: { 200: Scan } } },
      async (request) => {
        await cancelScan(queue, request.params.id);
        return scanById(drizzle, request.params.id, namesOf);
      },
    );
  });
}
