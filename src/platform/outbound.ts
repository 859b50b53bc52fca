import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, Headers, type RequestInit, Response, fetch as undiciFetch } from 'undici';
import { AppError } from '#src/kernel/errors.ts';
import { addressKind } from './network-address.ts';

export type OutboundOptions = {
  /**
   * Who may be called: `api.example.com`, `*.example.com` (any name below, not itself), with `:port` where it is not the
   * usual one and `http://` in front where it is not https. `*` is any public host.
   */
  allowedHosts: readonly string[];
  /** Lets calls reach private networks and this machine. Never link-local addresses, where clouds keep credentials. */
  allowPrivate?: boolean;
  limits?: Partial<OutboundLimits>;
  /** Finds addresses; for tests. */
  resolve?: Resolve;
};

export type OutboundLimits = {
  /** From the call to the last byte. */
  totalTimeoutMs: number;
  connectTimeoutMs: number;
  /** Of one answer, unpacked. */
  responseBytes: number;
  redirects: number;
};

export type Outbound = {
  /**
   * Like the global `fetch`, for allowed hosts only. Throws `forbidden` for a host or an address that is not allowed,
   * `unavailable` when nobody answers in time, and the body fails with `too_large` past the limit.
   */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
};

export type Resolve = (
  host: string,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

const DEFAULT_LIMITS: OutboundLimits = {
  totalTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  responseBytes: 10_485_760,
  redirects: 5,
};
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
// Sent on to another host they would give it our credentials.
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'api-key'];

/** The only way out of Assay: calls to named hosts, whose addresses are checked at the moment of connecting. */
export function openOutbound(options: OutboundOptions): Outbound {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const hosts = options.allowedHosts.map(readPattern);
  const allowPrivate = options.allowPrivate ?? false;
  const resolve = options.resolve ?? lookupAll;
  const agent = new Agent({
    connect: { timeout: limits.connectTimeoutMs, lookup: checkedLookup(resolve, allowPrivate) },
    headersTimeout: limits.totalTimeoutMs,
    bodyTimeout: limits.totalTimeoutMs,
    maxHeaderSize: 65_536,
  });
  return {
    fetch: async (input, init = {}) => {
      const deadline = AbortSignal.timeout(limits.totalTimeoutMs);
      const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
      let url = readUrl(input);
      let request: RequestInit = { ...init, signal, dispatcher: agent, redirect: 'manual' };
      for (let hops = 0; ; hops++) {
        requireAllowed(url, hosts, allowPrivate);
        const response = await send(url, request, limits.totalTimeoutMs);
        const next = redirectOf(response, url);
        if (!next) return bounded(response, limits.responseBytes, url);
        await response.body?.cancel();
        if (hops >= limits.redirects)
          throw new AppError('unavailable', `${url.host} redirects more than ${hops} times.`);
        request = followUp(request, response.status, next.host !== url.host);
        url = next;
      }
    },
    close: () => agent.close(),
  };
}

type HostPattern = { protocol: 'https:' | 'http:'; name: string; below: boolean; port: string };

function readPattern(text: string): HostPattern {
  const match = /^(https?:\/\/)?(\*\.)?(\*|\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d+))?$/i.exec(text);
  if (!match) throw new Error(`"${text}" is not a host that can be allowed`);
  const [, scheme, below, name = '', given = ''] = match;
  // A URL leaves out the usual port of its scheme.
  const port = given === (scheme === 'http://' ? '80' : '443') ? '' : given;
  return {
    protocol: scheme === 'http://' ? 'http:' : 'https:',
    name: name.toLowerCase(),
    below: below !== undefined,
    port,
  };
}

function matches(url: URL, { protocol, name, below, port }: HostPattern): boolean {
  if (url.protocol !== protocol || url.port !== port) return false;
  if (name === '*') return true;
  return below ? url.hostname.endsWith(`.${name}`) : url.hostname === name;
}

function readUrl(input: string | URL): URL {
  if (!URL.canParse(String(input))) throw new AppError('invalid_input', 'The address to call is not a URL.');
  const url = new URL(input);
  if (url.username !== '' || url.password !== '')
    throw new AppError(
      'invalid_input',
      `The address of ${url.host} holds a user name or password. Send them as a header.`,
    );
  return url;
}

