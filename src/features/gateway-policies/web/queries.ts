import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';

export const providersQuery = queryOptions({
  queryKey: ['gateway', 'providers'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/providers', { signal })),
});

export const tenantsQuery = queryOptions({
  queryKey: ['gateway', 'tenants'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/tenants', { signal })),
});

export const gatewayKeysQuery = queryOptions({
  queryKey: ['gateway', 'keys'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/keys', { signal })),
});

export const routesQuery = queryOptions({
  queryKey: ['gateway', 'routes'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/routes', { signal })),
});

export const policiesQuery = queryOptions({
  queryKey: ['gateway', 'policies'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/policies', { signal })),
});

export const policyMovesQuery = queryOptions({
  queryKey: ['gateway', 'policy-moves'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/policy-moves', { signal })),
});

export const policyQuery = (id: string) =>
  queryOptions({
    queryKey: ['gateway', 'policies', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/policies/{id}', { params: { path: { id } }, signal })),
  });

export const pricesQuery = queryOptions({
  queryKey: ['gateway', 'prices'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/prices', { signal })),
});

export const modelLimitsQuery = queryOptions({
  queryKey: ['gateway', 'model-limits'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/model-limits', { signal })),
});
