import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { IncidentQuery } from '../model.ts';

// Alerts that belong to an incident move by themselves.
const POLL_MS = 30_000;

export const incidentsQuery = (filter: Pick<IncidentQuery, 'state' | 'severity'>) =>
  queryOptions({
    queryKey: ['incidents', 'list', filter],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(api.GET('/api/v1/incidents', { params: { query: { ...filter, limit: 200, cursor } }, signal })),
      ),
    refetchInterval: POLL_MS,
  });

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incidents', 'one', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/incidents/{id}', { params: { path: { id } }, signal })),
    refetchInterval: POLL_MS,
  });
