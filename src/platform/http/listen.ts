import { isIP } from 'node:net';
import { AppError } from '#src/kernel/errors.ts';
import type { App } from './route.ts';

export type Binding = { host: string; port: number; tls: boolean; trustedProxy?: readonly string[] };

/**
 * Refuses to offer sign-in over a network in the clear: a host that is not loopback needs TLS, or a proxy that
 * brings it. Throws `invalid_input` otherwise.
 */
export function checkBinding(binding: Omit<Binding, 'port'>): void {
  if (isLoopback(binding.host) || binding.tls || (binding.trustedProxy?.length ?? 0) > 0) return;
  throw new AppError(
    'invalid_input',
    `ASSAY_HOST=${binding.host} would send passwords and evidence over the network unencrypted. Give a certificate, or put a proxy with TLS in front and name its address in ASSAY_TRUSTED_PROXY.`,
  );
}

/** Starts to answer. Returns the address in use, which names the real port when `port` was 0. */
export async function listen(app: App, binding: Binding): Promise<string> {
  checkBinding(binding);
  try {
    await app.listen({ host: binding.host, port: binding.port, listenTextResolver: () => 'listening' });
  } catch (cause) {
    throw listenError(cause, binding);
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : binding.port;
  const host = isIP(binding.host) === 6 ? `[${binding.host}]` : binding.host;
  return `${binding.tls ? 'https' : 'http'}://${host}:${port}`;
}

/** True for an address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function listenError(cause: unknown, { host, port }: Binding): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE')
    return new AppError(
      'conflict',
      `Port ${port} on ${host} is taken by another program. Stop it, or choose another port with ASSAY_PORT.`,
      { cause },
    );
  if (code === 'EACCES')
    return new AppError('forbidden', `Port ${port} may not be used by this user. Choose a port above 1023.`, { cause });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new AppError('invalid_input', `ASSAY_HOST=${host} is no address of this machine.`, { cause });
  return cause;
}
