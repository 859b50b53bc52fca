import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteEntry } from './guard.ts';
import { isApiPath } from './headers.ts';
import { problem, sendProblem } from './problem.ts';
import type { App } from './route.ts';

// A last segment such as `logo.svg` asks for a file; `CC6.1` is the address of a page.
const FILE_NAME = /\.[a-z][a-z0-9]{0,9}$/i;
// The build names these files after their content, so a copy never goes stale.
const HASHED_FILES = 'assets/';

/**
 * Serves the built web app from `folder`. Addresses of pages get the one page there is; an unknown file and
 * everything under /api are answered with 404, so that a broken link never looks like a page.
 */
export async function serveWebApp(app: App, folder: string): Promise<void> {
  await app.register(fastifyStatic, { root: folder, serve: false, dotfiles: 'ignore', index: false });

  app.get('/*', { config: { permission: 'public', streams: true }, schema: { hide: true } }, (request, reply) => {
    const path = (request.params as { '*': string })['*'];
    if (isApiPath(request.url)) return answerNotFound(request, reply);
    if (path !== '' && FILE_NAME.test(path)) {
      const isHashed = path.startsWith(HASHED_FILES);
      return reply.sendFile(path, { maxAge: isHashed ? '365d' : 0, immutable: isHashed });
    }
    if (!existsSync(join(folder, 'index.html')))
      return sendProblem(reply, problem('unavailable', 'The web app is not built. Run: npm run build', request));
    return reply.sendFile('index.html', { maxAge: 0 });
  });
}

/** The answer to every address that leads nowhere, and to a method that an address does not know. */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0]?.slice(0, 200) ?? '';
  const methods = methodsAt(request.server.routeTable, path);
  if (methods.length > 0) {
    const message = `${path} does not take ${request.method}, only ${methods.join(', ')}.`;
    return sendProblem(reply.header('allow', methods.join(', ')), problem('method_not_allowed', message, request));
  }
  return sendProblem(reply, problem('not_found', `There is nothing at ${request.method} ${path}.`, request));
}

/** What routes of the API answer at `path`, parameters included. Source: RFC 9110, section 15.5.6. */
function methodsAt(routes: readonly RouteEntry[], path: string): string[] {
  if (!isApiPath(path)) return [];
  const asked = path.split('/');
  const fits = ({ url }: RouteEntry) => {
    const parts = url.split('/');
    return parts.length === asked.length && parts.every((part, i) => part.startsWith(':') || part === asked[i]);
  };
  return [...new Set(routes.filter(fits).map(({ method }) => method))].sort();
}
