import type { FastifyRequest } from 'fastify';
import { AppError } from '#src/kernel/errors.ts';
import type { App } from './route.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Refuses requests that another web site makes a signed-in browser send (CSRF), and, where the server is reached without
 * TLS or a proxy, requests under a foreign host name (DNS rebinding).
 * `publicUrl` is the address people use when it differs from the Host header, as behind a proxy.
 */
export function checkOrigins(app: App, options: { publicUrl?: string; checkHost: boolean }): void {
  const publicHost = options.publicUrl ? new URL(options.publicUrl).host : undefined;

  app.addHook('onRequest', async (request) => {
    if (options.checkHost && !isKnownHost(request.headers.host, publicHost))
      throw new AppError(
        'forbidden',
        'The host name of this request is not one of this server. Open it as http://localhost, or set ASSAY_PUBLIC_URL.',
      );
    if (SAFE_METHODS.has(request.method)) return;
    if (isFromElsewhere(request, publicHost))
      throw new AppError('forbidden', 'This request comes from another web site and was refused. Open the app itself.');
  });
}

function isKnownHost(host: string | undefined, publicHost: string | undefined): boolean {
  if (host === undefined) return false;
  if (host === publicHost) return true;
  return LOOPBACK_NAMES.has(host.replace(/:\d{1,5}$/, '').toLowerCase());
}

function isFromElsewhere(request: FastifyRequest, publicHost: string | undefined): boolean {
  const { 'sec-fetch-site': site, origin, host, authorization, cookie } = request.headers;
  // A header that no browser adds by itself: nobody else can make a browser send the key.
  if (authorization !== undefined && cookie === undefined) return false;
  if (typeof site === 'string') return site !== 'same-origin' && site !== 'none';
  if (origin !== undefined) return !isSameHost(origin, host) && !isSameHost(origin, publicHost);
  // Every browser names the origin of such a request. A program that uses a session cookie has to as well.
  return cookie !== undefined;
}

function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  // Read with the same scheme, so that a default port that is written out is the same host.
  const own = `${from.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === from.host;
}
