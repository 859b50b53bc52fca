import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { actorOf, actorText } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { problem, sendProblem } from '#src/platform/http/problem.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { bounded, defaultSource } from './delivery-body.ts';
import { type EventServices, ingest, systemFinder } from './ingest.ts';
import { readOtlpJson } from './otlp-json.ts';
import { readOtlpProtobuf } from './otlp-protobuf.ts';
import { eventsOfSpans } from './otlp-spans.ts';

const BODY_BYTES = 32 * 1024 * 1024;
/** Deliveries are held whole while they are read: beyond this many a collector is told to come again. */
const AT_ONCE_MAX = 8;
const RETRY_AFTER_SECONDS = 1;
const unpack = promisify(gunzip);

/** What OTLP/HTTP asks to be answered, and beside it the counts of the delivery. */
const ExportResponse = z
  .object({
    partialSuccess: z.object({ rejectedSpans: z.string(), errorMessage: z.string() }).optional(),
    batchId: z.string(),
    accepted: z.number().int(),
    duplicates: z.number().int(),
    /** Spans that are not of generative AI. */
    ignored: z.number().int(),
  })
  .meta({ id: 'OtlpExportResponse' });

/**
 * OTLP/HTTP for traces: set `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` to `…/api/v1/otlp/v1/traces` and an API key in
 * `OTEL_EXPORTER_OTLP_HEADERS`. JSON and protobuf, plain or gzip.
 */
export function otlpRoutes(services: EventServices): Routes {
  const { database, clock } = services;
  const gate = createGate(AT_ONCE_MAX);
  const take = async (request: FastifyRequest) => {
    const bytes = await readBody(request);
    const isJson = request.headers['content-type']?.startsWith('application/json') === true;
    const spans = isJson ? readOtlpJson(bytes) : readOtlpProtobuf(bytes);
    const context = {
      nowMs: clock(),
      systemOf: await systemFinder(database.drizzle),
      defaultSource: defaultSource(request),
    };
    const { items, ignored } = eventsOfSpans(spans, context);
    const result = await ingest(services, {
      from: actorText(actorOf(callerOf(request))),
      form: 'otlp',
      items: (async function* () {
        yield items;
      })(),
    });
    const { batchId, accepted, duplicates, rejected, rejections } = result;
    const first = rejections[0];
    return {
      ...(rejected > 0 && {
        partialSuccess: {
          rejectedSpans: String(rejected),
          errorMessage: first ? `span ${first.line}: ${first.message}` : '',
        },
      }),
      batchId,
      accepted,
      duplicates,
      ignored,
    };
  };
  return defineRoutes(async (app) => {
    await app.register(async (scope) => {
      scope.removeContentTypeParser('application/json');
      scope.addContentTypeParser(['application/json', 'application/x-protobuf'], (_request, payload, done) =>
        done(null, payload),
      );
      scope.post(
        '/otlp/v1/traces',
        { config: { permission: 'events.write', perMinute: 6_000 }, schema: { response: { 200: ExportResponse } } },
        async (request, reply) => {
          const leave = gate.enter();
          if (leave === null) {
            // What OTLP/HTTP asks for, so that the collector keeps the delivery (specification, "OTLP/HTTP throttling").
            reply.header('retry-after', String(RETRY_AFTER_SECONDS));
            const message = 'Too many deliveries are being read. Send this one again in a moment.';
            return sendProblem(reply, problem('unavailable', message, request));
          }
          try {
            return await take(request);
          } finally {
            leave();
          }
        },
      );
    });
  });
}

function createGate(most: number): { enter(): (() => void) | null } {
  let inside = 0;
  return {
    enter: () => {
      if (inside >= most) return null;
      inside++;
      return () => {
        inside--;
      };
    },
  };
}

async function readBody(request: FastifyRequest): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of bounded(request.body as Readable | undefined, BODY_BYTES)) parts.push(part);
  const bytes = Buffer.concat(parts);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return bytes;
  if (encoding !== 'gzip')
    throw new AppError('unsupported', `content-encoding ${encoding.slice(0, 40)} is not read. Send gzip or nothing.`);
  try {
    return await unpack(bytes, { maxOutputLength: BODY_BYTES });
  } catch (cause) {
    throw new AppError(
      'invalid_input',
      `The gzip body cannot be unpacked, or unpacks to more than ${BODY_BYTES} bytes.`,
      { cause },
    );
  }
}