function requireAllowed(url: URL, hosts: readonly HostPattern[], allowPrivate: boolean): void {
  if (!hosts.some((pattern) => matches(url, pattern)))
    throw new AppError('forbidden', `Calls to ${url.protocol}//${url.host} are not allowed.`);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  // A name is checked when it is resolved; an address is never resolved.
  if (isIP(literal) !== 0 && !mayReach(literal, allowPrivate)) throw refusedAddress(url.hostname);
}

/** True when an address may be connected to: public ones, private ones where allowed, link-local ones never. */
export function mayReach(address: string, allowPrivate: boolean): boolean {
  const kind = addressKind(address);
  return kind === 'public' || (kind === 'private' && allowPrivate);
}

/**
 * The addresses of a host, for a program that connects by itself and is told where to. Throws `forbidden` when one of them
 * may not be connected to, `unavailable` for a name without addresses.
 */
export async function allowedAddresses(
  host: string,
  { allowPrivate, resolve = lookupAll }: { allowPrivate: boolean; resolve?: Resolve | undefined },
): Promise<string[]> {
  const found = await new Promise<LookupAddress[]>((done, fail) =>
    resolve(host, (error, addresses) =>
      error || addresses.length === 0
        ? fail(new AppError('unavailable', `${host} cannot be found (${error?.code ?? 'no address'}).`))
        : done(addresses),
    ),
  );
  if (!found.every(({ address }) => mayReach(address, allowPrivate))) throw refusedAddress(host);
  return found.map(({ address }) => address);
}

const lookupAll: Resolve = (host, callback) => dnsLookup(host, { all: true }, callback);

function refusedAddress(host: string): AppError {
  return new AppError('forbidden', `${host} leads into a private network, which is not allowed.`);
}

/** Resolves and checks in one step: the addresses handed on are the ones connected to, whatever the name means later. */
export function checkedLookup(resolve: Resolve, allowPrivate: boolean): LookupFunction {
  return (host, { all }, callback) =>
    resolve(host, (error, found) => {
      const [first] = found ?? [];
      if (error || !first) return callback(error ?? new Error('no address'), '', 0);
      // One private address among public ones is an attempt to slip through.
      if (!found.every(({ address }) => mayReach(address, allowPrivate))) return callback(refusedAddress(host), '', 0);
      if (all) callback(null, found);
      else callback(null, first.address, first.family);
    });
}

async function send(url: URL, request: RequestInit, timeoutMs: number): Promise<Response> {
  try {
    return await undiciFetch(url, request);
  } catch (error) {
    throw callError(error, url, timeoutMs);
  }
}

function callError(error: unknown, url: URL, timeoutMs: number): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'TimeoutError')
    return new AppError('unavailable', `${url.host} did not answer within ${timeoutMs / 1000} s.`);
  // Aborted by the caller, who knows why.
  if (error.name === 'AbortError') return error;
  const cause = error.cause;
  if (cause instanceof AppError) return cause;
  const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
  return new AppError('unavailable', `${url.host} cannot be reached${code}.`, { cause: error });
}

function redirectOf(response: Response, from: URL): URL | null {
  const location = response.headers.get('location');
  if (!REDIRECTS.has(response.status) || location === null) return null;
  if (!URL.canParse(location, from.href))
    throw new AppError('unavailable', `${from.host} redirects to no valid address.`);
  return readUrl(new URL(location, from.href));
}

/** Source: the Fetch standard, HTTP-redirect fetch. */
function followUp(request: RequestInit, status: number, toOtherHost: boolean): RequestInit {
  const headers = new Headers(request.headers);
  if (toOtherHost) for (const name of CREDENTIAL_HEADERS) headers.delete(name);
  const method = (request.method ?? 'GET').toUpperCase();
  const becomesGet = status === 303 ? method !== 'HEAD' : (status === 301 || status === 302) && method === 'POST';
  if (!becomesGet) {
    if (request.body instanceof ReadableStream)
      throw new AppError('unavailable', 'A request whose body was streamed cannot be sent again after a redirect.');
    return { ...request, headers };
  }
  for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language']) headers.delete(name);
  return { ...request, headers, method: 'GET', body: undefined };
}

function bounded(response: Response, limitBytes: number, url: URL): Response {
  if (!response.body) return response;
  let sizeBytes = 0;
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        sizeBytes += chunk.byteLength;
        if (sizeBytes <= limitBytes) controller.enqueue(chunk);
        else
          controller.error(new AppError('too_large', `The answer of ${url.host} is larger than ${limitBytes} bytes.`));
      },
    }),
  );
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
}
