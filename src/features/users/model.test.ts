import { expect, test } from 'vitest';
import {
  emailSchema,
  mayAssignRole,
  PERMISSIONS,
  passwordSchema,
  ROLE_PERMISSIONS,
  ROLES,
  roleAllows,
} from './model.ts';

test('every role is a subset of the owner, and names only permissions that exist', () => {
  for (const role of ROLES) {
    expect(ROLE_PERMISSIONS[role].length).toBeGreaterThan(0);
    expect(new Set(ROLE_PERMISSIONS[role]).size).toBe(ROLE_PERMISSIONS[role].length);
    for (const permission of ROLE_PERMISSIONS[role]) expect(PERMISSIONS).toContain(permission);
  }
  expect([...ROLE_PERMISSIONS.owner]).toEqual([...PERMISSIONS]);
});

test('an auditor and a viewer can change nothing', () => {
  for (const role of ['auditor', 'viewer'] as const)
    expect(ROLE_PERMISSIONS[role].filter((permission) => !permission.endsWith('.read'))).toEqual([]);
});

test('only owner and admin change users, and the list of users is closed to engineer, auditor and viewer', () => {
  expect(ROLES.filter((role) => roleAllows(role, 'users.write'))).toEqual(['owner', 'admin']);
  expect(ROLES.filter((role) => roleAllows(role, 'users.read'))).toEqual(['owner', 'admin', 'compliance']);
});

test('only an owner makes an owner', () => {
  expect(ROLES.filter((role) => mayAssignRole(role, 'owner'))).toEqual(['owner']);
  expect(ROLES.filter((role) => mayAssignRole(role, 'viewer'))).toEqual(['owner', 'admin']);
});

test('a permission that does not exist is allowed to nobody', () => {
  for (const role of ROLES)
    for (const name of ['', 'users', 'toString', 'users.erase']) expect(roleAllows(role, name)).toBe(false);
});

test.each([
  [' Ada@Example.COM ', 'ada@example.com'],
  ['o.neil+soc2@sub.example.co', 'o.neil+soc2@sub.example.co'],
])('the email %s is kept as %s', (given, kept) => {
  expect(emailSchema.parse(given)).toBe(kept);
});

test.each([
  '',
  'ada',
  'ada@',
  '@example.com',
  'a b@example.com',
  'ada@example.com\nbcc: x@y.z',
  `${'a'.repeat(250)}@example.com`,
])('%j is no email', (given) => {
  expect(emailSchema.safeParse(given).success).toBe(false);
});

test('a password has a length and no other rule', () => {
  expect(passwordSchema.safeParse('a'.repeat(11)).success).toBe(false);
  expect(passwordSchema.safeParse('only lower case words').success).toBe(true);
  expect(passwordSchema.safeParse('пароль из слов').success).toBe(true);
  expect(passwordSchema.safeParse('a'.repeat(129)).success).toBe(false);
});
