import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Identity } from '#src/platform/http/route.ts';
import { mayUse, rightsOf } from './identify.ts';
import { PERMISSIONS, ROLES, roleAllows } from './model.ts';

const role = fc.constantFrom(...ROLES);
const scope = fc.option(fc.uniqueArray(fc.constantFrom(...PERMISSIONS), { minLength: 1 }), { nil: null });

test('a key never does more than its owner, its role and its scope allow, and all that they allow together', () => {
  fc.assert(
    fc.property(role, fc.option(role, { nil: null }), scope, (owner, keyRole, permissions) => {
      const identity: Identity = {
        kind: 'api-key',
        id: 'key_x',
        userId: 'usr_x',
        name: 'x',
        ...rightsOf({ role: keyRole, permissions }, owner),
      };
      for (const permission of PERMISSIONS)
        expect(mayUse(identity, permission)).toBe(
          roleAllows(owner, permission) &&
            (keyRole === null || roleAllows(keyRole, permission)) &&
            (permissions === null || permissions.includes(permission)),
        );
      expect(ROLES.indexOf(owner)).toBeLessThanOrEqual(
        ROLES.indexOf(rightsOf({ role: keyRole, permissions }, owner).role),
      );
    }),
  );
});

test('what is not a permission is allowed to nobody, whatever a key was stored with', () => {
  const { onlyPermissions } = rightsOf({ role: null, permissions: ['users.erase', 'ledger.read'] }, 'owner');
  expect(onlyPermissions).toEqual(['ledger.read']);
});
