import helmet from '@fastify/helmet';
import type { App } from './route.ts';

/** What the web app may load: its own files only, and no script written into a page. */
const APP_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  // The design system writes style elements. Styles cannot run code, so this is the one exception.
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'worker-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};

// Evidence and scan results are served from here too, and their authors are not trusted: a browser that opens one as a
// page gives it no script, no style and no origin.
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

/** Security headers on every answer; answers of the API are never stored by a browser or proxy. */
export async function setHeaders(app: App, options: { overTls: boolean }): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: APP_POLICY },
    strictTransportSecurity: options.overTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // Browsers honor it on trustworthy origins only and complain on the rest.
    originAgentCluster: options.overTls,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
    if (isApiPath(request.url)) reply.header('content-security-policy', API_POLICY);
  });
  app.addHook('onSend', async (request, reply) => {
    if (isApiPath(request.url) || !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}

/** True for every address that belongs to programs and not to the web app. */
export function isApiPath(url: string): boolean {
  return url === '/api' || url.startsWith('/api/') || url.startsWith('/api?');
}
