import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type * as z from 'zod';
import type { GatewayControl } from '#src/apps/gateway-control.ts';
import type { Services } from '#src/apps/services.ts';
import { type Actor, COMMAND_LINE, type NamesOf } from '#src/features/records/index.ts';
import type { Permission } from '#src/features/users/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { CommandContext } from '../context.ts';

/** Names the person a command acts for, by one of their API keys. Without it a command acts as the command line. */
export const API_KEY_VARIABLE = 'ASSAY_API_KEY';

const KEY_BYTES_MAX = 8_192;

export type Setup = {
  control: GatewayControl;
  services: Services;
  namesOf: NamesOf;
  /** Who acts, when they may; throws `forbidden` when the person behind ASSAY_API_KEY may not. */
  actor(permission: Permission): Promise<Actor>;
};

// Reading the catalog takes a second where nothing is built: once for a database is enough, however many commands run.
const opened = new WeakMap<object, Promise<Setup>>();

/** What the set-up commands work with, on the database of the data folder, whether the server runs on it or not. */
export async function openSetup(context: CommandContext): Promise<Setup> {
  const { database } = await context.openDatabase();
  const known = opened.get(database);
  if (known) return known;
  const setup = open(context);
  opened.set(database, setup);
  return setup;
}

async function open(context: CommandContext): Promise<Setup> {
  const [{ openServices }, { openGatewayControl }, { recentDecisions }, people] = await Promise.all([
    import('#src/apps/services.ts'),
    import('#src/apps/gateway-control.ts'),
    import('#src/features/gateway-decisions/index.ts'),
    import('#src/features/users/index.ts'),
  ]);
  const { database, dataDir } = await context.openDatabase();
  const { publicUrl, masterKey } = context.config;
  const services = await openServices({
    database,
    dataDir,
    clock: Date.now,
    log: context.log,
    masterKey,
    ...(publicUrl !== undefined && { host: new URL(publicUrl).hostname }),
  });
  const namesOf: NamesOf = (ids) => people.userNames(database.drizzle, ids);
  const control = openGatewayControl(services, {
    secrets: services.secrets,
    namesOf,
    decisions: recentDecisions,
  });
  return {
    control,
    services,
    namesOf,
    actor: async (permission) => {
      const key = process.env[API_KEY_VARIABLE];
      if (key === undefined || key === '') return COMMAND_LINE;
      const identity = await people.keyIdentity(database, { clock: Date.now }, `Bearer ${key}`);
      if (!people.mayUse(identity, permission))
        throw new AppError(
          'forbidden',
          `The API key in ${API_KEY_VARIABLE} does not have the permission ${permission}.`,
        );
      return { kind: 'api-key', id: identity.id, userId: identity.userId };
    },
  };
}

/** Checks what was typed by the same rules as the API; the message names the field. */
export function readInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const said = read.error.issues.slice(0, 20).map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw new AppError('invalid_input', said.join('; '));
}

export type KeySource = { keyEnv?: string; keyStdin?: true };

/** Options by which a command is given a secret: never on the command line, where other users of the machine see it. */
export function keyOptions(command: Command): Command {
  return command
    .option('--key-env <name>', 'environment variable that holds the key')
    .option('--key-stdin', 'read the key from standard input');
}

/** The secret an option names; undefined when none does. */
export function readKey({ keyEnv, keyStdin }: KeySource): string | undefined {
  if (keyEnv !== undefined && keyStdin)
    throw new AppError('invalid_input', 'Give the key by --key-env or by --key-stdin, not by both.');
  if (keyEnv !== undefined) {
    const value = process.env[keyEnv]?.trim();
    if (!value) throw new AppError('invalid_input', `The environment variable ${keyEnv} is not set or empty.`);
    return value;
  }
  if (!keyStdin) return undefined;
  const text = readStdin();
  if (text === '') throw new AppError('invalid_input', 'Standard input was empty. Pipe the key into the command.');
  return text;
}

function readStdin(): string {
  const bytes = readFileSync(0);
  if (bytes.length > KEY_BYTES_MAX)
    throw new AppError('too_large', `Standard input holds more than ${KEY_BYTES_MAX} bytes: that is no key.`);
  return bytes.toString('utf8').trim();
}

/** A day (its last moment, UTC) or an instant. */
export function readInstant(option: string, text: string): string {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) + DAY_MS - 1 : Date.parse(text);
  if (Number.isNaN(atMs))
    throw new AppError(
      'invalid_input',
      `${option}: "${text}" is neither a day like 2027-01-31 nor an instant like 2027-01-31T08:00:00Z.`,
    );
  return new Date(atMs).toISOString();
}

export function readWhole(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new AppError('invalid_input', `${option}: "${text}" is not a whole number.`);
  return Number(text);
}

/** Collects an option that can be given several times. */
export function several(value: string, before: string[] = []): string[] {
  return [...before, value];
}
