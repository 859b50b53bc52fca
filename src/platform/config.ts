import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { checkBinding, isLoopback } from './http/listen.ts';
import { installationRoot } from './root.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Config = {
  /** Absolute. Everything Assay keeps is here: database, blobs, keys. */
  dataDir: string;
  /** Absolute. Where the database goes when the data folder cannot be entered by an unprivileged user. */
  systemDir: string;
  /** 0 lets the system choose. */
  port: number;
  gatewayPort: number;
  host: string;
  /** Absolute paths of PEM files. Both or none. */
  tlsCertFile?: string;
  tlsKeyFile?: string;
  /** A Postgres server to use in place of the embedded one. Holds a password: never log it. */
  databaseUrl?: string;
  /** Absolute folders that scans started from the web app must stay in. Absent: no limit. */
  scanRoots?: string[];
  /** Whether the ledger's static files at /ledger/ are open to everybody who reaches the server. */
  ledgerPublic: boolean;
  logLevel: LogLevel;
  /** Counts the limits of all gateway nodes together. Holds a password: never log it. */
  redisUrl?: string;
  /** Where gateway events go for monitors on other machines. Holds a password: never log it. */
  natsUrl?: string;
  /** OpenTelemetry collector that takes OTLP over HTTP. */
  otlpEndpoint?: string;
  /** Lets the gateway fetch the signing keys of token issuers from private networks. */
  gatewayPrivateIssuers: boolean;
  /** Absolute folder of a classifier that gives second opinions on injection. */
  injectionModel?: string;
  /** The label of that classifier which means an attack. */
  injectionLabel?: string;
  /** Absolute folder of a model of natural-language inference that judges claims of answers. */
  nliModel?: string;
  /** The address people reach the app at, without a slash at the end. */
  publicUrl?: string;
  /** Addresses or CIDR ranges whose X-Forwarded-* headers are believed. */
  trustedProxy?: string[];
  /** 32 bytes. In place of the key file in the data folder. */
  masterKey?: Uint8Array;
  /** 32 bytes. The key `masterKey` takes over from, while secrets are put under the new one. */
  previousMasterKey?: Uint8Array;
};

const port = z.coerce.number('expected a port number').int('expected a whole number').min(0).max(65_535);

const masterKey = z
  .string()
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
  .refine((bytes) => bytes.length === 32, 'expected 32 bytes in base64, for example from "openssl rand -base64 32"');

const Environment = z.object({
  ASSAY_DATA_DIR: z.string().optional(),
  ASSAY_SYSTEM_DIR: z.string().default('/var/lib/assay'),
  ASSAY_PORT: port.default(4400),
  ASSAY_GATEWAY_PORT: port.default(4401),
  ASSAY_HOST: z.string().default('127.0.0.1'),
  ASSAY_TLS_CERT: z.string().optional(),
  ASSAY_TLS_KEY: z.string().optional(),
  DATABASE_URL: z
    .string()
    .refine((text) => /^postgres(ql)?:\/\/./.test(text), 'expected postgres://user:password@host:port/database')
    .refine((text) => URL.canParse(text), 'not a well-formed URL (a password with special characters is %-encoded)')
    .optional(),
  ASSAY_SCAN_ROOTS: z.string().optional(),
  ASSAY_LEDGER_PUBLIC: z.enum(['yes', 'no'], 'expected yes or no').optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'expected redis://host:port or rediss://host:port' }).optional(),
  NATS_URL: z
    .string()
    .refine((text) => /^(nats|tls|wss?):\/\/./.test(text), 'expected nats://host:port')
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'expected an http:// or https:// address' })
    .optional(),
  ASSAY_GATEWAY_PRIVATE_ISSUERS: z.enum(['0', '1'], { error: 'expected 1 or 0' }).default('0'),
  ASSAY_INJECTION_MODEL: z.string().optional(),
  ASSAY_INJECTION_LABEL: z.string().optional(),
  ASSAY_NLI_MODEL: z.string().optional(),
  ASSAY_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  ASSAY_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// address' }).optional(),
  ASSAY_TRUSTED_PROXY: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .refine((list) => list.every(isAddressRange), 'expected addresses or CIDR ranges separated by commas')
    .optional(),
  ASSAY_MASTER_KEY: masterKey.optional(),
  ASSAY_MASTER_KEY_PREVIOUS: masterKey.optional(),
});

const SECRET_VARIABLES = new Set([
  'DATABASE_URL',
  'REDIS_URL',
  'NATS_URL',
  'ASSAY_MASTER_KEY',
  'ASSAY_MASTER_KEY_PREVIOUS',
]);

