import { boolean, date, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { Role } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

// The property names of the first five tables are the field names better-auth asks for.

export const userTable = pgTable('user_account', {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text(),
  role: text().$type<Role>().notNull(),
  expiresOn: date('expires_on', { mode: 'string' }),
  disabledAt: instant('disabled_at'),
  twoFactorEnabled: boolean('two_factor_enabled').notNull().default(false),
  lastSignInAt: instant('last_sign_in_at'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

export const sessionTable = pgTable('user_session', {
  id: text().primaryKey(),
  userId: text('user_id').notNull(),
  token: text().notNull().unique(),
  expiresAt: instant('expires_at').notNull(),
  ipAddress: text('ip_address'),
  userAgent: text('user_agent'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

export const credentialTable = pgTable('user_credential', {
  id: text().primaryKey(),
  userId: text('user_id').notNull(),
  accountId: text('account_id').notNull(),
  providerId: text('provider_id').notNull(),
  accessToken: text('access_token'),
  refreshToken: text('refresh_token'),
  idToken: text('id_token'),
  accessTokenExpiresAt: instant('access_token_expires_at'),
  refreshTokenExpiresAt: instant('refresh_token_expires_at'),
  scope: text(),
  password: text(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

export const verificationTable = pgTable('user_verification', {
  id: text().primaryKey(),
  identifier: text().notNull(),
  value: text().notNull(),
  expiresAt: instant('expires_at').notNull(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

export const twoFactorTable = pgTable('user_two_factor', {
  id: text().primaryKey(),
  userId: text('user_id').notNull().unique(),
  secret: text().notNull(),
  backupCodes: text('backup_codes').notNull(),
  verified: boolean().notNull().default(false),
  failedVerificationCount: integer('failed_verification_count').notNull().default(0),
  lockedUntil: instant('locked_until'),
});

export const linkTable = pgTable('user_link', {
  id: text().primaryKey(),
  purpose: text().$type<'setup' | 'password'>().notNull(),
  userId: text('user_id'),
  tokenSha256: text('token_sha256').notNull().unique(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  usedAt: instant('used_at'),
});

export const apiKeyTable = pgTable('user_api_key', {
  id: text().primaryKey(),
  userId: text('user_id').notNull(),
  name: text().notNull(),
  secretSha256: text('secret_sha256').notNull().unique(),
  hint: text().notNull(),
  role: text().$type<Role>(),
  permissions: text().array(),
  expiresOn: date('expires_on', { mode: 'string' }).notNull(),
  createdAt: instant('created_at').notNull(),
  lastUsedAt: instant('last_used_at'),
  revokedAt: instant('revoked_at'),
});
