import * as z from 'zod';
import { defineRoutes, type Routes } from '#src/platform/http/route.ts';
import {
  CalendarQuery,
  ControlCalendar,
  ControlDetail,
  ControlHistory,
  ControlPage,
  ControlQuery,
  FrameworkPage,
  HistoryQuery,
  JudgeRun,
  SubjectPage,
  SubjectQuery,
  TestPage,
} from './model.ts';
import type { ControlsService } from './service.ts';

const READ = { permission: 'controls.read' } as const;
const ById = z.object({ id: z.string().min(1).max(100) });

export function controlRoutes(service: ControlsService): Routes {
  return defineRoutes((app) => {
    app.get('/frameworks', { config: READ, schema: { response: { 200: FrameworkPage } } }, () => service.frameworks());
    app.get(
      '/controls',
      { config: READ, schema: { querystring: ControlQuery, response: { 200: ControlPage } } },
      (request) => service.controls(request.query),
    );
    app.get(
      '/controls/calendar',
      { config: READ, schema: { querystring: CalendarQuery, response: { 200: ControlCalendar } } },
      (request) => service.calendar(request.query.year),
    );
    app.get('/controls/:id', { config: READ, schema: { params: ById, response: { 200: ControlDetail } } }, (request) =>
      service.control(request.params.id),
    );
    app.get(
      '/controls/:id/history',
      { config: READ, schema: { params: ById, querystring: HistoryQuery, response: { 200: ControlHistory } } },
      (request) => service.history(request.params.id, request.query),
    );
    app.get('/tests', { config: READ, schema: { response: { 200: TestPage } } }, () => service.tests());
    app.get(
      '/tests/:id/subjects',
      { config: READ, schema: { params: ById, querystring: SubjectQuery, response: { 200: SubjectPage } } },
      (request) => service.subjects(request.params.id, request.query),
    );
    app.post(
      '/controls/run',
      { config: { permission: 'controls.run', perMinute: 20 }, schema: { response: { 200: JudgeRun } } },
      () => service.judgeNow('person'),
    );
  });
}
