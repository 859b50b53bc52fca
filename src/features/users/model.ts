import * as z from 'zod';

/** What a person may be here. Order is from most to least. */
export const ROLES = ['owner', 'admin', 'compliance', 'engineer', 'auditor', 'viewer'] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

/** What each role is for, in the words shown beside it. */
export const ROLE_MEANINGS: Record<Role, { title: string; meaning: string }> = {
  owner: {
    title: 'Owner',
    meaning: 'Everything, including other owners and erasing persons. At least one stays active.',
  },
  admin: { title: 'Admin', meaning: 'Everything except changing owners and erasing persons.' },
  compliance: {
    title: 'Compliance',
    meaning: 'Runs the program: everything except inviting, changing and erasing users.',
  },
  engineer: { title: 'Engineer', meaning: 'Registers and scans AI systems, runs tests, adds evidence.' },
  auditor: { title: 'Auditor', meaning: 'Reads everything an audit needs, until the day access ends.' },
  viewer: { title: 'Viewer', meaning: 'Reads the overview, the inventory and the controls.' },
};

export const PERMISSIONS = [
  'overview.read',
  'inventory.read',
  'inventory.write',
  'controls.read',
  'controls.run',
  'evidence.read',
  'evidence.write',
  'evidence.review',
  'scans.read',
  'scans.run',
  'bundles.read',
  'bundles.write',
  'labels.read',
  'labels.write',
  'evaluations.read',
  'evaluations.write',
  'evaluations.approve',
  'alerts.read',
  'alerts.write',
  'alerts.manage',
  'incidents.read',
  'incidents.write',
  'ledger.read',
  'ledger-parties.read',
  'ledger-parties.write',
  'ledger-keys.write',
  'users.read',
  'users.write',
  'keys.write',
  'organization.read',
  'organization.write',
  'gateway.read',
  'gateway.write',
  'gateway.review',
  'payloads.write',
  'payloads.approve',
  'payloads.open',
  'payloads.erase',
  'gateway-approvals.decide',
  'persons.read',
  'persons.erase',
  'retention.read',
  'retention.write',
  'events.read',
  'events.write',
  'feedback.read',
  'feedback.write',
  'feedback.decide',
  'groundedness-checks.read',
  'groundedness-checks.write',
  'monitors.read',
  'monitors.write',
  'monitors.approve',
] as const;
export const permissionSchema = z.enum(PERMISSIONS);
export type Permission = z.infer<typeof permissionSchema>;

const READS = PERMISSIONS.filter((permission) => permission.endsWith('.read'));
// Who the people are is not needed for an audit.
const AUDIT_READS = READS.filter((permission) => permission !== 'users.read' && permission !== 'persons.read');

// An owner decides.
const CANNOT_BE_UNDONE: readonly Permission[] = ['persons.erase', 'payloads.erase'];

/** The permission matrix: the one place that says what a role may do. */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  owner: PERMISSIONS,
  admin: PERMISSIONS.filter((permission) => !CANNOT_BE_UNDONE.includes(permission)),
  compliance: PERMISSIONS.filter(
    (permission) => !['users.write', 'ledger-keys.write', ...CANNOT_BE_UNDONE].includes(permission),
  ),
  engineer: [
    ...AUDIT_READS,
    'inventory.write',
    'scans.run',
    'evidence.write',
    'controls.run',
    'gateway.write',
    // Whoever runs the agents is there to answer them; nobody answers calls of keys they made.
    'gateway-approvals.decide',
    'alerts.write',
    'incidents.write',
    'labels.write',
    'evaluations.write',
    'events.write',
    'feedback.write',
    'feedback.decide',
    'groundedness-checks.write',
    'monitors.write',
    // Engineers watch each other's thresholds; nobody approves their own.
    'monitors.approve',
    // A key never does more than its owner, and engineers are the ones who wire the product into CI.
    'keys.write',
  ],
  auditor: AUDIT_READS,
  viewer: ['overview.read', 'inventory.read', 'controls.read', 'monitors.read'],
};

export function roleAllows(role: Role, permission: string): boolean {
  return (ROLE_PERMISSIONS[role] as readonly string[]).includes(permission);
}

/** Only an owner makes, changes or disables an owner. */
export function mayAssignRole(by: Role, role: Role): boolean {
  return roleAllows(by, 'users.write') && (role !== 'owner' || by === 'owner');
}

