import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as z from 'zod';
import { actorOf, actorText, type NamesOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { byteRange } from './byte-range.ts';
import { bundleRow, type ExportQueue, requestBundle } from './export-queue.ts';
import { bundleById, bundleFileName, listBundles } from './list-bundles.ts';
import { Bundle, BundlePage, NewBundle } from './model.ts';
import { bundlePath } from './run-export.ts';
import { bundleDownload } from './tables.ts';
import { readVerifier, VERIFIER_FILE_NAME } from './verifier-file.ts';

const ById = z.object({ id: z.string().max(64) });
const read = { permission: 'bundles.read' } as const;

export function bundleRoutes(services: { queue: ExportQueue; namesOf: NamesOf; dataDir: string }): Routes {
  const { queue, namesOf } = services;
  const { drizzle } = queue.database;
  return defineRoutes((app) => {
    app.get('/bundles', { config: read, schema: { response: { 200: BundlePage } } }, () =>
      listBundles(drizzle, namesOf),
    );
    app.post(
      '/bundles',
      {
        config: { permission: 'bundles.write', perMinute: 30 },
        schema: { body: NewBundle, response: { 202: Bundle } },
      },
      async (request, reply) => {
        const id = await requestBundle(queue, request.body, actorOf(callerOf(request)));
        return reply.code(202).send(await bundleById(drizzle, id, namesOf));
      },
    );
    app.get('/bundles/verifier', { config: { ...read, streams: true } }, async (_request, reply) =>
      // Saved and opened from disk: in this origin its script would not run, and must not.
      reply
        .header('content-type', 'text/html; charset=utf-8')
        .header('content-disposition', `attachment; filename="${VERIFIER_FILE_NAME}"`)
        .send(await readVerifier()),
    );
    app.get('/bundles/:id', { config: read, schema: { params: ById, response: { 200: Bundle } } }, (request) =>
      bundleById(drizzle, request.params.id, namesOf),
    );
    app.get(
      '/bundles/:id/download',
      { config: { ...read, streams: true }, schema: { params: ById } },
      async (request, reply) => {
        const row = await bundleRow(drizzle, request.params.id);
        if (row.state !== 'ready')
          throw new AppError('conflict', `This bundle is ${row.state}: it can be fetched once it is ready.`);
        if (!row.kept)
          throw new AppError(
            'conflict',
            'This bundle was written by the command where it ran. Fetch it there, or export it again here.',
          );
        const path = bundlePath(services.dataDir, row.id);
        const sizeBytes = await sizeOf(path);
        const range = byteRange(request.headers.range, sizeBytes);
        reply.header('accept-ranges', 'bytes').header('etag', `"${row.sha256}"`);
        if (range === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${sizeBytes}`).send('');
        // A later part of the same fetch is no new one.
        if (range === null || range.start === 0)
          await drizzle.insert(bundleDownload).values({
            bundleId: row.id,
            at: new Date(queue.clock()),
            by: actorText(actorOf(callerOf(request))),
          });
        const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
        if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${sizeBytes}`);
        return reply
          .header('content-type', 'application/zip')
          .header('content-length', end - start + 1)
          .header('content-disposition', `attachment; filename="${bundleFileName(row)}"`)
          .send(createReadStream(path, { start, end }));
      },
    );
  });
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw new AppError('unavailable', 'The file of this bundle is not in the data folder any more. Export it again.', {
      cause,
    });
  }
}
