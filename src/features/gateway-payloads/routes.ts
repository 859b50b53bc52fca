import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { type Actor, actorOf, type Records } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import type { CaptureService } from './capture-service.ts';
import { erasePayloads } from './erase-payloads.ts';
import {
  CaptureChange,
  CaptureDecision,
  CaptureStatus,
  ErasedPayloads,
  OpenedPayload,
  PayloadErasure,
  PayloadReason,
  PayloadState,
  SUBJECT_KINDS,
} from './model.ts';
import { openPayload, payloadState } from './open-payload.ts';

const ById = z.object({ id: z.string().min(1).max(80) });

export type PayloadServices = {
  records: Records;
  dataKeys: DataKeys;
  salt(): Promise<string>;
  capture: CaptureService;
};

export function gatewayPayloadRoutes({ records, dataKeys, salt, capture }: PayloadServices): Routes {
  const { database, append, clock } = records;
  return defineRoutes((app) => {
    app.get(
      '/gateway/payloads',
      { config: { permission: 'gateway.read' }, schema: { response: { 200: CaptureStatus } } },
      () => capture.status(),
    );
    app.put(
      '/gateway/payloads/capture/:kind/:id',
      {
        config: { permission: 'payloads.write' },
        schema: {
          params: ById.extend({ kind: z.enum(SUBJECT_KINDS) }),
          body: CaptureChange,
          response: { 200: CaptureStatus },
        },
      },
      (request) => {
        const { kind, id } = request.params;
        return capture.change(actorOf(callerOf(request)), kind, id, request.body);
      },
    );
    app.post(
      '/gateway/payloads/capture/:id/decide',
      {
        config: { permission: 'payloads.approve' },
        schema: { params: ById, body: CaptureDecision, response: { 200: CaptureStatus } },
      },
      (request) => capture.decide(actorOf(callerOf(request)), request.params.id, request.body),
    );
    app.get(
      '/gateway/payloads/:id',
      { config: { permission: 'gateway.read' }, schema: { params: ById, response: { 200: PayloadState } } },
      (request) => payloadState(database.drizzle, request.params.id, clock()),
    );
    app.post(
      '/gateway/payloads/:id/open',
      {
        config: { permission: 'payloads.open', perMinute: 60 },
        schema: { params: ById, body: PayloadReason, response: { 200: OpenedPayload } },
      },
      async (request, reply) => {
        const actor = signedIn(request, 'read what people asked');
        reply.header('cache-control', 'no-store');
        return openPayload({ database, append, clock, dataKeys }, request.params.id, request.body.reason, actor);
      },
    );
    app.post(
      '/gateway/payloads/erase',
      {
        config: { permission: 'payloads.erase', perMinute: 60 },
        schema: { body: PayloadErasure, response: { 200: ErasedPayloads } },
      },
      (request) => {
        const actor = signedIn(request, 'destroy payloads');
        return erasePayloads({ database, append, clock, dataKeys, salt }, request.body, actor);
      },
    );
  });
}

/** A key that leaked must not be able to do it. Throws `forbidden`. */
function signedIn(request: FastifyRequest, what: string): Actor {
  const caller = callerOf(request);
  if (caller.kind !== 'user') throw new AppError('forbidden', `An API key cannot ${what}. Sign in to do this.`);
  return actorOf(caller);
}
