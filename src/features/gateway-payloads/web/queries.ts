import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';

export const captureQuery = queryOptions({
  queryKey: ['gateway', 'payloads'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/payloads', { signal })),
});

const ON_ITS_WAY_MS = 5_000;

export const payloadQuery = (id: string) =>
  queryOptions({
    queryKey: ['gateway', 'payloads', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/payloads/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data?.why === 'on_its_way' ? ON_ITS_WAY_MS : false),
  });