/**
 * The settings of this process, from the environment. `cwd` is what relative paths are relative to; the default data
 * folder is `.assay` in the installation, so that the command finds the server's data from wherever it is called.
 * Throws `AppError` naming the variable that is wrong.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, cwd: string): Config {
  // An empty variable is how shells and unit files leave one out.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) throw describeIssue(parsed.error.issues[0], given);
  const read = parsed.data;
  const config: Config = {
    dataDir: read.ASSAY_DATA_DIR ? resolve(cwd, read.ASSAY_DATA_DIR) : join(installationRoot(), '.assay'),
    systemDir: resolve(cwd, read.ASSAY_SYSTEM_DIR),
    port: read.ASSAY_PORT,
    gatewayPort: read.ASSAY_GATEWAY_PORT,
    host: read.ASSAY_HOST,
    tlsCertFile: read.ASSAY_TLS_CERT && resolve(cwd, read.ASSAY_TLS_CERT),
    tlsKeyFile: read.ASSAY_TLS_KEY && resolve(cwd, read.ASSAY_TLS_KEY),
    databaseUrl: read.DATABASE_URL,
    scanRoots: read.ASSAY_SCAN_ROOTS?.split(delimiter)
      .filter(Boolean)
      .map((path) => resolve(cwd, path)),
    ledgerPublic: read.ASSAY_LEDGER_PUBLIC ? read.ASSAY_LEDGER_PUBLIC === 'yes' : staysOnThisMachine(read),
    redisUrl: read.REDIS_URL,
    natsUrl: read.NATS_URL,
    otlpEndpoint: read.OTEL_EXPORTER_OTLP_ENDPOINT,
    gatewayPrivateIssuers: read.ASSAY_GATEWAY_PRIVATE_ISSUERS === '1',
    injectionModel: read.ASSAY_INJECTION_MODEL && resolve(cwd, read.ASSAY_INJECTION_MODEL),
    injectionLabel: read.ASSAY_INJECTION_LABEL,
    nliModel: read.ASSAY_NLI_MODEL && resolve(cwd, read.ASSAY_NLI_MODEL),
    logLevel: read.ASSAY_LOG_LEVEL,
    publicUrl: read.ASSAY_PUBLIC_URL?.replace(/\/+$/, ''),
    trustedProxy: read.ASSAY_TRUSTED_PROXY,
    masterKey: read.ASSAY_MASTER_KEY,
    previousMasterKey: read.ASSAY_MASTER_KEY_PREVIOUS,
  };
  checkTogether(config);
  return config;
}

// Nobody but this machine's users reaches a server that is bound to loopback and that nobody was given an address of.
function staysOnThisMachine(read: z.infer<typeof Environment>): boolean {
  return isLoopback(read.ASSAY_HOST) && read.ASSAY_PUBLIC_URL === undefined && read.ASSAY_TRUSTED_PROXY === undefined;
}

function describeIssue(
  issue: z.core.$ZodIssue | undefined,
  given: Readonly<Record<string, string | undefined>>,
): AppError {
  const name = String(issue?.path[0] ?? 'The environment');
  const value = SECRET_VARIABLES.has(name) ? '' : ` ("${String(given[name]).slice(0, 100)}")`;
  return new AppError('invalid_input', `${name}${value} is not usable: ${issue?.message ?? 'unknown problem'}.`);
}

function checkTogether(config: Config): void {
  if (config.port !== 0 && config.port === config.gatewayPort)
    throw new AppError('invalid_input', `ASSAY_PORT and ASSAY_GATEWAY_PORT are both ${config.port}: choose two ports.`);
  if ((config.tlsCertFile === undefined) !== (config.tlsKeyFile === undefined))
    throw new AppError('invalid_input', 'ASSAY_TLS_CERT and ASSAY_TLS_KEY belong together: set both or none.');
  const { host, trustedProxy } = config;
  checkBinding({ host, tls: config.tlsCertFile !== undefined, trustedProxy });
}

/** The PEM certificate and key of the settings, or undefined for plain HTTP. */
export function readTls(config: Config): { cert: string; key: string } | undefined {
  const { tlsCertFile, tlsKeyFile } = config;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  const read = (variable: string, file: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
      throw new AppError('invalid_input', `${variable}: ${file} cannot be read${code}.`, { cause });
    }
  };
  return { cert: read('ASSAY_TLS_CERT', tlsCertFile), key: read('ASSAY_TLS_KEY', tlsKeyFile) };
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
