import * as z from 'zod';
import { actorOf, type NamesOf, type Records } from '#src/features/records/index.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { decideApproval } from './decide.ts';
import { approvalById, approvalContent, listApprovals } from './list-approvals.ts';
import { Approval, ApprovalContent, ApprovalDecision, ApprovalPage, ApprovalQuery } from './model.ts';

const ById = z.object({ id: z.string().max(64) });
const read = { permission: 'gateway.read' } as const;
// What a call would do is shown to those who decide it.
const decide = { permission: 'gateway-approvals.decide' } as const;

export function gatewayApprovalRoutes(parts: { records: Records; namesOf: NamesOf; dataKeys: DataKeys }): Routes {
  const { records, namesOf, dataKeys } = parts;
  const { drizzle } = records.database;
  const reading = { namesOf, clock: records.clock };
  return defineRoutes((app) => {
    app.get(
      '/gateway/approvals',
      { config: read, schema: { querystring: ApprovalQuery, response: { 200: ApprovalPage } } },
      (request) => listApprovals(drizzle, request.query, reading),
    );
    app.get(
      '/gateway/approvals/:id',
      { config: read, schema: { params: ById, response: { 200: Approval } } },
      (request) => approvalById(drizzle, request.params.id, reading),
    );
    app.get(
      '/gateway/approvals/:id/content',
      { config: decide, schema: { params: ById, response: { 200: ApprovalContent } } },
      (request) => approvalContent(drizzle, request.params.id, dataKeys),
    );
    app.post(
      '/gateway/approvals/:id/decide',
      { config: decide, schema: { params: ById, body: ApprovalDecision, response: { 200: Approval } } },
      async (request) => {
        const actor = actorOf(callerOf(request));
        await records.change('gateway', ['gateway-tool-use'], (tx) =>
          decideApproval(tx, request.params.id, request.body, actor, records),
        );
        return approvalById(drizzle, request.params.id, reading);
      },
    );
  });
}
