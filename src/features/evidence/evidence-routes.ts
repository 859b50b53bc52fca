import * as z from 'zod';
import type { Ledger } from '#src/features/ledger/index.ts';
import { indexesOf } from '#src/features/ledger/index.ts';
import type { NamesOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import { openSealed } from '#src/ledger/store/sealed-blob.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { evidenceDetail, evidenceRow, openingOf } from './evidence-detail.ts';
import { attachmentHeader } from './file-name.ts';
import { listEvidence } from './list-evidence.ts';
import { EvidenceDetail, EvidencePage, EvidenceQuery } from './model.ts';

const ById = z.object({ id: z.string().max(64) });
const read = { permission: 'evidence.read' } as const;

export type EvidenceRouteServices = {
  database: Database;
  clock: Clock;
  namesOf: NamesOf;
  ledger: Ledger;
  blobs: Pick<Blobs, 'stream' | 'has'>;
  dataKeys: DataKeys;
};

export function evidenceRoutes(services: EvidenceRouteServices): Routes {
  const { database, clock, namesOf, ledger, blobs, dataKeys } = services;
  const reading = () => ({ executor: database.drizzle, namesOf, indexesOf, nowMs: clock(), ledger, dataKeys });
  return defineRoutes((app) => {
    app.get(
      '/evidence',
      { config: read, schema: { querystring: EvidenceQuery, response: { 200: EvidencePage } } },
      (request) => listEvidence(reading(), request.query),
    );
    app.get('/evidence/:id', { config: read, schema: { params: ById, response: { 200: EvidenceDetail } } }, (request) =>
      evidenceDetail(reading(), request.params.id),
    );
    app.get(
      '/evidence/:id/content',
      { config: { ...read, streams: true }, schema: { params: ById } },
      async (request, reply) => {
        const row = await evidenceRow(reading(), request.params.id);
        if (row.erasedAt !== null) throw erased(row.id);
        if (!(await blobs.has(row.sha256)))
          throw new AppError(
            'unavailable',
            `The content of ${row.id} is not in the data folder. Restore the folder "blobs" from a backup.`,
          );
        const opening = await openingOf(database.drizzle, dataKeys, row);
        if (row.personId !== null && opening === null) throw erased(row.id);
        // Whatever was handed in must not run in this origin: saved and never shown. The server adds nosniff and a sandbox.
        return reply
          .header('content-type', row.mediaType)
          .header('content-length', row.sizeBytes)
          .header('content-disposition', attachmentHeader(row.fileName))
          .header('etag', `"${row.sha256}"`)
          .send(opening ? openSealed(blobs.stream(row.sha256), opening) : blobs.stream(row.sha256));
      },
    );
  });
}

function erased(id: string): AppError {
  return new AppError('not_found', `The content of ${id} was erased. Its entry and its proof are still there.`);
}