export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 128;
/** Length is the only rule: rules of composition make passwords worse (NIST SP 800-63B, section 3.1.1.2). */
export const passwordSchema = z
  .string()
  .min(PASSWORD_LENGTH_MIN, `must be at least ${PASSWORD_LENGTH_MIN} characters long`)
  .max(PASSWORD_LENGTH_MAX, `must be at most ${PASSWORD_LENGTH_MAX} characters long`);

export const emailSchema = z
  .string()
  .trim()
  .max(254, 'must be at most 254 characters long')
  .toLowerCase()
  .pipe(z.email('must be an email address, like ada@example.com'));
export const personNameSchema = z.string().trim().min(1, 'must not be empty').max(120);

export const USER_STATES = ['invited', 'active', 'disabled', 'expired'] as const;
export type UserState = (typeof USER_STATES)[number];

export const userSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: roleSchema,
    state: z.enum(USER_STATES),
    /** Whether a one-time code is asked for at sign-in. */
    twoFactor: z.boolean(),
    /** The last day (UTC) on which the user may sign in; null means no end. */
    expiresOn: z.iso.date().nullable(),
    createdAt: z.iso.datetime(),
    lastSignInAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof userSchema>;

const expiresOnSchema = z.iso.date('must be a day, like 2027-01-31').nullable().optional();

export const inviteUserSchema = z.strictObject({
  email: emailSchema,
  name: personNameSchema,
  role: roleSchema,
  /** Required for an auditor. */
  expiresOn: expiresOnSchema,
});
export type InviteUser = z.infer<typeof inviteUserSchema>;

export const changeUserSchema = z
  .strictObject({
    name: personNameSchema.optional(),
    role: roleSchema.optional(),
    disabled: z.boolean().optional(),
    expiresOn: expiresOnSchema,
  })
  .refine((change) => Object.keys(change).length > 0, 'must name at least one change');
export type ChangeUser = z.infer<typeof changeUserSchema>;

/** An invitation or setup link holds this token; only its hash is stored. */
export const linkTokenSchema = z.string().min(20).max(100);

export const setupSchema = z.strictObject({
  token: linkTokenSchema,
  name: personNameSchema,
  email: emailSchema,
  password: passwordSchema,
});
export const acceptInvitationSchema = z.strictObject({ token: linkTokenSchema, password: passwordSchema });
export const changePasswordSchema = z.strictObject({
  currentPassword: z.string().max(PASSWORD_LENGTH_MAX),
  newPassword: passwordSchema,
});

export const sessionSchema = z
  .object({
    user: z.object({ id: z.string(), name: z.string(), email: z.string(), role: roleSchema }).nullable(),
    permissions: z.array(permissionSchema),
    /** True while no user exists: the way in is the one-time link printed at start. */
    setupNeeded: z.boolean(),
    /** Why nobody is signed in although the browser holds a session: for the sign-in page to show. */
    notice: z.string().nullable(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof sessionSchema>;

/** Every API key starts with this, so that scanners of leaked secrets can know one. */
export const API_KEY_PREFIX = 'ask_';
export const API_KEY_DAYS_MAX = 366;

export const createApiKeySchema = z
  .strictObject({
    name: z.string().trim().min(1, 'must not be empty').max(80),
    /** What the key may do; never more than its owner may at the moment of use. */
    role: roleSchema.optional(),
    /** The named permissions alone, of those that the role has. */
    permissions: z
      .array(permissionSchema)
      .min(1, 'must name at least one permission')
      .max(PERMISSIONS.length)
      .optional(),
    /** The last day (UTC) on which the key works, at most 366 days away. */
    expiresOn: z.iso.date('must be a day, like 2027-01-31'),
  })
  .refine((key) => key.role !== undefined || key.permissions !== undefined, {
    path: ['role'],
    // A key that may do all its owner may must be asked for by name.
    error: 'say what the key may do: a role, or a list of permissions',
  });
export type CreateApiKey = z.infer<typeof createApiKeySchema>;

export const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    /** The first characters of the secret, to recognize it by. */
    hint: z.string(),
    ownerId: z.string(),
    ownerName: z.string(),
    role: roleSchema,
    permissions: z.array(permissionSchema).nullable(),
    state: z.enum(['active', 'expired', 'owner_inactive']),
    createdAt: z.iso.datetime(),
    expiresOn: z.iso.date(),
    /** Precise to the hour. */
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKeySchema>;
