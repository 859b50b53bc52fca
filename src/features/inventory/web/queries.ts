import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { ItemQuery } from '../model.ts';

export const systemsQuery = queryOptions({
  queryKey: ['inventory', 'systems'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/inventory/systems', { signal })),
});

export const systemQuery = (id: string) =>
  queryOptions({
    queryKey: ['inventory', 'systems', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/inventory/systems/{id}', { params: { path: { id } }, signal })),
  });

export type ItemFilter = Pick<ItemQuery, 'kind' | 'state' | 'system'>;

export const itemsQuery = (filter: ItemFilter) =>
  queryOptions({
    queryKey: ['inventory', 'items', filter],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(api.GET('/api/v1/inventory/items', { params: { query: { ...filter, limit: 500, cursor } }, signal })),
      ),
  });

export const itemQuery = (id: string) =>
  queryOptions({
    queryKey: ['inventory', 'item', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/inventory/items/{id}', { params: { path: { id } }, signal })),
  });

export const graphQuery = (system: string | undefined) =>
  queryOptions({
    queryKey: ['inventory', 'graph', system ?? null],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/inventory/graph', { params: { query: { system } }, signal })),
  });
