import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';
import { type Severity, Severity as SeveritySchema } from './severity.ts';

const clock = z.enum(['always', 'business_hours']);
const minutes = z.int().min(1).max(525_600);
export const SeverityClock = z.strictObject({ acknowledgeMinutes: minutes, resolveMinutes: minutes, clock });
export type SeverityClock = z.infer<typeof SeverityClock>;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time like 09:00');
const timeZone = z.string().max(64).refine(isTimeZone, 'must be the name of a time zone, like Europe/Berlin or UTC');

/** When clocks of business hours run. */
export const BusinessCalendar = z
  .strictObject({
    timeZone,
    /** ISO weekdays: 1 is Monday. */
    days: z
      .array(z.strictObject({ weekday: z.int().min(1).max(7), opensAt: timeOfDay, closesAt: timeOfDay }))
      .min(1, 'must name at least one day')
      .max(7)
      .refine((days) => new Set(days.map((day) => day.weekday)).size === days.length, 'must not name a day twice')
      .refine((days) => days.every((day) => day.opensAt < day.closesAt), 'must open before it closes'),
    holidays: z.array(z.iso.date('must be a day, like 2027-01-01')).max(400),
  })
  .meta({ id: 'BusinessCalendar' });
export type BusinessCalendar = z.infer<typeof BusinessCalendar>;

const person = z.string().max(64).nullable();
const bySeverity = <T extends z.ZodType>(value: T) =>
  z.strictObject({ critical: value, high: value, medium: value, low: value });

export const AlertSettings = z
  .strictObject({
    clocks: bySeverity(SeverityClock),
    calendar: BusinessCalendar,
    /** Who owns a new alert when its source names nobody. */
    owners: bySeverity(person),
    /** Who is asked when a clock runs out. */
    escalateTo: person,
  })
  .meta({ id: 'AlertSettings' });
export type AlertSettings = z.infer<typeof AlertSettings>;

const WORKDAY = { opensAt: '09:00', closesAt: '17:00' } as const;
/** In force until somebody saves others, as version 0. */
export const DEFAULT_SETTINGS: AlertSettings = {
  clocks: {
    critical: { acknowledgeMinutes: 15, resolveMinutes: 240, clock: 'always' },
    high: { acknowledgeMinutes: 60, resolveMinutes: 1_440, clock: 'always' },
    medium: { acknowledgeMinutes: 480, resolveMinutes: 2_400, clock: 'business_hours' },
    low: { acknowledgeMinutes: 960, resolveMinutes: 9_600, clock: 'business_hours' },
  },
  calendar: { timeZone: 'UTC', days: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, ...WORKDAY })), holidays: [] },
  owners: { critical: null, high: null, medium: null, low: null },
  escalateTo: null,
};

export const StoredSettings = z
  .object({
    settings: AlertSettings,
    version: z.int(),
    changedAt: z.iso.datetime().nullable(),
    changedBy: Who.nullable(),
    reason: z.string().nullable(),
    history: z.array(
      z.object({
        version: z.int(),
        changedAt: z.iso.datetime(),
        changedBy: Who,
        reason: z.string(),
        /** Clocks that give people more time than the version before. */
        loosened: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'StoredAlertSettings' });
export type StoredSettings = z.infer<typeof StoredSettings>;
export const PutSettings = z.strictObject({
  settings: AlertSettings,
  version: z.int().min(0),
  reason: z.string().trim().min(1, 'must say why').max(2_000),
});

/** Names of clocks that became longer, such as `critical.acknowledgeMinutes`. */
export function loosenedClocks(before: AlertSettings, after: AlertSettings): string[] {
  const loosened: string[] = [];
  for (const severity of Object.keys(before.clocks) as Severity[]) {
    const old = before.clocks[severity];
    const next = after.clocks[severity];
    for (const field of ['acknowledgeMinutes', 'resolveMinutes'] as const)
      if (next[field] > old[field]) loosened.push(`${severity}.${field}`);
    if (old.clock === 'always' && next.clock === 'business_hours') loosened.push(`${severity}.clock`);
  }
  return loosened;
}

// --- channels

const address = z.string().trim().max(254).pipe(z.email('must be an e-mail address, like ops@example.com'));
const webAddress = z
  .string()
  .trim()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be an http(s) address');

/** What a channel needs, without secrets. */
export const EmailConfig = z.strictObject({
  host: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9.:-]+$/i, 'must be a host name'),
  port: z.int().min(1).max(65_535),
  /** `tls` from the first byte, `starttls` required before anything is said, or `none` on a private network. */
  encryption: z.enum(['tls', 'starttls', 'none']),
  user: z.string().max(254).nullable(),
  from: address,
  to: z.array(address).min(1).max(20),
  allowPrivateAddress: z.boolean().default(false),
});
export type EmailConfig = z.infer<typeof EmailConfig>;
export const HttpConfig = z.strictObject({
  /** Scheme, host and port; the path may hold a token, so the whole address is kept with the secrets. */
  origin: z.string().max(300),
  allowPrivateAddress: z.boolean(),
});
export type HttpConfig = z.infer<typeof HttpConfig>;

export const CHANNEL_KINDS = ['email', 'slack', 'webhook'] as const;
const named = {
  name: z.string().trim().min(1, 'must not be empty').max(80),
  severityMin: SeveritySchema.default('low'),
};
export const NewChannel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('email'), ...named, config: EmailConfig, password: z.string().max(500).nullable() }),
  z.strictObject({
    kind: z.literal('slack'),
    ...named,
    url: webAddress,
    allowPrivateAddress: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    ...named,
    url: webAddress,
    allowPrivateAddress: z.boolean().default(false),
  }),
]);
export type NewChannel = z.infer<typeof NewChannel>;
export const ChangeChannel = z
  .strictObject({
    name: named.name.optional(),
    severityMin: SeveritySchema.optional(),
    enabled: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must name at least one change');
export type ChangeChannel = z.infer<typeof ChangeChannel>;

export const AlertChannel = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(CHANNEL_KINDS),
    /** Host and recipients, for a person to recognize it by. */
    target: z.string(),
    severityMin: SeveritySchema,
    enabled: z.boolean(),
    createdAt: z.iso.datetime(),
    createdBy: Who,
    lastDelivery: z
      .object({
        state: z.string(),
        at: z.iso.datetime(),
        receipt: z.string().nullable(),
        lastError: z.string().nullable(),
      })
      .nullable(),
    dead: z.int(),
  })
  .meta({ id: 'AlertChannel' });
export type AlertChannel = z.infer<typeof AlertChannel>;
export const AlertChannels = z.object({ items: z.array(AlertChannel) }).meta({ id: 'AlertChannels' });
export const MadeChannel = z
  .object({
    channel: AlertChannel,
    /** Shown this once: the key webhooks are signed with. */
    signingSecret: z.string().nullable(),
  })
  .meta({ id: 'MadeAlertChannel' });

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
