import { eq } from 'drizzle-orm';
import { changeKeyState, setKeyLimits, suspendTenant } from '#src/features/gateway-tenants/index.ts';
import { gatewayKey, gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import type { Records } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CallerActions } from './act.ts';

/** What a finding of abuse can do to its caller, by the means of tenants and keys. */
export function callerActions(records: Pick<Records, 'append' | 'clock'>): CallerActions {
  return {
    keyState: async (tx, change) => {
      await changeKeyState(tx, change, records);
    },
    keyRequestsPerMinute: async (tx, { keyId, requestsPerMinute, reason, by }) => {
      const [row] = await tx
        .select({ own: gatewayKey.limits, inherited: gatewayTenant.limits })
        .from(gatewayKey)
        .innerJoin(gatewayTenant, eq(gatewayTenant.id, gatewayKey.tenantId))
        .where(eq(gatewayKey.id, keyId));
      if (!row) throw new AppError('not_found', `There is no key ${keyId} any more.`);
      // The other limits stay what they are.
      await setKeyLimits(
        tx,
        { keyId, limits: { ...(row.own ?? row.inherited), requestsPerMinute }, reason, by },
        records,
      );
    },
    tenantSuspended: async (tx, change) => {
      await suspendTenant(tx, change, records);
    },
  };
}
