import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AppError } from '#src/kernel/errors.ts';
import { parseLogPath } from '#src/ledger/log/tiles.ts';
import type { ReadableLog } from '#src/ledger/store/former-log.ts';
import { readLogFile } from '#src/ledger/store/log-files.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import { logIdOf } from '#src/ledger/store/store-log.ts';
import { defineRoutes, type Routes } from '#src/platform/http/route.ts';

const compress = promisify(gzip);

// A verifier reads a whole log file by file: enough for a million entries in a minute or two.
const PER_MINUTE = 6_000;
const SECONDS_OF_CHECKPOINT = 2;
// A year: the files never change.
const FOR_EVER = 'max-age=31536000';

/**
 * The ledger as static files for those who verify it with programs of their own: `/ledger/checkpoint`, `/ledger/tile/…`,
 * and the same below `/ledger/<id>/`, which is the address the origin names; there also those that were sealed. Reading only; no listing of folders.
 * `isPublic` opens it to everybody; otherwise it takes the permission to read the ledger. Source: C2SP tlog-tiles.
 */
export function logFileRoutes(ledger: Ledger, { isPublic }: { isPublic: boolean }): Routes {
  const logOf = logsById(ledger);
  const config = {
    permission: isPublic ? ('public' as const) : ('ledger.read' as const),
    streams: true,
    rateLimit: { max: PER_MINUTE, timeWindow: 60_000 },
  };
  return defineRoutes((app) => {
    app.get('/*', { config, schema: { hide: true } }, async (request, reply) => {
      const below = (request.params as { '*': string })['*'];
      const [, id, path] = /^([0-9a-f]{32})\/(.*)$/.exec(below) ?? [];
      const file = parseLogPath(path ?? below);
      const log = file && (await logOf(id));
      const bytes = log && (await readLogFile(log, file));
      if (!file || !bytes)
        throw new AppError(
          'not_found',
          'The ledger has no such file under its newest signed head. Start from /ledger/checkpoint (docs/spec/ledger.md, section 6).',
        );
      // What entries say is not ours: a browser that is led here gets bytes, and no page.
      reply.header('content-security-policy', "default-src 'none'; sandbox");
      // Behind a sign-in nothing may be kept where others could get it.
      const scope = isPublic ? 'public' : 'private';
      if (file.kind === 'checkpoint')
        return reply
          .header('cache-control', `${scope}, max-age=${SECONDS_OF_CHECKPOINT}`)
          .type('text/plain; charset=utf-8')
          .send(Buffer.from(bytes));
      reply.header('cache-control', `${scope}, ${FOR_EVER}`).type('application/octet-stream');
      if (file.kind === 'tile') return reply.send(Buffer.from(bytes));
      reply.header('vary', 'accept-encoding');
      if (!acceptsGzip(request.headers['accept-encoding'])) return reply.send(Buffer.from(bytes));
      return reply.header('content-encoding', 'gzip').send(await compress(bytes));
    });
  });
}

// A sealed log never changes, so it is opened once; only ids that are there are kept.
function logsById(ledger: Ledger): (id: string | undefined) => Promise<ReadableLog | null> {
  const own = logIdOf(ledger.origin);
  const former = new Map<string, ReadableLog>();
  return async (id) => {
    if (id === undefined || id === own) return ledger;
    const known = former.get(id) ?? (await ledger.formerLog(id));
    if (!known || !(await known.reader.lastSigned())) return null;
    former.set(id, known);
    return known;
  };
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .some((coding) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding));
}
