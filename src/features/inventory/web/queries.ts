import { queryOptions } from '@tanstack/react-query';
import { call } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { InventoryGraph, Item, ItemDetail, ItemPage, SystemDetail, SystemPage } from '../model.ts';

export const systemsQuery = queryOptions({
  queryKey: ['inventory', 'systems'],
  queryFn: ({ signal }) => call<SystemPage>('GET', '/inventory/systems', { signal }),
});

export const systemQuery = (id: string) =>
  queryOptions({
    queryKey: ['inventory', 'systems', id],
    queryFn: ({ signal }) => call<SystemDetail>('GET', `/inventory/systems/${encodeURIComponent(id)}`, { signal }),
  });

export type ItemFilter = { kind?: string; state?: string; system?: string };

export const itemsQuery = (filter: ItemFilter) =>
  queryOptions({
    queryKey: ['inventory', 'items', filter],
    queryFn: ({ signal }) => everyPage<Item, ItemPage>('/inventory/items', filter, 500, signal),
  });

export const itemQuery = (id: string) =>
  queryOptions({
    queryKey: ['inventory', 'item', id],
    queryFn: ({ signal }) => call<ItemDetail>('GET', `/inventory/items/${encodeURIComponent(id)}`, { signal }),
  });

export const graphQuery = (system: string | undefined) =>
  queryOptions({
    queryKey: ['inventory', 'graph', system ?? null],
    queryFn: ({ signal }) => call<InventoryGraph>('GET', '/inventory/graph', { query: { system }, signal }),
  });
