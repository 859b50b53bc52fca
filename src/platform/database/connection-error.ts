import { AppError } from '#src/kernel/errors.ts';
import { redactUrls } from '../log.ts';

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);

/** Why the server at `url` could not be used, in words that hold no password. Other errors are returned as they are. */
export function connectionError(error: unknown, url: string): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const { server, user, name } = describe(url);
  const code = 'code' in error ? String(error.code) : '';
  const say = (sentence: string) => new AppError('unavailable', sentence, { details: { code } });
  if (UNREACHABLE.has(code))
    return say(`No database answers at ${server} (${code}). Start it, or correct DATABASE_URL.`);
  // Source: PostgreSQL, appendix A, error codes.
  if (code === '28P01' || code === '28000')
    return say(
      `The database at ${server} refuses user "${user}": wrong password or not allowed. Correct DATABASE_URL.`,
    );
  if (code === '3D000')
    return say(`The server at ${server} has no database "${name}". Create it, or correct DATABASE_URL.`);
  if (code === '53300') return say(`The database at ${server} has no connection left. Raise its max_connections.`);
  if (code === '57P03') return say(`The database at ${server} is starting or stopping. Try again in a moment.`);
  if (code === '42501')
    return say(
      `User "${user}" may not create tables in database "${name}" at ${server}. Make it the database's owner.`,
    );
  if (code === '' || /^[A-Z_]+$/.test(code))
    return say(`The database at ${server} cannot be used: ${redactUrls(error.message)}${code ? ` (${code})` : ''}.`);
  return error;
}

function describe(text: string): { server: string; user: string; name: string } {
  const url = new URL(text);
  const socket = url.searchParams.get('host');
  const name = decodeURIComponent(url.pathname.slice(1));
  const user = decodeURIComponent(url.username);
  return { server: socket ?? (url.host || 'localhost'), user, name: name || user };
}
