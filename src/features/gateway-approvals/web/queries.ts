import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { ApprovalQuery } from '../model.ts';

const LIVE_MS = 5_000;

export const approvalsQuery = (filter: Pick<ApprovalQuery, 'state'>) =>
  queryOptions({
    queryKey: ['gateway-approvals', filter],
    queryFn: async ({ signal }) => {
      let waiting = 0;
      const all = await everyPage(async (cursor) => {
        const page = await answerOf(
          api.GET('/api/v1/gateway/approvals', { params: { query: { ...filter, limit: 200, cursor } }, signal }),
        );
        waiting = page.waiting;
        return page;
      });
      return { ...all, waiting };
    },
    refetchInterval: LIVE_MS,
  });

export const approvalQuery = (id: string) =>
  queryOptions({
    queryKey: ['gateway-approval', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/approvals/{id}', { params: { path: { id } }, signal })),
    refetchInterval: LIVE_MS,
  });

export const approvalContentQuery = (id: string) =>
  queryOptions({
    queryKey: ['gateway-approval', id, 'content'],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/gateway/approvals/{id}/content', { params: { path: { id } }, signal })),
  });
