import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import type { OperationSpan } from '../model.ts';

export type Period = { from?: string; to?: string };

export const monitorsQuery = (query: Period & { systemId?: string }) =>
  queryOptions({
    queryKey: ['monitors', query],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/monitors', { params: { query }, signal })),
  });

export const monitorQuery = (id: string, query: Period) =>
  queryOptions({
    queryKey: ['monitors', id, query],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/monitors/{id}', { params: { path: { id }, query }, signal })),
  });

export const distributionQuery = (id: string, query: { windowId?: string; series?: string }) =>
  queryOptions({
    queryKey: ['monitors', id, 'distribution', query],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/monitors/{id}/distribution', { params: { path: { id }, query }, signal })),
  });

export const comparisonQuery = (id: string, query: { first: string; second: string; series: string }) =>
  queryOptions({
    queryKey: ['monitors', id, 'comparison', query],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/monitors/{id}/baselines/compare', { params: { path: { id }, query }, signal })),
  });

export const windowQuery = (id: string) =>
  queryOptions({
    queryKey: ['monitor-windows', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/monitors/windows/{id}', { params: { path: { id } }, signal })),
  });

export const calendarQuery = (query: Period & { systemId?: string }) =>
  queryOptions({
    queryKey: ['monitor-calendar', query],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/monitors/calendar', { params: { query }, signal })),
  });

export const changesQuery = (query: Period & { monitorId?: string; loosening?: 'true' | 'false' }) =>
  queryOptions({
    queryKey: ['monitor-changes', query],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/monitors/changes', { params: { query }, signal })),
  });

export const operationQuery = (query: { span: OperationSpan }) =>
  queryOptions({
    queryKey: ['monitor-operation', query],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/monitors/operation', { params: { query }, signal })),
  });

export const canariesQuery = queryOptions({
  queryKey: ['monitor-canaries'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/monitors/canaries', { signal })),
});

export const specificationsQuery = queryOptions({
  queryKey: ['monitor-specifications'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/monitors/specifications', { signal })),
});

export const reliabilityQuery = (systemId: string, query: Period & { model: string }) =>
  queryOptions({
    queryKey: ['monitor-reliability', systemId, query],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/monitors/reliability/{id}', { params: { path: { id: systemId }, query }, signal })),
  });

export const evidenceQuery = (systemId: string, query: Period) =>
  queryOptions({
    queryKey: ['monitor-evidence', systemId, query],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/monitors/evidence/{id}', { params: { path: { id: systemId }, query }, signal })),
  });
