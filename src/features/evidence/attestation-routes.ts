import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { indexesOf } from '#src/features/ledger/index.ts';
import { actorOf, type NamesOf, personOf, type Records } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { putSealed } from '#src/ledger/store/sealed-blob.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import { callerOf, defineRoutes, type Identity, type Routes } from '#src/platform/http/route.ts';
import type { EvidenceContent } from './add-evidence.ts';
import { checkAttestation, type FindControl, submitAttestation } from './attest.ts';
import { attestationById, listAttestations } from './list-attestations.ts';
import {
  Attestation,
  AttestationPage,
  AttestationQuery,
  AttestationReview,
  NewAttestation,
  Withdrawal,
} from './model.ts';
import { reviewAttestation, withdrawAttestation } from './review.ts';
import { readFields, storeFile, type WaitingFile } from './upload.ts';

const ById = z.object({ id: z.string().max(64) });
const read = { permission: 'evidence.read' } as const;
const write = { permission: 'evidence.write' } as const;

const POST_DESCRIPTION =
  'A statement as JSON with `text`; or a file as multipart/form-data: the same fields without `text`, then one part named `file`.';

export type AttestationRouteServices = {
  records: Records;
  blobs: Pick<Blobs, 'put'>;
  namesOf: NamesOf;
  findControl: FindControl;
  mayUse(identity: Identity, permission: string): boolean;
};

export function attestationRoutes(services: AttestationRouteServices): Routes {
  const { records, namesOf } = services;
  const { append } = records;
  const waitingFiles = new WeakMap<FastifyRequest, WaitingFile>();
  const reading = (request: FastifyRequest) => {
    const caller = callerOf(request);
    return {
      executor: records.database.drizzle,
      namesOf,
      indexesOf,
      nowMs: records.clock(),
      reader: { personId: personOf(actorOf(caller)), mayReview: services.mayUse(caller, 'evidence.review') },
    };
  };
  const acting = (request: FastifyRequest) => ({
    actor: actorOf(callerOf(request)),
    at: new Date(records.clock()),
    append,
  });
  return defineRoutes((app) => {
    app.get(
      '/attestations',
      { config: read, schema: { querystring: AttestationQuery, response: { 200: AttestationPage } } },
      (request) => listAttestations(reading(request), request.query),
    );
    app.get(
      '/attestations/:id',
      { config: read, schema: { params: ById, response: { 200: Attestation } } },
      (request) => attestationById(reading(request), request.params.id),
    );
    app.post(
      '/attestations',
      {
        config: { ...write, perMinute: 60 },
        schema: { description: POST_DESCRIPTION, body: NewAttestation, response: { 201: Attestation } },
        preValidation: async (request) => {
          if (!request.isMultipart()) return;
          const { fields, waiting } = await readFields(request);
          waitingFiles.set(request, waiting);
          (request as { body: unknown }).body = fields;
        },
        // A file that was refused still has to be read off the wire, so that the answer reaches the sender.
        onSend: async (request) => void waitingFiles.get(request)?.file.file.resume(),
      },
      async (request, reply) => {
        const fields = request.body;
        const waiting = waitingFiles.get(request);
        checkAttestation(fields, services.findControl, records.clock());
        const content = await storeContent(services.blobs, fields, waiting);
        const id = newId('att');
        await records.change('evidence', ['attestation'], (tx) =>
          submitAttestation(tx, append, {
            ...acting(request),
            id,
            evidenceId: newId('evd'),
            fields,
            form: waiting ? 'file' : 'statement',
            content,
          }),
        );
        return reply.code(201).send(await attestationById(reading(request), id));
      },
    );
    app.post(
      '/attestations/:id/review',
      {
        config: { permission: 'evidence.review' },
        schema: { params: ById, body: AttestationReview, response: { 200: Attestation } },
      },
      async (request) => {
        const { id } = request.params;
        await records.change('evidence', ['attestation'], (tx) =>
          reviewAttestation(tx, id, request.body, acting(request)),
        );
        return attestationById(reading(request), id);
      },
    );
    app.post(
      '/attestations/:id/withdraw',
      { config: write, schema: { params: ById, body: Withdrawal, response: { 200: Attestation } } },
      async (request) => {
        const { id } = request.params;
        await records.change('evidence', ['attestation'], (tx) =>
          withdrawAttestation(tx, id, request.body, acting(request)),
        );
        return attestationById(reading(request), id);
      },
    );
  });

  function newId(prefix: string): string {
    return makeId(prefix, records.clock(), randomBytes(10));
  }
}

async function storeContent(
  blobs: Pick<Blobs, 'put'>,
  fields: NewAttestation,
  waiting: WaitingFile | undefined,
): Promise<EvidenceContent> {
  if (waiting) {
    if (fields.text !== undefined)
      throw new AppError(
        'invalid_input',
        'text: hand in either a statement or a file. Say in "query" how it was made.',
      );
    return storeFile(blobs, waiting);
  }
  if (fields.text === undefined)
    throw new AppError('invalid_input', 'text: write the statement, or send a file as multipart/form-data.');
  const stored = await putSealed(blobs, new TextEncoder().encode(fields.text));
  return { ...stored, mediaType: 'text/plain', fileName: 'statement.txt' };
}
