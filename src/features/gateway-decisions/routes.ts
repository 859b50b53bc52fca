import * as z from 'zod';
import { actorOf, type Records } from '#src/features/records/index.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { decisionDetail } from './decision-detail.ts';
import { listDecisions } from './list-decisions.ts';
import { listWindows } from './list-windows.ts';
import {
  DecisionDetail,
  DecisionPage,
  DecisionQuery,
  RecordState,
  Retention,
  Traffic,
  TrafficQuery,
  WindowPage,
  WindowQuery,
} from './model.ts';
import { proveDecision } from './prove.ts';
import { recordState } from './record-state.ts';
import { changeRetention } from './retention.ts';
import { trafficOf } from './traffic.ts';

const ById = z.object({ id: z.string().min(1).max(80) });
const read = { permission: 'gateway.read' } as const;

const Proof = z
  .object({
    format: z.literal('assay-window-proof/1'),
    record: z.string(),
    window: z.object({
      id: z.string(),
      index: z.number().int(),
      size: z.number().int(),
      path: z.array(z.string()),
    }),
    ledger: z.object({ leaf: z.string(), proof: z.string(), vkey: z.string() }),
  })
  .meta({ id: 'GatewayDecisionProof' });

export function gatewayDecisionRoutes(services: {
  records: Pick<Records, 'database' | 'append' | 'clock'>;
  ledger: Pick<Ledger, 'entryOfPending' | 'proveInclusion' | 'vkey'>;
}): Routes {
  const { records, ledger } = services;
  const { database, clock } = records;
  const { drizzle } = database;
  return defineRoutes((app) => {
    app.get(
      '/gateway/decisions',
      { config: read, schema: { querystring: DecisionQuery, response: { 200: DecisionPage } } },
      (request) => listDecisions(drizzle, request.query, clock),
    );
    app.get(
      '/gateway/decisions/:id',
      { config: read, schema: { params: ById, response: { 200: DecisionDetail } } },
      (request) => decisionDetail(drizzle, request.params.id),
    );
    app.get(
      '/gateway/decisions/:id/proof',
      { config: read, schema: { params: ById, response: { 200: Proof } } },
      (request) => proveDecision({ database, ledger }, request.params.id),
    );
    app.get(
      '/gateway/windows',
      { config: read, schema: { querystring: WindowQuery, response: { 200: WindowPage } } },
      (request) => listWindows(drizzle, request.query),
    );
    app.get(
      '/gateway/traffic',
      { config: read, schema: { querystring: TrafficQuery, response: { 200: Traffic } } },
      (request) => trafficOf(drizzle, request.query, clock),
    );
    app.get('/gateway/record', { config: read, schema: { response: { 200: RecordState } } }, () =>
      recordState(drizzle),
    );
    app.put(
      '/gateway/record/retention',
      { config: { permission: 'retention.write' }, schema: { body: Retention, response: { 200: RecordState } } },
      async (request) => {
        const by = actorOf(callerOf(request));
        await database.transaction((tx) =>
          changeRetention(tx, { retentionDays: request.body.retentionDays, by }, records),
        );
        return recordState(drizzle);
      },
    );
  });
}
