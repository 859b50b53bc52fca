import { type DestinationStream, type Logger, destination as openDestination, pino, stdTimeFunctions } from 'pino';
import { AppError } from '#src/kernel/errors.ts';
import type { LogLevel } from './config.ts';
import { isStatementError, messageWithoutValues } from './statement-error.ts';

export type Log = Logger;

export type LogOptions = {
  level?: LogLevel;
  /** One readable line per record in place of JSON. Default: when the output is a terminal. */
  readable?: boolean;
  /** 1 (standard output) for a server, 2 for a command whose standard output is its result; a stream for tests. */
  output?: 1 | 2 | DestinationStream;
};

/** A logger that drops secrets: by the name of the member that holds one, and from the URLs in any text. */
export function createLog(options: LogOptions = {}): Log {
  const output = options.output ?? 1;
  const sink = typeof output === 'number' ? openOutput(output) : output;
  const onTerminal = output === 1 ? process.stdout.isTTY : output === 2 ? process.stderr.isTTY : false;
  const readable = options.readable ?? onTerminal === true;
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => redactFields(fields, 0) },
      // Fields bound to a child logger do not pass through `formatters.log`.
      redact: { paths: SECRET_MEMBERS.flatMap((name) => [name, `*["${name}"]`]), censor: REDACTED },
      serializers: { err: describeError, error: describeError },
    },
    { write: (line) => sink.write(redactUrls(readable ? readableLine(line) : line)) },
  );
}

function openOutput(fd: 1 | 2): DestinationStream {
  // Synchronous: the last words of a process that ends must not be lost.
  const sink = openDestination({ dest: fd, sync: true });
  // The reader went away (`npm start | head`), the terminal was closed, the disk is full: work goes on without a log.
  sink.on('error', () => undefined);
  return sink;
}

const REDACTED = '[redacted]';
const SECRET_MEMBERS = ['password', 'token', 'secret', 'apiKey', 'authorization', 'cookie', 'databaseUrl', 'masterKey'];
// Compared against the member's name in lower case without - and _.
const SECRET_NAME =
  /(password|passwd|passphrase|secret|token|apikey|authorization|cookie|credential|privatekey|masterkey|databaseurl|connectionstring)s?$/;
const DEPTH_MAX = 6;
const ITEMS_MAX = 100;

/** True when a member of this name is taken to hold a secret. */
export function namesSecret(member: string): boolean {
  return SECRET_NAME.test(member.toLowerCase().replace(/[-_]/g, ''));
}

function redactFields(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(fields).slice(0, ITEMS_MAX))
    kept[member] = namesSecret(member) && value !== null && value !== undefined ? REDACTED : redactValue(value, depth);
  return kept;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  // A request, a response or an error has its own serializer, which picks what is shown.
  if (value instanceof Error && depth > 0) return describeError(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value;
  if (depth >= DEPTH_MAX) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => redactValue(item, depth + 1));
  return redactFields(value as Record<string, unknown>, depth + 1);
}

/** What the log keeps of an error: no query parameters, no driver internals that may quote a row. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: messageWithoutValues(error),
    ...(error instanceof AppError && error.details ? { details: redactFields(error.details, 1) } : {}),
    ...(isStatementError(error) ? {} : { stack: error.stack }),
    ...(error.cause === undefined
      ? {}
      : { cause: error.cause instanceof Error ? describeCause(error.cause) : 'given' }),
  };
}

function describeCause(cause: Error): unknown {
  const code: unknown = 'code' in cause ? cause.code : undefined;
  return { name: cause.name, ...(typeof code === 'string' ? { code } : {}), message: messageWithoutValues(cause) };
}

// Bounded on both sides, so that a long line without an @ costs no more than its length.
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@"'\\:]{0,256}:[^\s/@"'\\]{0,512}@/gi;
const URL_QUERY_SECRET = /([?&](?:token|key|secret|password|signature|code)=)[^\s&"'\\#]+/gi;

/** `text` without the user and password of any URL in it, and without secrets in query strings. */
export function redactUrls(text: string): string {
  return text.replace(URL_CREDENTIALS, '$1***@').replace(URL_QUERY_SECRET, '$1***');
}

function readableLine(line: string): string {
  const { level, time, msg, err, error, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const at = typeof time === 'string' ? time.slice(11, 19) : '';
  const shown = Object.entries(fields).map(([member, value]) => `${member}=${plain(value)}`);
  const failure = (err ?? error) as { stack?: string; message?: string } | undefined;
  const trace = failure ? `\n${withoutControls(String(failure.stack ?? failure.message ?? plain(failure)))}` : '';
  return `${at} ${String(level).padEnd(5)} ${[withoutControls(String(msg ?? '')), ...shown].filter(Boolean).join(' ')}${trace}\n`;
}

function plain(value: unknown): string {
  if (typeof value === 'string' && /^[\w./:@+-]+$/.test(value)) return value;
  return JSON.stringify(value) ?? '';
}

/** Text from outside may hold escape sequences that move the cursor or rename the terminal. */
function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\uFFFD');
}
