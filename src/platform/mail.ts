import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { AppError } from '#src/kernel/errors.ts';
import { addressKind } from './network-address.ts';

export type MailServer = {
  host: string;
  port: number;
  /** `tls` from the first byte, `starttls` before anything is said, `none` in clear. */
  encryption: 'tls' | 'starttls' | 'none';
  user: string | null;
  password: string | null;
  /** Lets the server stand in a private network or on this machine. Never a link-local address. */
  allowPrivateAddress: boolean;
};

const TIMEOUT_MS = 20_000;

/**
 * Sends one plain message and returns what the server answered. Throws `forbidden` for an address that may not be reached
 * and `unavailable` for everything the server or the network refuses; the message of the error holds no address of a person.
 */
export async function sendMail(
  server: MailServer,
  message: { from: string; to: readonly string[]; subject: string; text: string; messageId: string },
): Promise<{ receipt: string }> {
  const address = await checkedAddress(server);
  const transport = createTransport({
    // The address that was checked is the one connected to, whatever the name means a moment later.
    host: address,
    port: server.port,
    secure: server.encryption === 'tls',
    requireTLS: server.encryption === 'starttls',
    ignoreTLS: server.encryption === 'none',
    tls: { servername: isIP(server.host) ? undefined : server.host },
    ...(server.user !== null && { auth: { user: server.user, pass: server.password ?? '' } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sent = await transport.sendMail({ ...message, to: [...message.to] });
    if (sent.rejected.length > 0)
      throw new AppError(
        'unavailable',
        `${server.host} refused ${sent.rejected.length} of ${message.to.length} recipients.`,
      );
    return { receipt: replyCode(sent.response) };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('unavailable', `${server.host}:${server.port} did not take the message (${reasonOf(cause)}).`, {
      cause,
    });
  } finally {
    transport.close();
  }
}

async function checkedAddress({ host, allowPrivateAddress }: MailServer): Promise<string> {
  const found = isIP(host) ? [{ address: host }] : await lookup(host, { all: true }).catch(() => []);
  const [first] = found;
  if (!first) throw new AppError('unavailable', `The mail server ${host} has no address.`);
  for (const { address } of found) {
    const kind = addressKind(address);
    if (kind === 'public' || (kind === 'private' && allowPrivateAddress)) continue;
    throw new AppError('forbidden', `${host} leads into a private network, which this channel does not allow.`);
  }
  return first.address;
}

/** `250 2.0.0` of `250 2.0.0 Ok: queued as 4F1…`: what follows is the server's own text. */
function replyCode(response: string): string {
  return /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response)?.[0] ?? 'accepted';
}

function reasonOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return 'unknown';
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'error';
  const reply = 'responseCode' in cause && typeof cause.responseCode === 'number' ? ` ${cause.responseCode}` : '';
  return `${code}${reply}`;
}
